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
    # What others' p99 stays below, where one event takes longer than the 50 ms asked for, and why it does.
    bar_ms: float = 50
    bar_why: str = ""


STEPS: dict[str, Step] = {}


def step(grow_mb: float, keep_mb: float, why: str, bar_ms: float = 50, bar_why: str = ""):
    def note(run: Callable) -> Callable:
        STEPS[run.__name__] = Step(run, grow_mb, keep_mb, why, bar_ms, bar_why)
        return run
    return note


def settle(server: harness.Server, seconds: float = 1):
    """What a step begins with is a server that does nothing."""
    time.sleep(seconds)


def watch_crowd(server: harness.Server, scale, command: str, **options) -> tuple[crowds.Watched, dict]:
    """What others notice while a crowd is there, and what the crowd has to tell."""
    with crowds.Watched(server) as watched:
        tool = crowds.Tool(server, command, **options)
        time.sleep(scale.seconds)
        said = tool.end()
    return watched, said


def watch_end_of(server: harness.Server, scale, owner: crowds.Tool) -> tuple[crowds.Watched, dict]:
    """The same while one goes that has much."""
    with crowds.Watched(server) as watched:
        time.sleep(scale.seconds / 2)
        said = owner.end()
        time.sleep(scale.seconds / 2)
    return watched, said


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
    watched, said = watch_crowd(server, scale, "slow", count=scale.readers, path="/big")
    return watched, f"{scale.readers} who read nothing sent {said['requests']:,} requests for a megabyte each"


@step(grow_mb=20, keep_mb=20, why="a request's bytes for each of 200")
def byte_drippers(server, scale):
    watched, said = watch_crowd(server, scale, "drip", count=200)
    return watched, f"{said['bytes']:,} bytes came one by one, {said['replies']:,} replies"


@step(grow_mb=60, keep_mb=20, why="connections live for an instant")
def connection_flood(server, scale):
    watched, said = watch_crowd(server, scale, "flood")
    return watched, f"{said['connects'] / scale.seconds:,.0f} connects a second"


def word_step(word: str, grow_mb: float, why: str):
    """Asks one word again and again while there are a million watches."""
    def run(server, scale):
        watches = crowds.Tool(server, "watches", count=scale.watches, conns=20)
        settle(server)
        watched, said = watch_crowd(server, scale, "words", word=word)
        watches.end()
        return watched, f"{said['answers']:,} answers of {said['bytes']:,} bytes to {word}, {said['p50_ms']:,.0f} ms each"
    run.__name__ = f"word_{word}"
    step(grow_mb, grow_mb, why)(run)


for _word in ("wchp", "wchc"):
    word_step(_word, 120, "an answer under way, grouped by session")
for _word in ("wchs", "mntr"):
    word_step(_word, 20, "a short answer")


def crowded_word_step(word: str):
    """The same with many connections, for the words that name each."""
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
    step(60, 130, "an answer under way; the end of the ephemerals leaves its memory to what comes next")(run)


for _word in ("cons", "dump"):
    crowded_word_step(_word)


@step(grow_mb=120, keep_mb=60, why="two replies of 15 MB under way, and the list they are made from",
      bar_ms=100, bar_why="a reply shows one moment: it is made in one event, of less than 40 ms, or more where others work, too")
def list_of_a_million(server, scale):
    crowds.Tool(server, "children", count=scale.children).end()
    settle(server, 3)
    watched, said = watch_crowd(server, scale, "list")
    return watched, f"{said['answers']:,} lists of {said['bytes']:,} bytes, {said['p50_ms']:,.0f} ms each"


@step(grow_mb=40, keep_mb=20, why="the ids of what goes; the znodes leave their memory to what comes next")
def a_session_with_ephemerals_closes(server, scale):
    owner = crowds.Tool(server, "ephemerals", count=scale.ephemerals)
    settle(server, 3)
    watched, said = watch_end_of(server, scale, owner)
    return watched, f"{scale.ephemerals:,} ephemerals closed in {said['close_ms']:,.0f} ms"


@step(grow_mb=20, keep_mb=20, why="watches only go")
def a_session_with_watches_closes(server, scale):
    owner = crowds.Tool(server, "watches", count=scale.watches, conns=1)
    settle(server)
    watched, _ = watch_end_of(server, scale, owner)
    return watched, f"{scale.watches:,} watches of one session"
