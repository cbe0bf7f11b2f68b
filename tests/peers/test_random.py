"""Requests drawn by chance, over several sessions, to Apache's server and to the kind under test: all bytes must agree.

PEERS_SEED picks the seed (default 1), PEERS_REQUESTS the number of requests.
"""

import os

import rawzk
from harness import Server
from random_requests import Draw
from raw_scribe import Scribe
from transcript import assert_same

SEED = int(os.environ.get("PEERS_SEED", 1))
REQUESTS = int(os.environ.get("PEERS_REQUESTS", 1500))
FLAGS = ["zookeeper.extendedTypesEnabled=true", "zookeeper.enforceQuota=true"]
CFG = {"maxSessionTimeout": 600000}


def open_lines(s: Scribe, round_: int):
    lines = [s.session(f"{name}{round_}", timeout=600000) for name in "ABC"]
    lines[0].say("auth", rawzk.AUTH, rawzk.auth("digest", b"u:p"), xid=rawzk.XID_AUTH)
    return lines


def listen(kind: str, folder) -> str:
    draw = Draw(SEED)
    with Server(kind, folder, cfg=CFG, jvmflags=FLAGS) as server:
        s = Scribe(server)
        s.note(f"seed {SEED}")
        lines = open_lines(s, 0)
        for number in range(REQUESTS):
            line = draw.rng.choice(lines)
            op, body = draw.request()
            line.say(f"{number} op {op} {body!r}", op, body)
            # What others were told of it, before anything else happens.
            for other in lines:
                other.ping(f"{number} ping")
            if draw.rng.random() < 0.004:
                for old in lines:
                    old.bye()
                lines = open_lines(s, number)
        return s.end()


def listen_to_batches(kind: str, folder) -> str:
    """One session that sends many requests at once: order, and what each sees of those before it."""
    draw = Draw(SEED)
    # No enforced quota: Apache checks it against what is applied by then, which is chance within a batch.
    with Server(kind, folder, cfg=CFG, jvmflags=FLAGS[:1]) as server:
        s = Scribe(server)
        s.note(f"seed {SEED}")
        line = s.session("A", timeout=600000)
        for number in range(REQUESTS // 20):
            # No setACL: as long as one is on its way, Apache judges what follows by the old ACL, by a race.
            batch = [r for r in (draw.request() for _ in range(draw.rng.randrange(1, 40))) if r[0] != rawzk.SET_ACL]
            for op, body in batch:
                line.raw.send(op, body)
            for op, body in batch:
                line.hear(f"{number} op {op} {body!r}", op)
        return s.end()


def test_random_batches(server_kind, tmp_path):
    expected = listen_to_batches("apache", tmp_path / "expected")
    assert_same(expected, listen_to_batches(server_kind, tmp_path / "said"), server_kind)


def test_random_requests(server_kind, tmp_path):
    # Apache's side is played anew for each kind, which costs less than keeping a seed's text in step.
    expected = listen("apache", tmp_path / "expected")
    said = listen(server_kind, tmp_path / "said")
    (tmp_path / "transcript").write_text(said)
    assert_same(expected, said, server_kind)
