"""Each rule of docs/deviations.md is necessary and sufficient: without it the comparison fails, with it it passes."""

import os

import pytest
import rawzk as z
import zkfiles
from exchange import Exchange
from history import History
from pair import Pair
from rules import NEVER, Rules

SLOTS = {"A": {"host": "127.0.0.1", "auth": []}}
ON = {"zookeeper.extendedTypesEnabled": "true"}
NAMES = ["/" + n for n in "zulu mike alpha quebec sierra echo tango oscar bravo lima x1 yankee kilo hotel".split()]


def ask(op: int, body: bytes = b"", **more) -> dict:
    return {"do": "request", "slot": "A", "op": op, "body": body.hex(), **more}


def made(*paths: str, flags: int = 0) -> list[dict]:
    return [ask(z.CREATE, z.create(path, b"", flags=flags)) for path in paths]


def word(name: str) -> dict:
    return {"do": "word", "word": name}


QUOTA = [*made("/a", "/zookeeper/quota/a"), ask(z.CREATE, z.create("/zookeeper/quota/a/zookeeper_limits", b"count=50,bytes=-1")),
         ask(z.CREATE, z.create("/zookeeper/quota/a/zookeeper_stats", b"count=0,bytes=0")), *made(*[f"/a/{n}" for n in range(12)])]
EMOJI = [(31, "world", "anyone"), (31, "digest", "\U0001f600:x")]
ASKS_AS_MANY = [ask(z.AUTH, z.auth("digest", f"{n}:p".encode()), xid=-4) for n in "dcbazyx"]

# Steps that need each rule. The rules `fatal` and `apart` have tests of their own.
NEEDED = {
    "order of getChildren": [*made(*NAMES), ask(z.GET_CHILDREN, z.path_watch("/"))],
    "order of getChildren2": [*made(*NAMES), ask(z.GET_CHILDREN2, z.path_watch("/"))],
    "order of multiRead": [*made(*NAMES), ask(z.MULTI_READ, z.multi((z.GET_CHILDREN, z.path_watch("/"))))],
    "order of getEphemerals": [*made(*NAMES, flags=1), ask(z.GET_EPHEMERALS, z.just_path("/"))],
    "order of whoAmI": [*ASKS_AS_MANY, ask(z.WHO_AM_I)],
    "order of getACL": [*ASKS_AS_MANY, ask(z.CREATE, z.create("/a", b"", [(31, "auth", "")])), ask(z.GET_ACL, z.just_path("/a"))],
    "order of tree": [*ASKS_AS_MANY, ask(z.CREATE, z.create("/a", b"", [(31, "auth", "")]))],
    "order of log": [*ASKS_AS_MANY, ask(z.CREATE, z.create("/a", b"", [(31, "auth", "")])), ask(z.DELETE, z.delete("/a"))],
    "order of a session's end": [*made(*NAMES, flags=1), *({"do": "request", "slot": "B", "op": z.EXISTS, "body": z.path_watch(n, True).hex()}
                                                          for n in NAMES), {"do": "close", "slot": "A"}],
    "parts deleteContainer apache=0 quoll=-102": [ask(z.CREATE, z.create("/a", b"", [(1, "world", "anyone")])),
                                                  ask(z.CREATE, z.create("/b", b"")), ask(z.SET_ACL, z.set_acl("/", [(5, "world", "anyone")])),
                                                  ask(z.DELETE_CONTAINER, z.just_path("/a"))],
    "surrogates in tree": [ask(z.CREATE, z.create("/a", b"", EMOJI))],
    "refused writes in cons": [ask(z.DELETE, z.delete("/none")), word("cons")],
    "surrogates in whoAmI": [ask(z.AUTH, z.auth("digest", "\U0001f600:x".encode()), xid=-4), ask(z.WHO_AM_I)],
    "surrogates in getACL": [ask(z.CREATE, z.create("/a", b"", EMOJI)), ask(z.GET_ACL, z.just_path("/a"))],
    "word mntr /^zk_((max|last)_client_response_size|response_bytes)/": [ask(z.CREATE, z.create("/a", b"", EMOJI)),
                                                                  ask(z.GET_ACL, z.just_path("/a")), word("mntr")],
    "word mntr /^zk_response_packet_(get_children_)?cache_/ quoll=/\\t(0|<int>)$/": [*made("/a"), *[ask(z.GET_DATA, z.path_watch("/a"))] * 3, word("mntr")],
    "word mntr /^zk_auth_failed_count/": [ask(z.AUTH, z.auth("nosuch", b"x"), xid=-4, ends=1), word("mntr")],
    "word mntr /^zk_cnt_node_deleted_watch_count/": [*made("/a"), ask(z.GET_DATA, z.path_watch("/a", True)),
                                                     ask(z.GET_CHILDREN, z.path_watch("/a", True)), ask(z.DELETE, z.delete("/a")), word("mntr")],
    "word mntr /^zk_approximate_data_size/": [*QUOTA, word("mntr")],
    "word mntr /^zk_digest_mismatches_count/ quoll=/\\t0$/": [ask(z.CREATE_CONTAINER, z.create("/a", b"", flags=0)), word("mntr")],
    "headings of dump that nothing stands under": [*made("/a", flags=1), ask(z.DELETE, z.delete("/a")), word("dump")],
    "repeats in hash": [*[ask(z.SET_DATA, z.set_data("/none"))] * 127, ask(z.CREATE, b""), word("hash")],
    "log an error under the zxid of the transaction before": [*made("/a"), ask(z.CREATE, b"")],
    "log a digest that is not the tree's": [ask(z.CREATE_CONTAINER, z.create("/a", b"", flags=0)),
                                            ask(z.MULTI, z.multi((z.SET_DATA, z.set_data("/", b"new")), (z.CREATE, z.create("/b"))))],
    "log a digest of what changes nothing": None,   # depends on how a multi fails; seed 11 needs it
    "data after recovery /\\/zookeeper_stats$/": None,  # needs a replay over a snapshot that counts twice
}


def checked() -> list[str]:
    """The rules to check: all, or with QUOLL_HALF=0 or 1 every second one; CI takes one half or the other by the commit."""
    with_steps = [rule for rule, steps in NEEDED.items() if steps]
    half = os.environ.get("QUOLL_HALF")
    return with_steps if half is None else with_steps[int(half)::2]


@pytest.mark.parametrize("rule", checked())
def test_a_rule_is_needed_and_enough(rule, tmp_path):
    history = History(0, ON, SLOTS | {"B": SLOTS["A"]}, NEEDED[rule])
    rules = Rules.load()
    assert rule in rules.texts
    found = Pair(folder=tmp_path, rules=rules).play(history, Exchange(rules, tmp_path))
    assert found is None, found.text()
    assert rules.uses[rule] > 0
    without = Rules([text for text in rules.texts if text != rule])
    try:
        assert Pair(folder=tmp_path, rules=without).play(history, Exchange(without, tmp_path)) is not None, "this rule is not needed"
    except zkfiles.BadFile as e:
        assert "zxids do not rise" in str(e) and rule.startswith("log an error")


def test_every_rule_of_deviations_md_has_a_test():
    texts = Rules.load().texts
    assert sorted([*NEEDED, *("fatal " + name for name in FATAL_REQUESTS), *("apart " + name for name in APART)]) == sorted(texts)
    assert len(set(texts)) == len(texts)


def test_a_rule_of_an_unknown_kind_is_refused(tmp_path):
    (tmp_path / "page.md").write_text("Rule: `anything goes`.\n")
    with pytest.raises(ValueError, match="anything goes"):
        Rules.load(tmp_path / "page.md")


# A request that ends Apache's server, at once or at the next change below /a, and Quoll's answer to it.
FATAL_REQUESTS = {
    "createTTL with a flag that names no TTL and a TTL below 0": ((z.CREATE_TTL, z.create_ttl("/t", -5, flags=0)), -8),
    "a limit for the root of all quotas": ((z.CREATE, z.create("/zookeeper/quota/zookeeper_limits", b"count=1,bytes=1")), -8),
    "the end of a limit outside of all quotas": ((z.DELETE, z.delete("/zookeeper_x/zookeeper_limits")), 0),
    "quota statistics that are no numbers": ((z.SET_DATA, z.set_data("/zookeeper/quota/a/zookeeper_stats", None)), 0),
}


@pytest.mark.parametrize("name", FATAL_REQUESTS)
def test_a_fatal_request_ends_apaches_server_and_not_quoll(name, tmp_path):
    import harness

    (op, body), answer = FATAL_REQUESTS[name]
    assert NEVER[name](op, body)
    after = z.create("/a/after")
    for kind in harness.BOTH:
        with harness.Server(kind, tmp_path / kind, jvmflags=[f"{k}={v}" for k, v in ON.items()]) as server:
            raw = z.Raw(server.client_port)
            raw.connect()
            for step in [*QUOTA, *made("/zookeeper_x", "/zookeeper_x/zookeeper_limits")]:
                raw.call(step["op"], bytes.fromhex(step["body"]))
            if kind == "quoll":
                assert raw.call(op, body)[0].err == answer
                assert raw.call(z.CREATE, after)[0].err == 0
            else:
                raw.send(op, body)
                raw.send(z.CREATE, after)
                server.wait_end()  # it ends without a signal


APART = {
    "quota nodes beside the tree of quotas": made("/zookeeper/quotas", "/zookeeper/quotas/zookeeper_stats"),
    "a name that begins or ends with a blank": [
        *made("/zookeeper/quota/b", "/ ", "/ /b"),
        ask(z.CREATE, z.create("/zookeeper/quota/b/zookeeper_limits", b"count=50,bytes=-1")),
        ask(z.CREATE, z.create("/zookeeper/quota/b/zookeeper_stats", b"count=0,bytes=0")), ask(z.DELETE, z.delete("/ /b"))],
}


@pytest.mark.parametrize("name", APART)
def test_the_trees_differ_after_a_request_that_is_never_sent(name, tmp_path):
    steps = APART[name]
    assert any(NEVER[name](step["op"], bytes.fromhex(step["body"])) for step in steps)
    found = Pair(folder=tmp_path).play(History(0, ON, SLOTS, steps))
    assert found is not None and found.step["do"] == "tree"
