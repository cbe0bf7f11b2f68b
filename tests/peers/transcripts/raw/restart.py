"""What survives a restart: data, versions, sessions, ephemerals, ACLs, and the next zxid."""

from rawzk import (AUTH, CREATE, CREATE2, DELETE, EXISTS, GET_ACL, GET_CHILDREN2, GET_DATA, MULTI, SET_ACL, SET_DATA, XID_AUTH,
                   auth, create, delete, just_path, multi, path_watch, set_acl, set_data)

CFG = {"maxSessionTimeout": 600000}


def play(s):
    keeper, leaver = s.session("keeper", timeout=300000), s.session("leaver", timeout=300000)
    keeper.say("auth", AUTH, auth("digest", b"u:p"), xid=XID_AUTH)
    build(keeper)
    leaver.say("ephemeral", CREATE, create("/leaver", flags=1))
    sessions = {line.name: line.session for line in (keeper, leaver)}
    for how in ("stop", "kill"):
        getattr(s.server, how)()
        for line in s.open_lines:
            line.raw.close()
        s.open_lines.clear()
        s.server.start()
        s.note(f"--- restarted after {how}")
        keeper = s.line("keeper")
        keeper.connect("resume", session_id=sessions["keeper"].session_id, passwd=sessions["keeper"].passwd, timeout=300000)
        look(keeper)
        keeper.say("next write", SET_DATA, set_data("/r/data", how.encode()))
        keeper.say("next sequence", CREATE, create("/r/s-", flags=2))
    leaver = s.line("leaver")
    leaver.connect("resume", session_id=sessions["leaver"].session_id, passwd=sessions["leaver"].passwd, timeout=300000)
    leaver.say("its ephemeral", EXISTS, path_watch("/leaver"))
    leaver.bye()
    keeper.say("gone with it", EXISTS, path_watch("/leaver"))
    look(keeper)
    keeper.bye()


def build(a):
    a.say("root", CREATE2, create("/r"))
    a.say("data", CREATE, create("/r/data", b"0"))
    a.say("null", CREATE, create("/r/null", None))
    a.say("empty", CREATE, create("/r/empty", b""))
    a.say("closed", CREATE, create("/r/closed", b"", [(31, "auth", "")]))
    a.say("its ACL", SET_ACL, set_acl("/r/closed", [(1, "world", "anyone"), (31, "auth", "")], 0))
    for _ in range(3):
        a.say("sequential", CREATE, create("/r/s-", flags=2))
    a.say("ephemeral", CREATE, create("/r/e", flags=1))
    a.say("multi", MULTI, multi((CREATE, create("/r/m")), (SET_DATA, set_data("/r/m", b"1")), (DELETE, delete("/r/m"))))
    a.say("set", SET_DATA, set_data("/r/data", b"1"))
    a.say("failed", SET_DATA, set_data("/r/data", b"1", 99))


def look(a):
    for path in ("/", "/r", "/r/data", "/r/null", "/r/empty", "/r/closed", "/r/e"):
        a.say(f"get {path}", GET_DATA, path_watch(path))
        a.say(f"children {path}", GET_CHILDREN2, path_watch(path))
        a.say(f"acl {path}", GET_ACL, just_path(path))
