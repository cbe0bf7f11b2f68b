"""Many requests sent before the first reply is read: order, zxids and large replies."""

from rawzk import (AUTH, CLOSE_SESSION, CREATE, DELETE, EXISTS, GET_CHILDREN, GET_DATA, MULTI, PING, SET_DATA, SYNC, XID_AUTH, auth,
                   create, delete, just_path, multi, path_watch, set_data)


def play(s):
    a = s.session("a")
    requests = [(CREATE, create("/x", b"0")), (GET_DATA, path_watch("/x", True)), (SET_DATA, set_data("/x", b"1")),
                (GET_DATA, path_watch("/x")), (DELETE, delete("/x", 9)), (PING, b""), (DELETE, delete("/x")),
                (EXISTS, path_watch("/x", True)), (SYNC, just_path("/")), (CREATE, create("/x")), (GET_CHILDREN, path_watch("/x")),
                (MULTI, multi((DELETE, delete("/x")), (CREATE, create("/x")))), (EXISTS, path_watch("/x"))]
    run(a, requests * 3)
    big(a)
    too_big(s)
    proven_meanwhile(s)
    # closeSession in the middle: requests after it have no effect, and are refused or not answered.
    for op, body in ((CREATE, create("/last")), (CLOSE_SESSION, b""), (CREATE, create("/never"))):
        a.raw.send(op, body)
    a.hear("before the close", CREATE)
    a.hear("the close", CLOSE_SESSION)
    a.drains("then")
    b = s.session("b")
    # Without zxids: whether Apache's server still reads a request after closeSession, and gives its refusal a zxid, is a race.
    for path in ("/last", "/never"):
        reply, _ = b.raw.call(EXISTS, path_watch(path))
        b._note(path, f"err={reply.err}")


def run(a, requests):
    for op, body in requests:
        a.raw.send(op, body)
    for op, _ in requests:
        a.hear(f"op {op}", op)


def big(a):
    size = 900_000
    a.say("big node", CREATE, create("/big", b"B" * size))
    for n in range(3):
        a.raw.send(GET_DATA, path_watch("/big"))
    for n in range(3):
        frame = a.raw.recv_frame()
        a._note(f"big reply {n}", f"{len(frame)} bytes, all there: {frame.count(b'B') >= size}")
    a.say("just within the limit", SET_DATA, set_data("/big", b"C" * (0xFFFFF - 60)))
    a.say("stat", EXISTS, path_watch("/big"))


def proven_meanwhile(s):
    """A read is checked with the identities that the client had when it was sent, however long it waits behind a write."""
    c = s.session("c")
    c.say("secret", CREATE, create("/secret", b"s", [(1, "digest", "bob:fyVmFCwVbTJYrznoSu1koqYEYF0=")]))
    sent = {c.raw.send(CREATE, create("/slow")): "a write"}
    sent[c.raw.send(GET_DATA, path_watch("/secret"))] = "read before the addauth"
    sent[c.raw.send(AUTH, auth("digest", b"bob:secret"), XID_AUTH)] = "the addauth"
    sent[c.raw.send(GET_DATA, path_watch("/secret"))] = "read after the addauth"
    # Apache's server answers the addauth at once, even if other requests wait.
    said = {reply.xid: f"err={reply.err}" for reply in (c.raw.recv() for _ in sent)}
    for xid, label in sent.items():
        c._note(label, said.get(xid, "no answer"))


def too_big(s):
    b = s.session("too big")
    b.say("just over the limit", SET_DATA, set_data("/big", b"C" * (0xFFFFF - 20)))
    b.closes("then")
