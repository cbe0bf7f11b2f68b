"""What a server must bear while others are served: a function a step, each with its bound of memory.

A step gets a running server of its own and watches what others notice. It returns a word on what the crowd saw.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Callable

import crowds
import harness
from rawzk import CREATE, Raw, create

# Descriptors that a server needs beside its clients' (src/os/network.cc keeps 16 for files).
OTHER_DESCRIPTORS = 64
BIG_BYTES = 1_000_000


@dataclass
class Step:
    run: Callable
    # How much more memory than before the server may take meanwhile, and keep afterwards: MB.
    grow_mb: float
    keep_mb: float
    why: str


STEPS: dict[str, Step] = {}


def step(grow_mb: float, keep_mb: float, why: str):
    def note(run: Callable) -> Callable:
        STEPS[run.__name__] = Step(run, grow_mb, keep_mb, why)
        return run
    return note


def settle(server: harness.Server, seconds: float = 1):
    """What a step begins with is a server that does nothing."""
    time.sleep(seconds)


@step(grow_mb=20, keep_mb=20, why="nothing goes on: the bar for the rest")
def quiet(server, scale) -> tuple[crowds.Watched, str]:
    with crowds.Watched(server) as watched:
        time.sleep(scale.seconds)
    return watched, ""


@step(grow_mb=200, keep_mb=60, why="4 KB for each of 50,000 connections and its session")
def many_connections(server, scale):
    wanted = scale.connections
    allowed = crowds.descriptors_for_server() - OTHER_DESCRIPTORS
    count = min(wanted, allowed)
    words = f"{count:,} connections"
    if count < wanted:
        words += f" (not {wanted:,}: this machine's hard limit of open files is {allowed + OTHER_DESCRIPTORS:,})"
    # A client of our own may have no more descriptors than the server.
    parts = [count // 2, count - count // 2]
    with crowds.Watched(server) as watched:
        # They come, stand, go without a word, and their sessions expire.
        tools = [crowds.Tool(server, "connections", count=part, source=2 + 10 * n, timeout_ms=6000, ping_every_ms=2000)
                 for n, part in enumerate(parts)]
        time.sleep(scale.seconds)
        pings = sum(tool.end()["pings_answered"] for tool in tools)
        time.sleep(10)
    return watched, f"{words}, {pings:,} pings answered"


@step(grow_mb=700, keep_mb=60, why="4 MiB of replies and one more for each of 100 who read nothing")
def slow_readers(server, scale):
    with Raw(server.client_port) as raw:
        raw.connect()
        raw.call(CREATE, create("/big", bytes(BIG_BYTES)))
    with crowds.Watched(server) as watched:
        tool = crowds.Tool(server, "slow", count=100, path="/big")
        time.sleep(scale.seconds)
        said = tool.end()
    return watched, f"100 who read nothing sent {said['requests']:,} requests for a megabyte each"


@step(grow_mb=20, keep_mb=20, why="a request's bytes for each of 200")
def byte_drippers(server, scale):
    with crowds.Watched(server) as watched:
        tool = crowds.Tool(server, "drip", count=200)
        time.sleep(scale.seconds)
        said = tool.end()
    return watched, f"{said['bytes']:,} bytes came one by one, {said['replies']:,} replies"


@step(grow_mb=60, keep_mb=20, why="connections live for an instant")
def connection_flood(server, scale):
    with crowds.Watched(server) as watched:
        tool = crowds.Tool(server, "flood")
        time.sleep(scale.seconds)
        said = tool.end()
    return watched, f"{said['connects'] / scale.seconds:,.0f} connects a second"
