"""A writing client that records what it sent and what was acknowledged, across any number of kills."""

from __future__ import annotations

import threading
import time

import rawclient as zk
from jute import Writer
from rawclient import ConnectionLost, RawClient, SessionRefused

KEYS = 4
ALIVE_AT_MOST = 30
SESSION_MS = 40_000
RECONNECT_DEADLINE = 60
# Apache's server may never answer a connection that was opened while it starts.
HANDSHAKE_TIMEOUT = 2


class Broken(AssertionError):
    """A guarantee that the server broke."""


class SessionIds:
    """All session ids of this run."""

    def __init__(self):
        self._lock = threading.Lock()
        self._seen: set[int] = set()

    def add(self, session_id: int):
        with self._lock:
            if session_id in self._seen:
                raise Broken(f"session id 0x{session_id:x} was used twice")
            self._seen.add(session_id)

    def __len__(self):
        return len(self._seen)


class KillWriter:
    """Writes in small pipelined batches, so that a kill always finds requests in progress.

    Only this client writes below its own node, so its records determine what must be there.
    """

    def __init__(self, port: int, number: int, ids: SessionIds):
        self.port, self.number, self.ids = port, number, ids
        self.root = f"/w{number}"
        self.ephemeral = f"/ephemerals/w{number}"
        self.sent = [0] * KEYS          # highest value sent, by key
        self.acked = [0] * KEYS         # highest value acknowledged, by key
        self.created: set[bytes] = set()        # acknowledged creates without an acknowledged delete
        self._alive: list[bytes] = []           # those for which no delete was sent
        self.delete_sent: set[bytes] = set()
        self.deleted: set[bytes] = set()        # acknowledged deletes
        self.last_sequence = -1
        self.acks = 0
        self.reconnects = 0
        self.failure: BaseException | None = None
        self._turn = 0
        self._stop = threading.Event()
        self._give_up = threading.Event()
        self.client = self._connect(None)
        self._set_up()
        self.thread = threading.Thread(target=self._run, name=self.root)

    # -- start and end

    def start(self):
        self.thread.start()

    def end(self, give_up: bool = False):
        """Stops writing; waits until it is connected, unless `give_up` is set."""
        if give_up:
            self._give_up.set()
        self._stop.set()
        self.thread.join(RECONNECT_DEADLINE + 30)

    def _set_up(self):
        self.client.create(self.root)
        self.client.create(self.root + "/made")
        self.client.create(self.root + "/seq")
        for key in range(KEYS):
            self.client.create(f"{self.root}/k{key}", b"0")
        self.client.create(self.ephemeral, flags=zk.EPHEMERAL)

    def _connect(self, old: RawClient | None) -> RawClient:
        deadline = time.monotonic() + RECONNECT_DEADLINE
        resume = (old.session_id, old.password, old.last_zxid) if old else (0, bytes(16), 0)
        while True:
            try:
                client = RawClient(self.port, SESSION_MS, *resume, socket_timeout=HANDSHAKE_TIMEOUT)
                client.sock.settimeout(30)
                if old is None:
                    self.ids.add(client.session_id)
                elif client.session_id != old.session_id:
                    raise Broken(f"asked for session 0x{old.session_id:x}, got 0x{client.session_id:x}")
                return client
            except SessionRefused:
                raise Broken(f"session 0x{resume[0]:x} was lost") from None
            except ConnectionLost:
                # A server whose last zxid is before the one this client saw closes the connection without an answer, always.
                if self._give_up.is_set():
                    raise
                if time.monotonic() > deadline:
                    raise Broken(f"could not reconnect within {RECONNECT_DEADLINE} s, last zxid 0x{resume[2]:x}") from None
                time.sleep(0.02)

    def _run(self):
        try:
            while not self._stop.is_set():
                try:
                    self._batch()
                except ConnectionLost:
                    self.client.drop()
                    self.client = self._connect(self.client)
                    self.reconnects += 1
                    self._short_session()
        except BaseException as problem:  # for the main thread to raise
            self.failure = problem

    def _short_session(self):
        try:
            other = RawClient(self.port, SESSION_MS, socket_timeout=HANDSHAKE_TIMEOUT)
            self.ids.add(other.session_id)
            other.close_session()
        except ConnectionLost:
            pass

    # -- writing

    def _batch(self):
        turn = self._turn = self._turn + 1
        key = turn % KEYS
        asked = [self._send_set(key), self._send_create(f"{self.root}/made/n{turn}"), self._send_sequence()]
        # Sequential nodes are deleted, too: the counter must survive its children.
        while len(self._alive) > ALIVE_AT_MOST:
            asked.append(self._send_delete(self._alive.pop(turn % len(self._alive))))
        for xid, note in asked:
            reply = self.client.receive()
            if reply.xid != xid:
                raise Broken(f"xid {reply.xid} instead of {xid}")
            note(reply)
            self.acks += 1

    def _send_set(self, key: int):
        value = self.sent[key] = self.sent[key] + 1
        xid = self.client.send(zk.SET_DATA, zk.set_body(f"{self.root}/k{key}", b"%d" % value))

        def note(reply):
            self._must_succeed(reply, f"set k{key}")
            self.acked[key] = value
        return xid, note

    def _send_create(self, path: str):
        xid = self.client.send(zk.CREATE, zk.create_body(path, b"", zk.OPEN, zk.PERSISTENT))

        def note(reply):
            self._must_succeed(reply, f"create {path}")
            self._note_created(path.encode())
        return xid, note

    def _send_sequence(self):
        xid = self.client.send(zk.CREATE, zk.create_body(self.root + "/seq/s", b"", zk.OPEN, zk.SEQUENTIAL))

        def note(reply):
            self._must_succeed(reply, "sequential create")
            path = reply.body.buffer()
            sequence = int(path[-10:])
            if sequence <= self.last_sequence:
                raise Broken(f"{path!r} after number {self.last_sequence}")
            self.last_sequence = sequence
            self._note_created(path)
        return xid, note

    def _send_delete(self, path: bytes):
        self.delete_sent.add(path)
        xid = self.client.send(zk.DELETE, Writer().text(path).int(-1).done())

        def note(reply):
            self._must_succeed(reply, f"delete {path!r}")
            self.created.discard(path)
            self.deleted.add(path)
        return xid, note

    def _note_created(self, path: bytes):
        self.created.add(path)
        self._alive.append(path)

    def _must_succeed(self, reply, what: str):
        if reply.err:
            raise Broken(f"{self.root}: {what} was answered with {reply.err}")

    # -- checking

    def notes(self) -> dict:
        return {"acked": list(self.acked), "created": set(self.created), "deleted": set(self.deleted)}

    def check(self, reader: RawClient, before: dict):
        """Checks that everything acknowledged in `before`, the earlier records, is there. Writing may continue meanwhile."""
        for key, acked in enumerate(before["acked"]):
            value = int(reader.get(f"{self.root}/k{key}")[0])
            if not acked <= value <= self.sent[key]:
                raise Broken(f"{self.root}/k{key} is {value}; acknowledged {acked}, sent {self.sent[key]}")
        there = set()
        for folder in ("made", "seq"):
            parent = f"{self.root}/{folder}"
            there |= {f"{parent}/".encode() + name for name in reader.children(parent)}
        missing = before["created"] - there - self.delete_sent
        if missing:
            raise Broken(f"{len(missing)} acknowledged creates are gone, such as {min(missing)!r}")
        undead = before["deleted"] & there
        if undead:
            raise Broken(f"{len(undead)} acknowledged deletes are undone, such as {min(undead)!r}")
        owner = reader.exists(self.ephemeral)
        if owner is None or owner.ephemeralOwner != self.client.session_id:
            raise Broken(f"{self.ephemeral} of a living session: {owner}")
