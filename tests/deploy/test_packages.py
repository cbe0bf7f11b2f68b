"""The Debian packages in a plain Debian 12 that systemd has booted: installed, run, upgraded and removed; alone, and in the place of Debian's zookeeperd.

QUOLL_DEBS names the directory with the packages (`make deb`), QUOLL_BOOT_ROOT an existing root with booted_root.PACKAGES. They need QUOLL_LONG=1
(`make test-packages`) and root, and download Debian packages.
"""

import os
import re
import shutil
import subprocess
from pathlib import Path

import harness
import pytest
from booted_root import BootedRoot, make_base
from harness import ROOT, free_port, wait_for

pytestmark = pytest.mark.skipif(os.environ.get("QUOLL_LONG") != "1" or os.geteuid() != 0 or shutil.which("systemd-nspawn") is None,
                                reason="needs QUOLL_LONG=1, root and systemd-nspawn")
NAMES = ("quoll", "quoll-zookeeper-compat")
NEXT = "0.1.1~next"


def packages() -> list[Path]:
    folder = Path(os.environ.get("QUOLL_DEBS", ROOT / "build" / "deb"))
    return [next(folder.glob(f"{name}_*.deb")) for name in NAMES]


def with_next_version(package: Path, folder: Path) -> Path:
    """The same package with a higher version, and with one line more in its zoo.cfg, if it has one."""
    work = folder / package.stem
    subprocess.run(["dpkg-deb", "-R", package, work], check=True)
    control = work / "DEBIAN" / "control"
    control.write_text(re.sub(r"(?m)^Version: .*$", f"Version: {NEXT}", control.read_text()).replace("(= 0.1.0)", f"(= {NEXT})"))
    for path in work.glob("etc/*/zoo.cfg"):
        path.write_text(path.read_text() + "# a new line\n")
    target = folder / f"{package.name.split('_')[0]}-next.deb"
    subprocess.run(["dpkg-deb", "-b", work, target], check=True, stdout=subprocess.DEVNULL)
    return target


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    if "QUOLL_BOOT_ROOT" in os.environ:
        return Path(os.environ["QUOLL_BOOT_ROOT"])
    folder = tmp_path_factory.mktemp("base")
    make_base(folder)
    return folder


@pytest.fixture
def root(base, tmp_path):
    folder = tmp_path / "root"
    folder.mkdir()
    one = BootedRoot(folder, base)
    (folder / "debs").mkdir()
    for package in packages():
        shutil.copy(package, folder / "debs")
        with_next_version(package, tmp_path)
        shutil.copy(tmp_path / f"{package.name.split('_')[0]}-next.deb", folder / "debs")
    one.run("apt-get update -q")
    yield one
    one.leave()


def test_lintian_finds_no_error():
    result = subprocess.run(["lintian", "--allow-root", "--fail-on", "error", *packages()], text=True, capture_output=True)
    assert result.returncode == 0, result.stdout + result.stderr


def test_quoll_is_installed_run_upgraded_removed_and_purged(root):
    root.run("apt-get install -y /debs/quoll_*.deb")
    assert "not found" not in root.run("ldd /usr/bin/quoll")
    assert root.try_run("systemctl is-enabled quoll").stdout.strip() == "disabled"
    assert root.try_run("systemctl is-active quoll").stdout.strip() == "inactive"
    port, admin = free_port(), free_port()
    root.run(f"sed -i 's/^clientPort=.*/clientPort={port}/; s/^#admin.serverPort=.*/admin.serverPort={admin}/' /etc/quoll/zoo.cfg")
    root.run("quoll server --check /etc/quoll/zoo.cfg")

    # With Type=notify this returns when the server is ready.
    root.run("systemctl enable --now quoll")
    shell = f"quoll shell -server 127.0.0.1:{port}"
    root.run(f"{shell} create /a kept")
    assert root.run("stat -c '%U %a' /var/lib/quoll /var/lib/quoll/version-2").splitlines()[0] == "quoll 750"
    assert root.run("ps -o user= -C quoll").split() == ["quoll"]
    root.run("systemctl reload quoll")
    wait_for(lambda: "SIGHUP" in root.run("journalctl -u quoll -o cat"), 60, "the reload in the journal")
    root.run("systemd-analyze verify /lib/systemd/system/quoll.service")
    root.run("systemd-analyze security --threshold=30 quoll.service")

    # A changed zoo.cfg stays, the server is started again, and the data is there.
    before = root.run("systemctl show -p MainPID --value quoll")
    root.run("apt-get install -y -o Dpkg::Options::=--force-confold /debs/quoll-next.deb")
    assert root.run("systemctl show -p MainPID --value quoll") != before
    assert f"clientPort={port}" in root.run("cat /etc/quoll/zoo.cfg")
    assert "kept" in root.run(f"{shell} get /a")

    # A wrong configuration ends the start with a line in the journal, and is not tried again.
    root.run("echo tickTime=never >>/etc/quoll/zoo.cfg")
    assert root.try_run("systemctl restart quoll").returncode != 0
    wait_for(lambda: root.try_run("systemctl is-active quoll").stdout.strip() == "failed", 60, "the service to have failed")
    assert "tickTime" in root.run("journalctl -u quoll -o cat -n 20")
    root.run("sed -i /never/d /etc/quoll/zoo.cfg; systemctl start quoll")
    # What ends by itself is started again.
    root.run("kill -9 $(systemctl show -p MainPID --value quoll)")
    wait_for(lambda: "kept" in root.try_run(f"{shell} -timeout 5000 get /a").stdout, 60, "the server after it was killed")

    root.run("apt-get remove -y quoll")
    assert root.try_run("pgrep -x quoll").returncode == 1
    root.run("test -e /etc/quoll/zoo.cfg && test -d /var/lib/quoll/version-2")
    root.run("apt-get purge -y quoll")
    root.run("test ! -e /etc/quoll/zoo.cfg && test -d /var/lib/quoll/version-2")


def client(port: int):
    return harness.kazoo_client(f"127.0.0.1:{port}")


@pytest.fixture
def debians_server(root):
    """Debian's zookeeperd, running on a free port with its data in /var/lib/zookeeper; returns the port."""
    root.run("printf '#!/bin/sh\\nexit 101\\n' >/usr/sbin/policy-rc.d; chmod +x /usr/sbin/policy-rc.d")
    root.run("apt-get install -y --no-install-recommends zookeeperd", timeout=1800)
    port = free_port()
    root.run(f"sed -i 's/^clientPort=.*/clientPort={port}/; s:^dataDir=.*:dataDir=/var/lib/zookeeper:' /etc/zookeeper/conf/zoo.cfg")
    # Debian's file myid, to which /var/lib/zookeeper/myid leads, has a sentence for people in the place of a number.
    root.run("echo 1 >/etc/zookeeper/conf/myid")
    root.run("echo admin.enableServer=false >>/etc/zookeeper/conf/zoo.cfg; rm /usr/sbin/policy-rc.d; systemctl daemon-reload; systemctl start zookeeper")
    return port


def program(root) -> str:
    """The name of the program that the service zookeeper runs: java, or quoll."""
    return " ".join(sorted(set(root.try_run("ps -o comm= -u zookeeper").stdout.split())))


def test_the_compatible_package_takes_the_place_of_debians_and_gives_it_back(root, debians_server):
    port = debians_server
    zk = client(port)
    zk.create("/a", b"from Apache")
    zk.create("/queue/item-", b"", sequence=True, makepath=True)
    zk.stop()
    assert program(root) == "java"

    root.run("apt-get install -y /debs/quoll_*.deb /debs/quoll-zookeeper-compat_*.deb")
    assert program(root) == "quoll"
    zk = client(port)
    assert zk.get("/a")[0] == b"from Apache"
    assert zk.create("/queue/item-", b"", sequence=True) == "/queue/item-0000000001"
    zk.create("/b", b"from Quoll")
    zk.stop()
    assert "Mode: standalone" in root.run("/usr/share/zookeeper/bin/zkServer.sh status")
    assert "from Quoll" in root.run(f"/usr/share/zookeeper/bin/zkCli.sh -server 127.0.0.1:{port} get /b")
    assert root.run("cat /run/zookeeper/zookeeper.pid").strip() == root.run("systemctl show -p MainPID --value zookeeper").strip()
    assert set(root.run("find /var/lib/zookeeper -type f -printf '%u\\n'").split()) == {"zookeeper"}
    root.run("systemd-analyze verify /lib/systemd/system/zookeeper.service")

    root.run("apt-get install -y /debs/quoll-next.deb /debs/quoll-zookeeper-compat-next.deb")
    zk = client(port)
    assert zk.get("/b")[0] == b"from Quoll"
    zk.stop()
    # An update of Debian's package meanwhile changes nothing.
    root.run("apt-get install -y --reinstall --no-install-recommends zookeeper zookeeperd")
    assert program(root) == "quoll"
    assert "quoll" in root.run("cat /usr/share/zookeeper/bin/zkCli.sh")

    root.run("apt-get purge -y quoll-zookeeper-compat")
    assert program(root) == "java"
    assert "quoll" not in root.run("cat /usr/share/zookeeper/bin/zkServer.sh")
    zk = client(port)
    assert zk.get("/a")[0] == b"from Apache" and zk.get("/b")[0] == b"from Quoll"
    assert zk.create("/queue/item-", b"", sequence=True) == "/queue/item-0000000002"
    zk.stop()


def test_a_server_with_an_obstacle_is_not_taken_over(root, debians_server):
    root.run("sed -i s/admin.enableServer=false/admin.forceHttps=true/ /etc/zookeeper/conf/zoo.cfg")
    output = root.run("apt-get install -y /debs/quoll_*.deb /debs/quoll-zookeeper-compat_*.deb")
    assert "OBSTACLE" in output and "goes on" in output
    assert program(root) == "java"
    zk = client(debians_server)
    zk.create("/still-apache", b"")
    zk.stop()
    root.run("sed -i s/admin.forceHttps=true/admin.enableServer=false/ /etc/zookeeper/conf/zoo.cfg; systemctl daemon-reload; systemctl restart zookeeper")
    assert program(root) == "quoll"


def test_the_compatible_package_alone_brings_a_configuration_and_a_service(root):
    root.run("printf '#!/bin/sh\\nexit 101\\n' >/usr/sbin/policy-rc.d; chmod +x /usr/sbin/policy-rc.d")
    root.run("apt-get install -y /debs/quoll_*.deb /debs/quoll-zookeeper-compat_*.deb")
    port = free_port()
    root.run(f"rm /usr/sbin/policy-rc.d; sed -i 's/^clientPort=.*/clientPort={port}/; $ a admin.enableServer=false' /etc/zookeeper/conf/zoo.cfg")
    assert root.run("readlink -f /etc/zookeeper/conf").strip() == "/etc/zookeeper/conf_quoll"
    assert root.run("systemctl is-enabled zookeeper").strip() == "enabled"
    root.run("systemctl restart zookeeper")
    zk = client(port)
    zk.create("/a", b"kept")
    zk.stop()
    root.run("apt-get remove -y quoll-zookeeper-compat")
    assert program(root) == ""
    root.run("test ! -e /etc/zookeeper/conf; test -e /etc/zookeeper/conf_quoll/zoo.cfg; test -d /var/lib/zookeeper/version-2")
