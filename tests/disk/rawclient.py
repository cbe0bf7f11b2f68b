"""A client that sends exactly what it is told to, and returns the whole answer.

It never reconnects, pings or retries by itself, so that a test knows for every request whether it was
answered, refused, or lost with the connection.
"""

from __future__ import annotations

import socket
import struct
from typing import NamedTuple

from jute import Acl, Reader, Stat, Writer

CREATE, DELETE, EXISTS, GET_DATA, SET_DATA, GET_ACL, SET_ACL = 1, 2, 3, 4, 5, 6, 7
SYNC, PING, GET_CHILDREN2, CHECK, MULTI, CREATE2 = 9, 11, 12, 13, 14, 15
CREATE_CONTAINER, DELETE_CONTAINER, CREATE_TTL = 19, 20, 21
AUTH, GET_EPHEMERALS, CLOSE = 100, 103, -11

PERSISTENT, EPHEMERAL, SEQUENTIAL, EPHEMERAL_SEQUENTIAL, CONTAINER, TTL, TTL_SEQUENTIAL = range(7)

OPEN = [Acl(31, b"world", b"anyone")]
NO_NODE, NODE_EXISTS, BAD_VERSION = -101, -110, -103


class ZkError(Exception):
    def __init__(self, code: int, what: str = ""):
        super().__init__(f"error {code} {what}")
        self.code = code


class ConnectionLost(Exception):
    pass


class SessionRefused(Exception):
    """The server answered the handshake with an empty session."""


class Reply(NamedTuple):
    xid: int
    zxid: int
    err: int
    body: Reader


class RawClient:
    def __init__(self, port: int, timeout_ms: int = 10000, session_id: int = 0, password: bytes = bytes(16),
                 last_zxid: int = 0, socket_timeout: float = 30.0, host: str = "127.0.0.1"):
        self.xid = 0
        self.last_zxid = last_zxid
        self._buffer = b""
        try:
            self.sock = socket.create_connection((host, port), socket_timeout)
        except OSError as problem:
            raise ConnectionLost(str(problem)) from problem
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            self._handshake(timeout_ms, session_id, password)
        except BaseException:
            self.sock.close()
            raise

    def _handshake(self, timeout_ms: int, session_id: int, password: bytes):
        self.send_frame(Writer().int(0).long(self.last_zxid).int(timeout_ms).long(session_id)
                        .buffer(password).bool(False).done())
        answer = Reader(self.receive_frame())
        answer.int()
        self.timeout_ms = answer.int()
        self.session_id = answer.long()
        self.password = answer.buffer()
        if self.timeout_ms <= 0:
            raise SessionRefused(f"session 0x{session_id:x}")

    # -- frames

    def send_frame(self, payload: bytes):
        try:
            self.sock.sendall(struct.pack(">i", len(payload)) + payload)
        except OSError as problem:
            raise ConnectionLost(str(problem)) from problem

    def _receive(self, count: int) -> bytes:
        while len(self._buffer) < count:
            try:
                chunk = self.sock.recv(65536)
            except OSError as problem:
                raise ConnectionLost(str(problem)) from problem
            if not chunk:
                raise ConnectionLost("closed by the server")
            self._buffer += chunk
        piece, self._buffer = self._buffer[:count], self._buffer[count:]
        return piece

    def receive_frame(self) -> bytes:
        return self._receive(struct.unpack(">i", self._receive(4))[0])

    # -- requests

    def send(self, op: int, body: bytes = b"", xid: int | None = None) -> int:
        if xid is None:
            self.xid += 1
            xid = self.xid
        self.send_frame(struct.pack(">ii", xid, op) + body)
        return xid

    def receive(self) -> Reply:
        """The next reply; watch events are skipped."""
        while True:
            reader = Reader(self.receive_frame())
            reply = Reply(reader.int(), reader.long(), reader.int(), reader)
            if reply.xid == -1:
                continue
            if reply.zxid > 0:
                self.last_zxid = reply.zxid
            return reply

    def ask(self, op: int, body: bytes = b"", xid: int | None = None) -> Reply:
        sent = self.send(op, body, xid)
        reply = self.receive()
        if reply.xid != sent:
            raise AssertionError(f"reply to xid {reply.xid} instead of {sent}")
        return reply

    def must(self, op: int, body: bytes = b"", what: str = "") -> Reader:
        reply = self.ask(op, body)
        if reply.err:
            raise ZkError(reply.err, what)
        return reply.body

    # -- operations

    def add_auth(self, scheme: str, credential: str):
        reply = self.ask(AUTH, Writer().int(0).text(scheme).text(credential).done(), xid=-4)
        if reply.err:
            raise ZkError(reply.err, "auth")

    def create(self, path, data: bytes | None = b"", acl=OPEN, flags: int = PERSISTENT) -> bytes:
        return self.must(CREATE, create_body(path, data, acl, flags), f"create {path}").buffer()

    def create_container(self, path, data: bytes | None = b"", acl=OPEN) -> bytes:
        return self.must(CREATE_CONTAINER, create_body(path, data, acl, CONTAINER), f"container {path}").buffer()

    def create_ttl(self, path, data: bytes | None, ttl_ms: int, acl=OPEN, flags: int = TTL) -> bytes:
        body = create_body(path, data, acl, flags) + struct.pack(">q", ttl_ms)
        return self.must(CREATE_TTL, body, f"ttl {path}").buffer()

    def delete(self, path, version: int = -1):
        self.must(DELETE, Writer().text(path).int(version).done(), f"delete {path}")

    def set(self, path, data: bytes | None, version: int = -1) -> Stat:
        return self.must(SET_DATA, Writer().text(path).buffer(data).int(version).done(), f"set {path}").stat()

    def get(self, path) -> tuple[bytes | None, Stat]:
        body = self.must(GET_DATA, Writer().text(path).bool(False).done(), f"get {path}")
        return body.buffer(), body.stat()

    def exists(self, path) -> Stat | None:
        reply = self.ask(EXISTS, Writer().text(path).bool(False).done())
        if reply.err == NO_NODE:
            return None
        if reply.err:
            raise ZkError(reply.err, f"exists {path}")
        return reply.body.stat()

    def children(self, path) -> list[bytes]:
        body = self.must(GET_CHILDREN2, Writer().text(path).bool(False).done(), f"children of {path}")
        return body.vector(body.buffer)

    def get_acl(self, path) -> list[Acl]:
        return self.must(GET_ACL, Writer().text(path).done(), f"acl of {path}").acl()

    def set_acl(self, path, acl: list[Acl], version: int = -1) -> Stat:
        return self.must(SET_ACL, Writer().text(path).acl(acl).int(version).done(), f"setACL {path}").stat()

    def ephemerals(self, prefix="/") -> list[bytes]:
        body = self.must(GET_EPHEMERALS, Writer().text(prefix).done(), "ephemerals")
        return body.vector(body.buffer)

    def sync(self, path="/"):
        self.must(SYNC, Writer().text(path).done(), "sync")

    def ping(self):
        return self.ask(PING, xid=-2)

    def multi(self, ops: list[tuple[int, bytes]]) -> list[int]:
        """Sends (opcode, body) pairs as one transaction; returns the error code of each part."""
        payload = b"".join(struct.pack(">i?i", op, False, -1) + body for op, body in ops)
        return multi_errors(self.must(MULTI, payload + struct.pack(">i?i", -1, True, -1), "multi"))

    # -- the end

    def close_session(self):
        """Closes the session on the server, too."""
        try:
            self.ask(CLOSE)
        finally:
            self.drop()

    def drop(self):
        """Closes only the connection; the session exists until it expires."""
        self.sock.close()


def create_body(path, data, acl, flags) -> bytes:
    return Writer().text(path).buffer(data).acl(acl).int(flags).done()


def set_body(path, data) -> bytes:
    return Writer().text(path).buffer(data).int(-1).done()


def delete_body(path) -> bytes:
    return Writer().text(path).int(-1).done()


def multi_errors(body: Reader) -> list[int]:
    errors = []
    while True:
        kind, done, err = body.int(), body.bool(), body.int()
        if done:
            return errors
        if kind == -1:
            errors.append(body.int())
            continue
        errors.append(err)
        if kind == CREATE:
            body.buffer()
        elif kind == CREATE2:
            body.buffer()
            body.stat()
        elif kind == SET_DATA:
            body.stat()
