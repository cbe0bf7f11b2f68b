"""Two servers on one directory, of which one is Apache's: ours must find that out before it changes a single byte."""

import hashlib
import subprocess

import pytest

import harness
from rawclient import RawClient

ZNODES = 300


def contents(folder) -> dict[str, str]:
    """Every file below a folder, by its bytes and its mode."""
    return {str(path.relative_to(folder)): f"{path.stat().st_mode:o} {hashlib.sha256(path.read_bytes()).hexdigest()}"
            for path in sorted(folder.rglob("*")) if path.is_file()}


def start_quoll(cfg_path, cwd) -> subprocess.CompletedProcess:
    """Runs our server to its end, which must come by itself."""
    process = harness.spawn([harness.quoll_bin(), "server", cfg_path], cwd=cwd, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        out, _ = process.communicate(timeout=60)
    finally:
        harness._reap(process, 9, 10)
    return subprocess.CompletedProcess(process.args, process.returncode, out, None)


def fill(server) -> RawClient:
    client = RawClient(server.client_port)
    client.create("/d")
    for number in range(ZNODES):
        client.create(f"/d/n{number}", b"%d" % number)
    return client


def all_there(server) -> bool:
    client = RawClient(server.client_port)
    return sorted(client.children("/d")) == sorted(b"n%d" % number for number in range(ZNODES))


@pytest.mark.parametrize("split", [False, True], ids=["one_directory", "logs_apart"])
def test_on_the_same_zoo_cfg_beside_a_running_apache_nothing_is_touched(tmp_path, split):
    cfg = {"dataLogDir": tmp_path / "a" / "logs"} if split else {}
    with harness.Server("apache", tmp_path / "a", cfg=cfg) as apache:
        client = fill(apache)
        before = contents(tmp_path / "a")
        for _ in range(3):
            ended = start_quoll(apache.cfg_path, tmp_path)
            assert ended.returncode != 0
            for part in [f"cannot listen on 0.0.0.0:{apache.client_port}", f"pid {apache.pid} (java", "QuorumPeerMain"]:
                assert part in ended.stdout, ended.stdout
            assert "empty the data" not in ended.stdout
        now = contents(tmp_path / "a")
        for side in (before, now):
            side.pop("server.log", None)
        assert now == before
        client.create("/afterwards")
        client.drop()
        apache.stop()
        apache.start()
        assert all_there(apache)


@pytest.mark.parametrize("has_written", [True, False], ids=["with_an_open_log", "idle"])
def test_on_another_port_the_process_that_has_the_directory_is_named(tmp_path, has_written):
    with harness.Server("apache", tmp_path / "a") as apache:
        client = fill(apache)
        if not has_written:
            client.drop()
            apache.stop()
            apache.start()
        before = contents(apache.data_dir)
        text = apache.cfg_path.read_text().replace(f"clientPort={apache.client_port}", f"clientPort={harness.free_port()}")
        other = tmp_path / "other.cfg"
        other.write_text(text)
        for _ in range(3):
            ended = start_quoll(other, tmp_path)
            assert ended.returncode == 3, ended.stdout
            for part in ["is in use by", f"pid {apache.pid} (java", f"listens on port {apache.client_port}", "Nothing was changed"]:
                assert part in ended.stdout, ended.stdout
        assert contents(apache.data_dir) == before
        apache.stop()
        apache.start()
        assert all_there(apache)


def test_apache_and_its_purge_pass_over_what_was_cut_off_a_log(tmp_path):
    """Apache leaves a torn log, Quoll takes over and cuts it, Apache takes over again and purges."""
    with harness.Server("apache", tmp_path / "s") as apache:
        fill(apache).drop()
        apache.stop()
    logs = apache.data_dir / "version-2"
    newest = max(logs.glob("log.*"), key=lambda path: int(path.suffix[1:], 16))
    data = newest.read_bytes().rstrip(b"\0")
    torn = b"\0\0\0\0\1\2\3\4\0\0\1\0half an entry"
    newest.write_bytes(data + torn + b"\0" * 5000)
    with harness.Server("quoll", tmp_path / "s") as quoll:
        assert all_there(quoll)
        quoll.stop()
        assert "Cut the torn end off" in quoll.log_text()
    cut = list(logs.glob("log-*.cut-*"))
    assert [path.read_bytes() for path in cut] == [torn]
    with harness.Server("apache", tmp_path / "s") as apache:
        assert all_there(apache)
        apache.stop()
    done = harness.java_run("org.apache.zookeeper.server.PurgeTxnLog", [logs.parent, logs.parent, "-n", "3"])
    assert done.returncode == 0, done.stderr
    with harness.Server("apache", tmp_path / "s") as apache:
        assert all_there(apache)
    assert cut[0].exists()
    assert (logs / "quoll.durable").exists()
