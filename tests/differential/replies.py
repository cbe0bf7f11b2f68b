"""Turns what a server sends into named fields, so that two servers are compared field by field.

Only three things are masked: a time (by the zxid of its change), a session's id (by the session's name), and a
password (by whether it is the right one for its id). The masks are consistent: one zxid has one time.
"""

from __future__ import annotations

import struct
import time

import paths  # noqa: F401
import rawzk as z

NAMES = {v: k for k, v in vars(z).items() if k.isupper() and isinstance(v, int) and not k.startswith("XID")
         and k not in ("PERSISTENT", "EPHEMERAL", "SEQUENTIAL", "EPHEMERAL_SEQUENTIAL", "CONTAINER", "TTL", "SEQUENTIAL_TTL")}


def op_name(op: int) -> str:
    first, *rest = NAMES.get(op, f"op {op}").lower().split("_")
    return first + "".join(w.upper() if w == "acl" else w.capitalize() for w in rest)


class Masks:
    """The meaning of one server's times and ids."""

    def __init__(self):
        self.began_ms = int(time.time() * 1000) - 60_000
        self.times: dict[int, int] = {}         # zxid -> the time of its transaction
        self.sessions: dict[int, str] = {}      # id -> name

    def time(self, zxid: int, ms: int) -> str | int:
        if not self.began_ms < ms < self.began_ms + 86_400_000:
            return ms
        return "<time>" if self.times.setdefault(zxid, ms) == ms else f"<not the time of {zxid:#x}>"

    def owner(self, session: int) -> str | int:
        return self.sessions.get(session, session)


def stat(raw: bytes, masks: Masks) -> dict:
    if len(raw) != 68:
        raise EOFError
    s = dict(zip(z.STAT_FIELDS, struct.unpack(">qqqqiiiqiiq", raw)))
    s["ctime"], s["mtime"] = masks.time(s["czxid"], s["ctime"]), masks.time(s["mzxid"], s["mtime"])
    s["ephemeralOwner"] = masks.owner(s["ephemeralOwner"])
    return s


def _vector(r: z.Reader, one):
    count = r.i32()
    return None if count < 0 else [one() for _ in range(count)]


def _acl(r: z.Reader):
    return _vector(r, lambda: (r.i32(), r.buf(), r.buf()))


def _multi(r: z.Reader, masks: Masks) -> list:
    parts = []
    while True:
        kind, done, err = r.i32(), r.take(1), r.i32()
        if done != b"\0":
            return [*parts, ("end", kind, done, err)]
        if kind == -1:
            parts.append(("error", err, r.i32()))
        elif kind == z.DELETE or kind == z.CHECK:
            parts.append((op_name(kind), err))
        else:
            parts.append((op_name(kind), err, *_fields(kind, r, masks).values()))


def _fields(op: int, r: z.Reader, masks: Masks) -> dict:
    if op in (z.CREATE, z.SYNC):
        return {"path": r.buf()}
    if op in (z.CREATE2, z.CREATE_CONTAINER, z.CREATE_TTL):
        return {"path": r.buf(), "stat": stat(r.take(68), masks)}
    if op in (z.EXISTS, z.SET_DATA, z.SET_ACL):
        return {"stat": stat(r.take(68), masks)}
    if op == z.GET_DATA or op == z.RECONFIG:
        return {"data": r.buf(), "stat": stat(r.take(68), masks)}
    if op == z.GET_ACL:
        return {"acl": _acl(r), "stat": stat(r.take(68), masks)}
    if op in (z.GET_CHILDREN, z.GET_EPHEMERALS):
        return {"list": _vector(r, r.buf)}
    if op == z.GET_CHILDREN2:
        return {"list": _vector(r, r.buf), "stat": stat(r.take(68), masks)}
    if op == z.WHO_AM_I:
        return {"list": _vector(r, lambda: (r.buf(), r.buf()))}
    if op == z.GET_ALL_CHILDREN_NUMBER:
        return {"number": r.i32()}
    if op == z.ADD_WATCH:
        return {"error": r.i32()}
    if op == z.SASL:
        return {"token": r.buf()}
    if op in (z.MULTI, z.MULTI_READ):
        return {"parts": _multi(r, masks)}
    return {}


def reply(op: int, frame: bytes, masks: Masks) -> dict:
    """A reply's header and fields; `rest` has the bytes after the last field."""
    if len(frame) < 16:
        return {"what": "short", "rest": frame}
    xid, zxid, err = struct.unpack_from(">iqi", frame)
    said = {"what": "reply", "op": op, "xid": xid, "zxid": zxid, "err": err}
    body = frame[16:]
    if err == 0:
        r = z.Reader(body)
        try:
            said |= _fields(op, r, masks)
            body = r.rest()
        except (EOFError, struct.error):
            pass
    return said | {"rest": body}


def event(frame: bytes) -> dict:
    r = z.Reader(frame)
    try:
        return {"what": "event", "xid": r.i32(), "zxid": r.i64(), "err": r.i32(), "type": r.i32(), "state": r.i32(),
                "path": r.buf(), "rest": r.rest()}
    except EOFError:
        return {"what": "short event", "rest": frame}


def connected(frame: bytes, masks: Masks, name: str) -> tuple[dict, z.Connected | None]:
    """The answer to a connect request; from now on a new session's id is shown as `name`."""
    try:
        c = z.Connected.parse(frame)
    except (EOFError, struct.error):
        return {"what": "short", "rest": frame}, None
    passwd = c.passwd
    if c.session_id:
        masks.sessions.setdefault(c.session_id, name)
        passwd = "<right>" if passwd == z.session_password(c.session_id) else b"<wrong> " + (passwd or b"")
    said = {"what": "connected", "protocol": c.protocol, "timeout": c.timeout, "session": masks.owner(c.session_id),
            "passwd": passwd, "rest": c.tail}
    return said, c
