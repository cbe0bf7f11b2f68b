"""ZooKeeper's client protocol, encoded and decoded by hand.

For tests of the bytes themselves: it can send what no client library sends, and returns each reply
undecoded. It shares no code with the servers under test.
"""

from __future__ import annotations

import socket
import struct
from dataclasses import dataclass

# Operations by number.
CREATE, DELETE, EXISTS, GET_DATA, SET_DATA, GET_ACL, SET_ACL, GET_CHILDREN, SYNC, PING = 1, 2, 3, 4, 5, 6, 7, 8, 9, 11
GET_CHILDREN2, CHECK, MULTI, CREATE2, RECONFIG, CHECK_WATCHES, REMOVE_WATCHES = 12, 13, 14, 15, 16, 17, 18
CREATE_CONTAINER, DELETE_CONTAINER, CREATE_TTL, MULTI_READ = 19, 20, 21, 22
AUTH, SET_WATCHES, SASL, GET_EPHEMERALS, GET_ALL_CHILDREN_NUMBER = 100, 101, 102, 103, 104
SET_WATCHES2, ADD_WATCH, WHO_AM_I = 105, 106, 107
CREATE_SESSION, CLOSE_SESSION = -10, -11

XID_EVENT, XID_PING, XID_AUTH, XID_SET_WATCHES = -1, -2, -4, -8

PERSISTENT, EPHEMERAL, SEQUENTIAL, EPHEMERAL_SEQUENTIAL, CONTAINER, TTL, SEQUENTIAL_TTL = range(7)
OPEN = [(31, "world", "anyone")]


# ---------------------------------------------------------------- encoding

def i32(value: int) -> bytes:
    return struct.pack(">i", value)


def i64(value: int) -> bytes:
    return struct.pack(">q", value)


def flag(value: bool) -> bytes:
    return b"\1" if value else b"\0"


def buf(value: bytes | None) -> bytes:
    return i32(-1) if value is None else i32(len(value)) + value


def text(value: str | bytes | None) -> bytes:
    return buf(value.encode() if isinstance(value, str) else value)


def vector(items, encode) -> bytes:
    return i32(-1) if items is None else i32(len(items)) + b"".join(encode(i) for i in items)


def acls(entries) -> bytes:
    return vector(entries, lambda a: i32(a[0]) + text(a[1]) + text(a[2]))


# ---------------------------------------------------------------- request bodies

def create(path, data=b"", acl=OPEN, flags=PERSISTENT) -> bytes:
    return text(path) + buf(data) + acls(acl) + i32(flags)


def create_ttl(path, ttl, data=b"", acl=OPEN, flags=TTL) -> bytes:
    return create(path, data, acl, flags) + i64(ttl)


def delete(path, version=-1) -> bytes:
    return text(path) + i32(version)


def path_watch(path, watch=False) -> bytes:
    """exists, getData, getChildren and getChildren2."""
    return text(path) + flag(watch)


def set_data(path, data=b"", version=-1) -> bytes:
    return text(path) + buf(data) + i32(version)


def set_acl(path, acl=OPEN, version=-1) -> bytes:
    return text(path) + acls(acl) + i32(version)


def check(path, version=-1) -> bytes:
    return text(path) + i32(version)


def just_path(path) -> bytes:
    """getACL, sync, getEphemerals, getAllChildrenNumber and deleteContainer."""
    return text(path)


def path_int(path, number) -> bytes:
    """addWatch (mode), checkWatches and removeWatches (watcher type)."""
    return text(path) + i32(number)


def auth(scheme, data, kind=0) -> bytes:
    return i32(kind) + text(scheme) + buf(data)


def set_watches(relative_zxid, *path_lists) -> bytes:
    """data, exist, child; and persistent, persistentRecursive for setWatches2."""
    return i64(relative_zxid) + b"".join(vector(paths, text) for paths in path_lists)


def reconfig(joining=None, leaving=None, members=None, config_id=-1) -> bytes:
    return text(joining) + text(leaving) + text(members) + i64(config_id)


def multi(*ops: tuple[int, bytes]) -> bytes:
    """multi and multiRead, from (operation, body) pairs."""
    return b"".join(i32(op) + flag(False) + i32(-1) + body for op, body in ops) + i32(-1) + flag(True) + i32(-1)


def connect_request(timeout=30000, session_id=0, passwd: bytes | None = bytes(16), last_zxid=0,
                    read_only: bool | None = False, protocol=0) -> bytes:
    """With `read_only` None the byte is left out, as by clients up to 3.3."""
    body = i32(protocol) + i64(last_zxid) + i32(timeout) + i64(session_id) + buf(passwd)
    return body if read_only is None else body + flag(read_only)


# ---------------------------------------------------------------- decoding

class Reader:
    """Reads fields from the front of some bytes."""

    def __init__(self, data: bytes):
        self.data, self.at = data, 0

    def take(self, count: int) -> bytes:
        if self.at + count > len(self.data):
            raise EOFError(f"needs {count} bytes at {self.at} of {len(self.data)}")
        self.at += count
        return self.data[self.at - count:self.at]

    def i32(self) -> int:
        return struct.unpack(">i", self.take(4))[0]

    def i64(self) -> int:
        return struct.unpack(">q", self.take(8))[0]

    def buf(self) -> bytes | None:
        length = self.i32()
        return None if length < 0 else self.take(length)

    def text(self) -> str | None:
        raw = self.buf()
        return None if raw is None else raw.decode("utf-8", "replace")

    def rest(self) -> bytes:
        return self.take(len(self.data) - self.at)

    def stat(self) -> dict:
        return dict(zip(STAT_FIELDS, struct.unpack(">qqqqiiiqiiq", self.take(68))))


STAT_FIELDS = ("czxid", "mzxid", "ctime", "mtime", "version", "cversion", "aversion", "ephemeralOwner", "dataLength",
               "numChildren", "pzxid")


@dataclass
class Reply:
    raw: bytes          # the frame without its length
    xid: int
    zxid: int
    err: int
    body: bytes

    @classmethod
    def parse(cls, frame: bytes) -> "Reply":
        if len(frame) < 16:
            raise ValueError(f"a reply of {len(frame)} bytes: {frame.hex()}")
        xid, zxid, err = struct.unpack(">iqi", frame[:16])
        return cls(frame, xid, zxid, err, frame[16:])

    def reader(self) -> Reader:
        return Reader(self.body)


@dataclass
class Connected:
    raw: bytes
    protocol: int
    timeout: int
    session_id: int
    passwd: bytes
    tail: bytes         # the readOnly byte, or nothing

    @classmethod
    def parse(cls, frame: bytes) -> "Connected":
        r = Reader(frame)
        return cls(frame, r.i32(), r.i32(), r.i64(), r.buf(), r.rest())


class Closed(ConnectionError):
    """The server closed the connection."""


class Raw:
    """One TCP connection to a server."""

    def __init__(self, port: int, host: str = "127.0.0.1", timeout: float = 10):
        try:
            self.socket = socket.create_connection((host, port), timeout)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except (BrokenPipeError, ConnectionResetError):
            # The server closed the connection before connect() returned; the next receive reports it.
            self.socket, other = socket.socketpair()
            other.close()
        self.session: Connected | None = None
        self.xid = 0

    # -- bytes

    def send_bytes(self, data: bytes):
        try:
            self.socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            pass  # the server has closed the connection; the next receive reports it

    def send_frame(self, body: bytes):
        self.send_bytes(i32(len(body)) + body)

    def _take(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            try:
                chunk = self.socket.recv(count - len(data))
            except ConnectionResetError:
                chunk = b""
            if not chunk:
                raise Closed(f"closed after {len(data)} of {count} bytes")
            data += chunk
        return data

    def recv_frame(self) -> bytes:
        """The next frame without its length; raises Closed at the end, TimeoutError if nothing comes."""
        length = struct.unpack(">i", self._take(4))[0]
        return self._take(length)

    # -- the protocol

    def connect(self, **kw) -> Connected:
        """Opens or resumes a session; arguments as in connect_request()."""
        self.send_frame(connect_request(**kw))
        self.session = Connected.parse(self.recv_frame())
        return self.session

    def send(self, op: int, body: bytes = b"", xid: int | None = None) -> int:
        if xid is None:
            self.xid += 1
            xid = self.xid
        self.send_frame(i32(xid) + i32(op) + body)
        return xid

    def recv(self) -> Reply:
        return Reply.parse(self.recv_frame())

    def call(self, op: int, body: bytes = b"", xid: int | None = None) -> tuple[Reply, list[Reply]]:
        """Sends a request; returns its reply and the events that came before it."""
        self.send(op, body, xid)
        events = []
        while (reply := self.recv()).xid == XID_EVENT and xid != XID_EVENT:
            events.append(reply)
        return reply, events

    def close_session(self) -> Reply:
        reply, _ = self.call(CLOSE_SESSION)
        self.close()
        return reply

    def close(self):
        self.socket.close()

    def __enter__(self) -> "Raw":
        return self

    def __exit__(self, *_):
        self.close()


# ---------------------------------------------------------------- session passwords

def session_password(session_id: int) -> bytes:
    """The session's password: every ZooKeeper server computes it from the id, so that each can check it."""
    # java.util.Random's generator, seeded with the id XOR ZooKeeper's constant.
    seed = ((session_id ^ 0xB3415C00) ^ 0x5DEECE66D) & ((1 << 48) - 1)
    password = b""
    for _ in range(4):
        seed = (seed * 0x5DEECE66D + 0xB) & ((1 << 48) - 1)
        # nextBytes returns the bytes of each 32-bit number in little-endian order.
        password += struct.pack("<I", (seed >> 16) & 0xFFFFFFFF)
    return password
