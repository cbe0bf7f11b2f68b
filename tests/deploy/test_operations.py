"""docs/operations.md: its commands run, and its tables have every warning and error that the source can log."""

import re
import subprocess

from harness import ROOT, Server, free_port, quoll_bin

PAGE = (ROOT / "docs" / "operations.md").read_text()
# Lines for which a machine with packages and services is needed: `make test-packages` has them.
OF_THE_SYSTEM = ("apt-get ", "systemctl ", "make deb")


def literal(text: str) -> str | None:
    """The string literals with which the text begins, joined."""
    found = re.match(r'\s*((?:"(?:\\.|[^"\\])*"\s*)+)', text)
    return "".join(re.findall(r'"((?:\\.|[^"\\])*)"', found[1])) if found else None


def logged_messages() -> dict[str, str]:
    """Each message that log.warn or log.error writes, with … for what is put in, and where it stands. Those that only pass on a text are left out."""
    found = {}
    for path in sorted((ROOT / "src").rglob("*.cc")) + sorted((ROOT / "src").rglob("*.h")):
        source = path.read_text()
        for call in re.finditer(r"\blog_?\.(?:warn|error)\(", source):
            text = literal(source[call.end():])
            if text is None or path.stem.endswith("_test"):
                continue
            message = re.sub(r"\{[^{}]*\}", "…", text).replace('\\"', '"')
            if message != "…":
                found[message] = f"{path.relative_to(ROOT)}:{source[:call.start()].count(chr(10)) + 1}"
    return found


def documented_lines() -> list[str]:
    """The code in the first column of the tables about the log."""
    tables = PAGE.split("## What the log says")[1]
    cells = [line.split(" | ")[0] for line in tables.splitlines() if line.startswith("| `")]
    return [code for cell in cells for code in re.findall(r"`([^`]+)`", cell)]


def test_every_warning_and_error_of_the_source_is_explained_and_no_other():
    messages, documented = logged_messages(), documented_lines()
    assert len(messages) > 40
    assert [f"{place}: {message}" for message, place in messages.items() if not any(message.startswith(line) for line in documented)] == []
    assert [line for line in documented if not any(message.startswith(line) for message in messages)] == []


def test_the_commands_of_the_page_run(tmp_path):
    commands = [line for block in re.findall(r"```sh\n(.*?)```", PAGE, re.S) for line in block.splitlines() if not line.startswith(OF_THE_SYSTEM)]
    assert len(commands) > 8
    admin = free_port()
    with Server("quoll", tmp_path / "server", cfg={"admin.enableServer": "true", "admin.serverPort": admin}) as server:
        subprocess.run([quoll_bin(), "shell", "-server", server.hosts, "create", "/a", "data"], check=True)
        (tmp_path / "check").mkdir()
        for name in ("quoll", "zookeeper/conf"):
            # A configuration that is only looked at: its ports are free.
            folder = tmp_path / "etc" / name
            folder.mkdir(parents=True)
            (folder / "zoo.cfg").write_text(f"dataDir={tmp_path}/check\nclientPort={free_port()}\nadmin.serverPort={free_port()}\n")
        replaced = {"zk1:2181,zk2:2181,zk3:2181": f"{server.hosts} --admin-port {admin}", "127.0.0.1:8080": f"127.0.0.1:{admin}",
                    "/var/lib/quoll": str(server.data_dir), "/etc/": f"{tmp_path}/etc/", "/backups/": f"{tmp_path}/backup-"}
        for command in commands:
            for old, new in replaced.items():
                command = command.replace(old, new)
            result = subprocess.run(["sh", "-c", re.sub(r"^quoll ", f"{quoll_bin()} ", command)], text=True, capture_output=True, timeout=120)
            # `quoll status` ends with 1 if this machine's disk is nearly full.
            assert result.returncode == 0 or "left on its disk" in result.stdout, f"{command}: {result.stdout}{result.stderr}"
