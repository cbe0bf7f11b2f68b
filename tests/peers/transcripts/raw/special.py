"""Quotas, containers, reconfig and TTL nodes while extended types are off."""

from rawzk import (AUTH, CREATE, CREATE2, CREATE_CONTAINER, CREATE_TTL, DELETE, DELETE_CONTAINER, EXISTS, GET_DATA, MULTI, RECONFIG, SET_ACL,
                   SET_DATA, XID_AUTH, auth, create, create_ttl, delete, just_path, multi, path_watch, reconfig, set_acl, set_data)
from transcripts.raw.acls import SUPER

FLAGS = [SUPER, "zookeeper.enforceQuota=true"]


def play(s):
    a = s.session("a")
    quota(a)
    containers(a)
    ttl(a)
    reconfiguration(a)
    a.bye()


def quota(a):
    a.say("node", CREATE, create("/q", b"12345"))
    a.say("quota parent", CREATE, create("/zookeeper/quota/q"))
    a.say("limits", CREATE, create("/zookeeper/quota/q/zookeeper_limits", b"count=-1,bytes=-1,byteHardLimit=20,countHardLimit=4"))
    a.say("stats", CREATE, create("/zookeeper/quota/q/zookeeper_stats", b"count=1,bytes=5"))
    a.say("first child", CREATE, create("/q/1", b"123"))
    a.say("stats follow", GET_DATA, path_watch("/zookeeper/quota/q/zookeeper_stats"))
    a.say("too many bytes", CREATE, create("/q/2", b"x" * 20))
    a.say("too many bytes by set", SET_DATA, set_data("/q/1", b"x" * 20))
    a.say("within", SET_DATA, set_data("/q/1", b"x" * 10))
    a.say("second child", CREATE, create("/q/2"))
    a.say("third child", CREATE, create("/q/3"))
    a.say("fourth child", CREATE, create("/q/4"))
    a.say("in a multi", MULTI, multi((CREATE, create("/q/5")), (DELETE, delete("/q/3"))))
    a.say("stats follow", GET_DATA, path_watch("/zookeeper/quota/q/zookeeper_stats"))
    a.say("delete", DELETE, delete("/q/2"))
    a.say("stats follow the deletion", GET_DATA, path_watch("/zookeeper/quota/q/zookeeper_stats"))
    a.say("limits move", SET_DATA, set_data("/zookeeper/quota/q/zookeeper_limits", b"count=5,bytes=-1"))
    a.say("now allowed", CREATE, create("/q/big", b"x" * 50))
    a.say("malformed limits", SET_DATA, set_data("/zookeeper/quota/q/zookeeper_limits", b"count=-1,bytes=-1"))
    a.say("limits go", DELETE, delete("/zookeeper/quota/q/zookeeper_limits"))
    a.say("stats stay", GET_DATA, path_watch("/zookeeper/quota/q/zookeeper_stats"))
    a.say("quota's stat", EXISTS, path_watch("/zookeeper/quota"))


def containers(a):
    a.say("container", CREATE_CONTAINER, create("/cont", b"c", flags=4))
    a.say("stat", EXISTS, path_watch("/cont"))
    a.say("child", CREATE, create("/cont/x"))
    a.say("deleteContainer with a child", DELETE_CONTAINER, just_path("/cont"))
    a.say("delete child", DELETE, delete("/cont/x"))
    a.say("deleteContainer", DELETE_CONTAINER, just_path("/cont"))
    a.say("gone", EXISTS, path_watch("/cont"))
    a.say("plain", CREATE, create("/plain"))
    a.say("deleteContainer of a plain node", DELETE_CONTAINER, just_path("/plain"))
    a.say("plain is", EXISTS, path_watch("/plain"))
    a.say("ephemeral", CREATE, create("/eph", flags=1))
    a.say("deleteContainer of an ephemeral", DELETE_CONTAINER, just_path("/eph"))
    a.say("deleteContainer of nothing", DELETE_CONTAINER, just_path("/nothing"))
    a.say("null", DELETE_CONTAINER, just_path(None))


def ttl(a):
    for flags, time in ((5, 1000), (6, 1000), (5, 0), (5, -1), (0, 1000), (7, 1000)):
        a.say(f"createTTL flags {flags} ttl {time}", CREATE_TTL, create_ttl(f"/ttl{flags}-{time}", time, flags=flags))
    for op in (CREATE, CREATE2):
        a.say(f"op {op} flags 5", op, create("/t5", flags=5))
        a.say(f"op {op} flags 6, bad ACL", op, create("/t6", acl=[], flags=6))


def reconfiguration(a):
    for name, body in {
        "add": reconfig("server.9=127.0.0.1:1:2;3"), "remove": reconfig(None, "9"), "all": reconfig(None, None, "server.1=a:1:2;3"),
        "bad": reconfig("some thing"), "nothing": reconfig(), "future id": reconfig("server.9=127.0.0.1:1:2;3", config_id=99),
    }.items():
        a.say(f"reconfig {name}", RECONFIG, body)
    a.say("auth", AUTH, auth("digest", b"super:test"), xid=XID_AUTH)
    a.say("as super", RECONFIG, reconfig("server.9=127.0.0.1:1:2;3"))
    a.say("open the config", SET_ACL, set_acl("/zookeeper/config"))
    a.say("config", GET_DATA, path_watch("/zookeeper/config"))
