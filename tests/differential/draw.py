"""The values that requests are made of: a few paths, data, ACLs and numbers, usual and unusual ones."""

from __future__ import annotations

import random

import rawzk as z

INT_MIN, INT_MAX = -2**31, 2**31 - 1
ODD_INTS = [0, 1, -1, -2, 2, 5, 31, 32, 255, 256, 1000, 0xfffff, 0x1ffffe, 0x1fffff, 0x200000, INT_MAX, INT_MIN, INT_MIN + 1]
ODD_TTLS = [100_000, 100_000, 1 << 39, (1 << 40) - 1, 1 << 40, 0, -1, 1, 2**63 - 1, -2**63]
VERSIONS = [-1] * 8 + [0, 0, 0, 0, 1, 1, 2, 3, 5, 7, -2, INT_MIN, INT_MAX]

DEEP = "/d" * 12
NAMES = ["/a", "/a/b", "/a/b/c", "/a/b/c/d", "/a/x", "/b", "/b/x", "/b/y", "/c", "/c/y", "/w", "/e", "/e/f", "/é", "/é/名", "/a b", "/dotted..name",
         "/%2f", "/...", "/a/b.c", *("/d" * n for n in range(1, 13)), "/zookeeper", "/zookeeper/quota", "/zookeeper/config", "/zookeeper/x"]
WIDE = [f"/w/{n}" for n in range(60)]
SEQUENCES = ["/a/s-", "/w/", "/b/s", "/e/", "/c/"]
ODD_PATHS = ["", "/", "x", "//", "/a/", "/a//b", "/a/../b", "/./a", "/a/.", "/..", "/a\0", "/\x1f", "/\x7f", "/\x9f", "/\ue000", "/\uf8ff", "/\ufff0", "/\uffff",
             "/\ud7ff", "/\uf900", "/\U0001f600", "/a\u2028", b"/\xff\xfe", b"/\xc0\x80", b"/\xed\xa0\x80", b"/a\xc3", "/missing", "/missing/child", "/" + "n" * 3000,
             "/" + "x/" * 400 + "y", None, "/ ", "/a /b", "/\t"]
SCHEMES = ["world", "digest", "ip", "auth"]
ACLS = [
    [(31, "auth", "")], [(31, "digest", "u:x"), (1, "world", "anyone")], [(31, "ip", "127.0.0.1")], [(31, "ip", "127.0.0.2")],
    [(31, "ip", "127.0.0.0/8")], [(31, "ip", "127.0.0.2/32"), (1, "ip", "127.0.0.1/31")], [(3, "auth", ""), (28, "auth", "x")],
    [(30, "world", "anyone")], [(1, "world", "anyone")], [(2, "world", "anyone")], [(4, "world", "anyone"), (8, "ip", "127.0.0.1")],
    [(16, "world", "anyone")], [(0, "world", "anyone")], [(31, "world", "anyone")] * 2, [(31, "world", "anyone"), (1, "world", "anyone")],
    [(1, "world", "anyone"), (31, "digest", "v:nobody")], [(31, "digest", "u:" + "A" * 27 + "=")],
]
ODD_ACLS = [
    [], None, [(31, "bad", "x")], [(31, "world", "nobody")], [(31, "world", None)], [(31, None, "x")], [(31, None, None)], [(31, "", "")],
    [(31, "digest", "nocolon")], [(31, "digest", "a:b:c")], [(31, "digest", "")], [(31, "digest", None)], [(31, "ip", "300.1.1.1")], [(31, "ip", "::1")],
    [(31, "ip", "127.0.0.1/33")], [(31, "ip", "127.0.0.1/-1")], [(31, "ip", "127.0.0.1/x")], [(31, "ip", "")], [(31, "ip", None)], [(31, "ip", "1.2.3")],
    [(31, "ip", "-1::-ff")], [(31, "ip", "+127.0.0.-0/+8")], [(31, "ip", "127.0.0.+-0")],
    [(31, "ip", "::/0")], [(31, "ip", "fe80::1%1")], [(31, "sasl", "x")], [(31, "x509", "CN=x")], [(31, "super", "")], [(31, "super", "x")], [(31, "auth", None)],
    [(-1, "world", "anyone")], [(32, "world", "anyone")], [(63, "world", "anyone")], [(INT_MIN, "world", "anyone")], [(INT_MAX, "digest", "u:x")],
    [(31, "digest", "\U0001f600:x")], [(31, "digest", b"\xff:x")], [(31, "digest", b"\xed\xa0\xbd\xed\xb8\x80:x")], [(31, b"wor\xffld", "anyone")],
    [(31, "digest", f"u{n}:x") for n in range(40)], [(31, "digest", "u:p"), (31, "auth", ""), (31, "digest", "u:p")],
]
QUOTAS = [b"count=3,bytes=-1", b"count=-1,bytes=-1=;byteHardLimit=500;countHardLimit=4", b"count=-1,bytes=40,countHardLimit=2", b"count=1,bytes=1",
          b"count=0,bytes=0", b"bytes=100;count=5;byteHardLimit=200;countHardLimit=6", b"byteHardLimit=60", b"countHardLimit=3", b"count=-5,bytes=-7"]


class World:
    def __init__(self, rng: random.Random):
        self.rng = rng
        self.alive: list[str] = ["/"]

    def prelude(self) -> list[tuple[int, bytes]]:
        """The requests that most histories begin with; a tenth of them start with an empty tree."""
        if self.rng.random() < 0.1:
            return []
        out = []
        for path in ["/a", "/a/b", "/b", "/c", "/w", "/e", *("/d" * n for n in range(1, 13)), *WIDE[:self.rng.choice([0, 5, 60])]]:
            out.append((z.CREATE, z.create(path, b"first")))
            self.alive.append(path)
        return out

    # -- paths

    def odd(self):
        return self.rng.choice(ODD_PATHS)

    def existing(self):
        chance = self.rng.random()
        if chance < 0.03:
            return self.odd()
        if chance < 0.75:
            return self.rng.choice(self.alive)
        return self.any_path()

    def any_path(self):
        chance = self.rng.random()
        if chance < 0.03:
            return self.odd()
        if chance < 0.55:
            return self.rng.choice(NAMES)
        if chance < 0.63:
            return self.rng.choice(WIDE)
        if chance < 0.70:
            return self.rng.choice(SEQUENCES) + f"{self.rng.randrange(12):010d}"
        return self.rng.choice(self.alive)

    def any_name(self) -> str:
        """A path that can be in a list of set_watches."""
        while not isinstance(path := self.any_path(), str):
            pass
        return path

    def new_path(self):
        chance = self.rng.random()
        if chance < 0.12:
            return self.rng.choice(SEQUENCES)
        if chance < 0.6:
            return self.any_path()
        # A child or grandchild of a znode that may exist.
        parent = self.rng.choice(self.alive)
        return ("" if parent == "/" else parent) + "/" + self.rng.choice(["b", "c", "x", "y", "d", "s-", "f"])

    def made(self, path, flags: int):
        if isinstance(path, str) and flags in (0, 1, 4, 5) and len(self.alive) < 200 and path.count("/") < 20:
            self.alive.append(path)

    def gone(self, path):
        # Deletes of a znode with children fail, so `alive` is only an approximation; that is enough.
        if path in self.alive and path != "/" and self.rng.random() < 0.7:
            self.alive.remove(path)

    # -- values

    def data(self) -> bytes | None:
        chance = self.rng.random()
        if chance < 0.1:
            return None
        if chance < 0.997:
            return self.rng.randbytes(self.rng.choice([0, 1, 5, 5, 40, 300, 300 if chance < 0.9 else 5000]))
        return bytes(self.rng.choice([100_000, 500_000, 0xfffff - 200, 0xfffff - 60, 0xfffff]))

    def version(self) -> int:
        return self.rng.choice(VERSIONS)

    def acl(self):
        chance = self.rng.random()
        if chance < 0.8:
            return z.OPEN
        return self.rng.choice(ACLS) if chance < 0.95 else self.rng.choice(ODD_ACLS)

    def flags(self, op: int) -> int:
        if self.rng.random() < 0.05:
            return self.rng.choice([-1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 255, INT_MAX, INT_MIN])
        return self.rng.choice({z.CREATE_CONTAINER: [4], z.CREATE_TTL: [5, 5, 6]}.get(op, [0, 0, 0, 0, 1, 1, 2, 3]))

    def quota_text(self, leaf: str) -> bytes | None:
        """The text of a quota as the tools write it; sometimes a text that is not a quota."""
        if self.rng.random() < 0.06:
            return self.rng.choice([b"", None, b"count=1", b"bytes=2", b"x=1", b"count=1,,bytes=2"])
        return b"count=0,bytes=0" if leaf == "/zookeeper_stats" else self.rng.choice(QUOTAS)
