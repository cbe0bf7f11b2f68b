"""`quoll shell` as scripts and people use it: exit codes, JSON, chroot, completion; with Apache's server and with Quoll's."""

import json
import os
import pty
import re
import select
import subprocess
import time

import pytest
from harness import ROOT, free_port, quoll_bin, spawn, wait_for


def shell(server, *words: str, stdin: str | None = None):
    return subprocess.run([quoll_bin(), "shell", "-server", server if isinstance(server, str) else server.hosts, *words], text=True,
                          input=stdin, stdin=None if stdin is not None else subprocess.DEVNULL, capture_output=True, timeout=60)


def as_json(server, *words: str):
    run = shell(server, "--json", *words)
    assert run.returncode == 0, run
    return json.loads(run.stdout)


def test_the_output_of_one_command_is_its_answer_alone(server):
    assert shell(server, "create", "/a", "hello").returncode == 0
    run = shell(server, "get", "/a")
    assert (run.returncode, run.stdout, run.stderr) == (0, "hello\n", "")


@pytest.mark.parametrize("words, code, said", [
    (["get", "/missing"], 1, "Node does not exist: /missing"),
    (["get"], 1, "get [-s] [-w] [-b] [-x] path"),
    (["get", "-q", "/"], 1, "Unrecognized option: -q"),
    (["set", "-v", "x", "/", "y"], 1, "-v argument must be an int value"),
    (["set", "-b", "/", "!!!"], 1, "Illegal base64 character 21"),
    (["delete", "/zookeeper"], 1, "Arguments are not valid : /zookeeper"),
    (["deleteall", "/zookeeper"], 1, "Failed to delete some node(s)"),
    (["listquota", "/missing"], 1, "quota for /missing does not exist."),
    (["nonsense"], 127, "Command not found: nonsense"),
])
def test_exit_codes_say_whether_it_happened(server, words, code, said):
    run = shell(server, *words)
    assert run.returncode == code and said in run.stderr, run


@pytest.mark.parametrize("words, said", [
    (["-timeout", "abc"], "timeout"), (["-server", "host:port", "ls", "/"], "Cannot connect"), (["-nonsense", "ls", "/"], "nonsense")])
def test_wrong_arguments_of_the_program_are_refused(words, said):
    run = subprocess.run([quoll_bin(), "shell", *words], text=True, capture_output=True, timeout=30)
    assert run.returncode == 2 and said in run.stderr + run.stdout, run


def test_no_server_ends_in_time_and_says_so():
    run = shell(f"127.0.0.1:{free_port()}", "-timeout", "2000", "ls", "/")
    assert run.returncode == 1
    assert "KeeperErrorCode = ConnectionLoss for /" in run.stderr and "connection refused" in run.stderr, run


def test_json_answers_and_errors(server):
    assert as_json(server, "create", "/j", "text")["path"] == "/j"
    got = as_json(server, "get", "/j")
    assert got["data"] == "text" and got["stat"]["dataLength"] == 4 and got["stat"]["version"] == 0
    assert as_json(server, "set", "-b", "/j", "/w==")["stat"]["version"] == 1
    assert as_json(server, "get", "/j")["data"] == {"base64": "/w=="}
    assert as_json(server, "ls", "/")["children"] == ["j", "zookeeper"]
    assert as_json(server, "ls", "-R", "/j")["paths"] == ["/j"]
    assert as_json(server, "getAcl", "/j")["acl"] == [{"scheme": "world", "id": "anyone", "perms": "cdrwa"}]
    assert as_json(server, "whoami")["identities"] == [{"scheme": "ip", "user": "127.0.0.1"}]
    assert as_json(server, "deleteall", "/j")["deleted"] == 1
    run = shell(server, "--json", "get", "/j")
    assert run.returncode == 1 and json.loads(run.stderr)["error"] == "NoNode"


def test_a_chroot_is_the_root_of_all_paths(server):
    assert shell(server, "create", "/app").returncode == 0
    assert shell(server.hosts + "/app", "create", "/inside", "x").stderr == "Created /inside\n"
    assert shell(server, "ls", "-R", "/app").stdout == "/app\n/app/inside\n"


def test_the_last_command_of_a_script_gives_the_exit_code(server):
    assert shell(server, stdin="ls /missing\nls /\n").returncode == 0
    assert shell(server, stdin="ls /\nls /missing\n").returncode == 1
    assert shell(server, stdin="ls /\nls /missing\nquit\n").returncode == 1


class Terminal:
    """`quoll shell` on a terminal."""

    def __init__(self, server, home):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ.update(HOME=str(home), TERM="xterm")
            os.execv(quoll_bin(), [str(quoll_bin()), "shell", "-server", server.hosts])
        self.said = ""

    def wait_for(self, pattern: str):
        deadline = time.monotonic() + 30
        while not re.search(pattern, self.said):
            assert time.monotonic() < deadline, f"no {pattern!r} in {self.said!r}"
            if select.select([self.fd], [], [], 1)[0]:
                self.said += os.read(self.fd, 65536).decode()

    def type(self, text: str):
        self.said = ""
        os.write(self.fd, text.encode())

    def end(self) -> int:
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def test_commands_flags_and_paths_are_completed_on_a_terminal(server, tmp_path):
    terminal = Terminal(server, tmp_path)
    terminal.wait_for(r"CONNECTED\) 0\]")
    terminal.type("ls /zookeeper/qu\t\n")
    terminal.wait_for(r"(?s)ota .*\[\]")
    terminal.type("getE\t\n")
    terminal.wait_for(r"(?s)phemerals .*\[\]")
    terminal.type("reconfig -mem\t\n")
    terminal.wait_for(r"Missing argument for option: members")
    terminal.type("addauth digest user:secret\n")
    terminal.wait_for(r"CONNECTED\) 4\]")
    terminal.type("quit\n")
    assert terminal.end() == 0
    kept = (tmp_path / ".quoll_shell_history").read_text()
    assert "getEphemerals" in kept and "secret" not in kept
    assert (tmp_path / ".quoll_shell_history").stat().st_mode & 0o077 == 0


def readme_session() -> list[tuple[str, list[tuple[str, str]]]]:
    """The README's session: each command of the program with what it says, split at the prompts of the shell."""
    block = re.search(r"```console\n(.*?)```", (ROOT / "README.md").read_text(), flags=re.S).group(1)
    return [(part.split("\n", 1)[0], part.split("\n", 1)[1]) for part in re.split(r"^\$ ", block, flags=re.M)[1:]]


def test_the_session_of_the_readme(server):
    parts = readme_session()
    assert len(parts) == 3
    for command, shown in parts:
        words = command.split()
        assert words[:2] == ["build/quoll", "shell"]
        lines = re.findall(r"^\[zk: .*?\] (.*)$", shown, flags=re.M)
        # What is typed at the prompt is not part of the output, nor is the end of its line.
        expected = re.sub(r"^(\[zk: .*?\] ).*\n", r"\1", shown, flags=re.M).replace("localhost:2181", server.hosts)
        run = subprocess.run([quoll_bin(), "shell", "-server", server.hosts, *words[2:]], input="".join(f"{line}\n" for line in lines), text=True,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60)
        assert run.returncode == 0
        assert run.stdout == expected


def start(server, *words: str):
    return spawn([quoll_bin(), "shell", "-server", server.hosts, *words], text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                 stderr=subprocess.PIPE)


def test_a_lock_is_held_while_a_program_runs(server, tmp_path):
    log = tmp_path / "log"
    program = f'echo begin $1 >> {log}; until [ -e {tmp_path}/go ]; do sleep 0.05; done; echo end $1 >> {log}; exit $1'
    runs = [start(server, "lock", "/locks/a", "--", "sh", "-c", program, "sh", str(code)) for code in (3, 4, 5)]
    wait_for(lambda: log.exists() and len(json.loads(shell(server, "--json", "ls", "/locks/a").stdout)["children"]) == 3, 30, "three members")
    assert len(log.read_text().splitlines()) == 1
    (tmp_path / "go").touch()
    assert [run.wait(30) for run in runs] == [3, 4, 5]
    lines = log.read_text().split()
    # Nobody begins before the other has ended.
    assert lines[0::4] == ["begin"] * 3 and lines[2::4] == ["end"] * 3 and lines[1::4] == lines[3::4]
    assert as_json(server, "ls", "/locks/a")["children"] == []


def test_a_lock_that_others_hold_is_given_up_in_time(server, tmp_path):
    holder = start(server, "elect", "/leader", "--", "sh", "-c", f"touch {tmp_path}/held; until [ -e {tmp_path}/go ]; do sleep 0.05; done")
    wait_for((tmp_path / "held").exists, 30, "a leader")
    run = shell(server, "elect", "-timeout", "300", "/leader", "--", "touch", str(tmp_path / "never"))
    assert run.returncode == 1 and "others have held it for 300 ms" in run.stderr
    (tmp_path / "go").touch()
    assert holder.wait(30) == 0 and not (tmp_path / "never").exists()


def test_a_program_learns_its_token_and_is_ended_when_the_lock_is_lost(server, tmp_path):
    program = f'echo $QUOLL_LOCK_NODE $QUOLL_LOCK_TOKEN > {tmp_path}/new; mv {tmp_path}/new {tmp_path}/node; exec sleep 1000'
    run = start(server, "lock", "/locks/b", "--", "sh", "-c", program)
    wait_for((tmp_path / "node").exists, 30, "the program")
    node, token = (tmp_path / "node").read_text().split()
    assert as_json(server, "stat", node)["stat"]["czxid"] == int(token)
    assert shell(server, "delete", node).returncode == 0
    assert run.wait(30) == 1
    assert "/locks/b was lost while sh ran" in run.stderr.read()


def test_a_program_is_ended_when_the_session_cannot_be_kept(make_server, server_kind, tmp_path):
    server = make_server(server_kind).start()
    run = start(server, "-timeout", "4000", "lock", "/locks/c", "--", "sh", "-c", f"touch {tmp_path}/held; exec sleep 1000")
    wait_for((tmp_path / "held").exists, 30, "the program")
    server.kill()
    assert run.wait(30) == 1 and "was lost while sh ran" in run.stderr.read()


def test_a_program_that_is_missing_is_named(server):
    run = shell(server, "lock", "/locks/d", "--", "no-such-program")
    assert run.returncode == 1 and "cannot run no-such-program: No such file" in run.stderr


def test_wait_for_waits_for_a_znode_its_text_and_its_end(server):
    exists, has_text = start(server, "wait-for", "/w"), start(server, "wait-for", "-value", "ready", "/w")
    assert shell(server, "create", "/w", "no").returncode == 0
    assert exists.wait(30) == 0
    assert has_text.poll() is None
    assert shell(server, "set", "/w", "ready").returncode == 0
    assert has_text.wait(30) == 0
    run = shell(server, "wait-for", "-gone", "-timeout", "100", "/w")
    assert run.returncode == 1 and "/w is not as it should be after 100 ms" in run.stderr
    gone = start(server, "wait-for", "-gone", "/w")
    assert shell(server, "delete", "/w").returncode == 0
    assert gone.wait(30) == 0


@pytest.fixture
def shop(server):
    """A small subtree."""
    for words in (["/shop", "open"], ["/shop/apples", "3 red\n2 green"], ["/shop/pears", "1 green"], ["/shop/pears/old"],
                  ["/shop/acl", "x", "world:anyone:cdra"]):
        assert shell(server, "create", *words).returncode == 0
    return server


def test_subtrees_are_shown_searched_and_counted(shop):
    assert shell(shop, "tree", "/shop").stdout == (
        "/shop  4 bytes\n  acl  1 bytes\n  apples  13 bytes\n  pears  7 bytes\n    old\n")
    assert shell(shop, "tree", "-d", "0", "/shop").stdout == "/shop  4 bytes\n"
    assert shell(shop, "find", "-name", "*p*", "-min", "5", "/shop").stdout == "/shop/apples\n/shop/pears\n"
    assert shell(shop, "grep", "green", "/shop").stdout == "/shop/apples: 2 green\n/shop/pears: 1 green\n"
    assert shell(shop, "grep", "blue", "/shop").returncode == 1
    assert shell(shop, "du", "/shop").stdout.split("\n")[0].split() == ["25", "bytes", "5", "znodes", "/shop"]


def test_a_copy_is_the_same_and_a_move_leaves_nothing(shop):
    assert as_json(shop, "cp", "/shop", "/copy")["copied"] == 5
    assert shell(shop, "diff", "/shop", "/copy").returncode == 0
    assert shell(shop, "cp", "/shop", "/copy").returncode == 1
    assert shell(shop, "set", "/copy/apples", "none").returncode == 0
    assert shell(shop, "create", "/copy/more").returncode == 0
    run = shell(shop, "diff", "/shop", "/copy")
    assert (run.returncode, run.stdout) == (1, "! /apples: data\n+ /more\n")
    assert shell(shop, "mv", "/shop/pears", "/copy/pears2").returncode == 0
    assert shell(shop, "ls", "-R", "/copy/pears2").stdout == "/copy/pears2\n/copy/pears2/old\n"
    assert shell(shop, "get", "/shop/pears").returncode == 1
    assert "is inside of" in shell(shop, "cp", "/shop", "/shop/a").stderr


def test_an_export_can_be_imported(shop, tmp_path):
    file = tmp_path / "shop.json"
    assert shell(shop, "set", "-b", "/shop/pears/old", "/w==").returncode == 0
    assert shell(shop, "export", "/shop", str(file)).returncode == 0
    assert as_json(shop, "import", str(file), "/again")["imported"] == 5
    assert shell(shop, "diff", "/shop", "/again").returncode == 0
    assert shell(shop, "import", str(file), "/again").returncode == 1
    # One of them may not be written.
    assert "/again/acl: NoAuth" in shell(shop, "import", "-f", str(file), "/again").stderr
    assert shell(shop, "setAcl", "/again/acl", "world:anyone:cdrwa").returncode == 0
    assert shell(shop, "--json", "import", "-f", "-", "/again", stdin=file.read_text()).returncode == 0
    for text in ("", "{", "[]", '{"znodes":[{}]}', '{"znodes":[{"below":"/x","data":{"base64":"!"},"acl":[]}]}'):
        file.write_text(text)
        run = shell(shop, "import", str(file), "/other")
        assert run.returncode == 1 and "is not what export writes" in run.stderr


EXTENDED = "zookeeper.extendedTypesEnabled=true"


def test_an_import_creates_containers_and_ttl_znodes_again(server_kind, make_server, tmp_path):
    server = make_server(server_kind, jvmflags=[EXTENDED, "znode.container.checkIntervalMs=100"]).start()
    acl = [{"scheme": "world", "id": "anyone", "perms": "cdrwa"}]
    file = tmp_path / "kinds.json"
    file.write_text(json.dumps({"path": "/a", "znodes": [
        {"below": "", "data": "plain", "acl": acl},
        {"below": "/c", "data": "", "acl": acl, "mode": "container"}, {"below": "/c/child", "data": "", "acl": acl},
        {"below": "/t", "data": "", "acl": acl, "mode": "ttl", "ttl_ms": 1}, {"below": "/late", "data": "", "acl": acl, "mode": "ttl", "ttl_ms": 3_600_000}]}))
    assert as_json(server, "import", str(file), "/b")["imported"] == 5
    # The kinds are seen by what the server does with the znodes.
    wait_for(lambda: shell(server, "ls", "/b").stdout == "[c, late]\n", 30, "the end of the short TTL alone")
    assert shell(server, "delete", "/b/c/child").returncode == 0
    wait_for(lambda: shell(server, "ls", "/b").stdout == "[late]\n", 30, "the end of the empty container")
    for mode in ('"nonsense"', '"ttl", "ttl_ms": 0', '"ttl", "ttl_ms": 1099511627776', '"ttl"', "1"):
        file.write_text('{"znodes": [{"below": "", "data": "", "acl": [], "mode": %s}]}' % mode)
        run = shell(server, "import", str(file), "/other")
        assert run.returncode == 1 and "is not what export writes" in run.stderr, mode


def test_an_export_keeps_the_ttl_that_a_server_without_extended_types_shows(make_server, tmp_path):
    old = make_server("quoll", jvmflags=[EXTENDED]).start()
    assert shell(old, "create", "/a", "plain").returncode == 0
    assert shell(old, "create", "-t", "3600000", "/a/t", "x").returncode == 0
    hidden = json.loads(shell(old, "export", "/a").stdout)
    assert "mode" not in hidden["znodes"][1]
    old.stop()
    old.jvmflags = []
    old.start()
    file = tmp_path / "a.json"
    assert shell(old, "export", "/a", str(file)).returncode == 0
    shown = json.loads(file.read_text())["znodes"][1]
    assert (shown["below"], shown["mode"], shown["ttl_ms"]) == ("/t", "ttl", 3_600_000)
    # It cannot create what it does not know, and says so.
    assert "Unimplemented" in shell(old, "cp", "/a", "/copy").stderr
    new = make_server("quoll", jvmflags=[EXTENDED]).start()
    assert as_json(new, "import", str(file), "/a")["imported"] == 2


def test_watch_prints_changes_as_they_happen(shop):
    run = start(shop, "--json", "watch", "-count", "2", "/shop")
    # Whether the watch is set can only be seen by its events.
    wait_for(lambda: shell(shop, "set", "/shop/pears", "x").returncode == 0 and run.poll() is not None, 60, "two events", interval=0.2)
    events = [json.loads(line) for line in run.stdout.read().splitlines()]
    assert [(event["event"], event["path"]) for event in events] == [("NodeDataChanged", "/shop/pears")] * 2


def test_long_answers_are_shown_page_by_page_on_a_terminal(server, tmp_path):
    assert shell(server, stdin="create /many x\n" + "".join(f"create /many/n{i:02} x\n" for i in range(60))).returncode == 0
    terminal = Terminal(server, tmp_path)
    terminal.wait_for(r"CONNECTED\) 0\]")
    terminal.type("find /many\n")
    terminal.wait_for(r"(?s)/many/n21.*-- more")
    assert "/many/n22" not in terminal.said
    terminal.type("\n")
    terminal.wait_for(r"(?s)/many/n44.*-- more")
    terminal.type("q\n")
    terminal.wait_for(r"CONNECTED\) 1\]")
    assert "/many/n45" not in terminal.said
    # What no terminal reads has no pages.
    assert shell(server, "find", "/many").stdout.count("\n") == 61
    terminal.type("quit\n")
    assert terminal.end() == 0


def test_top_shows_what_changes_most(shop):
    run = start(shop, "--json", "top", "-count", "3", "-interval", "2000", "/shop")
    for _ in range(3):
        assert shell(shop, "set", "/shop/pears", "x").returncode == 0
    assert shell(shop, "set", "/shop", "y").returncode == 0
    rows = [json.loads(line) for line in run.stdout.read().splitlines()]
    counts = {}
    for row in rows:
        for path in row["paths"]:
            counts[path["path"]] = counts.get(path["path"], 0) + path["changes"]
    assert len(rows) == 3 and sum(row["changes"] for row in rows) == sum(counts.values())
    # Perhaps the first came before the watch.
    assert counts["/shop/pears"] in (2, 3) and counts["/shop"] == 1
    assert shell(shop, "top", "-count", "x").returncode == 1
