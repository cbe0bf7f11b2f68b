"""Which client gets which event, and when: the five kinds of watch, their removal, and setWatches."""

from rawzk import (ADD_WATCH, AUTH, CHECK_WATCHES, CREATE, DELETE, EXISTS, GET_CHILDREN, GET_CHILDREN2, GET_DATA, MULTI,
                   REMOVE_WATCHES, SET_ACL, SET_DATA, SET_WATCHES, SET_WATCHES2, XID_AUTH, XID_SET_WATCHES, auth, create, delete,
                   multi, path_int, path_watch, set_acl, set_data, set_watches)


def play(s):
    one_shot(s)
    persistent(s)
    removal(s)
    replay(s)
    hidden(s)


def changes(w, root):
    """A sequence of changes that causes every kind of event, each followed by the events that the watcher gets."""
    steps = [
        ("create child", CREATE, create(root + "/c", b"1")), ("set child", SET_DATA, set_data(root + "/c", b"2")),
        ("create grandchild", CREATE, create(root + "/c/g")), ("delete grandchild", DELETE, delete(root + "/c/g")),
        ("set", SET_DATA, set_data(root, b"x")), ("setACL", SET_ACL, set_acl(root)), ("delete child", DELETE, delete(root + "/c")),
        ("multi", MULTI, multi((CREATE, create(root + "/m")), (SET_DATA, set_data(root + "/m", b"1")), (DELETE, delete(root + "/m")))),
        ("failed multi", MULTI, multi((CREATE, create(root + "/m")), (DELETE, delete("/nope")))),
        ("delete", DELETE, delete(root)), ("create again", CREATE, create(root)), ("and delete", DELETE, delete(root)),
    ]
    for label, op, body in steps:
        yield label, op, body


def one_shot(s):
    for kind, op in {"exists": EXISTS, "data": GET_DATA, "children": GET_CHILDREN, "children2": GET_CHILDREN2}.items():
        writer, watcher = s.session(f"{kind} writer"), s.session(f"{kind} watcher")
        root = f"/o-{kind}"
        watcher.say("watch a missing node", op, path_watch(root, True))
        writer.say("create", CREATE, create(root))
        watcher.ping()
        for label, change, body in changes(writer, root):
            watcher.say("watch", op, path_watch(root, True))
            writer.say(label, change, body)
            watcher.ping(label + " heard")
        writer.bye()
        watcher.bye()
    self = s.session("self")
    self.say("create", CREATE, create("/self"))
    self.say("watch", GET_DATA, path_watch("/self", True))
    self.say("watch children", GET_CHILDREN, path_watch("/self", True))
    self.say("delete", DELETE, delete("/self"))
    self.bye()


def persistent(s):
    for mode in (0, 1):
        writer, watcher = s.session(f"mode {mode} writer"), s.session(f"mode {mode} watcher")
        root = f"/p{mode}"
        watcher.say("add", ADD_WATCH, path_int(root, mode))
        watcher.say("add twice", ADD_WATCH, path_int(root, mode))
        writer.say("create", CREATE, create(root))
        watcher.ping("create heard")
        for label, change, body in changes(writer, root):
            writer.say(label, change, body)
            watcher.ping(label + " heard")
        watcher.say("the other mode too", ADD_WATCH, path_int(root, 1 - mode))
        watcher.say("and a one-shot one", EXISTS, path_watch(root, True))
        writer.say("create", CREATE, create(root))
        for label, change, body in changes(writer, root):
            writer.say(label, change, body)
            watcher.ping(label + " heard")
        for bad in (-1, 2, 3, 99):
            watcher.say(f"bad mode {bad}", ADD_WATCH, path_int("/x", bad))
        writer.bye()
        watcher.bye()


def removal(s):
    a = s.session("remover")
    for path in ("/r", "/r/c"):
        a.say("create", CREATE, create(path))
    for kind in (0, 1, 2, 3, 4, 5, 6, -1):
        for op in (CHECK_WATCHES, REMOVE_WATCHES):
            a.say(f"op {op} type {kind} with none", op, path_int("/r", kind))
    for kind in (1, 2, 3, 4, 5):
        a.say("data", GET_DATA, path_watch("/r", True))
        a.say("children", GET_CHILDREN, path_watch("/r", True))
        a.say("persistent", ADD_WATCH, path_int("/r", 0))
        a.say("recursive", ADD_WATCH, path_int("/r", 1))
        a.say(f"check {kind}", CHECK_WATCHES, path_int("/r", kind))
        a.say(f"remove {kind}", REMOVE_WATCHES, path_int("/r", kind))
        a.say(f"check {kind} again", CHECK_WATCHES, path_int("/r", kind))
        a.say(f"remove {kind} again", REMOVE_WATCHES, path_int("/r", kind))
        for left in (1, 2, 3, 4, 5):
            a.say(f"is {left} left", CHECK_WATCHES, path_int("/r", left))
        a.say("set", SET_DATA, set_data("/r", b"1"))
        a.say("create a child", CREATE, create("/r/x"))
        a.say("delete it", DELETE, delete("/r/x"))
        a.say("set the child", SET_DATA, set_data("/r/c", b"1"))
    a.bye()


def replay(s):
    a, w = s.session("past"), s.session("replayer")
    a.say("old", CREATE, create("/old"))
    a.say("changed", CREATE, create("/changed"))
    a.say("gone", CREATE, create("/gone"))
    a.say("parent", CREATE, create("/parent"))
    a.raw.send(EXISTS, path_watch("/"))
    zxid = a.raw.recv().zxid
    a.say("set", SET_DATA, set_data("/changed", b"1"))
    a.say("delete", DELETE, delete("/gone"))
    a.say("child", CREATE, create("/parent/child"))
    a.say("appears", CREATE, create("/appears"))
    paths = ["/old", "/changed", "/gone", "/parent", "/appears", "/missing"]
    for name, lists in {
        "data": (paths, [], []), "exist": ([], paths, []), "child": ([], [], paths), "all": (paths, paths, paths),
    }.items():
        w.say(f"setWatches {name}", SET_WATCHES, set_watches(zxid, *lists), xid=XID_SET_WATCHES)
    w.say("setWatches2", SET_WATCHES2, set_watches(zxid, [], [], [], ["/old", "/missing"], ["/parent"]), xid=XID_SET_WATCHES)
    w.say("another xid", SET_WATCHES, set_watches(zxid, [], [], []), xid=9)
    for n in range(3):
        lists = [[], [], []]
        lists[n] = None
        w.say(f"null list {n}", SET_WATCHES, set_watches(zxid, *lists), xid=XID_SET_WATCHES)
    w.say("bad path in the list", SET_WATCHES, set_watches(zxid, ["bad", ""], [], []), xid=XID_SET_WATCHES)
    w.say("null path in the list", SET_WATCHES, set_watches(zxid, [None], [], []), xid=XID_SET_WATCHES)
    w.ping()
    for path in ("/old", "/missing"):
        a.say(f"change {path}", *((SET_DATA, set_data(path, b"2")) if path == "/old" else (CREATE, create(path))))
        w.ping(f"{path} heard")
    a.say("below the recursive one", SET_DATA, set_data("/parent/child", b"9"))
    w.ping("recursive heard")
    a.say("delete the child", DELETE, delete("/parent/child"))
    w.ping("deletion heard")
    a.bye()
    w.bye()


def hidden(s):
    """A watcher without READ gets no events."""
    owner, spy = s.session("owner"), s.session("spy")
    owner.say("auth", AUTH, auth("digest", b"u:p"), xid=XID_AUTH)
    spy.say("add", ADD_WATCH, path_int("/secret", 1))
    spy.say("exists", EXISTS, path_watch("/secret", True))
    owner.say("create", CREATE, create("/secret", acl=[(31, "auth", "")]))
    spy.ping("create heard")
    owner.say("child", CREATE, create("/secret/open"))
    spy.ping("open child heard")
    owner.say("set", SET_DATA, set_data("/secret", b"1"))
    spy.ping("set heard")
    owner.say("delete child", DELETE, delete("/secret/open"))
    spy.ping("open child's deletion heard")
    owner.say("delete", DELETE, delete("/secret"))
    spy.ping("deletion heard")
    owner.bye()
    spy.bye()
