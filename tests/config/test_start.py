"""What an operator sees at a start: unreadable files, `--check`, error messages, the first lines of the log."""

import os
import re
import socket
import subprocess
from pathlib import Path

import pytest

from harness import ROOT, free_port, quoll_bin, spawn, wait_for

NOBODY = 65534


def run(folder: Path, *arguments: str, env: dict | None = None, as_nobody: bool = False) -> subprocess.CompletedProcess:
    user = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if as_nobody and os.geteuid() == 0 else {}
    return subprocess.run([str(quoll_bin()), "server", *arguments], cwd=folder, text=True, errors="replace", timeout=60, stdin=subprocess.DEVNULL,
                          env={"PATH": "/usr/bin:/bin", **(env or {})}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **user)


def last_line(output: str) -> str:
    return output.strip().splitlines()[-1]


def write_configuration(folder: Path, more: str = "") -> Path:
    path = folder / "zoo.cfg"
    path.write_text(f"tickTime=2000\ndataDir={folder}/data\nclientPort={free_port()}\nadmin.enableServer=false\n{more}")
    return path


def make(kind: str, path: Path):
    path.parent.mkdir(parents=True, exist_ok=True)
    if kind == "directory":
        path.mkdir()
    elif kind == "fifo":
        os.mkfifo(path)
    elif kind == "unreadable":
        path.write_text("1\n")
        path.chmod(0)
    elif kind == "binary":
        path.write_bytes(bytes(range(256)) * 8)
    elif kind == "empty":
        path.write_bytes(b"")
    elif kind == "large":
        with path.open("wb") as file:
            file.truncate(100 << 20)


# Each file that a start reads: a name for it, and the configuration lines and flags that refer to it.
PLACES = {
    "configuration": ("zoo.cfg", None, []),
    "myid": ("data/myid", "", []),
    "dynamic_file": ("file.dyn", "dynamicConfigFile={file}\n", []),
    "jaas": ("file.jaas", "sasl.serverconfig=Server\n", ["-Djava.security.auth.login.config={file}"]),
    "key_store": ("file.pem", "secureClientPort={port}\nssl.clientAuth=none\nssl.keyStore.location={file}\n", []),
    "key_store_jks": ("file.jks", "secureClientPort={port}\nssl.clientAuth=none\nssl.keyStore.location={file}\n", []),
    "key_store_p12": ("file.p12", "secureClientPort={port}\nssl.clientAuth=none\nssl.keyStore.location={file}\n", []),
    "trust_store": ("file.pem", "secureClientPort={port}\nssl.keyStore.location={pem}\nssl.trustStore.location={file}\n", []),
    "password": ("file.pw", "secureClientPort={port}\nssl.clientAuth=none\nssl.keyStore.location={p12}\nssl.keyStore.passwordPath={file}\n", []),
}
# Apache's server ignores a myid that is not a regular file, and accepts an empty list of servers.
GOOD = {("myid", "directory"), ("dynamic_file", "empty")}


@pytest.mark.parametrize("kind", ["directory", "fifo", "unreadable", "binary", "empty", "large"])
@pytest.mark.parametrize("place", PLACES)
def test_an_unreadable_file_ends_the_start_with_a_line_that_names_it(place, kind, tmp_path):
    name, lines, flags = PLACES[place]
    stores = ROOT / "src" / "tls" / "testdata"
    file = tmp_path / name
    names = {"file": file, "port": free_port(), "pem": stores / "server.pem", "p12": stores / "server.p12"}
    if lines is not None:
        write_configuration(tmp_path, lines.format(**names))
    make(kind, file)
    tmp_path.chmod(0o777)
    for parent in tmp_path.parents[:2]:  # pytest's directories, which other users may not enter
        parent.chmod(0o755)
    for arguments in (["zoo.cfg", "--check"], ["zoo.cfg"]):
        if (place, kind) in GOOD and arguments == ["zoo.cfg"]:
            continue  # the server would start
        result = run(tmp_path, *arguments, *[flag.format(**names) for flag in flags], as_nobody=kind == "unreadable")
        if (place, kind) in GOOD:
            assert result.returncode == 0, result.stdout
            return
        assert result.returncode in (1, 2, 3), result.stdout
        assert "[error]" in last_line(result.stdout), result.stdout
        assert "did not expect" not in result.stdout
        if (place, kind) != ("configuration", "empty"):  # an empty file has no line to name
            assert name.split("/")[-1] in result.stdout or str(names["p12"]) in result.stdout, result.stdout


def test_the_check_finds_several_mistakes_at_once_and_changes_nothing(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        (tmp_path / "file").write_text("no folder\n")
        (tmp_path / "zoo.cfg").write_text(f"tickTime=often\ndataDir={tmp_path}/file\nclientPort={port}\nclientPortAddress=127.0.0.1\n"
                                          "secureClientPort=0\nssl.keyStore.location=/no.jks\nssl.clientAuth=none\n"
                                          f"dataLogDir={tmp_path}/log\nquoll.log.file=/no/folder/quoll.log\n")
        before = sorted(tmp_path.rglob("*"))
        result = run(tmp_path, "zoo.cfg", "--check", "-Djava.security.auth.login.config=/no.jaas")
    out = result.stdout
    assert result.returncode == 2, out
    assert "zoo.cfg:1: tickTime must be a whole number, not 'often'" in out
    assert re.search(r"zoo.cfg:2: dataDir: \S+/file/version-2 can't be used: Not a directory", out), out
    assert "zoo.cfg:6: ssl.keyStore.location: /no.jks" in out
    assert "zoo.cfg:9: quoll.log.file: /no/folder/quoll.log can't be written: No such file or directory" in out
    assert "-Djava.security.auth.login.config: java.security.auth.login.config: " in out
    assert f"cannot listen on 127.0.0.1:{port} (clientPort, zoo.cfg:3): already in use by pid {os.getpid()} (" in out
    assert sorted(tmp_path.rglob("*")) == before


def test_the_check_of_directories_names_their_owner(tmp_path):
    if os.geteuid() != 0:
        pytest.skip("needs a second user")
    write_configuration(tmp_path)
    (tmp_path / "data" / "version-2").mkdir(parents=True)
    for folder in (*tmp_path.parents[:2], tmp_path):
        folder.chmod(0o755)
    result = run(tmp_path, "zoo.cfg", "--check", as_nobody=True)
    assert result.returncode == 3, result.stdout
    assert "it belongs to root, and this runs as nobody" in last_line(result.stdout)


def test_a_good_configuration_passes_the_check(tmp_path):
    write_configuration(tmp_path)
    result = run(tmp_path, "zoo.cfg", "--check")
    assert result.returncode == 0, result.stdout
    assert "is good: a server can start with it" in last_line(result.stdout)
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("arguments", [["a", "b", "c", "d", "e"], ["--no-such-option"], ["/no/such/file"]])
def test_a_wrong_invocation_ends_with_2(arguments, tmp_path):
    assert run(tmp_path, *arguments).returncode == 2


class Running:
    """A running Quoll server; the value is its log. It is ended at the end of the block."""

    def __init__(self, folder: Path, *arguments: str, env: dict | None = None):
        self.log = folder / "server.log"
        with self.log.open("wb") as log:
            self.process = spawn([str(quoll_bin()), "server", *arguments], cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                 env={"PATH": "/usr/bin:/bin", **(env or {})})

    def __enter__(self) -> str:
        wait_for(lambda: "Listening for clients" in self.log.read_text() or self.process.poll() is not None, 60, "the server to listen")
        assert self.process.poll() is None, self.log.read_text()
        return self.log.read_text()

    def __exit__(self, *_):
        self.process.terminate()
        assert self.process.wait(30) == 0
        assert "Stopped" in last_line(self.log.read_text())


def test_the_first_lines_say_what_runs_where_and_with_which_settings(tmp_path):
    write_configuration(tmp_path, "dataLogDir=log\nmaxClientCnxns=60\nsnapCount=5000\nssl.keyStore.password=hunter2\n")
    with Running(tmp_path, "zoo.cfg") as log:
        assert re.search(r"\[info\] Quoll \S+ starts, in place of Apache ZooKeeper 3.9.5: pid \d+, user \S+, host ", log.splitlines()[0]), log
        assert f"Configuration: {tmp_path}/zoo.cfg" in log
        assert "snapCount=5000, ssl.keyStore.password=(set), tickTime=2000" in log
        assert "maxClientCnxns=60" not in log and "hunter2" not in log
        assert f"Directories: snapshots in {tmp_path}/data/version-2, transaction log in {tmp_path}/log/version-2" in log
        assert re.search(r"Ports: 0.0.0.0:\d+ for clients\n", log), log


def test_without_a_file_defaults_cause_no_log_lines(tmp_path):
    write_configuration(tmp_path).write_text(f"dataDir={tmp_path}/data\nclientPort={free_port()}\n")
    with Running(tmp_path, "zoo.cfg") as log:
        assert "[warning]" not in log and "admin" not in log, log


def test_the_environment_variables_of_apaches_and_debians_scripts_are_used(tmp_path):
    write_configuration(tmp_path)
    env = {"ZOOCFGDIR": "/nowhere", "ZOOCFG": str(tmp_path / "zoo.cfg"), "JAVA_OPTS": "-Dzookeeper.snapCount=7000 -Dcom.sun.management.jmxremote",
           "SERVER_JVMFLAGS": "-Xmx1000m -XX:+UseG1GC -javaagent:/opt/jmx.jar=7070:/opt/c.yaml", "JVMFLAGS": "-Dzookeeper.maxCnxns=50"}
    with Running(tmp_path, env=env) as log:
        assert f"Configuration: {tmp_path}/zoo.cfg" in log
        assert "maxCnxns=50" in log and "snapCount=7000" in log
        assert "-Xmx1000m (SERVER_JVMFLAGS), -XX:+UseG1GC (SERVER_JVMFLAGS) have no effect: Quoll is no Java program" in log
        assert "-javaagent:/opt/jmx.jar (SERVER_JVMFLAGS) has no effect: Quoll takes no Java agents and has no JMX; read its metrics by" in log
        assert "-Dcom.sun.management.jmxremote has no effect: Quoll has no JMX; read its metrics by the four-letter word mntr" in log


def test_users_of_kafkas_plain_module_log_in_by_digest(tmp_path):
    port = free_port()
    jaas = tmp_path / "jaas"
    jaas.write_text('Server {\n  org.apache.kafka.common.security.plain.PlainLoginModule required\n  username="admin" password="x"\n'
                    '  user_kafka="kafka-secret";\n};\n')
    write_configuration(tmp_path, f"clientPort={port}\nauthProvider.1=org.apache.zookeeper.server.auth.SASLAuthenticationProvider\n")
    from kazoo.client import KazooClient
    with Running(tmp_path, "zoo.cfg", f"-Djava.security.auth.login.config={jaas}"):
        client = KazooClient(f"127.0.0.1:{port}", sasl_options={"mechanism": "DIGEST-MD5", "username": "kafka", "password": "kafka-secret"})
        client.start(30)
        try:
            from kazoo.security import make_acl
            client.create("/mine", b"", acl=[make_acl("sasl", "kafka", all=True)])
            assert client.get("/mine")[0] == b""
        finally:
            client.stop()
            client.close()


def test_the_last_line_about_a_used_port_names_key_and_process(tmp_path):
    port = free_port()
    write_configuration(tmp_path, f"clientPort={port}\n")
    with socket.socket() as taken:
        taken.bind(("0.0.0.0", port))
        taken.listen()
        result = run(tmp_path, "zoo.cfg")
    assert result.returncode == 1, result.stdout
    assert re.search(rf"cannot listen on 0.0.0.0:{port} \(clientPort, zoo.cfg:5\): already in use by pid {os.getpid()} \(", last_line(result.stdout))


def test_the_first_suggestion_of_make_run_works_on_every_debian(tmp_path):
    shown = subprocess.run([ROOT / "tools" / "run_server.sh", "--try", "1"], text=True, capture_output=True, check=True).stdout
    port = free_port()
    write_configuration(tmp_path, f"clientPort={port}\n4lw.commands.whitelist=*\n")
    with Running(tmp_path, "zoo.cfg"):
        for _ in range(2):
            result = subprocess.run(["/bin/sh", "-c", shown.replace("2181", str(port))], env={"PATH": "/usr/bin:/bin"}, text=True,
                                    capture_output=True, timeout=30)
            assert result.returncode == 0 and "Mode: standalone" in result.stdout, result.stdout + result.stderr
