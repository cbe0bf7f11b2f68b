"""All ways to create a node, and all reasons for a refusal."""

from rawzk import (CREATE, CREATE2, CREATE_CONTAINER, DELETE, EXISTS, GET_DATA, OPEN, create, delete, path_watch)


def play(s):
    a = s.session("a")
    for op in (CREATE, CREATE2, CREATE_CONTAINER):
        for flags in (-1, 0, 1, 2, 3, 4, 5, 6, 7, 99):
            a.say(f"op {op} flags {flags}", op, create(f"/n{op}-{flags}-", b"data", flags=flags))
    for op in (CREATE, CREATE2):
        for flags in (0, 1, 2, 3, 4):
            a.say(f"stat of op {op} flags {flags}", EXISTS, path_watch(f"/n{op}-{flags}-"))
    errors(a)
    sequences(a)
    data(a)
    a.bye()
    b = s.session("b")
    b.say("ephemerals are gone", EXISTS, path_watch("/n1-1-"))
    b.say("root", EXISTS, path_watch("/"))
    b.bye()


def errors(a):
    a.say("parent", CREATE, create("/p"))
    a.say("again", CREATE, create("/p"))
    a.say("again, create2", CREATE2, create("/p"))
    a.say("no parent", CREATE, create("/nope/child"))
    a.say("ephemeral", CREATE, create("/e", flags=1))
    a.say("child of ephemeral", CREATE, create("/e/child"))
    a.say("sequential child of ephemeral", CREATE, create("/e/child", flags=2))
    a.say("null ACL", CREATE, create("/x", acl=None))
    a.say("empty ACL", CREATE, create("/x", acl=[]))
    a.say("null path", CREATE, create(None))
    a.say("null path, create2", CREATE2, create(None))
    a.say("empty path", CREATE, create(""))
    a.say("root", CREATE, create("/"))
    a.say("existing and invalid ACL", CREATE, create("/p", acl=[(31, "what", "ever")]))
    a.say("no parent and invalid ACL", CREATE, create("/nope/x", acl=[(31, "what", "ever")]))
    a.say("bad path and bad flags", CREATE, create("no-slash", flags=50))
    a.say("below /zookeeper", CREATE, create("/zookeeper/mine"))
    a.say("bytes after the body", CREATE, create("/after") + b"trailing bytes")
    a.say("truncated", CREATE, create("/cut")[:-2])
    a.ping()


def sequences(a):
    a.say("parent of sequences", CREATE, create("/seq"))
    for n in range(3):
        a.say(f"sequential {n}", CREATE, create("/seq/s-", flags=2))
    a.say("plain child counts too", CREATE, create("/seq/plain"))
    a.say("after a plain child", CREATE, create("/seq/s-", flags=2))
    a.say("delete", DELETE, delete("/seq/plain"))
    a.say("deletions do not count", CREATE, create("/seq/s-", flags=2))
    a.say("nothing but digits", CREATE2, create("/seq/", flags=2))
    a.say("nothing but digits, in the root", CREATE2, create("/", flags=2))
    a.say("ephemeral sequential", CREATE2, create("/seq/e-", flags=3))
    a.say("parent's stat", EXISTS, path_watch("/seq"))


def data(a):
    a.say("null data", CREATE2, create("/null", None))
    a.say("get null", GET_DATA, path_watch("/null"))
    a.say("empty data", CREATE2, create("/empty", b""))
    a.say("get empty", GET_DATA, path_watch("/empty"))
    a.say("all bytes", CREATE2, create("/bytes", bytes(range(256))))
    a.say("get all bytes", GET_DATA, path_watch("/bytes"))
    a.say("unicode path", CREATE2, create("/ünï-中文", b"x"))
    a.say("beyond the basic plane", CREATE2, create("/\U0001F600", b"x"))
    a.say("many ACLs", CREATE2, create("/acls", b"", [(1, "world", "anyone"), (31, "ip", "127.0.0.1"), *OPEN, *OPEN]))
