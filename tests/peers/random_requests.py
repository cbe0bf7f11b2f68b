"""Requests drawn by chance from a small world, so that they collide: the same seed gives the same requests.

What ends Apache's server for good (reference bugs of 3.9.5: a time to live below zero on a plain flag, limits in
the quota root) is never drawn.
"""

from __future__ import annotations

import random

import rawzk as z

NAMES = ["a", "b", "c", "a/b", "a/b/c", "b/x", "c/y", "é", "zookeeper", "zookeeper/quota", "zookeeper/config",
         "zookeeper/quota/a"]
ODD_PATHS = ["", "/", "x", "//", "/a/", "/a/../b", "/a\0", "/missing", "/missing/child", None]
ACLS = [z.OPEN] * 8 + [[(1, "world", "anyone")], [(31, "auth", "")], [(31, "digest", "u:x"), (1, "world", "anyone")],
                       [(31, "ip", "127.0.0.1")], [(31, "bad", "x")], [], None, [(30, "world", "anyone")]]
VERSIONS = [-1] * 6 + [0, 0, 0, 1, 2, 3, 7, -2]


class Draw:
    def __init__(self, seed: int):
        self.rng = random.Random(seed)

    def path(self) -> str | None:
        return self.rng.choice(ODD_PATHS) if self.rng.random() < 0.06 else "/" + self.rng.choice(NAMES)

    def data(self) -> bytes | None:
        if self.rng.random() < 0.1:
            return None
        return self.rng.randbytes(self.rng.choice([0, 1, 5, 40, 300]))

    def version(self) -> int:
        return self.rng.choice(VERSIONS)

    def acl(self):
        return self.rng.choice(ACLS)

    def create_flags(self, op: int) -> int:
        usual = {z.CREATE_CONTAINER: [4], z.CREATE_TTL: [5, 6]}.get(op, [0, 0, 0, 1, 2, 3])
        return self.rng.randrange(-1, 8) if self.rng.random() < 0.05 else self.rng.choice(usual)

    def write(self) -> tuple[int, bytes]:
        """An operation that may stand alone or in a multi."""
        op = self.rng.choice([z.CREATE] * 5 + [z.CREATE2] * 3 + [z.CREATE_CONTAINER, z.CREATE_TTL] + [z.DELETE] * 5 + [z.SET_DATA] * 5)
        if op == z.DELETE:
            return op, z.delete(self.path(), self.version())
        if op == z.SET_DATA:
            return op, z.set_data(self.path(), self.data(), self.version())
        body = z.create(self.path(), self.data(), self.acl(), self.create_flags(op))
        return op, body + z.i64(self.rng.choice([100000, 1 << 40, 0])) if op == z.CREATE_TTL else body

    def quota(self) -> tuple[int, bytes]:
        """Quotas as the tools set them; text that is no quota is another matter."""
        of = "/zookeeper/quota/" + self.rng.choice(["a", "b", "a/b"])
        data = self.rng.choice([b"count=3,bytes=-1", b"count=-1,bytes=-1=;byteHardLimit=500;countHardLimit=4",
                                b"count=-1,bytes=40,countHardLimit=2", b"count=1,bytes=1"])
        step = self.rng.random()
        if step < 0.3:
            return z.CREATE, z.create(of)
        if step < 0.6:
            return z.CREATE, z.create(of + "/zookeeper_limits", data)
        if step < 0.75:
            return z.CREATE, z.create(of + "/zookeeper_stats", b"count=0,bytes=0")
        if step < 0.85:
            return z.SET_DATA, z.set_data(of + "/zookeeper_limits", data)
        if step < 0.9:
            return z.DELETE, z.delete(of + self.rng.choice(["/zookeeper_limits", "/zookeeper_stats"]))
        return z.GET_DATA, z.path_watch(of + self.rng.choice(["/zookeeper_limits", "/zookeeper_stats"]), self.rng.random() < 0.3)

    def read(self) -> tuple[int, bytes]:
        if self.rng.random() < 0.1:
            return self.multi_read()
        op = self.rng.choice([z.EXISTS, z.GET_DATA, z.GET_CHILDREN, z.GET_CHILDREN2, z.GET_ACL, z.SYNC,
                              z.GET_EPHEMERALS, z.GET_ALL_CHILDREN_NUMBER])
        if op in (z.GET_ACL, z.SYNC, z.GET_EPHEMERALS, z.GET_ALL_CHILDREN_NUMBER):
            return op, z.just_path(self.path())
        return op, z.path_watch(self.path(), self.rng.random() < 0.4)

    def multi(self) -> tuple[int, bytes]:
        ops = [self.write() if self.rng.random() < 0.85 else (z.CHECK, z.check(self.path(), self.version()))
               for _ in range(self.rng.randrange(5))]
        return z.MULTI, z.multi(*ops)

    def multi_read(self) -> tuple[int, bytes]:
        # No getChildren: the order in its results is not specified, and here it would not be sorted.
        return z.MULTI_READ, z.multi(*((z.GET_DATA, z.path_watch(self.path())) for _ in range(self.rng.randrange(4))))

    def watching(self) -> tuple[int, bytes]:
        op = self.rng.choice([z.ADD_WATCH, z.ADD_WATCH, z.CHECK_WATCHES, z.REMOVE_WATCHES])
        return op, z.path_int(self.path(), self.rng.randrange(3) if op == z.ADD_WATCH else self.rng.randrange(7))

    def request(self) -> tuple[int, bytes]:
        kind = self.rng.random()
        if kind < 0.45:
            return self.write()
        if kind < 0.75:
            return self.read()
        if kind < 0.85:
            return self.multi()
        if kind < 0.93:
            return self.watching()
        if kind < 0.95:
            return self.quota()
        if kind < 0.975:
            return z.SET_ACL, z.set_acl(self.path(), self.acl(), self.version())
        op, body = self.write()
        return op, body[:self.rng.randrange(len(body))]
