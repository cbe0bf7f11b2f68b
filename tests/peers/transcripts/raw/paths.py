"""Malformed and unusual paths through every operation that takes one."""

from rawzk import (ADD_WATCH, CREATE, DELETE, DELETE_CONTAINER, EXISTS, GET_ACL, GET_ALL_CHILDREN_NUMBER, GET_CHILDREN,
                   GET_CHILDREN2, GET_DATA, GET_EPHEMERALS, SET_ACL, SET_DATA, SYNC, create, delete, just_path,
                   path_int, path_watch, set_acl, set_data)

PATHS = [None, "", "/", "a", "a/b", "//", "/a//b", "/a/", "/.", "/..", "/a/./b", "/a/../b", "/a.", "/.a", "/...",
         "/nul\0", "/ctl\x01", "/tab\t", "/us\x1f", "/space ", "/del\x7f", "/c1\x80", "/c1\x9f", "/nbsp\xa0",
         "/private\ue000", "/f8ff\uf8ff", "/f900\uf900", "/fff0\ufff0", "/ffff\uffff", "/ffef\uffef",
         "/emoji\U0001F600", "/zookeeper/", "/zookeeper/quota/../x", b"/bad\xff\xfe", b"/cut\xe4\xb8", "/" + "long" * 500]


def play(s):
    a = s.session("a")
    for path in PATHS:
        name = repr(path if path is None or len(path) < 40 else path[:10])
        a.say(f"create {name}", CREATE, create(path))
        a.say(f"create sequential {name}", CREATE, create(path, flags=2))
        a.say(f"exists {name}", EXISTS, path_watch(path))
        a.say(f"get {name}", GET_DATA, path_watch(path))
        a.say(f"children {name}", GET_CHILDREN, path_watch(path))
        a.say(f"children2 {name}", GET_CHILDREN2, path_watch(path))
        a.say(f"getACL {name}", GET_ACL, just_path(path))
        a.say(f"set {name}", SET_DATA, set_data(path, b"1"))
        a.say(f"setACL {name}", SET_ACL, set_acl(path))
        a.say(f"sync {name}", SYNC, just_path(path))
        a.say(f"number {name}", GET_ALL_CHILDREN_NUMBER, just_path(path))
        a.say(f"ephemerals {name}", GET_EPHEMERALS, just_path(path))
        a.say(f"addWatch {name}", ADD_WATCH, path_int(path, 0))
        if path != "/":
            a.say(f"delete {name}", DELETE, delete(path))
        a.say(f"deleteContainer {name}", DELETE_CONTAINER, just_path(path))
    for path in ("/", "/zookeeper", "/zookeeper/quota", "/zookeeper/config"):
        a.say(f"delete {path}", DELETE, delete(path))
        a.say(f"get {path}", GET_DATA, path_watch(path))
        a.say(f"children2 {path}", GET_CHILDREN2, path_watch(path))
        a.say(f"getACL {path}", GET_ACL, just_path(path))
    a.bye()
