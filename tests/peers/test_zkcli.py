"""zkCli 3.9.5: every command, with correct and wrong arguments, with Apache's server and with the kind under test; and `quoll shell` beside it."""

import re
import subprocess

import pytest
from harness import HERE, Server, java_run, quoll_bin
from transcript import assert_same, mask_text, sort_ephemerals, sort_identities

MAIN = "org.apache.zookeeper.ZooKeeperMain"
SCRIPTS = sorted(p.stem for p in (HERE / "transcripts" / "zkcli").glob("*.txt"))
FLAGS = ["zookeeper.DigestAuthenticationProvider.superDigest=super:D/InIHSb7yEEbrWz8b9l71RjZJU=",  # super:test
         "zookeeper.extendedTypesEnabled=true", "zookeeper.enforceQuota=true"]
ONE_SHOT = [["ls", "/"], ["get", "/missing"], ["create", "/one", "shot"], ["stat", "/one"], ["nonsense"], ["delete", "/one"]]


def cli(server: Server, *args: str, stdin: str = ""):
    # Without the property the line editor prints a warning, with the time, that it has no terminal.
    return java_run(MAIN, ["-server", server.hosts, "-waitforconnection", *args], stdin=stdin, merged=True, log="OFF",
                    jvmflags=["org.jline.terminal.dumb=true"])


def shell(server: Server, *args: str, stdin: str = ""):
    """The same with `quoll shell`."""
    return subprocess.run([quoll_bin(), "shell", "-server", server.hosts, "-waitforconnection", *args], input=stdin, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120)


def readable(output: str, commands: list[str]) -> str:
    """The output with each command after its prompt, and with all events at the end, because they come at any time."""
    # Whether the last event (the client is closed) is printed before the exit is a race in the client.
    events = [e for e in re.findall(r"^WatchedEvent .*", output, flags=re.M) if "state:Closed" not in e]
    output = re.sub(r"\n(?:WATCHER::|WatchedEvent .*)\n", "", output)

    def prompt(match):
        # The prompt counts commands, but not empty lines; scripts have none.
        number = int(match.group(2))
        command = commands[number] if number < len(commands) else "?"
        return f"\n[{match.group(1)} {number}] {command}\n"

    output = sort_ephemerals(sort_identities(output))
    output = re.sub(r"\[zk: \S+?\((\w+)\) (\d+)\] ", prompt, output)
    return output + "\n--- events\n" + "\n".join(events) + "\n"


def play(server: Server, script: str, client=cli) -> str:
    text = (HERE / "transcripts" / "zkcli" / f"{script}.txt").read_text().replace("HOSTS", server.hosts)
    commands = text.splitlines()
    run = client(server, stdin=text)
    said = readable(run.stdout, commands)
    # Some bad arguments end zkCli; the commands after them would not be tested.
    if f" {len(commands) - 1}] {commands[-1]}\n" not in said:
        said += "the script broke off\n"
    return said + f"exit code {run.returncode}\n"


def listen(kind: str, folder, client=cli) -> dict[str, str]:
    said = {}
    with Server(kind, folder, jvmflags=FLAGS) as server:
        for script in SCRIPTS:
            said[script] = play(server, script, client)
        said["one-shot"] = ""
        for words in ONE_SHOT:
            run = client(server, *words)
            said["one-shot"] += f"$ {' '.join(words)}\n{run.stdout}exit code {run.returncode}\n"
        return {name: mask_text(text, {server.client_port: "<port>"}) for name, text in said.items()}


@pytest.fixture(scope="module")
def apache_said(tmp_path_factory):
    return listen("apache", tmp_path_factory.mktemp("apache-zkcli"))


def test_zkcli(server_kind, apache_said, tmp_path):
    assert not [name for name, text in apache_said.items() if "broke off" in text], apache_said
    said = listen(server_kind, tmp_path)
    texts = ["".join(f"## {name}\n{text}" for name, text in each.items()) for each in (apache_said, said)]
    (tmp_path / "transcript").write_text(texts[1])
    assert_same(*texts, server_kind)


def in_common(text: str) -> str:
    """Without what differs on purpose between zkCli and `quoll shell` (docs/shell.md lists it)."""
    text = text.replace("JLine support is enabled\n", "")
    text = re.sub(r"^ZooKeeper CLI version: .*", "ZooKeeper CLI version: <version>", text, flags=re.M)
    # zkCli has no help; it prints the list of commands for every command that it does not know.
    text = re.sub(r"^ZooKeeper -server .*\n(?:\t.*\n)+Command not found: Command not found help$", "<list of commands>", text, flags=re.M)
    text = re.sub(r"^ZooKeeper -server .*\n(?:\t.*\n)+Command not found: Command not found (\S+)$", r"Command not found: \1", text, flags=re.M)
    text = re.sub(r"^quoll shell -server .*(?:\n\t.*)+", "<list of commands>", text, flags=re.M)
    text = re.sub(r"^Command not found: (\S+); help lists all commands$", r"Command not found: \1", text, flags=re.M)
    # The reason for a refused flag comes without the name of a Java class, and with the command's usage.
    text = re.sub(r"^org\.apache\.commons\.cli\.\w+: ", "", text, flags=re.M)
    text = re.sub(r"^(Missing required option: .*)\nsetquota .*", r"\1", text, flags=re.M)
    # The exit code is that of the last command; zkCli's is 0 for commands without a connection.
    return re.sub(r"^(\[CLOSED \d+\] quit\n(?:.*\n)*?)exit code \d$", r"\1exit code <code>", text, flags=re.M)


def test_quoll_shell_answers_as_zkcli(server_kind, apache_said, tmp_path):
    said = listen(server_kind, tmp_path, shell)
    assert sorted(said) == sorted(apache_said)
    # Unlike zkCli, the shell ends its session after a one-shot command, which is a transaction.
    for each in (said, apache_said):
        each["one-shot"] = re.sub(r"Zxid = 0x[0-9a-f]+", "Zxid = <zxid>", each["one-shot"])
    for name, text in said.items():
        assert_same(in_common(apache_said[name]), in_common(text), f"quoll shell, {name}")


def test_quoll_shell_lists_every_command_of_zkcli(server, apache_said):
    listed = set(shell(server, "help").stdout.splitlines())
    wanted = re.findall(r"^\t.*", apache_said["nodes"], flags=re.M)
    assert len(wanted) > 25 and set(wanted) <= listed
