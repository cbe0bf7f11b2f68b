"""The steps of the load test: one function for each kind of load, with its limits of memory and latency.

A step gets a new server and measures what other clients notice. It returns that and a short text on what the load did.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Callable

import crowds
import harness
from rawzk import CREATE, Raw, create

# Descriptors that a server needs besides those of its clients (src/os/network.cc reserves 16 for files).
OTHER_DESCRIPTORS = 64
BIG_BYTES = 1_000_000


@dataclass
class Step:
    run: Callable
    # How much the server's memory may grow during the step, and how much it may keep afterwards: MB.
    grow_mb: float
    keep_mb: float
    why: str
    # The limit of the p99 latency of others. If it is above 50 ms, bar_why says why one event takes longer.
    bar_ms: float = 50
    bar_why: str = ""
    # The limit of any single latency of others.
    longest_ms: float | None = None
    # The server is restarted on the same data at the end.
    restarts: bool = False


STEPS: dict[str, Step] = {}


def step(grow_mb: float, keep_mb: float, why: str, bar_ms: float = 50, bar_why: str = ""):
    def note(run: Callable) -> Callable:
        STEPS[run.__name__] = Step(run, grow_mb, keep_mb, why, bar_ms, bar_why)
        return run
    return note


def settle(server: harness.Server, seconds: float = 1):
    """Waits, so that a step begins with an idle server."""
    time.sleep(seconds)


def watch_crowd(server: harness.Server, scale, command: str, **options) -> tuple[crowds.Watched, dict]:
    """Measures what others notice while a crowd runs; returns that and the crowd's results."""
    with crowds.Watched(server) as watched:
        tool = crowds.Tool(server, command, **options)
        time.sleep(scale.seconds)
        said = tool.end()
    return watched, said


def watch_end_of(server: harness.Server, scale, owner: crowds.Tool) -> tuple[crowds.Watched, dict]:
    """The same while the session of `owner` is closed."""
    with crowds.Watched(server) as watched:
        time.sleep(scale.seconds / 2)
        said = owner.end()
        time.sleep(scale.seconds / 2)
    return watched, said


@step(grow_mb=20, keep_mb=20, why="no load: the baseline for the other steps")
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
    # zkcrowd has the same limit of descriptors as the server.
    parts = [count // 2, count - count // 2]
    with crowds.Watched(server) as watched:
        # They connect, stay, and disconnect without closing their sessions, which expire.
        tools = [crowds.Tool(server, "connections", count=part, source=2 + 10 * n, timeout_ms=6000, ping_every_ms=2000)
                 for n, part in enumerate(parts)]
        time.sleep(scale.seconds)
        pings = sum(tool.end()["pings_answered"] for tool in tools)
        time.sleep(10)
    return watched, f"{words}, {pings:,} pings answered"


@step(grow_mb=700, keep_mb=60, why="4 MiB of replies and one more for each of 100 clients that read nothing")
def slow_readers(server, scale):
    with Raw(server.client_port) as raw:
        raw.connect()
        raw.call(CREATE, create("/big", bytes(BIG_BYTES)))
    watched, said = watch_crowd(server, scale, "slow", count=scale.readers, path="/big")
    return watched, f"{scale.readers} clients that read nothing sent {said['requests']:,} requests for a megabyte each"


@step(grow_mb=20, keep_mb=20, why="the bytes of one request for each of 200")
def byte_drippers(server, scale):
    watched, said = watch_crowd(server, scale, "drip", count=200)
    return watched, f"{said['bytes']:,} bytes were sent one by one, {said['replies']:,} replies"


@step(grow_mb=60, keep_mb=20, why="connections are closed immediately")
def connection_flood(server, scale):
    watched, said = watch_crowd(server, scale, "flood")
    return watched, f"{said['connects'] / scale.seconds:,.0f} connects a second"


def word_step(word: str, grow_mb: float, why: str):
    """Sends one four-letter word repeatedly while there are a million watches."""
    def run(server, scale):
        watches = crowds.Tool(server, "watches", count=scale.watches, conns=20)
        settle(server)
        watched, said = watch_crowd(server, scale, "words", word=word)
        watches.end()
        return watched, f"{said['answers']:,} answers of {said['bytes']:,} bytes to {word}, {said['p50_ms']:,.0f} ms each"
    run.__name__ = f"word_{word}"
    step(grow_mb, grow_mb, why)(run)


for _word in ("wchp", "wchc"):
    word_step(_word, 120, "an answer in progress, grouped by session")
for _word in ("wchs", "mntr"):
    word_step(_word, 20, "a short answer")


def crowded_word_step(word: str):
    """The same with many connections, for the words that list connections."""
    def run(server, scale):
        count = min(scale.connections, crowds.descriptors_for_server() - OTHER_DESCRIPTORS) // 2
        crowd = crowds.Tool(server, "connections", count=count)
        ephemerals = crowds.Tool(server, "ephemerals", count=scale.ephemerals)
        settle(server)
        watched, said = watch_crowd(server, scale, "words", word=word)
        crowd.end()
        ephemerals.end()
        return watched, f"{said['answers']:,} answers of {said['bytes']:,} bytes to {word}, {said['p50_ms']:,.0f} ms each, {count:,} connections"
    run.__name__ = f"word_{word}"
    step(60, 130, "an answer in progress; memory of the deleted ephemerals is reused, not returned")(run)


for _word in ("cons", "dump"):
    crowded_word_step(_word)


@step(grow_mb=120, keep_mb=60, why="two replies of 15 MB in progress, and the list that they are built from",
      bar_ms=100, bar_why="a list must be consistent, so it is built in one event of less than 40 ms, or more on a busy machine")
def list_of_a_million(server, scale):
    crowds.Tool(server, "children", count=scale.children).end()
    settle(server, 3)
    watched, said = watch_crowd(server, scale, "list")
    return watched, f"{said['answers']:,} lists of {said['bytes']:,} bytes, {said['p50_ms']:,.0f} ms each"


@step(grow_mb=40, keep_mb=20, why="the list of deleted znodes; the memory of the znodes is reused, not returned")
def a_session_with_ephemerals_closes(server, scale):
    owner = crowds.Tool(server, "ephemerals", count=scale.ephemerals)
    settle(server, 3)
    watched, said = watch_end_of(server, scale, owner)
    return watched, f"{scale.ephemerals:,} ephemerals closed in {said['close_ms']:,.0f} ms"


@step(grow_mb=20, keep_mb=20, why="watches are only removed")
def a_session_with_watches_closes(server, scale):
    owner = crowds.Tool(server, "watches", count=scale.watches, conns=1)
    settle(server)
    watched, _ = watch_end_of(server, scale, owner)
    return watched, f"{scale.watches:,} watches of one session"
