"""The shell scripts of the packages and the container: shellcheck, and ZooKeeper's scripts run against the built program."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from harness import ROOT, Server, free_port, quoll_bin, wait_for

SCRIPTS = ROOT / "deploy" / "zookeeper"


def test_every_shell_script_passes_shellcheck():
    scripts = [path for folder in ("deploy", "debian") for path in sorted((ROOT / folder).rglob("*"))
               if path.suffix == ".sh" or path.suffix[1:] in ("preinst", "postinst", "prerm", "postrm")]
    assert len(scripts) > 10
    result = subprocess.run(["shellcheck", "-x", *scripts, "tools/make_deb.sh"], cwd=ROOT, text=True, capture_output=True)
    assert result.returncode == 0, result.stdout + result.stderr


class Installed:
    """ZooKeeper's scripts with a configuration directory, as a user finds them."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.port = free_port()
        self.data = folder / "data"
        (folder / "conf").mkdir()
        (folder / "conf" / "zoo.cfg").write_text(f"dataDir={self.data}\nclientPort = {self.port} \nadmin.enableServer=false\n")
        # As Apache's and Debian's files have it: set, but not exported.
        (folder / "conf" / "java.env").write_text('SERVER_JVMFLAGS="-Xmx1g -Dzookeeper.admin.enableServer=false"\n')
        (folder / "bin").symlink_to(SCRIPTS)
        (folder / "path").mkdir()
        (folder / "path" / "quoll").symlink_to(quoll_bin())
        self.env = {"PATH": f"{folder}/path:{os.environ['PATH']}", "HOME": str(folder), "ZOO_LOG_DIR": str(folder / "logs"),
                    "ZOOCFGDIR": str(folder / "conf")}

    def run(self, script: str, *arguments: str) -> subprocess.CompletedProcess:
        return subprocess.run([self.folder / "bin" / script, *arguments], env=self.env, text=True, capture_output=True, timeout=120)

    def good(self, script: str, *arguments: str) -> str:
        result = self.run(script, *arguments)
        assert result.returncode == 0, result
        return result.stdout

    def pid(self) -> int:
        return int((self.data / "zookeeper_server.pid").read_text())

    def wait_serving(self):
        wait_for(lambda: self.run("zkServer.sh", "status").returncode == 0, 60, "the server to serve")

    def log(self) -> str:
        return "".join(path.read_text() for path in (self.folder / "logs").glob("zookeeper-*-server-*.out"))


@pytest.fixture
def installed(tmp_path):
    one = Installed(tmp_path)
    yield one
    one.run("zkServer.sh", "stop")


def test_a_server_is_started_asked_restarted_and_stopped(installed):
    stopped = installed.run("zkServer.sh", "status")
    assert stopped.returncode == 1 and "Error contacting service. It is probably not running." in stopped.stderr
    assert installed.good("zkServer.sh", "start") == "Starting zookeeper ... STARTED\n"
    first = installed.pid()
    installed.wait_serving()
    status = installed.run("zkServer.sh", "status")
    assert status.stdout == "Mode: standalone\n"
    assert f"Using config: {installed.folder}/conf/zoo.cfg" in status.stderr and f"Client port found: {installed.port}." in status.stderr
    again = installed.run("zkServer.sh", "start")
    assert again.returncode == 1 and f"already running as process {first}." in again.stdout
    installed.good("zkCli.sh", "-server", f"127.0.0.1:{installed.port}", "create", "/a", "kept")
    assert installed.good("zkServer.sh", "restart") == "Stopping zookeeper ... STOPPED\nStarting zookeeper ... STARTED\n"
    assert installed.pid() != first
    installed.wait_serving()
    assert "kept" in installed.good("zkCli.sh", "-server", f"127.0.0.1:{installed.port}", "get", "/a")
    # The flags of java.env have reached the server.
    assert "-Xmx1g (SERVER_JVMFLAGS) has no effect" in installed.log()
    assert installed.good("zkServer.sh", "stop") == "Stopping zookeeper ... STOPPED\n"
    assert "no zookeeper to stop" in installed.good("zkServer.sh", "stop")

    # The tools read what it has left.
    version_dir = installed.data / "version-2"
    log = next(path for path in sorted(version_dir.glob("log.*")) if "create" in installed.run("zkTxnLogToolkit.sh", str(path)).stdout)
    assert "/a" in installed.good("zkTxnLogToolkit.sh", "-d", str(log))
    snapshot = sorted(version_dir.glob("snapshot.*"))[-1]
    assert "/a" in installed.good("zkSnapShotToolkit.sh", str(snapshot))
    assert '"/a"' in installed.good("zkSnapShotToolkit.sh", "-json", str(snapshot))
    assert installed.run("zkTxnLogToolkit.sh", "-r", str(log)).returncode == 2


def test_a_server_that_cannot_start_says_so_at_once(installed):
    with (installed.folder / "conf" / "zoo.cfg").open("a") as file:
        file.write("tickTime=never\n")
    failed = installed.run("zkServer.sh", "start")
    assert failed.returncode == 1 and failed.stdout == "Starting zookeeper ... FAILED TO START\n"
    assert "tickTime" in failed.stderr and not (installed.data / "zookeeper_server.pid").exists()


def test_a_stale_pid_file_stops_nobody_elses_process(installed):
    installed.data.mkdir()
    (installed.data / "zookeeper_server.pid").write_text(str(os.getpid()))  # a Python program
    assert "it does not run" in installed.good("zkServer.sh", "stop")
    assert not (installed.data / "zookeeper_server.pid").exists()


def test_version_and_print_cmd_and_the_choice_of_a_configuration(installed):
    assert re.fullmatch(r"Apache ZooKeeper, version 3\.9\.\d+, by quoll \d.*\n", installed.good("zkServer.sh", "version"))
    assert installed.good("zkServer.sh", "print-cmd") == f"'quoll' 'server' '{installed.folder}/conf/zoo.cfg'\n"
    other = installed.folder / "other"
    shutil.copytree(installed.folder / "conf", other)
    # Debian's file names its own directory; an argument goes before it.
    (other / "environment").write_text("ZOOCFGDIR=/etc/zookeeper/conf\nZOOCFG=/etc/zookeeper/conf/zoo.cfg\n")
    assert f"{other}/zoo.cfg" in installed.good("zkServer.sh", "--config", str(other), "print-cmd")
    assert f"{installed.folder}/conf/second.cfg" in installed.good("zkServer.sh", "print-cmd", "second.cfg")
    assert "'/x/y.cfg'" in installed.good("zkServer.sh", "print-cmd", "/x/y.cfg")
    assert installed.run("zkServer.sh", "dance").returncode == 1
    missing = installed.run("zkServer.sh", "start", "/x/y.cfg")
    assert missing.returncode == 1 and "/x/y.cfg" in missing.stderr


def test_the_port_of_a_members_own_line_is_found(installed):
    installed.data.mkdir()
    (installed.data / "myid").write_text("2\n")
    (installed.folder / "conf" / "zoo.cfg").write_text(
        f"dataDir={installed.data}\nserver.1=a:2888:3888;2181\nserver.2=b:2888:3888:participant;0.0.0.0:{installed.port}\n")
    assert f"Client port found: {installed.port}." in installed.run("zkServer.sh", "status").stderr


def test_old_snapshots_and_logs_are_removed(installed, tmp_path):
    with Server("quoll", tmp_path / "filled", cfg={"snapCount": 2}) as server:
        for number in range(40):
            installed.good("zkCli.sh", "-server", server.hosts, "create", f"/{number}")
    folder = server.data_dir / "version-2"

    def names(kind: str) -> list[str]:
        return sorted((path.name for path in folder.glob(f"{kind}.*")), key=lambda name: int(name.split(".")[1], 16))
    snapshots, logs = names("snapshot"), names("log")
    assert len(snapshots) > 5
    assert "Removed" in installed.good("zkCleanup.sh", str(server.data_dir), "-n", "4")
    assert names("snapshot") == snapshots[-4:]
    assert logs[-1] in names("log") and logs[0] not in names("log")
    refused = installed.run("zkCleanup.sh", str(server.data_dir), "-n", "2")
    assert refused.returncode == 2 and names("snapshot") == snapshots[-4:]
    # What is left is enough for a start.
    server.start()
    assert "39" in installed.good("zkCli.sh", "-server", server.hosts, "ls", "/")
    server.stop()
