"""The C client's shell, cli_mt: every command with Apache's server and with the kind under test."""

import os
import re
import select
import subprocess
import time
from pathlib import Path

import pytest
from harness import HERE, Server, spawn
from transcript import assert_same, mask_text

BINARY = Path(os.environ.get("CLI_MT", "/usr/lib/zookeeper/bin/cli_mt"))
FLAGS = ["zookeeper.extendedTypesEnabled=true"]
# The last command ends the session, so no command can follow it.
COMMANDS = (HERE / "transcripts" / "cli_mt.txt").read_text().splitlines()


class Shell:
    """A cli_mt process that gets one command at a time."""

    def __init__(self, hosts: str):
        self.process = spawn([BINARY, hosts], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.heard = ""

    def send(self, line: str):
        self.process.stdin.write(f"{line}\n".encode())
        self.process.stdin.flush()

    def hear_until(self, pattern: str, seconds: float = 20) -> str:
        """Reads until the pattern has come; returns and removes the output up to its end."""
        deadline = time.monotonic() + seconds
        while not (match := re.search(pattern, self.heard)):
            left = deadline - time.monotonic()
            if left < 0 or not select.select([self.process.stdout], [], [], left)[0]:
                raise TimeoutError(f"no {pattern!r} in {self.heard!r}")
            chunk = os.read(self.process.stdout.fileno(), 65536)
            if not chunk:
                raise EOFError(f"cli_mt ended; heard {self.heard!r}")
            self.heard += chunk.decode("utf-8", "replace")
        said, self.heard = self.heard[:match.start()], self.heard[match.end():]
        return said

    def end(self):
        # `quit` can hang in the client after a refused authentication.
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()


def tidy(text: str) -> str:
    text = re.sub(r"time = \d+ msec", "time = <n> msec", text)
    text = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d+:\d+\(0x[0-9a-f]+\):", "<when and where>:", text)
    text = re.sub(r"xid=0x[0-9a-f]+", "xid=<xid>", text)
    # The client prints this on a slow machine.
    text = re.sub(r"<when and where>:ZOO_WARN@\w+@\d+: Exceeded deadline by \d+ms\n", "", text)
    # The order of children is not defined.
    return re.sub(r"(?:\t[^\t\n=]+\n){2,}", lambda names: "".join(sorted(names.group().splitlines(True))), text)


def listen(kind: str, folder) -> str:
    out = []
    with Server(kind, folder, jvmflags=FLAGS) as server:
        shell = Shell(server.hosts)
        out.append(shell.hear_until(r"Got a new session id: \S+\n"))
        for number, command in enumerate(COMMANDS[:-1]):
            # The answer to a sync comes, from the same thread, after those to all commands before it.
            shell.send(command)
            if command == "reinit":
                shell.hear_until(r"Got a new session id: \S+\n|CONNECTED_STATE\n")
            shell.send(f"sync /mark-{number}")
            said = shell.hear_until(rf"\[/mark-{number}\]: rc = 0\n\tname = /mark-{number}\n")
            out.append(f"$ {command}\n{said}")
        shell.send(COMMANDS[-1])
        out.append(f"$ {COMMANDS[-1]}\n" + shell.hear_until(r"AUTH_FAILED_STATE\n"))
        shell.end()
        return mask_text(tidy("".join(out)), {server.client_port: "<port>"})


@pytest.fixture(scope="module")
def apache_said(tmp_path_factory):
    return listen("apache", tmp_path_factory.mktemp("apache-cli-mt"))


def test_cli_mt(server_kind, apache_said, tmp_path):
    said = listen(server_kind, tmp_path)
    (tmp_path / "transcript").write_text(said)
    assert_same(apache_said, said, server_kind)
