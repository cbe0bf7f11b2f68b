"""Steps of the load test in which one client without any permission sends requests that are expensive to answer.

Each sends its requests on one connection while a prober measures the latency of others. The replies do not matter; other
clients must not wait for longer than LONGEST_MS, and the server's memory must not grow by more than GROW_MB beside what it
stores. Each step ends with a restart on the same data (run.py).
"""

from __future__ import annotations

import random
import selectors
import struct
import threading
import time
from typing import Iterable

import crowds
from rawzk import (ADD_WATCH, AUTH, CREATE, DELETE, EPHEMERAL, EXISTS, GET_ALL_CHILDREN_NUMBER, GET_CHILDREN, GET_DATA, GET_EPHEMERALS, MULTI,
                   MULTI_READ, OPEN, SET_WATCHES, XID_AUTH, XID_SET_WATCHES, Closed, Raw, auth, create, delete, just_path, multi, path_int,
                   path_watch, set_watches)
from steps import STEPS, Step

LONGEST_MS = 250
GROW_MB = 64
# Memory that the server may keep afterwards: the C library returns it only in large pieces.
KEEP_MB = 64
REPLY_TIMEOUT_S = 300
FRAME_BYTES = 1_000_000

Requests = Iterable[tuple[int, bytes]]


class Watchers:
    """Connections with a recursive watch on the root each. Daemon threads read their events and count the bytes."""

    def __init__(self, port: int, count: int):
        self.bytes = 0
        self.connections = [Raw(port, timeout=REPLY_TIMEOUT_S) for _ in range(count)]
        self.selector = selectors.DefaultSelector()
        for connection in self.connections:
            connection.connect(timeout=60000)
            connection.call(ADD_WATCH, path_int("/", 1))
            self.selector.register(connection.socket, selectors.EVENT_READ)
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        while True:
            for key, _ in self.selector.select():
                got = len(key.fileobj.recv(1 << 20))
                self.bytes += got
                if got == 0:
                    self.selector.unregister(key.fileobj)


class Attacker(Raw):
    """One connection with a session. Requests are sent by a thread, so that replies are read meanwhile."""

    def __init__(self, port: int):
        super().__init__(port, timeout=REPLY_TIMEOUT_S)
        self.connect(timeout=60000)

    def run(self, requests: Requests) -> dict[int, int]:
        """Sends all requests; returns the number of replies for each error code. -4: the connection was closed."""
        requests = list(requests)
        sender = threading.Thread(target=lambda: [self.send(op, body, self._xid(op)) for op, body in requests], daemon=True)
        sender.start()
        errors: dict[int, int] = {}
        try:
            missing = len(requests)
            while missing:
                reply = self.recv()
                if reply.xid == -1:
                    continue
                missing -= 1
                errors[reply.err] = errors.get(reply.err, 0) + 1
        except Closed:
            errors[-4] = 1
        sender.join()
        return errors

    @staticmethod
    def _xid(op: int) -> int | None:
        return {AUTH: XID_AUTH, SET_WATCHES: XID_SET_WATCHES}.get(op)


def attack(stored_mb: float = 0, longest_ms: float = LONGEST_MS, why: str = ""):
    """A step whose function prepares the server and returns the requests, or a function that sends them."""
    def note(prepare):
        def run(server, scale) -> tuple[crowds.Watched, str]:
            with Attacker(server.client_port) as attacker:
                requests = prepare(attacker, server, scale)
                time.sleep(1)
                began = time.monotonic()
                with crowds.Watched(server) as watched:
                    time.sleep(0.5)
                    began = time.monotonic()
                    errors = attacker.run(requests)
                    took = time.monotonic() - began
                    time.sleep(0.5)
            return watched, f"answered {errors} in {took:.1f} s"
        run.__name__ = prepare.__name__
        STEPS[prepare.__name__] = Step(run, GROW_MB + stored_mb, KEEP_MB + stored_mb, why or "one client's requests", bar_ms=LONGEST_MS,
                                       longest_ms=longest_ms, restarts=True)
        return prepare
    return note


def ip_entries(count: int) -> list:
    return [(31, "ip", f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}") for n in range(count)]


def batches(ops: list[tuple[int, bytes]], count: int = 1000):
    """Many operations as multis."""
    for at in range(0, len(ops), count):
        yield MULTI, multi(*ops[at:at + count])


def identities(count: int, length: int) -> Requests:
    return [(AUTH, auth("digest", f"{n:06}{'u' * length}:p".encode())) for n in range(count)]


@attack(stored_mb=16)
def acl_of_40000_entries(attacker, server, scale):
    return [(CREATE, create("/a", acl=ip_entries(40_000)))]


@attack(stored_mb=16)
def checks_of_a_long_acl(attacker, server, scale):
    entries = 34_000
    while entries and attacker.run([(CREATE, create("/a", acl=ip_entries(entries)))]).get(0) is None:
        entries //= 2
    return [(MULTI_READ, multi(*[(GET_DATA, path_watch("/a"))] * 200))]


@attack()
def multi_read_of_4_gb(attacker, server, scale):
    attacker.run([(CREATE, create("/a", bytes(100_000)))])
    return [(MULTI_READ, multi(*[(GET_DATA, path_watch("/a"))] * 40_000))]


@attack()
def pipeline_of_multi_reads(attacker, server, scale):
    attacker.run([(CREATE, create("/a", bytes(100_000)))])
    return [(MULTI_READ, multi(*[(GET_DATA, path_watch("/a"))] * 200))] * 50


@attack(stored_mb=8)
def large_identities_and_an_acl_of_them(attacker, server, scale):
    return [*identities(900, 100_000), (CREATE, create("/a", acl=[(31, "auth", "")] * 25))]


@attack(stored_mb=8)
def identities_of_a_megabyte(attacker, server, scale):
    return identities(950, 1_000_000)


@attack(stored_mb=260)
def long_names_of_namespaces(attacker, server, scale):
    names = [f"/{n:04}{'n' * 100_000}" for n in range(1000)]
    return [step for name in names for step in ((CREATE, create(name)), (GET_DATA, path_watch(name)))]


def colliding_texts(units: int, count: int) -> list[bytes]:
    """Different texts of 16 * units bytes with the same MurmurHash64A, which the C++ library uses by default."""
    m, mask = 0xC6A4A7935BD1E995, (1 << 64) - 1
    inverse = pow(m, -1, 1 << 64)

    def mix(k: int) -> int:
        k = k * m & mask
        return (k ^ k >> 47) * m & mask

    def unmix(h: int) -> int:
        h = h * inverse & mask
        return (h ^ h >> 47) * inverse & mask

    letters = set(range(0x30, 0x7F)) - {0x5C}
    chance = random.Random(1)

    def pair() -> tuple[bytes, bytes]:
        """Two texts of 8 bytes whose contributions to the hash differ only in the highest bit."""
        while True:
            first = bytes(chance.choice(range(0x61, 0x7B)) for _ in range(8))
            second = struct.pack("<Q", unmix(mix(struct.unpack("<Q", first)[0]) ^ 1 << 63))
            if letters.issuperset(second):
                return first, second

    blocks = []
    for _ in range(units):
        (a, b), (c, d) = pair(), pair()
        blocks.append((a + c, b + d))
    return [b"".join(blocks[u][n >> u & 1] for u in range(units)) for n in range(count)]


@attack(stored_mb=40)
def watches_whose_paths_collide(attacker, server, scale):
    paths = [b"/" + b"x" * 7 + text for text in colliding_texts(16, 44_000)]
    return [(SET_WATCHES, set_watches(0, [], paths[at:at + 3000], [])) for at in range(0, len(paths), 3000)]


@attack(stored_mb=40)
def znodes_whose_paths_collide(attacker, server, scale):
    paths = [b"/" + b"x" * 7 + text for text in colliding_texts(14, 16_000)]
    return batches([(CREATE, create(path)) for path in paths], 2000)


@attack()
def counts_of_many_children(attacker, server, scale):
    crowds.Tool(server, "children", count=scale.children // 2).end()
    return [(GET_ALL_CHILDREN_NUMBER, just_path("/many"))] * 800


@attack()
def lists_of_many_ephemerals(attacker, server, scale):
    attacker.run(batches([(CREATE, create(f"/e{n:07}", flags=EPHEMERAL)) for n in range(scale.ephemerals)]))
    return [(GET_EPHEMERALS, just_path("/"))] * 300


LARGEST_MULTI = "a multi of the largest size is one event"


@attack(stored_mb=16, longest_ms=2500, why=LARGEST_MULTI)
def multi_below_a_large_znode(attacker, server, scale):
    return [(MULTI, multi((CREATE, create("/a", bytes(500_000))), *[(CREATE, create(f"/a/{n}")) for n in range(8_500)]))]


@attack(stored_mb=16, longest_ms=2500, why=LARGEST_MULTI)
def multi_below_a_znode_with_a_long_acl(attacker, server, scale):
    acl = ip_entries(15_000)
    return [(MULTI, multi((CREATE, create("/a", acl=acl)), *[(CREATE, create(f"/a/{n}")) for n in range(8_000)]))]


@attack(stored_mb=16, longest_ms=2500, why=LARGEST_MULTI)
def multi_that_creates_and_deletes(attacker, server, scale):
    attacker.run([(CREATE, create("/a", bytes(FRAME_BYTES)))])
    return [(MULTI, multi(*[op for n in range(8_000) for op in ((CREATE, create("/a/b")), (DELETE, delete("/a/b")))]))]


# 1.5 million events, 60 to 70 bytes each.
@attack(stored_mb=200, why="the events that the watchers have not read yet")
def events_for_many_recursive_watchers(attacker, server, scale):
    attacker.watchers = Watchers(server.client_port, 300)
    return [(MULTI, multi(*[(CREATE, create(f"/n{n}")) for n in range(5_000)]))]


@attack(stored_mb=16)
def many_identities_and_a_long_acl(attacker, server, scale):
    attacker.run(identities(900, 10))
    entries = 8_000
    acl = [(31, "digest", f"v{n}:x") for n in range(entries)] + OPEN
    attacker.run([(CREATE, create("/a", acl=acl))])
    return [(GET_DATA, path_watch("/a"))] * 60


@attack(stored_mb=140)
def watches_on_long_paths(attacker, server, scale):
    return [(ADD_WATCH, path_int(f"/{n}{'w' * FRAME_BYTES}", 0)) for n in range(600)]


@attack(stored_mb=140)
def exists_watches_on_long_paths(attacker, server, scale):
    return [(EXISTS, path_watch(f"/{n}{'w' * FRAME_BYTES}", True)) for n in range(600)]


@attack()
def reads_behind_writes(attacker, server, scale):
    attacker.run([(CREATE, create("/a", bytes(FRAME_BYTES)))])
    return [step for _ in range(100) for step in ((DELETE, delete("/none")), *[(GET_DATA, path_watch("/a"))] * 10)]


@attack()
def lists_behind_writes(attacker, server, scale):
    crowds.Tool(server, "children", count=scale.children // 10).end()
    return [step for _ in range(20) for step in ((DELETE, delete("/none")), *[(GET_CHILDREN, path_watch("/many"))] * 20)]
