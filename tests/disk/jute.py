"""The record encoding of ZooKeeper, as used on the wire and in files.

Strings stay bytes: these tests also compare what a server does with names that are not valid UTF-8.
"""

from __future__ import annotations

import struct
from typing import NamedTuple


class Acl(NamedTuple):
    perms: int
    scheme: bytes
    id: bytes


class StatPersisted(NamedTuple):
    """The part of a node's statistics that a snapshot stores."""
    czxid: int
    mzxid: int
    ctime: int
    mtime: int
    version: int
    cversion: int
    aversion: int
    ephemeralOwner: int
    pzxid: int


class Stat(NamedTuple):
    """The statistics as a client sees them."""
    czxid: int
    mzxid: int
    ctime: int
    mtime: int
    version: int
    cversion: int
    aversion: int
    ephemeralOwner: int
    dataLength: int
    numChildren: int
    pzxid: int


class Truncated(Exception):
    """A record needs more bytes than there are."""


class Writer:
    def __init__(self):
        self.parts: list[bytes] = []

    def _pack(self, form: str, value) -> "Writer":
        self.parts.append(struct.pack(form, value))
        return self

    def int(self, value: int) -> "Writer":
        return self._pack(">i", value)

    def long(self, value: int) -> "Writer":
        return self._pack(">q", value)

    def bool(self, value: bool) -> "Writer":
        return self._pack(">?", value)

    def buffer(self, value: bytes | None) -> "Writer":
        if value is None:
            return self.int(-1)
        self.int(len(value))
        self.parts.append(value)
        return self

    def text(self, value: str | bytes) -> "Writer":
        return self.buffer(value.encode() if isinstance(value, str) else value)

    def acl(self, value: list[Acl]) -> "Writer":
        self.int(len(value))
        for one in value:
            self.int(one.perms).text(one.scheme).text(one.id)
        return self

    def done(self) -> bytes:
        return b"".join(self.parts)


class Reader:
    def __init__(self, data: bytes, at: int = 0):
        self.data = data
        self.at = at

    def remaining(self) -> int:
        return len(self.data) - self.at

    def take(self, count: int) -> bytes:
        if count < 0 or count > self.remaining():
            raise Truncated(f"{count} bytes wanted at {self.at}, {self.remaining()} left")
        piece = self.data[self.at:self.at + count]
        self.at += count
        return piece

    def _unpack(self, form: str, size: int):
        return struct.unpack(form, self.take(size))[0]

    def int(self) -> int:
        return self._unpack(">i", 4)

    def long(self) -> int:
        return self._unpack(">q", 8)

    def bool(self) -> bool:
        return self._unpack(">?", 1)

    def buffer(self) -> bytes | None:
        length = self.int()
        return None if length == -1 else self.take(length)

    def vector(self, one) -> list | None:
        count = self.int()
        return None if count == -1 else [one() for _ in range(count)]

    def one_acl(self) -> Acl:
        return Acl(self.int(), self.buffer(), self.buffer())

    def acl(self) -> list[Acl] | None:
        return self.vector(self.one_acl)

    def stat(self) -> Stat:
        return Stat(*struct.unpack(">qqqqiiiqiiq", self.take(68)))

    def stat_persisted(self) -> StatPersisted:
        return StatPersisted(*struct.unpack(">qqqqiiiqq", self.take(60)))
