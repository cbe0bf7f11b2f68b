"""Makes the output of two servers comparable: masks the bytes that must differ and keeps all others.

Wall-clock times, session ids and session passwords are replaced by placeholders; children, whose order
ZooKeeper does not specify, are sorted. Everything else stays unchanged.
"""

from __future__ import annotations

import difflib
import re
import struct
import time

import rawzk

# A long in a reply counts as a time if it is within this many ms of now; no other field has such values.
TIME_WINDOW_MS = 3_600_000


def difference(expected: str, actual: str, expected_name: str = "apache", actual_name: str = "quoll") -> str:
    """A unified diff, empty when both are equal."""
    lines = difflib.unified_diff(expected.splitlines(), actual.splitlines(), expected_name, actual_name, lineterm="", n=2)
    return "\n".join(lines)


def assert_same(expected: str, actual: str, other_kind: str):
    diff = difference(expected, actual, "apache", other_kind)
    assert not diff, "transcripts differ\n" + diff


# ---------------------------------------------------------------- bytes

class Masker:
    """Turns the bytes of a reply into text, with placeholders for what may differ."""

    def __init__(self):
        self.marks: dict[bytes, str] = {}

    def know_session(self, name: str, session_id: int, password: bytes):
        self.marks[rawzk.i64(session_id)] = f"<id {name}>"
        # The password is a function of the id: the text only says whether it is the right one.
        right = password == rawzk.session_password(session_id)
        self.marks[password] = f"<password {name}>" if right else f"<wrong password {name}>"

    def text(self, data: bytes) -> str:
        now = int(time.time() * 1000)
        out, at = [], 0
        while at < len(data):
            mark = next((k for k in self.marks if data.startswith(k, at)), None)
            if mark:
                out.append(self.marks[mark])
                at += len(mark)
                continue
            if at + 8 <= len(data) and abs(struct.unpack_from(">q", data, at)[0] - now) < TIME_WINDOW_MS:
                out.append("<time>")
                at += 8
                continue
            byte = data[at]
            out.append(chr(byte) if 0x20 < byte < 0x7F and byte not in b"\\<>" else f"\\{byte:02x}")
            at += 1
        return "".join(out)


def sorted_lists(op: int, body: bytes) -> bytes:
    """The body of a successful reply, with lists of unspecified order sorted."""
    try:
        if op in (rawzk.GET_CHILDREN, rawzk.GET_CHILDREN2, rawzk.GET_EPHEMERALS):
            r = rawzk.Reader(body)
            items = sorted(r.buf() for _ in range(r.i32()))
            return rawzk.vector(items, rawzk.buf) + r.rest()
        if op == rawzk.WHO_AM_I:
            r = rawzk.Reader(body)
            items = sorted((r.buf(), r.buf()) for _ in range(r.i32()))
            return rawzk.vector(items, lambda i: rawzk.buf(i[0]) + rawzk.buf(i[1])) + r.rest()
    except (EOFError, TypeError):
        pass  # not a well-formed list: compare it unchanged
    return body


# ---------------------------------------------------------------- text

_TIME_MS = re.compile(r"\b1[789]\d{11}\b")
# A session id of server 1 (or of a standalone server) in hex.
_SESSION = re.compile(r"\b(?:0x)?1[0-9a-f]{14}\b")
_DATE = re.compile(r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{2} +\d+ \d\d:\d\d:\d\d (?:[A-Z]{2,5}(?:[+-]\d+)? )?\d{4}")


def mask_text(text: str, ports: dict[int, str] | None = None) -> str:
    """Masks dates, times in ms, session ids in hex, and the given ports in a program's output."""
    text = _DATE.sub("<date>", text)
    text = _TIME_MS.sub("<ms>", text)
    text = _SESSION.sub("<session>", text)
    for port, name in (ports or {}).items():
        text = re.sub(rf"\b{port}\b", name, text)
    return text


def sort_identities(text: str) -> str:
    """Sorts zkCli's list of a connection's identities, which comes in the order of a hash table."""
    return re.sub(r"(?<=Auth scheme: User\n)(?:\w+: .*\n)+", lambda ids: "".join(sorted(ids.group().splitlines(True))), text)


def sort_ephemerals(text: str) -> str:
    """Sorts zkCli's list of a session's ephemerals, which comes in the order of a hash table."""
    return re.sub(r"\[(/[^\]\n]*)\]", lambda paths: "[" + ", ".join(sorted(paths.group(1).split(", "))) + "]", text)
