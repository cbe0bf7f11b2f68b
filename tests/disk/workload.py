"""Requests that create every kind of record that a server writes to disk."""

from __future__ import annotations

import random
import struct
import threading

import rawclient as zk
from jute import Acl, Writer
from rawclient import ConnectionLost, RawClient, ZkError

SERVER_FLAGS = ["zookeeper.extendedTypesEnabled=true"]
HOUR_MS = 3_600_000
OWNER = "owner:pass"
OWNER_ID = b"owner:s/FzYRv0i1rWhPzdOPSMNmuU6jA="  # base64(sha1("owner:pass"))


def _refused(call, *args, **kw) -> int:
    """Sends a request that must fail: failed requests are transactions, too."""
    try:
        call(*args, **kw)
    except ZkError as error:
        return error.code
    raise AssertionError(f"{call.__name__} {args} was accepted")


def every_kind(client: RawClient, root: str = "/kinds"):
    """At least one of each: node types, ACLs, data, names, quotas, multis, failures."""
    client.add_auth("digest", OWNER)
    client.create(root)
    _node_types(client, root + "/types")
    _data(client, root + "/data")
    _names(client, root + "/names")
    _acls(client, root + "/acls")
    _quotas(client, root + "/quota")
    _multis(client, root + "/multi")
    _failures(client, root + "/failures")


def _node_types(client: RawClient, root: str):
    client.create(root)
    client.create(root + "/persistent", b"p")
    client.create(root + "/ephemeral", b"e", flags=zk.EPHEMERAL)
    for _ in range(3):
        client.create(root + "/seq-", b"s", flags=zk.SEQUENTIAL)
        client.create(root + "/eph-", b"s", flags=zk.EPHEMERAL_SEQUENTIAL)
    client.create_container(root + "/container", b"c")
    client.create(root + "/container/child")
    client.create_container(root + "/unused-container")
    client.create_ttl(root + "/ttl", b"t", HOUR_MS)
    client.create_ttl(root + "/ttl-seq-", b"t", HOUR_MS, flags=zk.TTL_SEQUENTIAL)
    client.create_ttl(root + "/longest-ttl", None, (1 << 40) - 1)
    # The counter of a parent must not start again when its children are deleted.
    client.create(root + "/counted")
    for _ in range(4):
        client.delete(client.create(root + "/counted/n", flags=zk.SEQUENTIAL))


def _data(client: RawClient, root: str):
    client.create(root)
    client.create(root + "/null", None)
    client.create(root + "/empty", b"")
    client.create(root + "/binary", bytes(range(256)))
    client.create(root + "/large", b"L" * 500_000)
    for i in range(5):
        client.set(root + "/binary", b"%d" % i)
    client.create(root + "/to-null", b"something")
    client.set(root + "/to-null", None)
    client.create(root + "/conditional", b"0")
    client.set(root + "/conditional", b"1", version=0)
    client.create(root + "/deleted", b"x")
    client.delete(root + "/deleted", version=0)
    client.create(root + "/reborn", b"first")
    client.delete(root + "/reborn")
    client.create(root + "/reborn", b"second")


def _names(client: RawClient, root: str):
    client.create(root)
    for name in ["ä", "日本", "a b", "...", "x" * 300, "%2F", "-", "Ελλάδα-", "\u00a0"]:
        client.create(f"{root}/{name}", name.encode())
    client.create(root + "/żółw-", flags=zk.SEQUENTIAL)
    deep = root
    for level in range(40):
        deep += f"/{level}"
        client.create(deep)


def _acls(client: RawClient, root: str):
    digest = Acl(31, b"digest", OWNER_ID)
    client.create(root)
    client.create(root + "/read-only", b"", [Acl(1, b"world", b"anyone")])
    client.create(root + "/auth", b"", [Acl(31, b"auth", b"")])
    client.create(root + "/digest", b"", [digest])
    client.create(root + "/several", b"", [digest, Acl(1, b"world", b"anyone"), Acl(5, b"ip", b"10.0.0.0/8")])
    client.create(root + "/ipv6", b"", [Acl(31, b"ip", b"::1"), digest])
    client.create(root + "/odd-perms", b"", [Acl(0, b"world", b"anyone"), Acl(255, b"ip", b"127.0.0.1")])
    client.create(root + "/changed")
    client.set_acl(root + "/changed", [digest])
    client.set_acl(root + "/changed", [digest, Acl(1, b"world", b"anyone")], version=1)
    client.create(root + "/opened", b"", [digest])
    client.set_acl(root + "/opened", zk.OPEN)


def _quotas(client: RawClient, root: str):
    quota = "/zookeeper/quota"
    client.create(root, b"12345")
    made = ""
    for part in root.strip("/").split("/"):
        made += "/" + part
        if client.exists(quota + made) is None:
            client.create(quota + made)
    client.create(quota + root + "/zookeeper_limits", b"count=1000,bytes=100000")
    client.create(quota + root + "/zookeeper_stats", b"count=0,bytes=0")
    client.create(root + "/child", b"data")
    client.set(root + "/child", b"longer data")


def _multis(client: RawClient, root: str):
    client.create(root)
    client.create(root + "/old", b"old")
    check = Writer().text(root).int(0).done()
    container = zk.create_body(root + "/container", b"", zk.OPEN, zk.CONTAINER)
    ttl = zk.create_body(root + "/ttl", b"", zk.OPEN, zk.TTL) + struct.pack(">q", HOUR_MS)
    errors = client.multi([
        (zk.CHECK, check),
        (zk.CREATE, zk.create_body(root + "/a", b"a", zk.OPEN, zk.PERSISTENT)),
        (zk.CREATE2, zk.create_body(root + "/a/b", b"b", zk.OPEN, zk.PERSISTENT)),
        (zk.SET_DATA, zk.set_body(root + "/a", b"a2")),
        (zk.CREATE, zk.create_body(root + "/eph", b"", zk.OPEN, zk.EPHEMERAL)),
        (zk.CREATE, zk.create_body(root + "/s", b"", zk.OPEN, zk.SEQUENTIAL)),
        (zk.CREATE, zk.create_body(root + "/s", b"", zk.OPEN, zk.SEQUENTIAL)),
        (zk.CREATE_CONTAINER, container),
        (zk.CREATE_TTL, ttl),
        (zk.DELETE, zk.delete_body(root + "/old")),
    ])
    assert errors == [0] * 10, errors
    errors = client.multi([
        (zk.CREATE, zk.create_body(root + "/never", b"", zk.OPEN, zk.PERSISTENT)),
        (zk.DELETE, zk.delete_body(root + "/missing")),
        (zk.SET_DATA, zk.set_body(root + "/a", b"never")),
    ])
    assert errors == [0, zk.NO_NODE, -2], errors
    assert client.multi([]) == []


def _failures(client: RawClient, root: str):
    client.create(root)
    assert _refused(client.create, root) == zk.NODE_EXISTS
    assert _refused(client.create, root + "/missing/child") == zk.NO_NODE
    assert _refused(client.delete, root + "/missing") == zk.NO_NODE
    assert _refused(client.set, root, b"", version=7) == zk.BAD_VERSION
    assert _refused(client.delete, root, version=7) == zk.BAD_VERSION
    assert _refused(client.create, root + "/bad-acl", b"", []) == -114
    assert _refused(client.create, "no-slash") == -8


def churn(client: RawClient, count: int, seed: int, root: str):
    """`count` random writes below `root`, the same ones for the same seed."""
    rng = random.Random(seed)
    alive: list[str] = []
    if client.exists(root) is None:
        client.create(root)
    for i in range(count):
        choice = rng.random()
        if choice < 0.45 or not alive:
            made = client.create(f"{root}/{rng.choice(['n', 'é'])}{i}-", rng.randbytes(rng.randrange(200)),
                                 flags=zk.SEQUENTIAL)
            alive.append(made.decode())
        elif choice < 0.8:
            client.set(rng.choice(alive), rng.randbytes(rng.randrange(200)))
        elif choice < 0.9:
            client.set_acl(rng.choice(alive), [Acl(31, b"world", b"anyone"), Acl(rng.randrange(1, 32), b"ip", b"10.1.2.3")])
        else:
            client.delete(alive.pop(rng.randrange(len(alive))))


class Load:
    """Threads that write until the server ends, so that a kill interrupts writes."""

    def __init__(self, port: int, clients: int = 4, root: str = "/load"):
        self.acked = 0
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._run, args=(port, f"{root}{i}", i)) for i in range(clients)]
        for thread in self._threads:
            thread.start()

    def _run(self, port: int, root: str, number: int):
        try:
            client = RawClient(port)
            for turn in range(1_000_000):
                churn(client, 20, number * 1_000_000 + turn, root)
                self.acked += 20
                if self._stop.is_set():
                    client.drop()
                    return
        except ConnectionLost:
            pass

    def end(self):
        self._stop.set()
        for thread in self._threads:
            thread.join()
