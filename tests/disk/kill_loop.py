"""Kills a server repeatedly while clients write, and checks its guarantees.

    kill_loop.py --kind quoll --kills 100 --clients 16

After each kill and at the end: no acknowledged write is missing, no sequential name was used twice,
the ephemerals of existing sessions are there, and no session id was used twice.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "peers"), str(HERE)]

import harness  # noqa: E402  (the paths must be there first)
import replay  # noqa: E402
import treedump  # noqa: E402
from kill_writer import HANDSHAKE_TIMEOUT, Broken, KillWriter, SessionIds  # noqa: E402
from rawclient import ConnectionLost, RawClient  # noqa: E402

# The number of acknowledged writes between two kills; some kills hit a snapshot that is being written.
ACKS_BETWEEN_KILLS = (200, 3000)
SNAP_COUNT = 1500


def server_flags() -> list[str]:
    return [f"zookeeper.snapCount={SNAP_COUNT}", "zookeeper.preAllocSize=256",
            f"zookeeper.DigestAuthenticationProvider.superDigest={treedump.SUPER_DIGEST}"]


def check_all(server, writers: list[KillWriter], notes: list[dict]):
    def connected():
        try:
            return RawClient(server.client_port, socket_timeout=HANDSHAKE_TIMEOUT)
        except ConnectionLost:
            return None
    reader = harness.wait_for(connected, 30, "a connection to check with")
    reader.sock.settimeout(30)
    for writer, before in zip(writers, notes):
        writer.check(reader, before)
    reader.close_session()


def raise_failures(server, writers: list[KillWriter]):
    for writer in writers:
        if writer.failure:
            raise writer.failure
    if not server.alive():
        raise Broken(f"the server ended by itself:\n{server.log_text()[-3000:]}")


def kill_and_restart(server, writers: list[KillWriter], rng: random.Random, kills_before: int):
    total = sum(w.acks for w in writers)
    wanted = total + rng.randint(*ACKS_BETWEEN_KILLS)

    def enough():
        raise_failures(server, writers)
        everybody_is_back = all(w.reconnects >= kills_before for w in writers)
        return everybody_is_back and sum(w.acks for w in writers) >= wanted
    harness.wait_for(enough, 120, "acknowledged writes", interval=0.002)
    server.kill()
    notes = [w.notes() for w in writers]
    server.start()
    check_all(server, writers, notes)
    raise_failures(server, writers)


def check_disk(server, writers: list[KillWriter]):
    """Stops the server: the files must contain what clients see after the next start."""
    server.stop()
    model = replay.replay_from_birth(server.data_dir)
    if model.problems:
        raise Broken(f"digests: {model.problems[:3]}")
    for writer in writers:
        if writer.client.session_id not in model.sessions:
            raise Broken(f"session 0x{writer.client.session_id:x} is not on disk")
    server.start()
    lines = treedump.differences(model.visible(), treedump.dump_server(server.client_port))
    if lines:
        raise Broken(f"the files and what clients see differ: {lines[:5]}")
    check_all(server, writers, [w.notes() for w in writers])


def run(kind: str, workdir: Path, kills: int, clients: int = 16, seed: int = 1, report=lambda line: None) -> dict:
    """Returns figures of the run; raises Broken at the first broken guarantee."""
    started = time.monotonic()
    rng = random.Random(seed)
    server = harness.Server(kind, workdir, jvmflags=server_flags()).start()
    ids = SessionIds()
    first = RawClient(server.client_port)
    first.create("/ephemerals")
    first.close_session()
    writers = [KillWriter(server.client_port, number, ids) for number in range(clients)]
    for writer in writers:
        writer.start()
    try:
        for number in range(1, kills + 1):
            kill_and_restart(server, writers, rng, number - 1)
            report(f"kill {number}: {sum(w.acks for w in writers)} writes acknowledged, {len(ids)} sessions, "
                 f"{time.monotonic() - started:.1f} s")
    except BaseException:
        for writer in writers:
            writer.end(give_up=True)
        raise
    for writer in writers:
        writer.end()
    raise_failures(server, writers)
    check_disk(server, writers)
    server.stop()
    return {"kind": kind, "kills": kills, "clients": clients, "acknowledged": sum(w.acks for w in writers),
            "sessions": len(ids), "reconnects": sum(w.reconnects for w in writers),
            "seconds": round(time.monotonic() - started, 1)}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kind", choices=harness.BOTH, default="quoll")
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="directory for the data, which is not removed")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kill-loop-") as folder:
        workdir = args.keep or Path(folder)
        try:
            print(run(args.kind, workdir, args.kills, args.clients, args.seed, lambda line: print(line, flush=True)))
        except Broken as broken:
            sys.exit(f"BROKEN (seed {args.seed}): {broken}")
    print("no promise broken")


if __name__ == "__main__":
    main()
