"""A scripted session of kazoo; its transcript has one line for each call."""

from __future__ import annotations

import queue

from kazoo.client import KazooClient
from kazoo.exceptions import KazooException, RolledBackError, RuntimeInconsistency
from kazoo.protocol.states import ZnodeStat
from kazoo.security import OPEN_ACL_UNSAFE, make_acl, make_digest_acl


class Transcript:
    """The transcript of the session."""

    def __init__(self):
        self.lines: list[str] = []

    def call(self, label: str, function, *args, **kw):
        try:
            result = show(function(*args, **kw))
        except KazooException as e:
            result = f"{type(e).__name__} {e.args}"
        self.lines.append(f"{label} -> {result}")


def show(value) -> str:
    if isinstance(value, ZnodeStat):
        return (f"stat(c {value.czxid} m {value.mzxid} p {value.pzxid} versions {value.version} {value.cversion} {value.aversion}"
                f" {'ephemeral' if value.ephemeralOwner else 'lasting'} length {value.dataLength} children {value.numChildren})")
    if isinstance(value, (RolledBackError, RuntimeInconsistency, KazooException)):
        return type(value).__name__
    if type(value) in (list, tuple):
        return "[" + ", ".join(show(v) for v in value) + "]"
    return repr(value)


def play(hosts: str, other: KazooClient, zk: KazooClient) -> str:
    transcript = Transcript()
    nodes(transcript, zk)
    transactions(transcript, zk)
    rights(transcript, zk, other)
    watches(transcript, zk, other)
    return "\n".join(transcript.lines) + "\n"


def nodes(transcript: Transcript, zk: KazooClient):
    c = transcript.call
    c("version", zk.server_version)
    c("create", zk.create, "/k", b"v")
    c("create again", zk.create, "/k", b"v")
    c("create with its parents", zk.create, "/deep/er/still", makepath=True)
    c("ephemeral", zk.create, "/k/e", ephemeral=True)
    c("sequence", zk.create, "/k/s-", sequence=True)
    c("both", zk.create, "/k/es-", ephemeral=True, sequence=True)
    c("with stat", zk.create, "/k/stat", b"x", include_data=True)
    c("ensure path", zk.ensure_path, "/deep/er")
    c("get", zk.get, "/k")
    c("get missing", zk.get, "/none")
    c("exists", zk.exists, "/k")
    c("exists missing", zk.exists, "/none")
    c("children", lambda: sorted(zk.get_children("/k")))
    c("children with stat", lambda: (lambda r: (sorted(r[0]), r[1]))(zk.get_children("/k", include_data=True)))
    c("set", zk.set, "/k", b"w", version=0)
    c("set at an old version", zk.set, "/k", b"w", version=0)
    c("sync", zk.sync, "/k")
    c("delete not empty", zk.delete, "/k")
    c("delete at a wrong version", zk.delete, "/k/stat", version=5)
    c("delete", zk.delete, "/k/stat", version=0)
    c("delete a tree", zk.delete, "/deep", recursive=True)
    c("gone", zk.exists, "/deep/er/still")
    c("reconfig", zk.reconfig, "server.2=127.0.0.1:1:2;3", None, None)


def transactions(transcript: Transcript, zk: KazooClient):
    def run(*steps):
        tx = zk.transaction()
        for name, *args in steps:
            getattr(tx, name)(*args)
        return tx.commit()

    transcript.call("transaction", run, ("create", "/tx", b"1"), ("set_data", "/tx", b"2", 0), ("check", "/tx", 1), ("create", "/tx/c"))
    transcript.call("rolled back", run, ("create", "/ty"), ("check", "/tx", 99), ("delete", "/tx"))
    transcript.call("nothing of it", zk.exists, "/ty")
    transcript.call("empty", run)


def rights(transcript: Transcript, zk: KazooClient, other: KazooClient):
    c = transcript.call
    c("add auth", zk.add_auth, "digest", "user:password")
    c("create", zk.create, "/mine", b"x", [make_digest_acl("user", "password", all=True)])
    for name, who in (("owner", zk), ("other", other)):
        c(f"{name} gets", who.get, "/mine")
        c(f"{name} gets the ACL", who.get_acls, "/mine")
        c(f"{name} sets", who.set, "/mine", b"y")
    c("set ACL", zk.set_acls, "/mine", [make_acl("world", "anyone", read=True), make_digest_acl("user", "password", admin=True)])
    c("other gets", other.get, "/mine")
    c("other gets the ACL", other.get_acls, "/mine")
    c("other sets", other.set, "/mine", b"z")
    c("open", zk.set_acls, "/mine", OPEN_ACL_UNSAFE, version=1)
    c("other sets", other.set, "/mine", b"z")


def watches(transcript: Transcript, zk: KazooClient, other: KazooClient):
    heard: queue.Queue = queue.Queue()

    def watcher(event):
        heard.put(f"{event.type} {event.state} {event.path}")

    def change(label, function, *args, events: int):
        transcript.call(label, function, *args)
        # Waits for each expected event; an extra one appears before the next.
        transcript.lines.extend(f"  heard {heard.get(timeout=15)}" for _ in range(events))

    transcript.call("watch for a creation", zk.exists, "/w", watcher)
    change("create", other.create, "/w", events=1)
    transcript.call("watch data", zk.get, "/w", watcher)
    transcript.call("watch children", zk.get_children, "/w", watcher)
    change("set", other.set, "/w", b"1", events=1)
    change("create child", other.create, "/w/c", events=1)
    change("set again", other.set, "/w", b"2", events=0)
    transcript.call("watch data", zk.get, "/w/c", watcher)
    transcript.call("watch children", zk.get_children, "/w", watcher)
    change("delete child", other.delete, "/w/c", events=2)
    zk.sync("/w")
    transcript.lines.append(f"unexpected: {[heard.get() for _ in range(heard.qsize())]}")
