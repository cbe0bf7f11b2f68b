"""Reads transaction logs and snapshots; it shares no code with either server.

It checks every checksum, seal and end-of-record byte; BadFile says what is wrong and where.
"""

from __future__ import annotations

import gzip
import re
import struct
import sys
import zlib
from pathlib import Path
from typing import NamedTuple

import snappy_stream
from jute import Acl, Reader, StatPersisted, Truncated

LOG_MAGIC, SNAPSHOT_MAGIC = b"ZKLG", b"ZKSN"


class BadFile(Exception):
    pass


# ---------------------------------------------------------------- transactions

class Header(NamedTuple):
    client: int
    cxid: int
    zxid: int
    time: int
    type: int


class Txn(NamedTuple):
    header: Header
    body: dict
    digest: tuple[int, int] | None  # (version, tree digest as an unsigned number)


def _create(r: Reader) -> dict:
    body = {"path": r.buffer(), "data": r.buffer(), "acl": r.acl(), "ephemeral": r.bool()}
    # Before 3.4 the record ends here.
    body["parent_cversion"] = r.int() if r.remaining() >= 4 else -1
    return body


def _create_container(r: Reader) -> dict:
    return {"path": r.buffer(), "data": r.buffer(), "acl": r.acl(), "parent_cversion": r.int()}


def _create_ttl(r: Reader) -> dict:
    return {**_create_container(r), "ttl": r.long()}


def _delete(r: Reader) -> dict:
    return {"path": r.buffer()}


def _set_data(r: Reader) -> dict:
    return {"path": r.buffer(), "data": r.buffer(), "version": r.int()}


def _set_acl(r: Reader) -> dict:
    return {"path": r.buffer(), "acl": r.acl(), "version": r.int()}


def _check(r: Reader) -> dict:
    return {"path": r.buffer(), "version": r.int()}


def _error(r: Reader) -> dict:
    return {"err": r.int()}


def _create_session(r: Reader) -> dict:
    return {"timeout": r.int()}


def _close_session(r: Reader) -> dict:
    # With closeSessionTxn.enabled=false there is no list, and the digest follows.
    start = r.at
    try:
        return {"paths": r.vector(r.buffer) if r.remaining() else []}
    except Truncated:
        r.at = start
        return {"paths": []}


def _multi(r: Reader) -> dict:
    subs = []
    for kind, data in r.vector(lambda: (r.int(), r.buffer())):
        inner = Reader(data)
        subs.append((kind, BODIES[kind](inner)))
        if inner.remaining():
            raise BadFile(f"{inner.remaining()} bytes after a part of a multi of type {kind}")
    return {"subs": subs}


BODIES = {
    1: _create, 15: _create, 19: _create_container, 21: _create_ttl, 2: _delete, 20: _delete,
    5: _set_data, 16: _set_data, 7: _set_acl, 13: _check, 14: _multi, -1: _error,
    -10: _create_session, -11: _close_session,
}


def parse_txn(payload: bytes) -> Txn:
    r = Reader(payload)
    header = Header(r.long(), r.int(), r.long(), r.long(), r.int())
    if header.type not in BODIES:
        raise BadFile(f"transaction type {header.type}")
    body = BODIES[header.type](r)
    digest = None
    if r.remaining() == 12:
        digest = (r.int(), r.long() & (1 << 64) - 1)
    if r.remaining():
        raise BadFile(f"{r.remaining()} bytes after transaction 0x{header.zxid:x}")
    return Txn(header, body, digest)


class Log(NamedTuple):
    path: Path
    txns: list[Txn]
    padding: int    # zero bytes after the last transaction
    torn: bool      # the file ends inside a record, as after a crash
    repeated: int = 0   # errors under the previous zxid, not in txns


def read_log(path: Path, repeated_errors: bool = False, after: int | None = None) -> Log:
    """With `repeated_errors`, error transactions under the previous zxid, which Apache's server writes, are skipped.

    `after` is the last zxid of the previous file, which the first one of this file may repeat.
    """
    data = Path(path).read_bytes()
    r = Reader(data)
    if len(data) < 16:  # a kill between creating the file and writing its header
        return Log(Path(path), [], 0, True)
    if r.take(4) != LOG_MAGIC or (r.int(), r.long()) != (2, 0):
        raise BadFile(f"{path}: wrong header")
    txns, torn = [], False
    while r.remaining():
        start = r.at
        try:
            checksum, length = r.long(), r.int()
            if length == 0:
                r.at = start
                break
            payload, end = r.take(length), r.take(1)
        except Truncated:
            r.at, torn = start, True
            break
        if zlib.adler32(payload) != checksum:
            # A crash may leave the end of a record unwritten, but nothing may follow it.
            if data[r.at:].strip(b"\0"):
                raise BadFile(f"{path}: checksum at offset {start}")
            r.at, torn = start, True
            break
        if end != b"B":
            if end == b"\0" and not data[r.at:].strip(b"\0"):
                r.at, torn = start, True
                break
            raise BadFile(f"{path}: record at {start} ends with {end!r}")
        txns.append(parse_txn(payload))
    rest = data[r.at:]
    if not torn and rest.strip(b"\0"):
        raise BadFile(f"{path}: bytes after the end at {r.at}")
    zxids = [t.header.zxid for t in txns]
    if zxids and zxid_of(path) != zxids[0]:
        raise BadFile(f"{path}: first zxid is 0x{zxids[0]:x}")
    repeated = 0
    if repeated_errors:
        kept = [t for t, before in zip(txns, [after, *zxids]) if t.header.type != -1 or t.header.zxid != before]
        txns, repeated = kept, len(txns) - len(kept)
        zxids = [t.header.zxid for t in txns]
    if any(a >= b for a, b in zip(zxids, zxids[1:])):
        raise BadFile(f"{path}: zxids do not rise")
    return Log(Path(path), txns, len(rest), torn, repeated)


# ---------------------------------------------------------------- snapshots

class SnapNode(NamedTuple):
    data: bytes | None
    # None: created after the table of ACLs was written; the log has the ACL.
    acl: tuple[Acl, ...] | None
    stat: StatPersisted


class Snapshot(NamedTuple):
    path: Path
    sessions: dict[int, int]
    nodes: dict[bytes, SnapNode]           # the root is ""
    digest: tuple[int, int, int] | None    # (zxid, version, tree digest, unsigned)
    last_zxid: int | None


OPEN_UNSAFE_ID = -1
OPEN_UNSAFE = (Acl(31, b"world", b"anyone"),)


def _unpacked(path: Path) -> bytes:
    data = path.read_bytes()
    if path.suffix == ".gz":
        return gzip.decompress(data)
    if path.suffix == ".snappy":
        return snappy_stream.decode(data)
    return data


def read_snapshot(path: Path) -> Snapshot:
    path = Path(path)
    data = _unpacked(path)
    r = Reader(data)

    def seal():
        summed = zlib.adler32(data[:r.at])
        if r.long() != summed:
            raise BadFile(f"{path}: wrong checksum in the seal at {r.at - 8}")
        if r.buffer() != b"/":
            raise BadFile(f"{path}: missing end of the seal at {r.at}")

    if r.take(4) != SNAPSHOT_MAGIC or (r.int(), r.long()) != (2, -1):
        raise BadFile(f"{path}: wrong header")
    sessions = dict((r.long(), r.int()) for _ in range(r.int()))
    acls = {OPEN_UNSAFE_ID: OPEN_UNSAFE}
    for _ in range(r.int()):
        number = r.long()
        if number in acls:
            raise BadFile(f"{path}: ACL {number} twice")
        acls[number] = tuple(r.acl())
    nodes: dict[bytes, SnapNode] = {}
    while (name := r.buffer()) != b"/":
        if name in nodes:
            raise BadFile(f"{path}: {name!r} twice")
        if name and name.rpartition(b"/")[0] not in nodes:
            raise BadFile(f"{path}: {name!r} before its parent")
        node_data, acl = r.buffer(), r.long()
        nodes[name] = SnapNode(node_data, acls.get(acl), r.stat_persisted())
    seal()
    digest = last_zxid = None
    # The last two parts are optional; their sizes distinguish them.
    if r.remaining() >= 20 + 13:
        zxid, version = r.long(), r.int()
        if version < 2:
            digest = (zxid, version, int(r.buffer(), 16))
        else:
            digest = (zxid, version, r.long() & (1 << 64) - 1)
        seal()
    if r.remaining() >= 8 + 13:
        last_zxid = r.long()
        seal()
    if r.remaining():
        raise BadFile(f"{path}: {r.remaining()} bytes after the end")
    return Snapshot(path, sessions, nodes, digest, last_zxid)


# ---------------------------------------------------------------- folders

def zxid_of(path: Path) -> int:
    return int(Path(path).name.split(".")[1], 16)


def _sorted(folder: Path, pattern: str) -> list[Path]:
    found = [p for p in Path(folder).iterdir() if re.fullmatch(pattern, p.name)]
    return sorted(found, key=zxid_of)


def log_files(data_log_dir: Path) -> list[Path]:
    return _sorted(Path(data_log_dir) / "version-2", r"log\.[0-9a-f]+")


def snapshot_files(data_dir: Path) -> list[Path]:
    return _sorted(Path(data_dir) / "version-2", r"snapshot\.[0-9a-f]+(\.gz|\.snappy)?")


def whole_snapshot(path: Path) -> Snapshot | None:
    """The snapshot, or None if a kill left it incomplete."""
    try:
        return read_snapshot(path)
    except (BadFile, Truncated, EOFError, zlib.error, ValueError, IndexError, struct.error):
        return None


def newest_snapshot(data_dir: Path) -> Snapshot:
    """The newest complete snapshot; servers must skip an incomplete one."""
    for path in reversed(snapshot_files(data_dir)):
        if snapshot := whole_snapshot(path):
            return snapshot
    raise BadFile(f"no complete snapshot in {data_dir}")


def main(paths: list[str]):
    for name in paths:
        path = Path(name)
        if path.name.startswith("log."):
            log = read_log(path)
            print(f"{path}: {len(log.txns)} transactions, {log.padding} bytes of padding, torn {log.torn}")
            for txn in log.txns:
                print(" ", f"0x{txn.header.zxid:x}", txn.header, txn.body, txn.digest)
        else:
            snap = read_snapshot(path)
            print(f"{path}: {len(snap.nodes)} nodes, sessions {snap.sessions}, digest {snap.digest}, "
                  f"last zxid {snap.last_zxid}")
            for node in snap.nodes.items():
                print(" ", *node)


if __name__ == "__main__":
    main(sys.argv[1:])
