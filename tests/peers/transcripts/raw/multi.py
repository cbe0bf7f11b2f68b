"""multi and multiRead: order, atomicity, errors at each position, and combinations that are refused."""

from rawzk import (ADD_WATCH, CHECK, CREATE, CREATE2, CREATE_CONTAINER, CREATE_TTL, DELETE, EXISTS, GET_CHILDREN, GET_CHILDREN2,
                   GET_DATA, MULTI, MULTI_READ, SET_ACL, SET_DATA, SYNC, check, create, create_ttl, delete, i32,
                   just_path, multi, path_int, path_watch, set_acl, set_data)


def play(s):
    a = s.session("a")
    a.say("empty multi", MULTI, multi())
    a.say("empty multiRead", MULTI_READ, multi())
    a.say("every kind", MULTI, multi(
        (CREATE, create("/m", b"0")), (CREATE2, create("/m/c2", b"1")), (CREATE_CONTAINER, create("/m/cont", flags=4)),
        (CREATE, create("/m/s-", flags=2)), (CREATE2, create("/m/e-", flags=3)), (CREATE, create("/m/e", flags=1)),
        (SET_DATA, set_data("/m", b"new", 0)), (CHECK, check("/m", 1)), (DELETE, delete("/m/c2", 0))))
    a.say("stat", EXISTS, path_watch("/m"))
    a.say("children", GET_CHILDREN2, path_watch("/m"))
    failures(a)
    flags(a)
    refused(a)
    reads(a)
    a.bye()


def failures(a):
    good = (CREATE, create("/f"))
    bad = {
        "nodeexists": (CREATE, create("/m")), "nonode": (DELETE, delete("/none")), "badversion": (SET_DATA, set_data("/m", b"", 77)),
        "check": (CHECK, check("/m", 77)), "check missing": (CHECK, check("/none", 0)), "notempty": (DELETE, delete("/m")),
        "path": (CREATE, create("bad")), "acl": (CREATE, create("/x", acl=[(31, "bad", "x")])),
        "empty acl": (CREATE, create("/x", acl=[])), "child of ephemeral": (CREATE, create("/m/e/x")),
        "delete root": (DELETE, delete("/")), "set null path": (SET_DATA, set_data(None)),
    }
    for name, op in bad.items():
        a.say(f"{name} first", MULTI, multi(op, good))
        a.say(f"{name} last", MULTI, multi(good, (SET_DATA, set_data("/f", b"1", 0)), op))
        a.say(f"{name} alone", MULTI, multi(op))
        a.say("nothing happened", EXISTS, path_watch("/f"))
    a.say("two failures", MULTI, multi(good, bad["nonode"], bad["nodeexists"], good))
    a.say("sees its own effects", MULTI, multi(good, (CHECK, check("/f", 0)), (SET_DATA, set_data("/f", b"", 0)),
                                               (CHECK, check("/f", 1)), (DELETE, delete("/f", 1)), (CHECK, check("/f", 1))))
    a.say("creates and deletes", MULTI, multi(good, (DELETE, delete("/f")), good, (DELETE, delete("/f", 0))))


def flags(a):
    for op in (CREATE, CREATE2, CREATE_CONTAINER):
        for flag in (-1, 0, 1, 2, 3, 4, 5, 6, 7):
            a.say(f"op {op} flags {flag}", MULTI, multi((op, create(f"/mf{op}-{flag}-", flags=flag))))
    # A negative TTL with flags that name no TTL mode ends Apache's server, so there is none here.
    for flag, ttl in ((5, 10000), (6, 10000), (5, 0), (5, -1), (0, 0), (2, 5)):
        a.say(f"createTTL flags {flag} ttl {ttl}", MULTI, multi((CREATE_TTL, create_ttl(f"/mt{flag}-{ttl}", ttl, flags=flag))))


def refused(a):
    good = (CREATE, create("/r"))
    for name, body in {
        "setACL inside": multi(good, (SET_ACL, set_acl("/m"))), "exists inside": multi(good, (EXISTS, path_watch("/m"))),
        "getData inside": multi(good, (GET_DATA, path_watch("/m"))), "sync inside": multi((SYNC, just_path("/m"))),
        "unknown op inside": multi((99, b"")), "multi inside": multi((MULTI, multi(good))),
        "addWatch inside": multi((ADD_WATCH, path_int("/m", 0))),
        "null path": multi((CREATE, create(None))), "null ACL": multi((CREATE, create("/r", acl=None))),
        "delete null path": multi((DELETE, delete(None))),
        "no terminator": multi(good)[:-9], "cut in the body": multi(good)[:20], "no bytes": b"", "one byte": b"\0",
        "bytes after": multi() + b"surplus",
        "header says done at once": i32(CREATE) + b"\1" + i32(-1) + create("/r"),
        "op -1 without done": i32(-1) + b"\0" + i32(-1) + i32(5) + multi(),
    }.items():
        a.say(name, MULTI, body)
    a.say("nothing happened", EXISTS, path_watch("/r"))


def reads(a):
    a.say("clean up", MULTI, multi((DELETE, delete("/m/cont")), (DELETE, delete("/m/e"))))
    a.say("one child", CREATE, create("/one"))
    a.say("its child", CREATE, create("/one/child", b"x"))
    a.say("read both", MULTI_READ, multi((GET_DATA, path_watch("/one/child")), (GET_CHILDREN, path_watch("/one"))))
    a.say("with errors", MULTI_READ, multi((GET_DATA, path_watch("/no")), (GET_CHILDREN, path_watch("/one")),
                                           (GET_CHILDREN, path_watch("/no")), (GET_DATA, path_watch("/one", True))))
    for name, body in {
        "getChildren2": multi((GET_CHILDREN2, path_watch("/one"))), "exists": multi((EXISTS, path_watch("/one"))),
        "write": multi((CREATE, create("/r2"))), "mixed": multi((GET_DATA, path_watch("/one")), (CREATE, create("/r2"))),
        "null path": multi((GET_DATA, path_watch(None))), "bad path": multi((GET_DATA, path_watch("bad"))),
        "no bytes": b"", "cut": multi((GET_DATA, path_watch("/one")))[:12],
    }.items():
        a.say(f"multiRead {name}", MULTI_READ, body)
    a.say("set what was watched", SET_DATA, set_data("/one", b"changed"))
    a.ping()
