"""Sends raw requests and records every reply as text, so that the replies of two servers can be compared."""

from __future__ import annotations

import rawzk
from harness import Server
from transcript import Masker, sorted_lists


class Scribe:
    """The transcript of one script, over any number of connections to one server."""

    def __init__(self, server: Server):
        self.server = server
        self.masker = Masker()
        self.lines: list[str] = []
        self.open_lines: list[Line] = []

    def note(self, text: str):
        self.lines.append(text)

    def line(self, name: str, host: str = "127.0.0.1") -> "Line":
        """A new TCP connection without a session."""
        line = Line(self, name, host)
        self.open_lines.append(line)
        return line

    def session(self, name: str, **connect) -> "Line":
        """A new TCP connection with a new session."""
        line = self.line(name)
        line.connect(f"connect {name}", **connect)
        return line

    def end(self) -> str:
        for line in self.open_lines:
            line.raw.close()
        return "\n".join(self.lines) + "\n"


class Line:
    """One connection; each method sends something and records what came back."""

    def __init__(self, scribe: Scribe, name: str, host: str):
        self.scribe, self.name = scribe, name
        self.raw = rawzk.Raw(scribe.server.client_port, host, timeout=6)

    @property
    def session(self) -> rawzk.Connected:
        return self.raw.session

    def _note(self, label: str, what: str):
        self.scribe.note(f"{self.name}: {label} -> {what}")

    def _text(self, data: bytes) -> str:
        return self.scribe.masker.text(data)

    def _frame(self) -> bytes | str:
        """The next frame, or a string that says what happened instead."""
        try:
            return self.raw.recv_frame()
        except rawzk.Closed:
            return "closed"
        except TimeoutError:
            return "no answer"

    def connect(self, label: str = "connect", request: bytes | None = None, **kw):
        """Sends a connect request (or the given bytes) and records the answer."""
        self.raw.send_frame(rawzk.connect_request(**kw) if request is None else request)
        self.note_connected(label)

    def note_connected(self, label: str):
        frame = self._frame()
        if isinstance(frame, str):
            return self._note(label, frame)
        try:
            self.raw.session = rawzk.Connected.parse(frame)
        except EOFError:
            return self._note(label, "cut: " + self._text(frame))
        if self.session.session_id:
            self.scribe.masker.know_session(self.name, self.session.session_id, self.session.passwd)
        self._note(label, self._text(frame))

    def say(self, label: str, op: int, body: bytes = b"", xid: int | None = None):
        """Sends a request and records its reply and the events before it."""
        try:
            xid = self.raw.send(op, body, xid)
        except (BrokenPipeError, ConnectionResetError):
            return self._note(label, "closed")
        # The reply to a request with xid -1 has xid -1, so it looks like an event.
        self.hear(label, op, event_xid=None if xid == rawzk.XID_EVENT else rawzk.XID_EVENT)

    def hear(self, label: str, op: int = 0, event_xid: int | None = rawzk.XID_EVENT):
        """Records frames up to and including the next one that is not an event."""
        while True:
            frame = self._frame()
            if isinstance(frame, str):
                return self._note(label, frame)
            try:
                reply = rawzk.Reply.parse(frame)
            except ValueError:
                return self._note(label, "short: " + self._text(frame))
            body = sorted_lists(op, reply.body) if reply.err == 0 else reply.body
            said = f"xid={reply.xid} zxid={reply.zxid:#x} err={reply.err} {self._text(body)}".rstrip()
            if reply.xid != event_xid:
                return self._note(label, said)
            self._note("event before " + label, said)

    def ping(self, label: str = "ping"):
        """Records whether the connection still works; pending events arrive before the reply."""
        self.say(label, rawzk.PING, xid=rawzk.XID_PING)

    def closes(self, label: str):
        """Records whether the server closes the connection now, and what it sends before that."""
        while not isinstance(frame := self._frame(), str):
            self._note(label, "still: " + self._text(frame))
        self._note(label, frame)

    def drains(self, label: str):
        """Records that the connection is closed, but not what comes before: what Apache's server still sends is a race."""
        while not isinstance(frame := self._frame(), str):
            pass
        self._note(label, frame)

    def bye(self, label: str = "close session"):
        """Closes the session; the events before the reply are recorded in alphabetical order.

        Other sessions may have been closed just before, and the order in which a session's nodes are deleted is not specified.
        """
        began = len(self.scribe.lines)
        self.say(label, rawzk.CLOSE_SESSION)
        *events, reply = self.scribe.lines[began:]
        self.scribe.lines[began:] = [*sorted(events), reply]
        self.closes("after " + label)
