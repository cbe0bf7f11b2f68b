"""Backups of directories and of running servers, restores of them as of a point in time, and everything that must be refused."""

import contextlib
import datetime
import json
import shutil
import subprocess
import threading
import time

import pytest
from harness import Server, free_port, quoll_bin, wait_for
from rawzk import CREATE, DELETE, GET_DATA, SET_DATA, Raw, create, path_int, path_watch, set_data
from test_tools import logs, objects, snapshots, tool


def refused(*args, code=1) -> str:
    done = subprocess.run([quoll_bin(), *map(str, args)], capture_output=True, text=True, timeout=60)
    assert done.returncode == code, f"{args}: {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stderr


def made(*args) -> dict:
    (one,) = objects(tool(*args, "--json"))
    return one


def content(data_dir, workdir) -> dict[str, bytes]:
    """What a server serves that is started with the directory."""
    server = Server("quoll", workdir, cfg={"dataDir": data_dir})
    with server, Raw(server.client_port) as line:
        line.connect()
        return {path: value for path in ("/a", "/b", "/counter") if (value := value_of(line, path)) is not None}


def value_of(line: Raw, path: str):
    reply, _ = line.call(GET_DATA, path_watch(path, False))
    if reply.err != 0:
        return None
    length = int.from_bytes(reply.body[:4], "big", signed=True)
    return reply.body[4:4 + max(length, 0)]


def iso(time_ms: int) -> str:
    return f"{datetime.datetime.fromtimestamp(time_ms // 1000, datetime.UTC):%Y-%m-%dT%H:%M:%S}.{time_ms % 1000:03}Z"


def zxid_of(line: Raw, value: bytes) -> int:
    """Sets /counter."""
    reply, _ = line.call(SET_DATA, set_data("/counter", value))
    return reply.zxid


@pytest.fixture(scope="module", params=["apache", "quoll"])
def history(request, tmp_path_factory):
    """A data directory, and the value of /counter after each of its transactions: zxid -> value."""
    server = Server(request.param, tmp_path_factory.mktemp(request.param))
    values = {}
    with server, Raw(server.client_port) as line:
        line.connect()
        line.call(CREATE, create("/a", b"first"))
        line.call(CREATE, create("/counter", b""))
        for i in range(20):
            values[zxid_of(line, b"%d" % i)] = b"%d" % i
    with server.start(), Raw(server.client_port) as line:
        line.connect()
        for i in range(20, 30):
            values[zxid_of(line, b"%d" % i)] = b"%d" % i
            time.sleep(0.02)
        line.call(DELETE, path_int("/a", -1))
    return server.data_dir, values


def test_a_backup_of_a_directory_is_verified_and_restored(history, tmp_path):
    data, values = history
    backup, restored = tmp_path / "backup", tmp_path / "restored"
    one = made("backup", backup, "--from", data)
    assert one["exact"] and int(one["last_zxid"], 16) >= max(values)
    assert made("backup", "verify", backup)["last_zxid"] == one["last_zxid"]
    manifest = json.loads((backup / "manifest.json").read_text())
    assert manifest["last_zxid"] == one["last_zxid"] and {f["name"] for f in manifest["files"]} | {"manifest.json"} == {p.name for p in backup.iterdir()}
    made("restore", backup, restored)
    assert content(restored, tmp_path / "server") == {"/counter": b"29"}


def test_a_point_in_time_is_restored_by_zxid_and_by_time(history, tmp_path):
    data, values = history
    zxids = sorted(values)
    for number, zxid in enumerate((zxids[7], zxids[24])):
        one = made("restore", data, tmp_path / f"at{number}", "--at", hex(zxid))
        assert int(one["last_zxid"], 16) == zxid
        assert content(tmp_path / f"at{number}", tmp_path / f"server{number}") == {"/a": b"first", "/counter": values[zxid]}
    # The time of a transaction restores up to it, or up to a later one of the same millisecond.
    shown = {int(e["zxid"], 16): e for log in logs(data) for e in objects(tool("log", "show", "--json", log))}
    one = made("restore", data, tmp_path / "then", "--at", iso(shown[zxids[25]]["time_ms"]))
    assert content(tmp_path / "then", tmp_path / "server_then")["/counter"] == values[zxids[25]] and int(one["last_zxid"], 16) == zxids[25]


def test_points_that_are_not_there_are_refused(history, tmp_path):
    data, _ = history
    assert "ends with" in refused("restore", data, tmp_path / "x", "--at", "0x7fff00000000")
    assert "begins later" in refused("restore", data, tmp_path / "x", "--at", "2001-01-01T00:00:00Z")
    assert "neither a zxid nor a time" in refused("restore", data, tmp_path / "x", "--at", "yesterday", code=2)
    assert not (tmp_path / "x").exists()


def test_a_directory_that_is_not_empty_is_refused_and_untouched(history, tmp_path):
    data, _ = history
    target = tmp_path / "data"
    (target / "version-2").mkdir(parents=True)
    assert "is not empty" in refused("restore", data, target)
    assert "is not empty" in refused("backup", target, "--from", data)
    assert [p.name for p in target.iterdir()] == ["version-2"]
    ready = tmp_path / "ready"
    ready.mkdir()
    (ready / "myid").write_text("1\n")
    made("restore", data, ready)
    assert {p.name for p in ready.iterdir()} == {"myid", "version-2"}


@pytest.mark.parametrize("harm", ["flip", "cut", "missing", "extra", "manifest", "no_manifest", "escape"])
def test_a_damaged_backup_is_found_and_not_restored(history, tmp_path, harm):
    data, _ = history
    backup = tmp_path / "backup"
    made("backup", backup, "--from", data)
    log, manifest = next(backup.glob("log.*")), backup / "manifest.json"
    if harm == "flip":
        raw = bytearray(log.read_bytes())
        raw[len(raw) // 2] ^= 1
        log.write_bytes(raw)
    elif harm == "cut":
        log.write_bytes(log.read_bytes()[:-1])
    elif harm == "missing":
        log.unlink()
    elif harm == "extra":
        shutil.copy(log, backup / "log.7fffffff")
    elif harm == "manifest":
        manifest.write_text(manifest.read_text()[:-20])
    elif harm == "escape":
        manifest.write_text(manifest.read_text().replace(log.name, "../log.1"))
    elif harm == "no_manifest":
        manifest.unlink()
    text = refused("backup", "verify", backup)
    assert str(backup) in text
    if harm != "no_manifest":
        assert refused("restore", backup, tmp_path / "restored") == text
        assert not (tmp_path / "restored").exists()


def test_a_lost_log_is_noticed_although_all_others_are_good(history, tmp_path):
    data, values = history
    copy = tmp_path / "data"
    shutil.copytree(data, copy)
    for old in snapshots(copy)[1:]:
        old.unlink()
    logs(copy)[0].unlink()
    assert "are missing" in refused("restore", copy, tmp_path / "restored")
    assert not (tmp_path / "restored").exists()


def test_quoll_refuses_what_is_no_history(tmp_path):
    (tmp_path / "foreign").mkdir()
    (tmp_path / "foreign" / "snapshot.1").write_bytes(b"not a snapshot at all")
    assert "holds no good snapshot" in refused("restore", tmp_path / "foreign", tmp_path / "x")
    (tmp_path / "empty").mkdir()
    assert "holds no snapshot" in refused("restore", tmp_path / "empty", tmp_path / "x")
    assert "is no directory" in refused("restore", tmp_path / "nosuch", tmp_path / "x")
    refused("restore", code=2)
    refused("backup", tmp_path / "x", code=2)


def test_a_full_disk_ends_it_with_code_3_and_leaves_nothing(history, tmp_path):
    data, _ = history
    command = f"ulimit -f 1; {quoll_bin()} backup {tmp_path / 'backup'} --from {data}"
    big = tmp_path / "data"
    shutil.copytree(data, big)
    server = Server("quoll", tmp_path / "server", cfg={"dataDir": big})
    with server, Raw(server.client_port) as line:
        line.connect()
        line.call(CREATE, create("/b", b"x" * 900_000))
    done = subprocess.run(["bash", "-c", f"trap '' XFSZ; {command.replace(str(data), str(big))}"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 3 and "File too large" in done.stderr, done.stderr
    assert not (tmp_path / "backup").exists()


def test_a_directory_that_quoll_uses_is_backed_up_while_it_changes(tmp_path):
    server = Server("quoll", tmp_path / "server", cfg={"snapCount": 50, "autopurge.purgeInterval": "0"})
    with server, Raw(server.client_port) as line:
        line.connect()
        line.call(CREATE, create("/counter", b""))
        with writing(server) as written:
            for i in range(2):
                before = written[-1]
                made("backup", tmp_path / f"backup{i}", "--from", server.data_dir)
                made("backup", "verify", tmp_path / f"backup{i}")
                made("restore", tmp_path / f"backup{i}", tmp_path / f"restored{i}")
                assert int(content(tmp_path / f"restored{i}", tmp_path / f"other{i}")["/counter"]) >= before


@contextlib.contextmanager
def writing(server: Server):
    """Somebody else writes /counter; yields the list of what was acknowledged."""
    written, ended = [], threading.Event()

    def run():
        with Raw(server.client_port) as line:
            line.connect()
            while not ended.is_set():
                line.call(SET_DATA, set_data("/counter", b"%d" % len(written)))
                written.append(len(written))

    writer = threading.Thread(target=run)
    writer.start()
    try:
        while not written:
            time.sleep(0.01)
        yield written
    finally:
        ended.set()
        writer.join()


@pytest.mark.parametrize("kind", ["apache", "quoll"])
def test_a_running_server_is_backed_up_over_http(kind, tmp_path):
    port = free_port()
    server = Server(kind, tmp_path / "server", cfg={"admin.enableServer": "true", "admin.serverPort": port, "admin.rateLimiterIntervalInMS": 1})
    with server, Raw(server.client_port) as line:
        line.connect()
        line.call(CREATE, create("/a", b"first"))
        one = made("backup", tmp_path / "backup", "--server", f"127.0.0.1:{port}", "--auth", "digest:any:one")
        assert one["exact"]
        text = refused("backup", tmp_path / "x", "--server", f"127.0.0.1:{port}")
        assert "401" in text and not (tmp_path / "x").exists()
        nobody = free_port()
        assert str(nobody) in refused("backup", tmp_path / "x", "--server", f"127.0.0.1:{nobody}", "--auth", "digest:any:one", code=3)
    made("backup", "verify", tmp_path / "backup")
    made("restore", tmp_path / "backup", tmp_path / "restored")
    assert content(tmp_path / "restored", tmp_path / "other") == {"/a": b"first"}


def test_quoll_archives_what_it_purges_and_any_state_since_can_be_restored(tmp_path):
    archive = tmp_path / "archive"
    archive.mkdir()
    server = Server("quoll", tmp_path / "server", cfg={"snapCount": 20, "quoll.archiveDir": archive})
    with server, Raw(server.client_port) as line:
        line.connect()
        line.call(CREATE, create("/counter", b""))
        values = {zxid_of(line, b"%d" % i): b"%d" % i for i in range(100)}
        wait_for(lambda: len(list(archive.glob("log.*"))) >= 3, 60, "logs in the archive")
        log = next(archive.glob("log.1"))
        assert log.stat().st_ino == (server.data_dir / "version-2" / "log.1").stat().st_ino, "linked, not copied"
    newest = max(int(log.suffix[1:], 16) for log in archive.glob("log.*"))
    at = max(zxid for zxid in values if zxid < newest)
    made("restore", archive, tmp_path / "restored", "--at", hex(at))
    assert content(tmp_path / "restored", tmp_path / "other")["/counter"] == values[at]
    assert not list(archive.glob("quoll-tmp*"))
