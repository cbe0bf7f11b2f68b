"""The whole tree as a client with all permissions sees it, and the same with times and session ids masked."""

from __future__ import annotations

import struct

import paths  # noqa: F401
import rawzk as z
import replies
import treedump

AT_ONCE = 50
ASKED = ((z.GET_DATA, z.path_watch), (z.GET_ACL, z.just_path), (z.GET_CHILDREN2, z.path_watch))


class Exact:
    """Masks nothing."""

    def time(self, zxid, ms):
        return ms

    def owner(self, session):
        return session


def walk(wire, name: str = "<walk>", masks: replies.Masks | None = None) -> dict[bytes, dict]:
    """Reads the whole tree, by path, in a new session; `wire` is a new connection."""
    frame = z.connect_request(timeout=600_000)
    wire.send(z.i32(len(frame)) + frame)
    replies.connected(wire.frame(), masks or replies.Masks(), name)
    _ask(wire, [(z.AUTH, z.auth("digest", treedump.SUPER_CREDENTIAL.encode()))])
    nodes: dict[bytes, dict] = {}
    todo = [b"/"]
    while todo:
        now, todo = todo[:AT_ONCE], todo[AT_ONCE:]
        answers = _ask(wire, [(op, body(path)) for path in now for op, body in ASKED])
        for n, path in enumerate(now):
            data, acl, children = answers[3 * n:3 * n + 3]
            names = sorted(children.get("list") or [])
            nodes[path] = {"err": [a["err"] for a in (data, acl, children)], "data": data.get("data"), "acl": acl.get("acl"),
                           **(data.get("stat") or {}), "children": names}
            todo += [path.rstrip(b"/") + b"/" + name for name in names]
    _ask(wire, [(z.CLOSE_SESSION, b"")])
    wire.close()
    return nodes


def _ask(wire, requests) -> list[dict]:
    for op, body in requests:
        wire.send(z.i32(len(body) + 8) + struct.pack(">ii", z.XID_AUTH if op == z.AUTH else 1, op) + body)
    return [replies.reply(op, wire.frame(), Exact()) for op, _ in requests]


def masked(nodes: dict[bytes, dict], masks: replies.Masks) -> list[dict]:
    out = []
    for path, node in sorted(nodes.items()):
        out.append({"what": "node", "path": path} | node)
        if "czxid" in node:
            out[-1] |= {"ctime": masks.time(node["czxid"], node["ctime"]), "mtime": masks.time(node["mzxid"], node["mtime"]),
                        "ephemeralOwner": masks.owner(node["ephemeralOwner"])}
    return out
