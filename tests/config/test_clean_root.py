"""Tests on a plain Debian 12, in a chroot: the commands that `make run` suggests, and `make run` and `make install` themselves.

They download Debian packages and compile, so they need QUOLL_LONG=1 (`make test-config`) and root. QUOLL_CLEAN_ROOT names an existing root that
`debootstrap --variant=minbase bookworm` created.
"""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from harness import ROOT, free_port, quoll_bin, spawn, wait_for

pytestmark = pytest.mark.skipif(os.environ.get("QUOLL_LONG") != "1" or os.geteuid() != 0 or shutil.which("debootstrap") is None,
                                reason="needs QUOLL_LONG=1, root and debootstrap")


class CleanRoot:
    """A minimal Debian, with the files of this repository in /quoll."""

    def __init__(self, folder: Path, source: Path):
        self.folder = folder
        subprocess.run(["cp", "-a", f"{source}/.", folder], check=True)
        shutil.copy("/etc/resolv.conf", folder / "etc" / "resolv.conf")
        # The network settings of this machine, which may use a proxy with its own certificates.
        shutil.copy("/etc/ssl/certs/ca-certificates.crt", folder / "machine.crt")
        tree = folder / "quoll"
        tree.mkdir()
        packed = subprocess.run(["git", "archive", "HEAD"], cwd=ROOT, check=True, capture_output=True).stdout
        subprocess.run(["tar", "x"], cwd=tree, input=packed, check=True)
        subprocess.run(["mount", "-t", "proc", "proc", folder / "proc"], check=True)
        subprocess.run(["mount", "--rbind", "/dev", folder / "dev"], check=True)
        # What is unmounted at the end must stay on the machine itself.
        subprocess.run(["mount", "--make-rslave", folder / "dev"], check=True)

    def leave(self):
        subprocess.run(["umount", "-l", self.folder / "dev"], check=False)
        subprocess.run(["umount", self.folder / "proc"], check=False)

    def command(self, script: str) -> list[str]:
        return ["chroot", str(self.folder), "/usr/bin/env", "-i", "HOME=/root", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND=noninteractive",
                "PIP_CERT=/machine.crt",
                "/bin/sh", "-ec", f"cd /quoll\n{script}"]

    def run(self, script: str, timeout: int = 900) -> str:
        result = subprocess.run(self.command(script), text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                                timeout=timeout)
        assert result.returncode == 0, result.stdout[-4000:]
        return result.stdout


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    if "QUOLL_CLEAN_ROOT" in os.environ:
        return Path(os.environ["QUOLL_CLEAN_ROOT"])
    folder = tmp_path_factory.mktemp("base")
    subprocess.run(["debootstrap", "--variant=minbase", "bookworm", folder], check=True, stdout=subprocess.DEVNULL, timeout=1200)
    return folder


@pytest.fixture
def clean_root(base, tmp_path):
    folder = tmp_path / "root"
    folder.mkdir()
    root = CleanRoot(folder, base)
    yield root
    root.leave()


EXPECTED = {1: "Mode: standalone", 2: "zookeeper", 3: "b'world'"}


@pytest.mark.parametrize("number", EXPECTED)
def test_the_suggestions_of_make_run_work_twice(number, clean_root, tmp_path):
    port = free_port()
    server = spawn([str(quoll_bin()), "server", str(port), str(tmp_path / "data")], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    clean_root.run("apt-get update -q")  # `make run` has done this when it installed packages
    script = clean_root.run(f"tools/run_server.sh --try {number}").replace("2181", str(port))
    for _ in range(2):
        assert EXPECTED[number] in clean_root.run(script)
    server.terminate()
    assert server.wait(30) == 0


def test_make_run_serves_and_make_install_installs(clean_root):
    readme = (ROOT / "README.md").read_text()
    first = re.search(r"`(apt-get update && apt-get install -y [^`]*git make[^`]*)`", readme).group(1)
    clean_root.run(first)
    port = free_port()
    clean_root.run("sed -i s/clientPort=2181/clientPort=%d/ src/apps/configuration.cc && git init -q ." % port)
    log = clean_root.folder / "log"
    with log.open("wb") as out:
        make = spawn(clean_root.command("exec make run"), stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
    wait_for(lambda: "Listening for clients" in log.read_text() or make.poll() is not None, 3600, "make run to serve", interval=1)
    assert make.poll() is None, log.read_text()[-4000:]
    assert "Mode: standalone" in clean_root.run(clean_root.run("tools/run_server.sh --try 1").replace("2181", str(port)))
    make.terminate()
    make.wait(30)
    clean_root.run("make install PREFIX=/opt/quoll DESTDIR=/stage")
    assert "quoll" in clean_root.run("/stage/opt/quoll/bin/quoll --version")
