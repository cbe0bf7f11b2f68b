"""Makes power failures repeatedly while clients write, on a disk that loses what was not fsynced.

    power_loop.py --cuts 100 --clients 8 --seed 1 [--ext4] [--kind apache]

After each the server must start without help, and no acknowledged write may be lost: kill_writer.py says
what the clients record and check. Some leave torn files, some happen while the server starts.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "peers"), str(HERE.parent / "disk"), str(HERE)]

import forgetful_disk  # noqa: E402  (the paths must be there first)
import harness  # noqa: E402
import kill_loop  # noqa: E402
from kill_writer import Broken, KillWriter, SessionIds  # noqa: E402
from rawclient import ConnectionLost, RawClient, ZkError  # noqa: E402

ACKS_BETWEEN_CUTS = (1, 1500)
# Small, so that power failures also hit snapshots, new logs and purging.
FLAGS = ["zookeeper.snapCount=300", "zookeeper.preAllocSize=64"]
CFG = {"autopurge.snapRetainCount": 3, "autopurge.purgeInterval": 1}


class PowerLoop:
    """Power failures of a server and its disk; a start that is interrupted is interrupted within `starts_in_s`."""

    def __init__(self, server: harness.Server, disk, seed: int, clients: int, starts_in_s: float = 0.2):
        self.rng = random.Random(seed)
        self.server, self.disk, self.starts_in_s = server, disk, starts_in_s
        self.ids = SessionIds()
        self.clients = clients
        self.writers: list[KillWriter] = []
        self.cuts = 0
        self.cuts_while_starting = 0

    def begin(self):
        for _ in range(3):
            self._cut_while_starting()
        self._start()
        first = RawClient(self.server.client_port)
        first.create("/ephemerals")
        first.close_session()
        self.writers = [KillWriter(self.server.client_port, number, self.ids) for number in range(self.clients)]
        for writer in self.writers:
            writer.start()

    @property
    def acks(self) -> int:
        return sum(w.acks for w in self.writers)

    def round(self):
        wanted = self.acks + self.rng.randint(*ACKS_BETWEEN_CUTS)

        def enough():
            kill_loop.raise_failures(self.server, self.writers)
            return self.acks >= wanted
        harness.wait_for(enough, 120, "acknowledged writes", interval=0.001)
        self._cut()
        notes = [w.notes() for w in self.writers]
        while self.rng.random() < 0.3:
            self._cut_while_starting()
        self._start()
        self.check(notes)
        kill_loop.raise_failures(self.server, self.writers)

    def check(self, notes: list[dict]):
        try:
            self._check(notes)
        except (ZkError, ConnectionLost) as problem:
            kill_loop.raise_failures(self.server, self.writers)
            raise Broken(str(problem)) from problem

    def _check(self, notes: list[dict]):
        kill_loop.check_all(self.server, self.writers, notes)
        reader = RawClient(self.server.client_port)
        for writer in self.writers:
            for key in range(len(writer.sent)):
                check_stat(reader, f"{writer.root}/k{key}", writer.reconnects + 1)
        reader.close_session()

    def end(self):
        for writer in self.writers:
            writer.end()
        kill_loop.raise_failures(self.server, self.writers)
        self.server.stop()
        self.disk.cut(0)
        self._start()
        self.check([w.notes() for w in self.writers])
        self.server.stop()

    def give_up(self):
        for writer in self.writers:
            writer.end(give_up=True)
        self.server.kill()

    def _cut(self):
        self.server.kill()
        self.disk.cut(self.rng.choice([0, self.rng.randint(1, 2**62)]))
        self.cuts += 1

    def _cut_while_starting(self):
        self._start(wait=False)
        time.sleep(self.rng.random() * self.starts_in_s)
        if not self.server.alive():
            raise Broken(f"it did not start after a power failure: code {self.server.returncode}\n{self.server.log_text()[-3000:]}")
        self._cut()
        self.cuts_while_starting += 1

    def _start(self, wait: bool = True):
        try:
            self.server.start(wait)
        except RuntimeError as problem:
            raise Broken(f"it did not start after a power failure: {problem}") from None


def check_stat(reader: RawClient, path: str, may_be_lost: int):
    """The data of a writer's key counts the sets that were sent, its version those that were executed: each lost connection loses at most one."""
    data, stat = reader.get(path)
    if not stat.version <= int(data) <= stat.version + may_be_lost or stat.dataLength != len(data) or stat.aversion or stat.numChildren or stat.ephemeralOwner \
            or (stat.mzxid > stat.czxid) != (stat.version > 0):
        raise Broken(f"{path} holds {data!r} with {stat}")


def cut_again_and_again(loop: PowerLoop, cuts: int, seconds: float | None = None, report=lambda line: None) -> dict:
    """Makes `cuts` power failures, or runs for `seconds` if given; returns figures and raises Broken at the first broken guarantee."""
    started = time.monotonic()
    try:
        loop.begin()
        while loop.cuts < cuts and (seconds is None or time.monotonic() - started < seconds):
            loop.round()
            report(f"cut {loop.cuts}: {loop.acks} writes acknowledged, {time.monotonic() - started:.1f} s")
        loop.end()
    except BaseException:
        loop.give_up()
        raise
    return {"cuts": loop.cuts, "while starting": loop.cuts_while_starting, "acknowledged": loop.acks, "sessions": len(loop.ids),
            "seconds": round(time.monotonic() - started, 1)}


def run(kind: str, workdir: Path, cuts: int, clients: int = 8, seed: int = 1, ext4: bool = False, seconds: float | None = None,
        report=lambda line: None) -> dict:
    with forgetful_disk.ForgetfulDisk(workdir / "disk", ext4) as disk:
        server = harness.Server(kind, workdir / "server", {**CFG, "dataDir": disk.root}, jvmflags=FLAGS)
        figures = cut_again_and_again(PowerLoop(server, disk, seed, clients), cuts, seconds, report)
    return {"kind": kind, "disk": "ext4-like" if ext4 else "strict", "seed": seed, **figures}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kind", choices=harness.BOTH, default="quoll")
    parser.add_argument("--cuts", type=int, default=100)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--ext4", action="store_true", help="a file's fsync makes its directory's entries durable too")
    args = parser.parse_args()
    reason = forgetful_disk.why_not()
    if reason:
        sys.exit(f"cannot run: {reason}")
    with tempfile.TemporaryDirectory(prefix="power-loop-") as folder:
        try:
            print(run(args.kind, Path(folder), args.cuts, args.clients, args.seed, args.ext4, report=lambda line: print(line, flush=True)))
        except Broken as broken:
            sys.exit(f"BROKEN (seed {args.seed}): {broken}")
    print("no promise broken")


if __name__ == "__main__":
    main()
