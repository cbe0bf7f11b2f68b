"""Rebuilds the tree from snapshot and logs with an independent model.

It determines what a client must see after a restart on these files, whichever server wrote them, and
checks every digest.
"""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import zkfiles
from jute import Stat, StatPersisted
from treedump import Node
from zkfiles import SnapNode, Snapshot, Txn

CONTAINER_OWNER = -(1 << 63)
TTL_TOP_BYTE = 0xFF << 56
DIGEST_MASK = (1 << 64) - 1


def _signed(value: int) -> int:
    return value - (1 << 64) if value >= 1 << 63 else value


def _owner_is_session(owner: int) -> bool:
    return owner != 0 and owner != CONTAINER_OWNER and (owner & DIGEST_MASK) >> 56 != 0xFF


def node_digest(path: bytes, node: SnapNode) -> int:
    if path.startswith(b"/zookeeper/"):
        return 0
    s = node.stat
    return zlib.crc32(path + (node.data or b"") + struct.pack(
        ">qqqqqiiiq", s.czxid, s.mzxid, s.pzxid, s.ctime, s.mtime, s.version, s.cversion, s.aversion, s.ephemeralOwner))


class Model:
    """A tree to which transactions are applied; the root's path is the empty string, as in the files."""

    def __init__(self, snapshot: Snapshot):
        self.nodes = dict(snapshot.nodes)
        self.sessions = dict(snapshot.sessions)
        self.zxid = zkfiles.zxid_of(snapshot.path)
        self.digest = sum(node_digest(p, n) for p, n in self.nodes.items()) & DIGEST_MASK
        # Transactions are applied while a snapshot is written, so it may contain some later changes.
        self.exact_from = snapshot.digest[0] if snapshot.digest else self.zxid
        # Apache's snapshots may even contain a part of the transaction that was being applied when the digest was written,
        # without counting it in the digest. Then the digest at that zxid cannot be checked.
        holds_more = snapshot.digest and any(
            max(n.stat.czxid, n.stat.mzxid, n.stat.pzxid) > snapshot.digest[0] for n in snapshot.nodes.values())
        self.snapshot_digest = None if holds_more else snapshot.digest
        self.problems: list[str] = []
        self.wrong_digests: list[int] = []  # zxids of transactions whose digest is not that of the tree
        self.apart = 0                      # the difference of the last wrong digest
        self.history: dict[int, int] = {}  # the digest after each zxid
        self._check_snapshot_digest()

    def _put(self, path: bytes, node: SnapNode | None):
        if path in self.nodes:
            self.digest -= node_digest(path, self.nodes[path])
        if node is None:
            del self.nodes[path]
        else:
            self.nodes[path] = node
            self.digest += node_digest(path, node)
        self.digest &= DIGEST_MASK

    def _touch(self, path: bytes, **changes):
        node = self.nodes[path]
        self._put(path, node._replace(stat=node.stat._replace(**changes)))

    # -- one transaction

    def apply(self, txn: Txn):
        h = txn.header
        if h.zxid <= self.zxid:
            return
        if h.type == 14:
            self._multi(h, txn.body["subs"])
        else:
            self._one(h, h.type, txn.body)
        self.zxid = h.zxid
        self._check_snapshot_digest()
        if txn.digest and h.zxid > self.exact_from:
            apart = (txn.digest[1] - self.digest) & DIGEST_MASK
            if apart:
                self.wrong_digests.append(h.zxid)
            if apart not in (0, self.apart):  # one error is reported once
                self.problems.append(f"digest of transaction 0x{h.zxid:x} type {h.type}: "
                                     f"{txn.digest[1]} in the log, {self.digest} by the model")
            self.apart = apart
        self.history[h.zxid] = self.digest

    def _check_snapshot_digest(self):
        # The digest of Apache's first snapshot is 0: nothing has been applied yet.
        first = self.snapshot_digest in [(0, 0, 0), (0, 2, 0)]
        if self.snapshot_digest and not first and self.snapshot_digest[0] == self.zxid \
                and self.snapshot_digest[2] != self.digest:
            self.problems.append(f"snapshot digest at 0x{self.zxid:x}: {self.snapshot_digest[2]}, "
                                 f"{self.digest} by the model")

    def _multi(self, h, subs):
        if any(kind == -1 for kind, _ in subs):
            return
        for kind, body in subs:
            self._one(h, kind, body)

    def _one(self, h, kind: int, body: dict):
        path = body.get("path")
        path = b"" if path == b"/" else path
        if kind in (1, 15, 19, 21):
            self._create(h, kind, path, body)
        elif kind in (2, 20):
            self._delete(h, path)
        elif kind in (5, 16) and path in self.nodes:
            self._put(path, self.nodes[path]._replace(data=body["data"]))
            self._touch(path, mzxid=h.zxid, mtime=h.time, version=body["version"])
        elif kind == 7 and path in self.nodes:
            self._put(path, self.nodes[path]._replace(acl=tuple(body["acl"])))
            self._touch(path, aversion=body["version"])
        elif kind == -10:
            self.sessions[h.client] = body["timeout"]
        elif kind == -11:
            self._close_session(h, body["paths"])

    def _create(self, h, kind: int, path: bytes, body: dict):
        parent = path.rpartition(b"/")[0]
        if parent not in self.nodes:
            return
        cversion = body["parent_cversion"]
        if path in self.nodes:
            self._put(path, self.nodes[path]._replace(acl=tuple(body["acl"])))
            # In this case Apache's server corrects the parent only for a plain create.
            if kind == 1 and cversion > self.nodes[parent].stat.cversion:
                self._touch(parent, cversion=cversion, pzxid=h.zxid)
            return
        if cversion == -1:
            cversion = self.nodes[parent].stat.cversion + 1
        if cversion > self.nodes[parent].stat.cversion:
            self._touch(parent, cversion=cversion, pzxid=h.zxid)
        owner = 0
        if kind == 19:
            owner = CONTAINER_OWNER
        elif kind == 21:
            owner = _signed(TTL_TOP_BYTE | body["ttl"])
        elif body["ephemeral"]:
            owner = h.client
        stat = StatPersisted(h.zxid, h.zxid, h.time, h.time, 0, 0, 0, owner, h.zxid)
        self._put(path, SnapNode(body["data"], tuple(body["acl"]), stat))

    def _delete(self, h, path: bytes):
        parent = path.rpartition(b"/")[0]
        if parent in self.nodes and h.zxid > self.nodes[parent].stat.pzxid:
            self._touch(parent, pzxid=h.zxid)
        if path in self.nodes:
            self._put(path, None)

    def _close_session(self, h, paths):
        self.sessions.pop(h.client, None)
        owned = {p for p, n in self.nodes.items() if n.stat.ephemeralOwner == h.client and _owner_is_session(h.client)}
        for path in [*(paths or []), *sorted(owned - set(paths or []))]:
            if path in self.nodes and self.nodes[path].stat.ephemeralOwner == h.client:
                self._delete(h, path)

    # -- what a client sees

    def visible(self) -> dict[bytes, Node]:
        count: dict[bytes, int] = {}
        for path in self.nodes:
            if path:
                parent = path.rpartition(b"/")[0]
                count[parent] = count.get(parent, 0) + 1
        seen = {}
        for path, node in self.nodes.items():
            s, children = node.stat, count.get(path, 0)
            owner = s.ephemeralOwner if _owner_is_session(s.ephemeralOwner) else 0
            shown = Stat(s.czxid, s.mzxid, s.ctime, s.mtime, s.version, s.cversion * 2 - children, s.aversion,
                         owner, len(node.data or b""), children, s.pzxid)
            seen[path or b"/"] = Node(node.data, shown, node.acl)
        return seen


def replay(data_dir: Path, data_log_dir: Path | None = None, snapshot: Path | None = None) -> Model:
    """The model of the files: from the newest valid snapshot, or from the given one."""
    start = zkfiles.read_snapshot(snapshot) if snapshot else zkfiles.newest_snapshot(data_dir)
    model = Model(start)
    for path in zkfiles.log_files(data_log_dir or data_dir):
        for txn in zkfiles.read_log(path).txns:
            model.apply(txn)
    return model


def replay_from_birth(data_dir: Path, data_log_dir: Path | None = None) -> Model:
    """From the first snapshot: applies every transaction and checks every digest."""
    return replay(data_dir, data_log_dir, zkfiles.snapshot_files(data_dir)[0])
