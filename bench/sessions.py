#!/usr/bin/env python3
"""Kills the leader of three servers again and again under many sessions, and counts those that expire.

    sessions.py [--kind quoll|apache] [--sessions 10000] [--timeout-ms 6000] [--kills 10]

Each session pings at a third of its timeout and resumes at another server as soon as its connection ends.
Required of Quoll: 10,000 sessions of 6 s, 10 kills in a row, none expires.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import struct
import tempfile
import time
from pathlib import Path

import rig
import rawzk  # found by way of rig

PING = struct.pack(">iii", 8, -2, 11)
# So many connections are being opened at a time, as if the clients were on several machines.
OPENING_MAX = 500
SLICES = 20  # pings go out in so many parts


class Session:
    """One client. `crowd` counts what happens to it."""

    def __init__(self, crowd: Crowd, number: int):
        self.crowd, self.at = crowd, number % len(crowd.ports)
        self.session, self.password = 0, bytes(16)
        self.link: Link | None = None  # with a session

    async def connect(self):
        """Until it has a session. The servers are tried in turn."""
        loop = asyncio.get_running_loop()
        while True:
            async with self.crowd.opening:
                self.at = (self.at + 1) % len(self.crowd.ports)
                link = Link(self)
                try:
                    await asyncio.wait_for(loop.create_connection(lambda: link, "127.0.0.1", self.crowd.ports[self.at]), 2)
                    if await asyncio.wait_for(link.greeted, 2):
                        return
                except (OSError, asyncio.TimeoutError):
                    link.give_up()
            await asyncio.sleep(0.02)


class Link(asyncio.Protocol):
    """One connection of a session."""

    def __init__(self, session: Session):
        self.owner = session
        self.greeted: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self.received = b""
        self.transport: asyncio.Transport | None = None
        self.is_given_up = False

    def give_up(self):
        self.is_given_up = True
        if self.transport is not None:
            self.transport.abort()

    def connection_made(self, transport):
        self.transport = transport
        if self.is_given_up:
            return transport.abort()
        frame = rawzk.connect_request(self.owner.crowd.timeout_ms, self.owner.session, self.owner.password)
        transport.write(struct.pack(">i", len(frame)) + frame)

    def data_received(self, data: bytes):
        if self.greeted.done():
            return  # answers to pings
        self.received += data
        if len(self.received) < 4 or len(self.received) < 4 + struct.unpack(">i", self.received[:4])[0]:
            return
        answer = rawzk.Connected.parse(self.received[4:])
        owner = self.owner
        if answer.session_id == 0:
            owner.crowd.expired += owner.session != 0
            owner.session, owner.password = 0, bytes(16)
            return self.give_up()
        owner.session, owner.password = answer.session_id, answer.passwd
        owner.link = self
        owner.crowd.up += 1
        self.greeted.set_result(True)

    def connection_lost(self, _):
        owner = self.owner
        if not self.greeted.done():
            self.greeted.set_result(False)
        if owner.link is not self:
            return
        owner.link = None
        owner.crowd.up -= 1
        if not owner.crowd.is_over:
            owner.crowd.tasks.add(task := asyncio.create_task(owner.connect()))
            task.add_done_callback(owner.crowd.tasks.discard)


class Crowd:
    def __init__(self, ports: list[int], sessions: int, timeout_ms: int):
        self.ports, self.timeout_ms = ports, timeout_ms
        self.opening = asyncio.Semaphore(OPENING_MAX)
        self.up = self.expired = 0
        self.is_over = False
        self.tasks: set[asyncio.Task] = set()
        self.sessions = [Session(self, n) for n in range(sessions)]

    async def connect(self):
        await asyncio.gather(*(session.connect() for session in self.sessions))

    async def ping(self):
        part = 0
        while True:
            for session in self.sessions[part::SLICES]:
                if session.link is not None:
                    session.link.transport.write(PING)
            part = (part + 1) % SLICES
            await asyncio.sleep(self.timeout_ms / 3000 / SLICES)

    async def all_up(self) -> float:
        began = time.monotonic()
        while self.up < len(self.sessions):
            await asyncio.sleep(0.005)
        return time.monotonic() - began


async def measure(args) -> int:
    with tempfile.TemporaryDirectory(prefix="sessions-") as folder, rig.make_servers(args.kind, Path(folder), 3) as members:
        crowd = Crowd([m.client_port for m in members], args.sessions, args.timeout_ms)
        pings = asyncio.create_task(crowd.ping())
        await crowd.connect()
        print(f"{crowd.up} sessions", flush=True)
        for number in range(args.kills):
            leader = await asyncio.to_thread(members.leader)
            leader.signal(signal.SIGKILL)
            await asyncio.sleep(0.05)
            took = await crowd.all_up()
            print(f"kill {number + 1}: all sessions are connected again after {took + 0.05:.2f} s; {crowd.expired} have expired", flush=True)
            await asyncio.to_thread(leader.kill)
            await asyncio.to_thread(leader.start, False)
            await asyncio.to_thread(members.settle)
        # One timeout more, in which a forgotten session would expire.
        await asyncio.sleep(args.timeout_ms / 1000 + 2)
        await crowd.all_up()
        crowd.is_over = True
        pings.cancel()
        return crowd.expired


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kind", choices=["quoll", "apache"], default="quoll")
    parser.add_argument("--sessions", type=int, default=10_000)
    parser.add_argument("--timeout-ms", type=int, default=6000)
    parser.add_argument("--kills", type=int, default=10)
    args = parser.parse_args()
    expired = asyncio.run(measure(args))
    print(f"{args.kind}: {args.sessions} sessions, {args.kills} kills of the leader, {expired} sessions expired")
    if args.kind == "quoll":
        bars = rig.Bars()
        bars.judge("sessions expired", expired, at_most=0)
        bars.exit()


if __name__ == "__main__":
    main()
