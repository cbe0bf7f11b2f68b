#!/usr/bin/env python3
"""Measures writers of three servers while one of them, which has lost its data, gets the whole state from the leader.

    joining.py [--kind quoll|apache] [--megabytes 1000] [--seconds 20]

The writers are connected to the two other servers, and write one request at a time each.
Required of Quoll: with 1,000 MB their p99 is at most twice that without the joining server.
"""

from __future__ import annotations

import argparse
import asyncio
import struct
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace

import rig
import rawzk  # found by way of rig

SIZE = 10_000  # of each znode
WINDOW = 200   # requests on their way
SHAPE = {"conns": 10, "outstanding": 1, "size": 100, "keys": 100}


async def fill(port: int, count: int):
    """Creates `count` znodes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)

    async def frame() -> bytes:
        size, = struct.unpack(">i", await reader.readexactly(4))
        return await reader.readexactly(size)

    def send(payload: bytes):
        writer.write(struct.pack(">i", len(payload)) + payload)

    send(rawzk.connect_request(30_000, 0, bytes(16)))
    await frame()
    data = b"x" * SIZE
    for number in range(count + WINDOW):
        if number < count:
            send(struct.pack(">ii", number + 1, rawzk.CREATE) + rawzk.create(f"/filled-{number}", data))
        if number >= WINDOW:
            _, _, error = struct.unpack(">iqi", (await frame())[:16])
            if error:
                raise RuntimeError(f"create: error {error}")
    writer.close()


def measure(args) -> tuple[dict, dict, float]:
    with tempfile.TemporaryDirectory(prefix="joining-") as folder, rig.make_servers(args.kind, Path(folder), 3, heap="4000m") as members:
        leader, joining = members.leader(), members.followers()[-1]
        asyncio.run(fill(leader.client_port, args.megabytes * 1_000_000 // SIZE))
        others = SimpleNamespace(hosts=",".join(f"127.0.0.1:{m.client_port}" for m in members if m is not joining))
        rig.zkload(others, "set", seconds=5, **SHAPE)
        joining.kill()
        before = rig.zkload(others, "set", seconds=args.seconds, warmup=1, **SHAPE)
        joining.wipe()
        began = time.monotonic()
        joining.start(False)
        during = rig.zkload(others, "set", seconds=args.seconds, **SHAPE)
        members.settle()
        return before, during, time.monotonic() - began


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kind", choices=["quoll", "apache"], default="quoll")
    parser.add_argument("--megabytes", type=int, default=1000)
    parser.add_argument("--seconds", type=int, default=20)
    args = parser.parse_args()
    before, during, took = measure(args)
    for name, result in (("before", before), ("while it joins", during)):
        print(f"{args.kind}, {name}: {result}")
    print(f"all three served at the latest {took:.1f} s after the start of the joining server")
    if args.kind == "quoll":
        bars = rig.Bars()
        bars.judge("p99 while a server joins / before", during["p99_us"] / before["p99_us"], at_most=2.0)
        bars.exit()


if __name__ == "__main__":
    main()
