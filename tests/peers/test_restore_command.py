"""The command restore of the AdminServer, beside Apache's: statuses, answers, and what a server holds afterwards."""

import json

import pytest
from admin_shapes import get, layout
from harness import Server
from rawzk import CREATE, GET_DATA, SET_DATA, Raw, create, path_watch, set_data
from test_admin_server import start

IDENTITY = {"Authorization": "digest admin:secret"}
# A microsecond for Apache's server and ours: no request comes too soon.
AT_ONCE = {"admin.rateLimiterIntervalInMS": "1"}


def restore(port: int, body: bytes, headers=IDENTITY) -> tuple[int, dict]:
    status, fields, text = get(port, "/commands/restore", {"Content-Type": "application/octet-stream", **headers}, "POST", body)
    assert fields["Content-Type"].startswith("application/json"), fields
    return status, json.loads(text)


def value(server: Server, path: str):
    with Raw(server.client_port) as line:
        line.connect()
        reply, _ = line.call(GET_DATA, path_watch(path, False))
        return reply.body[4:4 + int.from_bytes(reply.body[:4], "big")] if reply.err == 0 else reply.err


def write(server: Server, *requests):
    with Raw(server.client_port) as line:
        line.connect()
        for op, body in requests:
            assert line.call(op, body)[0].err == 0


@pytest.fixture(scope="module")
def histories(tmp_path_factory):
    """Of each kind: the bytes of a snapshot, and its zxid."""
    made = {}
    for kind in ("apache", "quoll"):
        server, port = start(kind, tmp_path_factory.mktemp(kind), **AT_ONCE)
        with server:
            write(server, (CREATE, create("/a", b"old")), (CREATE, create("/a/b", b"x" * 100_000)))
            status, fields, body = get(port, "/commands/snapshot", IDENTITY)
            assert status == 200
            made[kind] = body, int(fields["last_zxid"], 16)
    return made


@pytest.mark.parametrize("source", ["apache", "quoll"])
def test_a_new_server_gets_the_state_and_answers_as_apaches(histories, tmp_path, source):
    body, zxid = histories[source]
    answers = {}
    for kind in ("apache", "quoll"):
        server, port = start(kind, tmp_path / kind, **AT_ONCE)
        with server:
            status, _, text = get(port, "/commands/restore", IDENTITY, "POST", body)
            answers[kind] = status, json.loads(text), layout(text)
            assert value(server, "/a") == b"old"
    assert answers["quoll"] == answers["apache"]
    assert answers["quoll"][:2] == (200, {"last_zxid": zxid, "command": "restore", "error": None})


def test_refusals_have_apaches_status_and_change_nothing(histories, tmp_path):
    body, _ = histories["apache"]
    flipped = bytearray(body)
    flipped[len(body) // 2] ^= 1
    cases = {"no identity": (body, {}), "no scheme": (body, {"Authorization": "nosuch a:b"}), "foreign": (b"hello, world" * 1000, IDENTITY), "flipped": (bytes(flipped), IDENTITY),
             "torn": (body[:len(body) // 2], IDENTITY), "cut by a byte": (body[:-1], IDENTITY)}
    said = {}
    for kind in ("apache", "quoll"):
        server, port = start(kind, tmp_path / kind, **AT_ONCE)
        with server:
            write(server, (CREATE, create("/a", b"mine")))
            said[kind] = {name: restore(port, sent, headers)[0] for name, (sent, headers) in cases.items()}
            assert value(server, "/a") == b"mine"
            if kind == "quoll":
                for name, (sent, headers) in cases.items():
                    assert restore(port, sent, headers)[1]["error"], name
                # Apache's server looks neither at the version nor at what follows the snapshot.
                for sent in (body[:7] + b"\x03" + body[8:], body + b"x"):
                    assert restore(port, sent)[0] == 500
                assert get(port, "/commands/restore", IDENTITY)[0] == 405
    assert said["quoll"] == said["apache"]
    assert said["quoll"] == {"no identity": 401, "no scheme": 401, "foreign": 500, "flipped": 500, "torn": 500, "cut by a byte": 500}


def test_switches_have_apaches_status(histories, tmp_path):
    body, _ = histories["quoll"]
    for name, cfg, expected in (("off", {"admin.restore.enabled": "false"}, [503]), ("limited", {"admin.rateLimiterIntervalInMS": "300000000"}, [200, 429]),
                                ("no zxid", {"serializeLastProcessedZxid.enabled": "false"}, [500])):
        for kind in ("apache", "quoll"):
            server, port = start(kind, tmp_path / f"{kind}-{name}", **cfg)
            with server:
                assert [restore(port, body)[0] for _ in expected] == expected, (kind, name)


def test_the_restored_state_of_quoll_stays_and_later_transactions_follow_it(histories, tmp_path):
    body, _ = histories["apache"]
    server, port = start("quoll", tmp_path / "quoll", **AT_ONCE)
    with server:
        write(server, (CREATE, create("/a", b"mine")), (CREATE, create("/later", b"")), *[(SET_DATA, set_data("/a", b"mine"))] * 100)
        with Raw(server.client_port) as line:
            line.connect()
            before = line.call(SET_DATA, set_data("/a", b"mine"))[0].zxid
        status, answer = restore(port, body)
        assert status == 200 and answer["last_zxid"] > before
        write(server, (CREATE, create("/after", b"1")))
        server.kill()
        server.start()
        assert (value(server, "/a"), value(server, "/after"), value(server, "/later")) == (b"old", b"1", -101)
