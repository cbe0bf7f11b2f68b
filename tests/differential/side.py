"""One server and all connections of a history to it: executes a step and returns what came back.

A step is executed in parts (`say` sends, `hear` receives, `wait` waits), so that two servers can work at the same time. Only one
step is executed at a time, so that the result does not depend on races between connections: the server sends events before the
reply to the request that caused them, and they are received before the next reply on their own connection.
"""

from __future__ import annotations

import re
import socket
import struct
from typing import Callable

import paths  # noqa: F401
import rawzk as z
import replies
import tree
from four_letter_shapes import shape
from harness import Server

LONG_MS, SHORT_MS = 600_000, 1_000
CONNECT_OP = 0
CONNECTED_BYTES = 37
EVENT = z.i32(z.XID_EVENT)


class Gone(Exception):
    """The server ended the connection."""


class Wire:
    """A TCP connection that is read frame by frame."""

    def __init__(self, port: int, host: str = "127.0.0.1", timeout: float = 10):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout, source_address=(host, 0))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = bytearray()

    def send(self, data: bytes):
        try:
            self.socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            pass  # frame() reports it

    def frame(self) -> bytes:
        self._fill(4)
        length = struct.unpack_from(">i", self.buffer)[0]
        self._fill(4 + length)
        taken = bytes(self.buffer[4:4 + length])
        del self.buffer[:4 + length]
        return taken

    def _fill(self, count: int):
        while len(self.buffer) < count:
            try:
                chunk = self.socket.recv(1 << 18)
            except ConnectionResetError:
                chunk = b""
            if not chunk:
                raise Gone
            self.buffer += chunk

    def close(self):
        self.socket.close()


def framed(body: bytes) -> bytes:
    return z.i32(len(body)) + body


class Slot:
    """One client of the history: a session, with or without a connection at the moment."""

    def __init__(self, name: str, host: str = "127.0.0.1", auth=()):
        self.name, self.host, self.auth = name, host, auth
        self.wire: Wire | None = None
        self.session: z.Connected | None = None
        self.lives = 0          # number of sessions it has had
        self.xid = 0
        self.last_zxid = 0


class Side:
    """In tests of this comparison, `spoil` changes a frame that the server sent."""

    def __init__(self, server: Server, slots: dict[str, dict], spoil: Callable[[int, bytes], bytes] | None = None):
        self.server, self.spoil = server, spoil
        self.masks = replies.Masks()
        self.slots = {name: Slot(name, **how) for name, how in slots.items()}
        self.closings: set[int] = set()     # zxids at which a session ended
        self.watcher: Wire | None = None    # waits for sessions to expire
        self.pending: list[tuple] = []      # what `hear` must wait for
        self.said: list[dict] = []
        self.tree: dict[bytes, dict] = {}   # at the end, nothing masked

    # -- frames

    def _frame(self, slot: Slot, op: int) -> bytes:
        data = slot.wire.frame()
        return self.spoil(op, data) if self.spoil else data

    def _gone(self, slot: Slot, what: str = "closed"):
        slot.wire.close()
        slot.wire = None
        self.said.append({"what": what, "slot": slot.name})

    def _send(self, slot: Slot, op: int, body: bytes, xid: int | None = None):
        if xid is None:
            slot.xid += 1
            xid = slot.xid
        slot.wire.send(framed(struct.pack(">ii", xid, op) + body))
        self.pending.append((slot, op, xid))

    def _hear(self, slot: Slot, op: int, xid: int):
        """Receives all frames up to the next one that is not an event."""
        if slot.wire is None:
            return
        try:
            if xid == z.XID_EVENT:
                return self._hear_like_an_event(slot, op)
            while (data := self._frame(slot, op))[:4] == EVENT:
                self._event(slot, data)
            self._reply(slot, op, data)
        except Gone:
            self._gone(slot)
        except TimeoutError:
            self._gone(slot, "no answer")

    def _hear_like_an_event(self, slot: Slot, op: int):
        """The reply to a request with xid -1 looks like an event: it is the last frame before the reply to a ping."""
        slot.wire.send(framed(struct.pack(">ii", z.XID_PING, z.PING)))
        frames = [self._frame(slot, op)]
        while frames[-1][:4] == EVENT:
            frames.append(self._frame(slot, op))
        for data in frames[:-2]:
            self._event(slot, data)
        if len(frames) > 1:
            self._reply(slot, op, frames[-2])
        self._reply(slot, z.PING, frames[-1])

    def _event(self, slot: Slot, data: bytes):
        self.said.append(replies.event(data) | {"slot": slot.name})

    def _reply(self, slot: Slot, op: int, data: bytes):
        if op == z.CREATE_SESSION and len(data) == CONNECTED_BYTES:
            return self.said.append(replies.connected(data, self.masks, slot.name)[0])
        said = replies.reply(op, data, self.masks)
        slot.last_zxid = max(slot.last_zxid, said.get("zxid", 0))
        if op == z.CLOSE_SESSION and "zxid" in said:
            self.closings.add(said["zxid"])
        self.said.append(said)

    def _ping(self, slot: Slot):
        """Sends a ping: pending events arrive before its reply."""
        slot.wire.send(framed(struct.pack(">ii", z.XID_PING, z.PING)))
        self._hear(slot, z.PING, z.XID_PING)

    def _until_gone(self, slot: Slot):
        try:
            while True:
                data = self._frame(slot, CONNECT_OP)
                self.said.append({"what": "before the end", "frame": data.hex()})
        except Gone:
            self._gone(slot)
        except TimeoutError:
            self._gone(slot, "not closed")

    # -- sessions

    def _handshake(self, slot: Slot, **request):
        slot.wire = Wire(self.server.client_port, slot.host)
        slot.wire.send(framed(z.connect_request(**request)))
        name = f"<{slot.name}{slot.lives}>"
        try:
            said, slot.session = replies.connected(slot.wire.frame(), self.masks, name)
        except (Gone, TimeoutError) as e:
            slot.session = None
            return self._gone(slot, "refused" if isinstance(e, Gone) else "no answer")
        self.said.append(said)
        if not slot.session or not slot.session.session_id:
            slot.session = None
            self._until_gone(slot)

    def _open(self, slot: Slot, timeout: int = LONG_MS):
        """Connects with the slot's session if it still exists, else with a new one."""
        if slot.wire is None and slot.session:
            self._resume(slot, slot.last_zxid, slot.session.passwd)
        if slot.wire is None:
            slot.lives += 1
            slot.xid = slot.last_zxid = 0
            self._handshake(slot, timeout=timeout)
            if slot.session:
                self._authenticate(slot)

    def _authenticate(self, slot: Slot):
        for scheme, credential in slot.auth:
            self._send(slot, z.AUTH, z.auth(scheme, credential.encode()), z.XID_AUTH)
            self._hear_all()

    def _resume(self, slot: Slot, seen: int, passwd: bytes | None):
        old = slot.session
        self._handshake(slot, timeout=LONG_MS, session_id=old.session_id, passwd=passwd, last_zxid=seen)
        if slot.session is None:
            # Refused because of a wrong password or a too high zxid: the session itself may still exist.
            slot.session = old if passwd != old.passwd or seen > slot.last_zxid else None
        else:
            self._authenticate(slot)

    def _hear_all(self):
        pending, self.pending = self.pending, []
        for slot, op, xid in pending:
            self._hear(slot, op, xid)

    def slot(self, step: dict, connected: bool = True) -> Slot:
        slot = self.slots.setdefault(step["slot"], Slot(step["slot"]))
        if connected and slot.wire is None:
            self._open(slot)
        return slot

    # -- steps

    def say(self, step: dict):
        self.said, self.pending = [], []
        getattr(self, "_say_" + step["do"])(step)

    def hear(self, step: dict):
        self._hear_all()
        after = getattr(self, "_after_" + step["do"], None)
        if after:
            after(step)

    def wait(self, step: dict) -> list[dict]:
        last = getattr(self, "_wait_" + step["do"], None)
        if last:
            last(step)
        return self.said

    def _say_request(self, step):
        slot = self.slot(step)
        if slot.wire:
            if step.get("xid") == -1:
                self._ping(slot)  # receives pending events first, because the reply will look like an event
            self._send(slot, step["op"], bytes.fromhex(step["body"]), step.get("xid"))

    def _after_request(self, step):
        slot = self.slots[step["slot"]]
        if slot.wire and step.get("ends"):
            # After some errors the server closes the connection; a ping would race with that.
            self._until_gone(slot) if self.said[-1].get("err") else self._ping(slot)

    def _say_batch(self, step):
        slot = self.slot(step)
        if slot.wire:
            for op, body in step["requests"]:
                self._send(slot, op, bytes.fromhex(body))

    def _say_set_watches(self, step):
        slot = self.slot(step)
        if slot.wire:
            seen = slot.last_zxid if step["seen"] == "last" else step["seen"]
            lists = [names if names is None else [n.encode() for n in names] for names in step["lists"]]
            self._send(slot, step["op"], z.set_watches(seen, *lists), z.XID_SET_WATCHES)

    def _say_bytes(self, step):
        slot = self.slot(step)
        if slot.wire:
            self._ping(slot)
        if slot.wire:
            slot.wire.send(bytes.fromhex(step["data"]))
            self._until_gone(slot)

    def _say_close(self, step):
        slot = self.slot(step)
        if slot.wire:
            self._send(slot, z.CLOSE_SESSION, b"")

    def _after_close(self, step):
        slot = self.slots[step["slot"]]
        if slot.wire:
            self._until_gone(slot)
        slot.session = None

    def _say_drop(self, step):
        slot = self.slot(step, connected=False)
        if slot.wire:
            self._ping(slot)
        if slot.wire:
            slot.wire.socket.shutdown(socket.SHUT_WR)
            # When the server has closed its end, it has removed the connection's watches.
            self._until_gone(slot)

    def _say_resume(self, step):
        slot = self.slot(step, connected=False)
        self._say_drop(step)
        if slot.session:
            seen = slot.last_zxid if step["seen"] == "last" else step["seen"]
            self._resume(slot, seen, slot.session.passwd if step["passwd"] == "right" else bytes.fromhex(step["passwd"]))

    def _say_move(self, step):
        slot = self.slot(step)
        if slot.wire:
            self._ping(slot)
        if slot.wire is None:
            return
        old = Slot(slot.name + " before it moved")
        old.wire, slot.wire = slot.wire, None
        self._resume(slot, slot.last_zxid, slot.session.passwd)
        self._until_gone(old)

    def _say_expire(self, step):
        slot = self.slots.setdefault("short", Slot("short"))
        slot.lives += 1
        slot.xid = slot.last_zxid = 0
        self._handshake(slot, timeout=SHORT_MS)
        if slot.wire:
            self._send(slot, z.CREATE, z.create("/short", flags=1))
            for op, body in step["requests"]:
                self._send(slot, op, bytes.fromhex(body))

    def _after_expire(self, step):
        slot = self.slots["short"]
        if slot.session is None:
            return
        if not step["open"]:
            self._say_drop({"slot": "short"})
        if self.watcher is None:
            self.watcher = Wire(self.server.client_port)
            self.watcher.send(framed(z.connect_request(timeout=LONG_MS)))
            replies.connected(self.watcher.frame(), self.masks, "<watcher>")
        self.watcher.send(framed(struct.pack(">ii", 1, z.EXISTS) + z.path_watch("/short", True)))
        self.said.append(replies.reply(z.EXISTS, self.watcher.frame(), self.masks))

    def _wait_expire(self, step):
        """Waits here, after both servers got the step."""
        slot = self.slots["short"]
        if slot.session is None:
            return
        try:
            event = replies.event(self.watcher.frame())
            self.closings.add(event["zxid"])
            self.said.append(event)
        except (Gone, TimeoutError):
            self.said.append({"what": "no expiry"})
            self.watcher.close()
            self.watcher = None
        if slot.wire:
            self._drain(slot)
        slot.session = None

    def _drain(self, slot: Slot):
        """Reads to the end of a connection whose session expired, and ignores its last events: how many still arrive is a race."""
        try:
            while True:
                slot.wire.frame()
        except Gone:
            self._gone(slot)
        except TimeoutError:
            self._gone(slot, "not closed")

    def _say_hello(self, step):
        slot = Slot("hello")
        slot.wire = Wire(self.server.client_port, timeout=2)
        slot.wire.send(bytes.fromhex(step["data"]))
        self._until_gone(slot)

    def _say_connect(self, step):
        slot = self.slots.setdefault("odd", Slot("odd"))
        slot.lives += 1
        slot.xid = 0
        request = {k: v for k, v in step.items() if k != "do"}
        if request.get("passwd") is not None:
            request["passwd"] = bytes.fromhex(request["passwd"])
        self._handshake(slot, **request)
        if slot.wire:
            self._send(slot, z.CLOSE_SESSION, b"")

    def _after_connect(self, step):
        if self.slots["odd"].wire:
            self._until_gone(self.slots["odd"])

    def _say_word(self, step):
        try:
            answer = self.server.four_letter(step["word"], timeout=5)
        except OSError as e:
            answer = f"no answer: {type(e).__name__}"
        # How much of a batch is read before its connection is closed varies even on one server.
        answer = re.sub(r"(Received|Sent): \d+", r"\1: <n>", answer)
        for number, name in self.masks.sessions.items():
            answer = re.sub(rf"\b(0x)?{number:x}\b", f"<session> {name}", answer)
        self.said.append({"what": "word", "word": step["word"], "lines": shape(
            step["word"], answer, {self.server.client_port: "<port>"}, str(self.server.workdir)).split("\n")})

    def _say_restart(self, step):
        for _, slot in sorted(self.slots.items()):
            if slot.wire:
                self._ping(slot)
        self._hear_all()
        self.server.stop() if step["how"] == "stop" else self.server.kill()
        for slot in self.slots.values():
            if slot.wire:
                slot.wire.close()
                slot.wire = None
        if self.watcher:
            self.watcher.close()
            self.watcher = None
        self.server.start(wait=False)

    def _after_restart(self, step):
        """Waits here, so that both servers start at the same time."""
        self.server.wait_serving()
        self.server.four_letter("srst")  # how often the harness queried it varies

    def _say_tree(self, step):
        self.tree = tree.walk(Wire(self.server.client_port), masks=self.masks)
        self.said += tree.masked(self.tree, self.masks)

    def settle(self) -> list[dict]:
        """Receives what is still pending on each connection."""
        self.said = []
        for _, slot in sorted(self.slots.items()):
            if slot.wire:
                self._ping(slot)
        return self.said

    def close(self):
        for slot in self.slots.values():
            if slot.wire:
                slot.wire.close()
        if self.watcher:
            self.watcher.close()
