"""One data directory, served by one kind of server, then by the other, then by the first again.

Between the two, a model reads the same files and determines what both must show.
"""

import pytest

import harness
import rawclient as zk
import replay
import treedump
import workload
import zkfiles
from rawclient import RawClient, SessionRefused

DIRECTIONS = [("apache", "quoll"), ("quoll", "apache")]
ITSELF = [("apache", "apache"), ("quoll", "quoll")]
COMPRESSIONS = {"plain": "", "gz": "gz", "snappy": "snappy"}
SNAP_COUNT = 100
SESSION_MS = 40_000

CASES = [(pair, packed, end)
         for pair in DIRECTIONS + ITSELF for packed in COMPRESSIONS for end in ("stop", "kill")]


def server_flags(packed: str) -> list[str]:
    # Small files, because a test creates dozens and the model reads all of them.
    flags = [f"zookeeper.snapCount={SNAP_COUNT}", "zookeeper.preAllocSize=256", *workload.SERVER_FLAGS,
             f"zookeeper.DigestAuthenticationProvider.superDigest={treedump.SUPER_DIGEST}"]
    if COMPRESSIONS[packed]:
        flags.append(f"zookeeper.snapshot.compression.method={COMPRESSIONS[packed]}")
    return flags


def hash_history(server) -> dict[int, int]:
    """The server's own digests by zxid."""
    pairs = [line.split(": ") for line in server.four_letter("hash").splitlines() if ": " in line]
    return {int(zxid, 16): int(digest) & replay.DIGEST_MASK for zxid, digest in pairs}


def cut_files(server) -> set[str]:
    """The files that were being written when the server ended: the newest file of each kind.

    A kill may leave both incomplete. Apache's server leaves an incomplete snapshot also after SIGTERM, because
    it does not wait for the thread that writes it; Quoll must not.
    """
    log, snapshot = zkfiles.log_files(server.data_log_dir)[-1], zkfiles.snapshot_files(server.data_dir)[-1]
    cut = {log.name} if zkfiles.read_log(log).torn else set()
    return cut if zkfiles.whole_snapshot(snapshot) else cut | {snapshot.name}


def check_files(server, packed: str, cut: set[str]):
    """All files are complete, except those that are known to be incomplete."""
    logs = [zkfiles.read_log(path) for path in zkfiles.log_files(server.data_log_dir)]
    assert {log.path.name for log in logs if log.torn} <= cut
    zxids = [txn.header.zxid for log in logs for txn in log.txns]
    assert zxids == list(range(1, len(zxids) + 1)), "a zxid is missing or appears twice"
    snapshots = zkfiles.snapshot_files(server.data_dir)
    assert len(snapshots) > 2 and len(logs) > 2, "too few files to prove anything"
    suffix = f".{COMPRESSIONS[packed]}" if COMPRESSIONS[packed] else ""
    for path in snapshots:
        if path.name not in cut:
            zkfiles.read_snapshot(path)
        assert path.name == f"snapshot.{zkfiles.zxid_of(path):x}{suffix}"


def model_of(server) -> replay.Model:
    """The model of the files; it must be the same from the newest snapshot and from the first one."""
    model, from_birth = replay.replay(server.data_dir), replay.replay_from_birth(server.data_dir)
    assert from_birth.problems == []
    assert model.problems == []
    assert treedump.differences(from_birth.visible(), model.visible()) == []
    assert from_birth.sessions == model.sessions
    return from_birth


def check_serves(server, model: replay.Model):
    expected = model.visible()
    assert treedump.differences(expected, treedump.dump_server(server.client_port)) == []
    for zxid, digest in hash_history(server).items():
        assert model.history.get(zxid, digest) == digest, f"digest at 0x{zxid:x}"


def check_session_goes_on(server, session: RawClient):
    with pytest.raises(SessionRefused):
        RawClient(server.client_port, SESSION_MS, session.session_id, bytes(16))
    again = RawClient(server.client_port, SESSION_MS, session.session_id, session.password, session.last_zxid)
    assert (again.session_id, again.timeout_ms) == (session.session_id, SESSION_MS)
    owned = again.ephemerals()
    assert len(owned) == 5
    for path in owned:
        assert again.get(path)[1].ephemeralOwner == session.session_id
    return again


def check_counters_go_on(client: RawClient, turn: int):
    """A sequential name is never used again, even after its node was deleted."""
    root = b"/kinds/types/counted/n"
    assert client.create(root, flags=zk.SEQUENTIAL) == root + b"%010d" % (4 + turn)
    client.delete(root + b"%010d" % (4 + turn))


@pytest.mark.parametrize("pair,packed,end", CASES, ids=["-".join([*pair, packed, end]) for pair, packed, end in CASES])
def test_exchange(tmp_path, pair, packed, end):
    first, second = pair
    server = harness.Server(first, tmp_path, jvmflags=server_flags(packed)).start()
    session = RawClient(server.client_port, SESSION_MS)
    workload.every_kind(session)
    workload.churn(session, 300, 1, "/churn")

    if end == "stop":
        shown = treedump.dump_server(server.client_port)
        seen_hashes = hash_history(server)
        server.stop()
        cut = cut_files(server) if first == "apache" else set()
        model = model_of(server)
        assert treedump.differences(shown, model.visible()) == []
        assert all(model.history.get(zxid, digest) == digest for zxid, digest in seen_hashes.items())
    else:
        load = workload.Load(server.client_port)
        harness.wait_for(lambda: load.acked >= 400, 60, "the load to create several files")
        server.kill()
        load.end()
        cut = cut_files(server)
        model = model_of(server)
    check_files(server, packed, cut)
    assert session.session_id in model.sessions

    for turn, kind in enumerate([second, first]):
        server = server.swap(kind).start()
        check_serves(server, model)
        session = check_session_goes_on(server, session)
        check_counters_go_on(session, turn)
        workload.churn(session, 150, 2 + turn, "/churn")
        server.stop()
        if kind == "apache":
            cut |= cut_files(server)
        model = model_of(server)
        check_files(server, packed, cut)

    server = server.swap(second).start()
    check_serves(server, model)
    session = check_session_goes_on(server, session)
    session.close_session()
    reader = RawClient(server.client_port)
    assert reader.exists("/kinds/types/ephemeral") is None
    reader.close_session()
    server.stop()
