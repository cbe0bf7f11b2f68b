"""Measures how long writes stop when the leader of three servers dies, or is told to end, as clients see it.

    failover.py [--kind quoll|apache] [--kills 50] [--clients 8] [--signal KILL|TERM]

Clients write all the time. Each goes to the next server as soon as its connection ends, and resumes its session there. A gap lasts
from the signal to the first write that is sent after it and acknowledged.
Required of Quoll: median 150 ms and at most 400 ms after KILL, median 50 ms after TERM.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import statistics
import struct
import sys
import tempfile
import time
from pathlib import Path

import rig

sys.path.insert(0, str(rig.ROOT / "tests" / "ensemble"))

import ensemble  # noqa: E402
import rawzk  # noqa: E402

# The default configuration of Apache's samples.
CFG = {"tickTime": 2000, "initLimit": 10, "syncLimit": 5}
# So long after the restart of a member the next leader is ended: it is not in the middle of connecting any more.
SETTLED = 1.5
BARS = {"KILL": (150.0, 400.0), "TERM": (50.0, 400.0)}


class Writer:
    """One client that sets its own znode again and again."""

    def __init__(self, number: int, ports: list[int]):
        self.path = f"/failover-{number}"
        self.ports = ports
        self.at = number % len(ports)
        self.session, self.password = 0, bytes(16)
        self.acknowledged: list[tuple[float, float]] = []  # when a write was sent, and when it was acknowledged
        self.expired = 0

    async def run(self):
        while True:
            try:
                await self.write_until_cut()
            except (OSError, asyncio.IncompleteReadError, asyncio.TimeoutError):
                pass
            self.at = (self.at + 1) % len(self.ports)
            await asyncio.sleep(0.002)

    async def write_until_cut(self):
        reader, writer = await asyncio.wait_for(asyncio.open_connection("127.0.0.1", self.ports[self.at]), 2)
        try:
            await self.greet(reader, writer)
            xid = 1
            await self.call(reader, writer, xid, rawzk.CREATE, rawzk.create(self.path))
            while True:
                xid += 1
                sent = time.monotonic()
                error = await self.call(reader, writer, xid, rawzk.SET_DATA, rawzk.set_data(self.path, b"x" * 100))
                if error == 0:
                    self.acknowledged.append((sent, time.monotonic()))
        finally:
            writer.close()

    async def greet(self, reader, writer):
        frame = rawzk.connect_request(6000, self.session, self.password)
        writer.write(struct.pack(">i", len(frame)) + frame)
        answer = rawzk.Connected.parse(await self.frame(reader))
        if answer.session_id == 0:
            self.expired += self.session != 0
            self.session, self.password = 0, bytes(16)
            raise ConnectionError("no session")
        self.session, self.password = answer.session_id, answer.passwd

    async def call(self, reader, writer, xid: int, op: int, body: bytes) -> int:
        frame = struct.pack(">ii", xid, op) + body
        writer.write(struct.pack(">i", len(frame)) + frame)
        while True:
            got, _, error = struct.unpack(">iqi", (await self.frame(reader))[:16])
            if got == xid:
                return error

    async def frame(self, reader) -> bytes:
        size, = struct.unpack(">i", await asyncio.wait_for(reader.readexactly(4), 10))
        return await reader.readexactly(size)


async def one_kill(members, writers: list[Writer], how: signal.Signals) -> float:
    """Ends the leader and starts it again; returns the gap in milliseconds."""
    leader = await asyncio.to_thread(members.leader)
    await asyncio.sleep(SETTLED)
    marks = [len(w.acknowledged) for w in writers]
    at = time.monotonic()
    leader.signal(how)
    while True:
        after = [done for w, mark in zip(writers, marks) for sent, done in w.acknowledged[mark:] if sent >= at]
        if after:
            break
        await asyncio.sleep(0.001)
    await asyncio.to_thread(leader.kill)
    await asyncio.to_thread(leader.start, False)
    await asyncio.to_thread(members.settle)
    return (min(after) - at) * 1000


async def measure(args) -> tuple[list[float], int]:
    with tempfile.TemporaryDirectory(prefix="failover-") as folder:
        members = ensemble.Ensemble([args.kind] * 3, Path(folder), cfg=CFG)
        try:
            await asyncio.to_thread(members.start)
            await asyncio.to_thread(members.settle)
            writers = [Writer(n, [m.client_port for m in members]) for n in range(args.clients)]
            tasks = [asyncio.create_task(w.run()) for w in writers]
            await asyncio.sleep(2)
            gaps = []
            for number in range(args.kills):
                gaps.append(await one_kill(members, writers, signal.Signals[f"SIG{args.signal}"]))
                print(f"{number + 1}: {gaps[-1]:.0f} ms", flush=True)
            for task in tasks:
                task.cancel()
            return gaps, sum(w.expired for w in writers)
        finally:
            members.end()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kind", choices=["quoll", "apache"], default="quoll")
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--signal", choices=["KILL", "TERM"], default="KILL")
    args = parser.parse_args()
    gaps, expired = asyncio.run(measure(args))
    print(f"{args.kind}, {args.signal}: median {statistics.median(gaps):.0f} ms, worst of {len(gaps)} {max(gaps):.0f} ms, "
          f"sessions expired: {expired}")
    if args.kind == "quoll":
        bars = rig.Bars()
        median, worst = BARS[args.signal]
        bars.judge("median gap", statistics.median(gaps), at_most=median, unit=" ms")
        bars.judge("worst gap", max(gaps), at_most=worst, unit=" ms")
        bars.judge("sessions expired", expired, at_most=0)
        bars.exit()


if __name__ == "__main__":
    main()
