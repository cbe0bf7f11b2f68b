"""Generates a history from a seed: the same seed gives the same history, byte for byte.

There are few paths, so that requests collide, and the generator remembers roughly what exists, so that most requests find a znode.
A request that a `fatal` or `apart` rule of docs/deviations.md names is replaced by another one.
"""

from __future__ import annotations

import random

import paths  # noqa: F401
import rawzk as z
import treedump
from draw import INT_MAX, ODD_INTS, ODD_TTLS, World
from history import History
from rules import Rules

SLOTS = {
    "A": {"host": "127.0.0.1", "auth": []},
    "B": {"host": "127.0.0.1", "auth": [["digest", "u:p"]]},
    "C": {"host": "127.0.0.2", "auth": [["digest", "v:q"], ["digest", "u:p"]]},
    "D": {"host": "127.0.0.1", "auth": []},
    "S": {"host": "127.0.0.1", "auth": [["digest", treedump.SUPER_CREDENTIAL]]},
}
EMOJI = "\U0001f600".encode()
TURNS = "AAABBBBCCCDDSS"
UNKNOWN_OPS = [0, 10, 13, 23, 24, 25, 26, 99, 108, 109, -1, -2, -3, -10, -12, 1000, 2**31 - 1, -2**31]
AUTHS = [("digest", b"u:p"), ("digest", b"v:q"), ("digest", b"w:r"), ("digest", b"u:wrong"), ("digest", b"a:b:c"), ("digest", b":"),
         ("ip", b"10.0.0.1"), ("ip", b""), ("digest", "é:ü".encode())]
BAD_AUTHS = [("digest", b""), ("digest", b"nocolon"), ("digest", b"\xff:\xfe"), ("world", b"anyone"), ("auth", b""), ("super", b"x"),
             ("sasl", b"x"), ("x509", b"x"), (None, b"x"), ("", b""), ("nosuch", b"u:p"), ("digest", None), ("ip", None), (b"\xff", b"")]


class Generator:
    def __init__(self, seed: int, rules: Rules | None = None):
        self.rng = random.Random(f"history {seed}")
        self.seed, self.rules = seed, rules or Rules.load()
        self.world = World(self.rng)
        self.flags = self._flags()
        self.enforced = self.flags.get("zookeeper.enforceQuota") == "true"
        # By a rule, recovery may change a quota's statistics; so a history has either restarts or quotas.
        self.restarts = seed % 4 == 3

    def _flags(self) -> dict[str, str]:
        rng = self.rng
        flags = {"zookeeper.extendedTypesEnabled": str(rng.random() < 0.85).lower()}
        for name, value, chance in [("zookeeper.enforceQuota", "true", 0.5), ("zookeeper.closeSessionTxn.enabled", "false", 0.15),
                                    ("zookeeper.digest.enabled", "false", 0.1), ("zookeeper.skipACL", "yes", 0.08),
                                    ("zookeeper.reconfigEnabled", "true", 0.3), ("zookeeper.compressed.snapshot", "gz", 0)]:
            if rng.random() < chance:
                flags[name] = value
        return flags

    # -- one operation

    def write(self) -> tuple[int, bytes]:
        rng, w = self.rng, self.world
        op = rng.choices([z.CREATE, z.CREATE2, z.CREATE_CONTAINER, z.CREATE_TTL, z.DELETE, z.SET_DATA], [6, 4, 1, 2, 6, 6])[0]
        if op == z.DELETE:
            path = w.existing()
            w.gone(path)
            return op, z.delete(path, w.version())
        if op == z.SET_DATA:
            return op, z.set_data(w.existing(), w.data(), w.version())
        flags = w.flags(op)
        path = w.new_path()
        w.made(path, flags)
        body = z.create(path, w.data(), w.acl(), flags)
        return op, body + z.i64(rng.choice(ODD_TTLS)) if op == z.CREATE_TTL else body

    def quota(self) -> tuple[int, bytes]:
        if self.restarts:
            return self.write()
        rng, w = self.rng, self.world
        of = "/zookeeper/quota" + rng.choice(["/a", "/a", "/b", "/a/b", "/w", "/d/d", "/zookeeper", ""])
        leaf = rng.choice(["/zookeeper_limits", "/zookeeper_limits", "/zookeeper_stats"])
        step = rng.random()
        if step < 0.25:
            return z.CREATE, z.create(of, None if rng.random() < 0.5 else b"")
        if step < 0.6:
            return z.CREATE, z.create(of + leaf, w.quota_text(leaf))
        if step < 0.8:
            return z.SET_DATA, z.set_data(of + leaf, w.quota_text(leaf), w.version())
        if step < 0.9:
            return z.DELETE, z.delete(of + rng.choice(["", leaf, leaf]))
        return z.GET_DATA, z.path_watch(of + leaf, rng.random() < 0.3)

    def read(self) -> tuple[int, bytes]:
        rng, w = self.rng, self.world
        op = rng.choice([z.EXISTS, z.EXISTS, z.GET_DATA, z.GET_DATA, z.GET_CHILDREN, z.GET_CHILDREN2, z.GET_CHILDREN2, z.GET_ACL, z.SYNC,
                         z.GET_EPHEMERALS, z.GET_ALL_CHILDREN_NUMBER, z.WHO_AM_I, z.MULTI_READ])
        if op == z.MULTI_READ:
            return self.multi_read()
        if op == z.WHO_AM_I:
            return op, b"" if rng.random() < 0.9 else b"surplus"
        if op in (z.GET_ACL, z.SYNC, z.GET_EPHEMERALS, z.GET_ALL_CHILDREN_NUMBER):
            path = rng.choice(["/", "", "/a", "/e", "e", "/w/", None]) if op == z.GET_EPHEMERALS and rng.random() < 0.5 else w.any_path()
            return op, z.just_path(path)
        return op, z.path_watch(w.any_path(), rng.random() < 0.45)

    def check(self) -> tuple[int, bytes]:
        return z.CHECK, z.check(self.world.existing(), self.world.version())

    def multi(self) -> tuple[int, bytes]:
        rng = self.rng
        count = rng.choice([0, 1, 2, 2, 3, 3, 4, 5, 8, 40 if rng.random() < 0.1 else 6])
        ops = [self.check() if rng.random() < 0.15 else self.quota_in_multi() if rng.random() < 0.04 else self.write() for _ in range(count)]
        chance = rng.random()
        if chance < 0.03 and ops:
            # An operation that is not allowed in a multi.
            ops[rng.randrange(len(ops))] = rng.choice([(z.GET_DATA, z.path_watch("/a")), (z.SET_ACL, z.set_acl("/a")), (99, b""),
                                                       (z.MULTI, b""), (z.DELETE_CONTAINER, z.just_path("/c")), (z.SYNC, z.just_path("/a"))])
        body = z.multi(*ops)
        if chance > 0.98:
            # A wrong terminator.
            body = body[:-9] + rng.choice([z.i32(-1) + b"\1" + z.i32(7), z.i32(5) + b"\1" + z.i32(0), b"", z.i32(-1), b"\1" * 9])
        return z.MULTI, body

    def quota_in_multi(self) -> tuple[int, bytes]:
        while True:
            op, body = self.quota()
            if op != z.GET_DATA:
                return op, body

    def multi_read(self) -> tuple[int, bytes]:
        rng, w = self.rng, self.world
        ops = [(rng.choice([z.GET_DATA, z.GET_CHILDREN]), z.path_watch(w.any_path(), rng.random() < 0.2)) for _ in range(rng.randrange(5))]
        if ops and rng.random() < 0.05:
            ops[-1] = rng.choice([(z.EXISTS, z.path_watch("/a")), (z.CREATE, z.create("/a")), (z.GET_ACL, z.just_path("/a")), (99, b"")])
        return z.MULTI_READ, z.multi(*ops)

    def watching(self) -> tuple[int, bytes]:
        rng = self.rng
        op = rng.choice([z.ADD_WATCH, z.ADD_WATCH, z.CHECK_WATCHES, z.REMOVE_WATCHES])
        number = rng.choice([0, 0, 1, 1, 2, -1] if op == z.ADD_WATCH else [1, 2, 3, 4, 5, 5, 4, 0, 6, 7, -1])
        return op, z.path_int(self.world.any_path(), number)

    def special(self) -> tuple[int, bytes]:
        rng = self.rng
        chance = rng.random()
        if chance < 0.4:
            return z.RECONFIG, z.reconfig(rng.choice([None, "server.2=h:1:2", ""]), rng.choice([None, "1"]), rng.choice([None, None, "x"]),
                                          rng.choice([-1, 0, 5]))
        if chance < 0.6:
            return z.SASL, z.buf(rng.choice([b"", None, b"token", b"\0" * 40]))
        op = rng.choice(UNKNOWN_OPS)
        if op == z.CREATE_SESSION:
            # A client may send createSession with a new timeout. With a short one its session would expire at an unknown time.
            return op, rng.choice([b"", b"\0\0\0", z.i32(600_000), z.i32(INT_MAX) + b"more"])
        return op, rng.choice([b"", z.check("/a"), z.just_path("/a"), rng.randbytes(7)])

    def mangled(self) -> tuple[int, bytes]:
        """A body that is truncated, has extra bytes, or has a wrong length."""
        rng = self.rng
        op, body = rng.choice([self.write, self.read, self.multi, self.watching, self.set_acl])()
        chance = rng.random()
        if chance < 0.45:
            return op, body[:rng.randrange(len(body) + 1)]
        if chance < 0.65:
            return op, body + rng.randbytes(rng.randrange(1, 9))
        if len(body) < 4:
            return op, body
        at = rng.choice([0, 0, rng.randrange(len(body) - 3)])
        return op, body[:at] + z.i32(rng.choice(ODD_INTS)) + body[at + 4:]

    def set_acl(self) -> tuple[int, bytes]:
        return z.SET_ACL, z.set_acl(self.world.existing(), self.world.acl(), self.world.version())

    def request(self, slot: str = "A") -> tuple[int, bytes]:
        while True:
            op, body = self._request(slot)
            # Apache's log stores ids above U+FFFF as surrogates, so they differ after a restart (a listed difference).
            is_lost = self.restarts and EMOJI in body
            if len(body) + 8 <= 0xfffff and not is_lost and not self.rules.forbids(op, body):
                return op, body

    def _request(self, slot: str) -> tuple[int, bytes]:
        kinds = [self.write, self.read, self.multi, self.watching, self.quota, self.set_acl, self.special, self.mangled]
        op, body = self.rng.choices(kinds, [38, 28, 9, 9, 4, 4, 0.7, 3])[0]()
        if slot == "S" and self.rng.random() < 0.12:
            # The client has all permissions: without them the servers differ, by a rule that ends the history.
            return z.DELETE_CONTAINER, z.just_path(self.world.existing())
        return op, body

    # -- steps

    def steps(self, slot: str) -> list[dict]:
        rng = self.rng
        kinds = [self.one, self.batch, self.set_watches, self.auth, self.close, self.drop, self.resume, self.move, self.odd_bytes,
                 self.expire, self.hello, self.connect, self.word, self.bad_auth, self.restart]
        weights = [1000, 0 if self.enforced else 20, 14, 12, 5, 5, 8, 5, 5, 0.35, 1.2, 3, 4, 1.5, 1.5 if self.restarts else 0]
        return rng.choices(kinds, weights)[0](slot)

    def one(self, slot: str) -> list[dict]:
        op, body = self.request(slot)
        step = {"do": "request", "slot": slot, "op": op, "body": body.hex()}
        if self.rng.random() < 0.01:
            step["xid"] = self.rng.choice([-1, 0, -2, -4, -8, 2**31 - 1, -2**31, 5])
        if op in UNKNOWN_OPS or op == z.SASL:
            step["ends"] = 1
        return [step]

    def _batch_of(self, slot: str, most: int, without=()) -> list:
        # Without setACL: until it is applied, Apache's server checks later requests against the old ACL, which is a race.
        drawn = [self.request(slot) for _ in range(self.rng.randrange(1, most))]
        return [[op, body.hex()] for op, body in drawn
                if op not in (z.SET_ACL, z.SASL, *UNKNOWN_OPS, *without)]

    def batch(self, slot: str) -> list[dict]:
        return [{"do": "batch", "slot": slot, "requests": self._batch_of(slot, 40)}]

    def set_watches(self, slot: str) -> list[dict]:
        rng, op = self.rng, self.rng.choice([z.SET_WATCHES, z.SET_WATCHES2])
        lists = [None if rng.random() < 0.03 else [self.world.any_name() for _ in range(rng.randrange(5))]
                 for _ in range(3 if op == z.SET_WATCHES else 5)]
        return [{"do": "set_watches", "slot": slot, "op": op, "lists": lists,
                 "seen": "last" if rng.random() < 0.5 else rng.choice([0, -1, 5, rng.randrange(4000), 1 << 40])}]

    def auth(self, slot: str, auths=AUTHS) -> list[dict]:
        scheme, credential = self.rng.choice(auths)
        if slot == "S":
            slot = "D"
        body = z.auth(scheme, credential, self.rng.choice([0, 0, 0, 1, -1]))
        return [{"do": "request", "slot": slot, "op": z.AUTH, "body": body.hex(), "xid": self.rng.choice([-4, -4, -4, 9, 0]), "ends": 1}]

    def bad_auth(self, slot: str) -> list[dict]:
        steps = self.auth(slot, BAD_AUTHS)
        if self.rng.random() < 0.3:
            steps[0]["body"] = steps[0]["body"][:2 * self.rng.randrange(len(steps[0]["body"]) // 2)]
        return steps

    def close(self, slot: str) -> list[dict]:
        return [{"do": "close", "slot": slot}]

    def drop(self, slot: str) -> list[dict]:
        return [{"do": "drop", "slot": slot}]

    def resume(self, slot: str) -> list[dict]:
        rng = self.rng
        passwd = "right" if rng.random() < 0.8 else rng.choice(["", "00" * 16, "ff" * 16, "00" * 15, "11" * 17])
        steps = [{"do": "resume", "slot": slot, "passwd": passwd, "seen": "last" if rng.random() < 0.85 else rng.choice([0, -1, 1 << 50])}]
        return steps + (self.set_watches(slot) if rng.random() < 0.7 else [])

    def move(self, slot: str) -> list[dict]:
        return [{"do": "move", "slot": slot}]

    def odd_bytes(self, slot: str) -> list[dict]:
        rng = self.rng
        data = rng.choice([z.i32(-1), z.i32(-2**31), z.i32(0xfffff + 1), z.i32(2**31 - 1), z.i32(0), z.i32(3) + b"abc", z.i32(4) + z.i32(1),
                           z.i32(7) + b"1234567", z.i32(0x7fffff)])
        return [{"do": "bytes", "slot": slot, "data": data.hex()}]

    def expire(self, slot: str) -> list[dict]:
        kinds = [(z.CREATE, z.create(self.world.new_path(), b"short", flags=self.rng.choice([1, 1, 3]))) for _ in range(self.rng.randrange(6))]
        kinds += [(z.EXISTS, z.path_watch(self.world.any_path(), True))]
        requests = [[op, body.hex()] for op, body in kinds if not self.rules.forbids(op, body)]
        return [{"do": "expire", "slot": "short", "open": self.rng.random() < 0.5, "requests": requests}]

    def hello(self, slot: str) -> list[dict]:
        rng = self.rng
        data = rng.choice([b"", b"\0" * 4, z.i32(-1), z.i32(1 << 20), z.i32(2**31 - 1), z.i32(8) + bytes(8), z.i32(27) + bytes(27),
                           z.i32(44) + b"\xff" * 44, b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x00\x05hello", z.i32(26) + bytes(26)])
        return [{"do": "hello", "data": data.hex()}] if data else [{"do": "hello", "data": z.i32(0).hex()}]

    def connect(self, slot: str) -> list[dict]:
        rng = self.rng
        step: dict = {"do": "connect"}
        for name, values, chance in [("timeout", [0, -1, 1, 999, 1000, 600_000, 600_001, 2**31 - 1, -2**31], 0.6),
                                     ("session_id", [1, -1, 1 << 56, 2**63 - 1, -2**63], 0.2), ("last_zxid", [-1, 1, 1 << 40, 2**63 - 1], 0.2),
                                     ("read_only", [True, None], 0.4), ("protocol", [1, -1, 2**31 - 1], 0.3),
                                     ("passwd", [None, "", "00" * 15, "ab" * 16, "00" * 300], 0.3)]:
            if rng.random() < chance:
                step[name] = rng.choice(values)
        return [step]

    def word(self, slot: str) -> list[dict]:
        return [{"do": "word", "word": self.rng.choice(["srvr", "stat", "wchs", "wchc", "wchp", "dump", "cons", "mntr", "ruok", "isro", "dirs",
                                                        "crst", "srst", "hash"])}]

    def restart(self, slot: str) -> list[dict]:
        return [{"do": "restart", "how": self.rng.choice(["kill", "stop"])}]

    def history(self, requests: int) -> History:
        steps: list[dict] = []
        count = 0
        for op, body in self.world.prelude():
            steps.append({"do": "request", "slot": "S", "op": op, "body": body.hex()})
        count = len(steps)
        while count < requests:
            # The same client often sends several steps in a row.
            slot = self.rng.choice(TURNS)
            for _ in range(self.rng.choice([1, 1, 1, 1, 1, 6])):
                new = self.steps(slot)
                count += sum(len(s["requests"]) if "requests" in s else 1 for s in new)
                steps += new
        return History(self.seed, self.flags, SLOTS, steps + self.last_act())

    def last_act(self) -> list[dict]:
        """Some histories end with a request after which the trees differ by a rule."""
        if self.seed % 5:
            return []
        mine, of = "/last", z.create("/last", b"", [(31, "digest", "u:nobody")])
        return [{"do": "request", "slot": "S", "op": z.CREATE, "body": z.create(mine, b"", [(1, "world", "anyone")]).hex()},
                {"do": "request", "slot": "S", "op": z.CREATE, "body": z.create(mine + "/child").hex()},
                {"do": "request", "slot": "S", "op": z.CREATE, "body": of.hex()},
                {"do": "request", "slot": "A", "op": z.DELETE_CONTAINER, "body": z.just_path(mine + "/child").hex()}]


def history(seed: int, requests: int, rules: Rules | None = None) -> History:
    return Generator(seed, rules).history(requests)
