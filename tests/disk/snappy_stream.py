"""Reads the framed Snappy stream that Java's SnappyOutputStream writes (no library needed)."""

from __future__ import annotations

import struct

MAGIC = b"\x82SNAPPY\x00"


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if not byte & 0x80:
            return value, at
        shift += 7


def decode_block(data: bytes) -> bytes:
    length, at = _varint(data, 0)
    out = bytearray()
    while at < len(data):
        tag = data[at]
        at += 1
        kind = tag & 3
        if kind == 0:  # a literal; lengths from 60 up are in the next 1 to 4 bytes
            size = tag >> 2
            if size >= 60:
                extra = size - 59
                size = int.from_bytes(data[at:at + extra], "little")
                at += extra
            size += 1
            out += data[at:at + size]
            at += size
            continue
        if kind == 1:
            size = ((tag >> 2) & 7) + 4
            offset = ((tag >> 5) << 8) | data[at]
            at += 1
        else:
            width = 2 if kind == 2 else 4
            size = (tag >> 2) + 1
            offset = int.from_bytes(data[at:at + width], "little")
            at += width
        if not 0 < offset <= len(out):
            raise ValueError("a copy refers to bytes before the start")
        for _ in range(size):  # byte by byte: a copy may overlap what it writes
            out.append(out[-offset])
    if len(out) != length:
        raise ValueError(f"{len(out)} bytes instead of {length}")
    return bytes(out)


def decode(stream: bytes) -> bytes:
    if not stream.startswith(MAGIC):
        raise ValueError("no Snappy stream")
    at, out = 16, []  # magic, version, lowest compatible version
    while at < len(stream):
        (size,) = struct.unpack_from(">i", stream, at)
        at += 4
        out.append(decode_block(stream[at:at + size]))
        at += size
    return b"".join(out)
