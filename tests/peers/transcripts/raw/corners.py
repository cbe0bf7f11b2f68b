"""Special cases that random requests found: watches on null paths, and the zxids that a refused multi takes."""

from rawzk import (ADD_WATCH, CHECK_WATCHES, CREATE, CREATE2, CREATE_CONTAINER, CREATE_TTL, DELETE, EXISTS, MULTI, REMOVE_WATCHES,
                   SET_DATA, create, create_ttl, delete, multi, path_int, path_watch, set_data)

FLAGS = ["zookeeper.extendedTypesEnabled=true"]


def play(s):
    null_watches(s)
    refused_multis(s)


def null_watches(s):
    for mode in (0, 1):
        a = s.session(f"mode {mode}")
        for op in (CHECK_WATCHES, REMOVE_WATCHES):
            for kind in range(1, 6):
                a.say(f"op {op} type {kind} before", op, path_int(None, kind))
        a.say("add", ADD_WATCH, path_int(None, mode))
        a.say("add for the empty path", ADD_WATCH, path_int("", mode))
        for path in (None, ""):
            for op in (CHECK_WATCHES, REMOVE_WATCHES):
                for kind in range(1, 6):
                    a.say(f"op {op} type {kind} of {path!r}", op, path_int(path, kind))
            for kind in range(1, 6):
                a.say(f"check {kind} of {path!r} after", CHECK_WATCHES, path_int(path, kind))
        a.say("add again", ADD_WATCH, path_int(None, mode))
        a.say("a change", CREATE, create(f"/change{mode}"))
        a.bye()


def refused_multis(s):
    a = s.session("a")
    cost = Cost(a)
    good = (CREATE, create("/good"))
    for op in (CREATE, CREATE2, CREATE_CONTAINER, CREATE_TTL):
        for flags in (0, 1, 2, 3, 4, 5, 6, 7):
            for acl in ([(31, "world", "anyone")], None, [], [(31, "bad", "x")]):
                # A TTL of 0 with flags that name no TTL mode; a negative one would end Apache's server.
                body = create_ttl("/x", 0, acl=acl, flags=flags) if op == CREATE_TTL else create("/x", acl=acl, flags=flags)
                for name, ops in {"alone": [(op, body)], "second": [good, (op, body)], "twice": [(op, body), (op, body)]}.items():
                    cost.of(f"op {op} flags {flags} ACL {acl} {name}", *ops)
                for path in ("/x", "/good"):
                    a.raw.call(DELETE, delete(path))
    for name, ops in {"null set": [(SET_DATA, set_data(None))], "null path and null ACL": [(CREATE, create(None, acl=None))],
                      "null path and bad flags": [(CREATE, create(None, flags=7))], "null path and TTL flags": [(CREATE, create(None, flags=5))],
                      "good before null": [good, (DELETE, delete(None))], "failed before null": [(DELETE, delete("/none")), (CREATE, create(None))],
                      "failed before null ACL": [(DELETE, delete("/none")), (CREATE, create("/x", acl=None))],
                      "failed before bad flags": [(DELETE, delete("/none")), (CREATE, create("/x", flags=7))]}.items():
        cost.of(name, *ops)
    a.bye()


class Cost:
    """Records the reply to a multi and how many zxids it took, so that one difference does not appear as hundreds."""

    def __init__(self, line):
        self.line = line

    def now(self) -> int:
        return self.line.raw.call(EXISTS, path_watch("/"))[0].zxid

    def of(self, label, *ops):
        before = self.now()
        reply, _ = self.line.raw.call(MULTI, multi(*ops))
        after = self.now()
        # Stats contain zxids; only the codes of the parts are compared.
        body = self.line._text(reply.body) if reply.err or reply.body.startswith(b"\xff") else f"{len(reply.body)} bytes"
        self.line._note(label, f"err={reply.err} costs {after - before}, reply at {reply.zxid - before} {body}")
