"""Truncated bodies, null fields and unknown operations: which get an answer, and which close the connection."""

from rawzk import (ADD_WATCH, CHECK, CHECK_WATCHES, CLOSE_SESSION, CREATE, CREATE2, CREATE_CONTAINER, CREATE_TTL, DELETE,
                   DELETE_CONTAINER, EXISTS, GET_ACL, GET_ALL_CHILDREN_NUMBER, GET_CHILDREN, GET_CHILDREN2, GET_DATA,
                   GET_EPHEMERALS, RECONFIG, REMOVE_WATCHES, SASL, SET_ACL, SET_DATA, SET_WATCHES, SET_WATCHES2, SYNC, buf,
                   check, create, create_ttl, delete, i32, just_path, path_int, path_watch, reconfig, set_acl, set_data,
                   set_watches, text)

BODIES = {
    CREATE: create("/a", b"d"), CREATE2: create("/a", b"d"), CREATE_CONTAINER: create("/a", b"d", flags=4),
    CREATE_TTL: create_ttl("/a", 5000), DELETE: delete("/a"), DELETE_CONTAINER: just_path("/a"),
    EXISTS: path_watch("/a"), GET_DATA: path_watch("/a"), GET_CHILDREN: path_watch("/a"), GET_CHILDREN2: path_watch("/a"),
    SET_DATA: set_data("/a", b"d"), GET_ACL: just_path("/a"), SET_ACL: set_acl("/a"), SYNC: just_path("/a"),
    RECONFIG: reconfig("server.1=a:1:2", None, None), CHECK_WATCHES: path_int("/a", 3), REMOVE_WATCHES: path_int("/a", 3),
    SET_WATCHES: set_watches(0, [], [], []), SET_WATCHES2: set_watches(0, [], [], [], [], []),
    ADD_WATCH: path_int("/a", 0), GET_EPHEMERALS: just_path("/a"), GET_ALL_CHILDREN_NUMBER: just_path("/a"),
    SASL: buf(b"x"),
}


def play(s):
    a = s.session("a")
    for op, body in BODIES.items():
        for cut in sorted({0, 3, 5, len(body) - 1}):
            a.say(f"op {op} cut at {cut} of {len(body)}", op, body[:cut])
        a.ping(f"after op {op}")
    lengths(a)
    a.bye()
    unknown(s)


def lengths(a):
    a.say("negative string length", EXISTS, i32(-9) + b"/a\0")
    a.say("string longer than the frame", EXISTS, i32(400) + b"/a\0")
    a.say("string longer than the limit", EXISTS, i32(1 << 30) + b"/a\0")
    a.say("negative buffer length", SET_DATA, text("/a") + i32(-5) + i32(0))
    a.say("huge buffer length", SET_DATA, text("/a") + i32(2**31 - 1) + i32(0))
    a.say("negative ACL count", CREATE, text("/a") + buf(b"") + i32(-5) + i32(0))
    a.say("huge ACL count", CREATE, text("/a") + buf(b"") + i32(1 << 20) + i32(0))
    a.say("a bool of 2", EXISTS, text("/") + b"\2")


def unknown(s):
    for op in (0, 10, 13, 23, 24, 99, 108, 109, -1, -2, -3, 1000, 2**31 - 1, -2**31):
        line = s.session(f"op {op}")
        line.say("reply", op, check("/", 0) if op == CHECK else b"")
        line.closes("then")
    line = s.session("closeSession with a body")
    line.say("reply", CLOSE_SESSION, b"surplus")
    line.closes("then")
