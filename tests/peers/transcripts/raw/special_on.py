"""TTL nodes with extended types on, and reconfig that is enabled, on a standalone server."""

from rawzk import (AUTH, CREATE, CREATE2, CREATE_CONTAINER, CREATE_TTL, EXISTS, GET_CHILDREN2, GET_DATA, MULTI, RECONFIG,
                   SET_DATA, XID_AUTH, auth, create, create_ttl, multi, path_watch, reconfig, set_data)
from transcripts.raw.acls import SUPER

FLAGS = [SUPER, "zookeeper.extendedTypesEnabled=true"]
CFG = {"reconfigEnabled": "true"}
TTL_MAX = 1099511627775


def play(s):
    a = s.session("a")
    a.say("parent", CREATE, create("/t"))
    for flags in (5, 6):
        for time in (1, 600000, TTL_MAX, TTL_MAX + 1, 0, -1, -2**63, 2**63 - 1):
            a.say(f"flags {flags} ttl {time}", CREATE_TTL, create_ttl(f"/t/{flags}-{time}-", time, b"d", flags=flags))
    for flags in (0, 1, 2, 3, 4, 7, -1):
        a.say(f"flags {flags}", CREATE_TTL, create_ttl(f"/t/plain{flags}", 1000, flags=flags))
    a.say("bad ttl and bad ACL", CREATE_TTL, create_ttl("/t/x", 0, acl=[]))
    a.say("bad ACL", CREATE_TTL, create_ttl("/t/x", 5, acl=[]))
    for op in (CREATE, CREATE2, CREATE_CONTAINER):
        for flags in (4, 5, 6):
            a.say(f"op {op} flags {flags}", op, create(f"/o{op}-{flags}-", flags=flags))
    a.say("long-lived", CREATE_TTL, create_ttl("/t/long", 3600000, b"d"))
    a.say("stat", EXISTS, path_watch("/t/long"))
    a.say("set", SET_DATA, set_data("/t/long", b"e"))
    a.say("child of a TTL node", CREATE, create("/t/long/c"))
    a.say("children", GET_CHILDREN2, path_watch("/t/long"))
    a.say("in a multi", MULTI, multi((CREATE_TTL, create_ttl("/t/m", 3600000)), (CREATE_TTL, create_ttl("/t/m-", 3600000, flags=6))))
    for flags, time in ((5, 0), (5, -1), (5, TTL_MAX + 1), (6, 0)):
        a.say(f"in a multi flags {flags} ttl {time}", MULTI, multi((CREATE_TTL, create_ttl("/t/bad", time, flags=flags))))
    reconfiguration(a)
    a.bye()


def reconfiguration(a):
    for name, body in {"add": reconfig("server.9=127.0.0.1:1:2;3"), "bad": reconfig("some thing"), "nothing": reconfig()}.items():
        a.say(f"reconfig {name}", RECONFIG, body)
    a.say("auth", AUTH, auth("digest", b"super:test"), xid=XID_AUTH)
    for name, body in {"add": reconfig("server.9=127.0.0.1:1:2;3"), "bad": reconfig("some thing"), "nothing": reconfig()}.items():
        a.say(f"reconfig {name} as super", RECONFIG, body)
    a.say("config", GET_DATA, path_watch("/zookeeper/config"))
