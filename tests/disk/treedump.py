"""Reads everything that a client can see of a tree, to compare two servers node by node."""

from __future__ import annotations

import sys
from typing import NamedTuple

from jute import Acl, Stat
from rawclient import RawClient

SUPER_CREDENTIAL = "super:secret"
# user:base64(sha1(user:password)), for zookeeper.DigestAuthenticationProvider.superDigest
SUPER_DIGEST = "super:lK75jTNcA+U9vtVEw5vB51mj/w4="


class Node(NamedTuple):
    data: bytes | None
    stat: Stat
    acl: tuple[Acl, ...]


def dump(client: RawClient, root: bytes = b"/") -> dict[bytes, Node]:
    """All nodes at and below `root`. The client must be the superuser: an unreadable node is an error."""
    nodes: dict[bytes, Node] = {}
    todo = [root]
    while todo:
        path = todo.pop()
        data, stat = client.get(path)
        nodes[path] = Node(data, stat, tuple(client.get_acl(path)))
        prefix = b"/" if path == b"/" else path + b"/"
        todo.extend(prefix + name for name in client.children(path))
    return nodes


def dump_server(port: int) -> dict[bytes, Node]:
    client = RawClient(port)
    try:
        client.add_auth("digest", SUPER_CREDENTIAL)
        return dump(client)
    finally:
        client.close_session()


def without_quota_stats(nodes: dict[bytes, Node]) -> dict[bytes, Node]:
    """Without quota statistics: they are not set by transactions, and Apache's drift at a restart."""
    return {path: node for path, node in nodes.items() if not path.endswith(b"/zookeeper_stats")}


def differences(before: dict[bytes, Node], after: dict[bytes, Node]) -> list[str]:
    """One line for each difference."""
    before, after = without_quota_stats(before), without_quota_stats(after)
    lines = [f"missing: {path!r}" for path in sorted(before.keys() - after.keys())]
    lines += [f"extra: {path!r} {after[path]}" for path in sorted(after.keys() - before.keys())]
    for path in sorted(before.keys() & after.keys()):
        old, new = before[path], after[path]
        if old.data != new.data:
            lines.append(f"data of {path!r}: {old.data!r} became {new.data!r}")
        if old.acl != new.acl:
            lines.append(f"ACL of {path!r}: {old.acl} became {new.acl}")
        for field, was, now in zip(Stat._fields, old.stat, new.stat):
            if was != now:
                lines.append(f"{field} of {path!r}: {was} became {now}")
    return lines


if __name__ == "__main__":
    for path, node in sorted(dump_server(int(sys.argv[1])).items()):
        print(path.decode(errors="backslashreplace"), node.data, *node.stat, *(tuple(a) for a in node.acl))
