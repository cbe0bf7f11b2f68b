"""ACLs and authentication: what is accepted, what is masked, and who may do what."""

from rawzk import (AUTH, CREATE, CREATE2, DELETE, EXISTS, GET_ACL, GET_ALL_CHILDREN_NUMBER, GET_CHILDREN,
                   GET_CHILDREN2, GET_DATA, OPEN, SASL, SET_ACL, SET_DATA, SYNC, WHO_AM_I, XID_AUTH, auth, buf, create,
                   delete, just_path, path_watch, set_acl, set_data)

SUPER = "zookeeper.DigestAuthenticationProvider.superDigest=super:D/InIHSb7yEEbrWz8b9l71RjZJU="
FLAGS = [SUPER]  # super:test

ODD = [
    [(31, "world", "anyone")], [(31, "world", "someone")], [(31, "world", "")], [(31, "world", None)],
    [(31, "auth", "")], [(31, "auth", None)], [(31, "auth", "x")],
    [(31, "ip", "127.0.0.1")], [(31, "ip", "127.0.0.1/8")], [(31, "ip", "127.0.0.1/32")], [(31, "ip", "127.0.0.1/33")],
    [(31, "ip", "127.0.0.1/-1")], [(31, "ip", "256.0.0.1")], [(31, "ip", "1.2.3")], [(31, "ip", "::1")],
    [(31, "ip", "::1/64")], [(31, "ip", "::1/129")], [(31, "ip", "")], [(31, "ip", "localhost")],
    [(31, "digest", "user:hash")], [(31, "digest", "nocolon")], [(31, "digest", "a:b:c")], [(31, "digest", "")],
    [(31, "digest", ":")], [(31, "sasl", "me")], [(31, "x509", "CN=me")], [(31, "super", "")], [(31, "", "")],
    [(31, None, None)], [(31, "unknown", "x")], [(0, "world", "anyone")], [(-1, "world", "anyone")],
    [(32, "world", "anyone")], [(255, "world", "anyone")], [*OPEN, (1, "bad", "one")], [*OPEN, *OPEN],
    [(1, "world", "anyone"), (2, "world", "anyone")],
]


def play(s):
    accepted(s)
    schemes(s)
    rights(s)


def accepted(s):
    a = s.session("a")
    for n, acl in enumerate(ODD):
        a.say(f"create with {acl}", CREATE, create(f"/odd{n}", acl=acl))
        a.say(f"ACL of {acl}", GET_ACL, just_path(f"/odd{n}"))
        a.say("set it elsewhere", CREATE, create(f"/other{n}"))
        a.say(f"setACL {acl}", SET_ACL, set_acl(f"/other{n}", acl))
    a.say("setACL null", SET_ACL, set_acl("/other0", None))
    a.say("setACL empty", SET_ACL, set_acl("/other0", []))
    a.bye()


def schemes(s):
    for scheme, data in (("digest", b"u:p"), ("digest", b"nocolon"), ("digest", b""), ("digest", b":"), ("digest", None),
                         ("digest", b"\xff\xfe:x"), ("ip", b"anything"), ("ip", None), ("world", b"anyone"),
                         ("auth", b""), ("super", b"test"), ("sasl", b"x"), ("x509", b"x"), ("", b""), (None, b""),
                         ("unknown", b"x")):
        a = s.session(f"auth {scheme} {data}")
        a.say("auth", AUTH, auth(scheme, data), xid=XID_AUTH)
        a.say("who am I", WHO_AM_I)
        a.say("close session", -11)
    a = s.session("auth with another type and xid")
    a.say("auth", AUTH, auth("digest", b"u:p", kind=77), xid=5)
    a.say("auth again", AUTH, auth("digest", b"u:p"), xid=XID_AUTH)
    a.say("auth of another user", AUTH, auth("digest", b"v:q"), xid=XID_AUTH)
    a.say("who am I", WHO_AM_I)
    a.bye()
    a = s.session("auth truncated")
    a.say("auth", AUTH, auth("digest", b"u:p")[:-2], xid=XID_AUTH)
    a = s.session("sasl without JAAS")
    a.say("sasl", SASL, buf(b"token"))
    a.ping()
    a.bye()


def rights(s):
    owner, other, boss = s.session("owner"), s.session("other"), s.session("boss")
    owner.say("auth", AUTH, auth("digest", b"u:p"), xid=XID_AUTH)
    boss.say("auth", AUTH, auth("digest", b"super:test"), xid=XID_AUTH)
    boss.say("who am I", WHO_AM_I)
    owner.say("create for creator", CREATE, create("/mine", b"secret", [(31, "auth", "")]))
    owner.say("owner sees the ACL", GET_ACL, just_path("/mine"))
    for perms in range(6):
        bits = 0 if perms == 5 else 1 << perms
        acl = [(bits, "world", "anyone"), (31, "auth", "ignored")]
        path = f"/world{bits}"
        owner.say(f"create with {bits} for the world", CREATE2, create(path, b"d", acl))
        owner.say("child", CREATE, create(path + "/c", acl=acl))
        for op, body in ((GET_DATA, path_watch(path)), (EXISTS, path_watch(path)), (GET_CHILDREN, path_watch(path)),
                         (GET_CHILDREN2, path_watch(path)), (GET_ACL, just_path(path)), (SYNC, just_path(path)),
                         (GET_ALL_CHILDREN_NUMBER, just_path(path)), (SET_DATA, set_data(path, b"e")),
                         (SET_DATA, set_data(path, b"e", 9)), (CREATE, create(path + "/new")),
                         (CREATE, create(path + "/c")), (DELETE, delete(path + "/nope")), (DELETE, delete(path + "/c")),
                         (SET_ACL, set_acl(path, acl)), (SET_ACL, set_acl(path, acl, 9))):
            other.say(f"other: op {op} with {bits}", op, body)
    for line in (owner, other, boss):
        line.say("get", GET_DATA, path_watch("/mine"))
        line.say("getACL", GET_ACL, just_path("/mine"))
        line.say("set", SET_DATA, set_data("/mine", b"x"))
    boss.say("super sets the ACL", SET_ACL, set_acl("/mine", [(1, "digest", "u:x")]))
    for line in (owner, other, boss):
        line.say("getACL after", GET_ACL, just_path("/mine"))
    boss.say("super sets the config", SET_DATA, set_data("/zookeeper/config", b"x"))
    owner.say("owner sets the config", SET_DATA, set_data("/zookeeper/config", b"x"))
    for line in (owner, other, boss):
        line.bye()
