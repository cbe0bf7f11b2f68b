"""Damaged files, as a crash or a bad disk leaves them: both kinds of server must serve the same data, or refuse to start.

The expected results were observed with Apache's server, which runs the same cases.
"""

import itertools
import shutil
import struct

import pytest

import harness
import rawclient as zk
import treedump
import zkfiles
from rawclient import RawClient
from test_exchange import server_flags

WRITES = 260
# Apache's server draws at random where a log ends; damage in the middle of a log needs some records on both sides.
RECORDS_OF_LAST_LOG = 10
SNAP_COUNT_FLAGS = server_flags("plain")
REFUSED = "refuses to start"
# A kill can cause this damage, so a server that starts nevertheless is not worse.
REFUSED_BY_APACHE = "Apache's server refuses to start, Quoll may serve everything"


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    """A directory with several snapshots and logs, and the path that was created at each zxid."""
    folder = tmp_path_factory.mktemp("original")
    written = {}
    with harness.Server("apache", folder, jvmflags=SNAP_COUNT_FLAGS) as server:
        client = RawClient(server.client_port)
        client.create("/d")
        for number in itertools.count():
            if number >= WRITES and records_of_last_log(server.data_dir) >= RECORDS_OF_LAST_LOG:
                break
            path = f"/d/n{number}"
            client.create(path, b"%d" % number)
            written[client.last_zxid] = path
        client.drop()
        # When Apache's server is stopped, it does not wait for the thread that writes the snapshot.
        harness.wait_for(lambda: zkfiles.whole_snapshot(zkfiles.snapshot_files(server.data_dir)[-1]), 30, "the last snapshot to be complete")
        server.stop()
        return server.data_dir, written


def record_offsets(path) -> list[int]:
    """The offset of each record of a log, and the offset of the next one."""
    data, at, starts = path.read_bytes(), 16, []
    while True:
        starts.append(at)
        if at + 12 > len(data):
            return starts
        length = struct.unpack_from(">i", data, at + 8)[0]
        if length == 0:
            return starts
        at += 8 + 4 + length + 1


def records_of_last_log(data_dir) -> int:
    return len(record_offsets(zkfiles.log_files(data_dir)[-1])) - 1


def overwrite(path, at: int, data: bytes):
    with path.open("r+b") as file:
        file.seek(at)
        file.write(data)


def flip(path, at: int):
    overwrite(path, at, bytes([path.read_bytes()[at] ^ 0x40]))


def truncate(path, size: int):
    with path.open("r+b") as file:
        file.truncate(size)


# ---------------------------------------------------------------- the kinds of damage
# Each function damages (logs, snapshots) and returns how many of the last writes are lost.

def nothing(logs, snaps):
    return 0


def last_record_cut(logs, snaps):
    truncate(logs[-1], record_offsets(logs[-1])[-2] + 20)
    return 1


def last_record_without_its_end_byte(logs, snaps):
    truncate(logs[-1], record_offsets(logs[-1])[-1] - 1)
    return 1


def cut_in_the_length(logs, snaps):
    truncate(logs[-1], record_offsets(logs[-1])[-2] + 10)
    return 1


def padding_cut_off(logs, snaps):
    truncate(logs[-1], record_offsets(logs[-1])[-1])
    return 0


def newest_snapshot_cut(logs, snaps):
    truncate(snaps[-1], snaps[-1].stat().st_size // 2)
    return 0


def newest_snapshot_empty(logs, snaps):
    truncate(snaps[-1], 0)
    return 0


def newest_snapshot_with_wrong_magic(logs, snaps):
    overwrite(snaps[-1], 0, b"XXXX")
    return 0


def newest_snapshot_with_a_flipped_bit(logs, snaps):
    flip(snaps[-1], snaps[-1].stat().st_size // 2)
    return 0


def two_newest_snapshots_cut(logs, snaps):
    for path in snaps[-2:]:
        truncate(path, path.stat().st_size - 5)
    return 0


def newest_snapshot_gone(logs, snaps):
    snaps[-1].unlink()
    return 0


def all_snapshots_gone(logs, snaps):
    for path in snaps:
        path.unlink()
    return REFUSED


def all_snapshots_cut(logs, snaps):
    for path in snaps:
        truncate(path, path.stat().st_size // 2)
    return REFUSED


def empty_last_log(logs, snaps):
    logs[-1].with_name("log.7fff").write_bytes(b"")
    return 0


def last_log_with_a_header_only(logs, snaps):
    logs[-1].with_name("log.7fff").write_bytes(b"ZKLG" + struct.pack(">iq", 2, 0))
    return 0


def last_log_with_half_a_header(logs, snaps):
    logs[-1].with_name("log.7fff").write_bytes(b"ZKLG\0\0")
    return REFUSED_BY_APACHE


def last_log_with_wrong_magic(logs, snaps):
    overwrite(logs[-1], 0, b"XXXX")
    return REFUSED


def last_record_with_a_flipped_bit(logs, snaps):
    flip(logs[-1], record_offsets(logs[-1])[-2] + 30)
    return REFUSED


def record_in_the_middle_with_a_flipped_bit(logs, snaps):
    starts = record_offsets(logs[-1])
    flip(logs[-1], starts[len(starts) // 2] + 30)
    return REFUSED


def old_log_with_a_flipped_bit(logs, snaps):
    """This log is not read: a snapshot contains everything in it."""
    flip(logs[0], record_offsets(logs[0])[3] + 30)
    return 0


def foreign_files(logs, snaps):
    folder = logs[-1].parent
    for name in ("log.zz", "snapshot.tmp", "notes.txt", ".snapshot.0.crc"):
        (folder / name).write_bytes(b"whatever")
    return 0


DAMAGES = [nothing, last_record_cut, last_record_without_its_end_byte, cut_in_the_length, padding_cut_off,
           newest_snapshot_cut, newest_snapshot_empty, newest_snapshot_with_wrong_magic,
           newest_snapshot_with_a_flipped_bit, two_newest_snapshots_cut, newest_snapshot_gone, all_snapshots_gone,
           all_snapshots_cut, empty_last_log, last_log_with_a_header_only, last_log_with_half_a_header,
           last_log_with_wrong_magic, last_record_with_a_flipped_bit, record_in_the_middle_with_a_flipped_bit,
           old_log_with_a_flipped_bit, foreign_files]


@pytest.mark.parametrize("kind", harness.BOTH)
@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_damage(original, tmp_path, kind, damage):
    data_dir, written = original
    shutil.copytree(data_dir, tmp_path / "data")
    outcome = damage(zkfiles.log_files(tmp_path / "data"), zkfiles.snapshot_files(tmp_path / "data"))
    server = harness.Server(kind, tmp_path, jvmflags=SNAP_COUNT_FLAGS)
    if outcome in (REFUSED, REFUSED_BY_APACHE):
        if outcome == REFUSED or kind == "apache" or not serves(server):
            assert refuses(server)
            return
        outcome = 0
        server.stop()
    server.start()
    # The log may end with transactions other than creates; the last creates are compared.
    last_zxids = sorted(written)
    lost = {written[zxid].encode() for zxid in last_zxids[len(last_zxids) - outcome:]}
    nodes = treedump.dump_server(server.client_port)
    expected = {path.encode() for path in written.values()} - lost
    assert {path for path in nodes if path.startswith(b"/d/")} == expected
    check_goes_on(server, nodes)


def serves(server) -> bool:
    server.start(wait=False)
    harness.wait_for(lambda: not server.alive() or server.serving(), 30, "the server to serve or to end")
    return server.alive()


def refuses(server) -> bool:
    return not serves(server) and server.returncode != 0


def check_goes_on(server, before):
    """It accepts writes again, and they are there after another restart."""
    client = RawClient(server.client_port)
    client.create("/d/after", b"after", flags=zk.PERSISTENT)
    client.close_session()
    server.kill()
    server.start()
    nodes = treedump.dump_server(server.client_port)
    assert nodes.pop(b"/d/after").data == b"after"
    del nodes[b"/d"], before[b"/d"]
    assert treedump.differences(before, nodes) == []
    server.stop()
