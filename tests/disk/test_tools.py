"""The tools for files, on the files of both servers: plain, compressed, torn and damaged."""

import gzip
import json
import subprocess

import pytest
from harness import Server, quoll_bin
from rawzk import CREATE, DELETE, SET_DATA, Raw, create, path_int, set_data


def tool(*args, code=0) -> str:
    done = subprocess.run([quoll_bin(), *map(str, args)], capture_output=True, text=True, timeout=60)
    assert done.returncode == code, f"{args}: {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def objects(text: str) -> list[dict]:
    decoder, at, found = json.JSONDecoder(), 0, []
    while at < len(text.rstrip()):
        one, at = decoder.raw_decode(text, at)
        at += len(text[at:]) - len(text[at:].lstrip())
        found.append(one)
    return found


@pytest.fixture(scope="module", params=["apache", "quoll"])
def data(request, tmp_path_factory):
    """A data directory with a log and two snapshots."""
    server = Server(request.param, tmp_path_factory.mktemp(request.param))
    with server, Raw(server.client_port) as line:
        line.connect()
        for name in ("/a", "/a/b", "/a/b/c", "/gone"):
            line.call(CREATE, create(name, b"data"))
        for _ in range(10):
            line.call(SET_DATA, set_data("/a", b"longer data"))
        line.call(DELETE, path_int("/gone", -1))
    server.start().stop()
    return server.data_dir


def logs(data):
    return sorted((data / "version-2").glob("log.*"), key=lambda p: int(p.suffix[1:], 16))


def snapshots(data):
    return sorted((data / "version-2").glob("snapshot.*"), key=lambda p: int(p.suffix[1:], 16))


def test_a_log_is_shown_counted_and_verified(data):
    path = logs(data)[0]
    text = tool("log", "show", path)
    assert "create path=/a/b/c bytes=4" in text and "delete path=/gone" in text and "createSession timeout_ms=" in text
    shown = objects(tool("log", "show", "--json", path))
    assert [int(e["zxid"], 16) for e in shown] == sorted(int(e["zxid"], 16) for e in shown)
    assert objects(tool("log", "show", "--json", "--from", "0x2", "--to", "3", path)) == shown[1:3]
    (stats,) = objects(tool("log", "stats", "--json", path))
    assert stats["good"] and stats["types"]["setData"]["count"] == 10 and stats["types"]["create"]["count"] + stats["types"].get("create2", {"count": 0})["count"] == 4
    assert tool("log", "verify", path).startswith(f"{path}: good, {len(shown)} transactions")


def test_a_snapshot_is_shown_counted_compared_and_verified(data):
    first, last = snapshots(data)[0], snapshots(data)[-1]
    assert first != last
    shown = {node["path"]: node for node in objects(tool("snapshot", "show", "--json", last))}
    assert shown["/a"]["version"] == 10 and shown["/a"]["bytes"] == 11 and "/gone" not in shown and "/" in shown
    (stats,) = objects(tool("snapshot", "stats", "--json", last))
    assert stats["znodes"] == len(shown) and stats["levels"] == 3
    tree = {line["path"]: line for line in objects(tool("snapshot", "tree", "--depth", "1", "--json", last))}
    assert tree["/a"]["znodes"] == 3 and tree["/"]["znodes"] == len(shown) and "/a/b" not in tree
    assert set(tool("snapshot", "diff", first, last, code=1).splitlines()) >= {"+ /a", "+ /a/b", "+ /a/b/c"}
    assert tool("snapshot", "diff", last, last) == ""
    assert tool("snapshot", "verify", first, last).count("good") == 2


def test_compressed_snapshots_are_read(data, tmp_path):
    last = snapshots(data)[-1]
    packed = tmp_path / f"{last.name}.gz"
    packed.write_bytes(gzip.compress(last.read_bytes()))
    assert tool("snapshot", "show", packed) == tool("snapshot", "show", last)


def test_a_torn_end_is_found_and_moved_aside(data, tmp_path):
    copy = tmp_path / "data"
    subprocess.run(["cp", "-r", data, copy], check=True)
    newest = logs(copy)[-1] if len(logs(copy)) > 1 else logs(copy)[0]
    for old in snapshots(copy)[1:]:
        old.unlink()
    (copy / "version-2" / "quoll.durable").unlink(missing_ok=True)
    (entries,) = objects(tool("log", "stats", "--json", newest))
    whole = newest.read_bytes().rstrip(b"\0")
    newest.write_bytes(whole + b"B"[:0] + b"\0\0\0\0torn")
    text = tool("log", "verify", newest, code=1)
    assert "DAMAGED" in text and f"{entries['entries']} good transactions before it" in text
    (found,) = objects(tool("data", "verify", "--json", copy))
    assert found["starts"] and len(found["repairs"]) == 1 and found["last_zxid"] == entries["last_zxid"]
    before = newest.read_bytes()
    tool("log", "repair", copy)
    assert list((copy / "version-2").glob("log-*.cut-*")) and newest.read_bytes() != before
    assert "good" in tool("log", "verify", newest)
    (found,) = objects(tool("data", "verify", "--json", copy))
    assert found["starts"] and not found["repairs"]


def test_damage_in_the_middle_is_refused(data, tmp_path):
    copy = tmp_path / "data"
    subprocess.run(["cp", "-r", data, copy], check=True)
    oldest = logs(copy)[0]
    for old in snapshots(copy)[1:]:
        old.unlink()
    raw = bytearray(oldest.read_bytes())
    raw[200] ^= 0xFF
    oldest.write_bytes(raw)
    assert "whole entries follow" in tool("log", "verify", oldest, code=1)
    assert "would NOT start" in tool("data", "verify", copy, code=1)
    assert "would NOT start" in tool("log", "repair", copy, code=1)
    assert oldest.read_bytes() == raw


def test_every_damaged_byte_of_a_snapshot_is_reported_without_a_crash(data, tmp_path):
    whole = snapshots(data)[-1].read_bytes()
    for at in range(0, len(whole), max(1, len(whole) // 40)):
        bad = tmp_path / "snapshot.1"
        bad.write_bytes(whole[:at] + bytes([whole[at] ^ 0x55]) + whole[at + 1:])
        done = subprocess.run([quoll_bin(), "snapshot", "verify", bad], capture_output=True, text=True)
        assert done.returncode in (0, 1)
        bad.write_bytes(whole[:at])
        assert "DAMAGED" in tool("snapshot", "verify", bad, code=1)


def test_wrong_arguments_and_missing_files_have_their_own_codes(data, tmp_path):
    tool("log", code=2)
    tool("log", "show", "--from", "xyz", logs(data)[0], code=2)
    tool("log", "verify", tmp_path / "nothing", code=3)
    tool("snapshot", "verify", data, code=3)
    tool("data", "verify", tmp_path / "nothing", code=3)
