"""Starts Apache's server and Quoll with the same configurations: both serve, with the same effective values, or both refuse.

CI runs some of the cases; QUOLL_LONG=1 (`make test-config`) runs all.
"""

import os
import re
import subprocess
from pathlib import Path

import pytest

from cases import BASE, CASES, Case
from harness import Server, free_ports, wait_for

# The values of `conf` that depend on the configuration. Sizes of directories differ, so they are not compared.
COMPARED = ["clientPort", "secureClientPort", "dataDir", "dataLogDir", "tickTime", "maxClientCnxns", "minSessionTimeout",
            "maxSessionTimeout"]


class Start:
    """A server of a given kind with the configuration of a case."""

    def __init__(self, kind: str, case: Case, folder: Path):
        folder.mkdir()
        port, other, peer1, peer2 = free_ports(4)
        self.names = {"dir": folder, "port": port, "other": other, "peer1": peer1, "peer2": peer2}
        self.server = Server(kind, folder, jvmflags=case.flags, client_port=port)
        (folder / "data").mkdir()
        for name, content in case.files.items():
            path = folder / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(self.filled(content), newline="")
        text = self.filled((BASE if case.base else "") + case.lines + "\n")
        config = case.bytes_before + text.encode()
        self.server.write_cfg = lambda: self.server.cfg_path.write_bytes(config)

    def filled(self, text: str) -> str:
        for name, value in self.names.items():
            text = text.replace("{" + name + "}", str(value))
        return text

    def conf(self) -> dict[str, str] | None:
        """Starts the server. Returns its `conf` when it serves, or None if it has ended."""
        server = self.server
        server.start(wait=False)
        if not wait_for(lambda: not server.alive() or (server.serving() and "serving"), 60, f"{server} to serve or to end"):
            return None
        if not server.alive():
            assert server.returncode != 0
            return None
        said = dict(re.findall(r"^(\w+)=(.*)$", server.four_letter("conf"), re.M))
        assert server.stop(30) is not None
        # Their directories and ports differ, so they are replaced.
        plain = {key: said[key] for key in COMPARED if key in said}
        for name in ("dir", "port", "other"):
            plain = {key: value.replace(str(self.names[name]), f"<{name}>") for key, value in plain.items()}
        return plain


def wanted() -> list[Case]:
    return [case for case in CASES if case.slice or os.environ.get("QUOLL_LONG") == "1"]


@pytest.mark.parametrize("case", wanted(), ids=lambda case: case.name)
def test_quoll_serves_what_apache_serves_and_refuses_what_it_refuses(case: Case, tmp_path):
    apache = Start("apache", case, tmp_path / "apache").conf()
    assert (apache is not None) == case.serves, "the case is wrong about Apache's server"
    start = Start("quoll", case, tmp_path / "quoll")
    quoll = start.conf()
    log = start.server.log_text()
    if not case.like_apache:
        assert (quoll is not None) != case.serves, log
        return
    assert (quoll is not None) == case.serves, log
    if quoll is None:
        assert start.server.returncode in (1, 2, 3)
        assert "[error]" in log.strip().splitlines()[-1]
    else:
        assert quoll == apache
    # `--check` must predict the result of the start.
    command, env = start.server.command()
    check = subprocess.run([*command, "--check"], env=env, cwd=start.server.workdir, text=True, capture_output=True, timeout=60)
    assert (check.returncode == 0) == (quoll is not None), check.stdout
