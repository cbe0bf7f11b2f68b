"""setData, delete, setACL and their versions; what reads show of the changes."""

from rawzk import (CREATE, DELETE, EXISTS, GET_ACL, GET_ALL_CHILDREN_NUMBER, GET_CHILDREN, GET_CHILDREN2, GET_DATA,
                   GET_EPHEMERALS, PING, SET_ACL, SET_DATA, SYNC, WHO_AM_I, create, delete, just_path, path_watch,
                   set_acl, set_data)


def play(s):
    a, b = s.session("a"), s.session("b")
    fresh(a)
    versions(a)
    counting(a, b)
    headers(a)
    a.bye()
    b.bye()


def fresh(a):
    a.say("fresh root", EXISTS, path_watch("/"))
    a.say("fresh root's children", GET_CHILDREN2, path_watch("/"))
    a.say("fresh /zookeeper", GET_CHILDREN2, path_watch("/zookeeper"))
    a.say("fresh config", GET_DATA, path_watch("/zookeeper/config"))
    a.say("fresh quota", GET_DATA, path_watch("/zookeeper/quota"))
    a.say("all children of a fresh root", GET_ALL_CHILDREN_NUMBER, just_path("/"))


def versions(a):
    a.say("create", CREATE, create("/v", b"0"))
    for version in (-1, 1, 1, 7, -2, -2**31, 2**31 - 1, 2):
        a.say(f"set at {version}", SET_DATA, set_data("/v", b"new", version))
    for version in (0, 0, 1, -1, -3):
        a.say(f"setACL at {version}", SET_ACL, set_acl("/v", version=version))
    a.say("get", GET_DATA, path_watch("/v"))
    a.say("set null", SET_DATA, set_data("/v", None))
    a.say("get null", GET_DATA, path_watch("/v"))
    for version in (0, -2, -2**31, 99):
        a.say(f"delete at {version}", DELETE, delete("/v", version))
    a.say("child", CREATE, create("/v/c"))
    a.say("delete a parent", DELETE, delete("/v"))
    a.say("delete a parent at a wrong version", DELETE, delete("/v", 99))
    a.say("delete the child", DELETE, delete("/v/c", 0))
    a.say("stat", EXISTS, path_watch("/v"))
    a.say("delete", DELETE, delete("/v"))
    a.say("delete again", DELETE, delete("/v"))
    for op, body in ((SET_DATA, set_data("/gone")), (SET_ACL, set_acl("/gone")), (GET_ACL, just_path("/gone")),
                     (GET_DATA, path_watch("/gone")), (GET_CHILDREN, path_watch("/gone")),
                     (GET_CHILDREN2, path_watch("/gone")), (EXISTS, path_watch("/gone")), (SYNC, just_path("/gone")),
                     (GET_ALL_CHILDREN_NUMBER, just_path("/gone"))):
        a.say(f"op {op} on a missing node", op, body)


def counting(a, b):
    a.say("tree", CREATE, create("/t"))
    for path in ("/t/a", "/t/a/x", "/t/a/y", "/t/b", "/ta"):
        a.say(path, CREATE, create(path))
    for path in ("/", "/t", "/t/a", "/t/a/x"):
        a.say(f"number below {path}", GET_ALL_CHILDREN_NUMBER, just_path(path))
    for path in ("/t/e1", "/t/e2", "/e3", "/ta/e4"):
        a.say(path, CREATE, create(path, flags=1))
    b.say("b's ephemeral", CREATE, create("/t/eb", flags=1))
    for prefix in ("/", "", "/t", "/t/", "/t/e", "/nope", "t"):
        a.say(f"ephemerals at {prefix!r}", GET_EPHEMERALS, just_path(prefix))
    b.say("b sees its own", GET_EPHEMERALS, just_path("/"))
    a.say("children", GET_CHILDREN, path_watch("/t"))
    a.say("children2", GET_CHILDREN2, path_watch("/t"))
    b.say("who am I", WHO_AM_I)


def headers(a):
    a.say("ping with another xid", PING, xid=42)
    a.say("ping with a body", PING, b"surplus", xid=-2)
    for xid in (0, -1, -4, -8, -2**31, 2**31 - 1, 5, 5):
        a.say(f"exists with xid {xid}", EXISTS, path_watch("/t"), xid=xid)
    a.say("sync with surplus", SYNC, just_path("/t") + b"surplus")
