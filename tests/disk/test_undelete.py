"""A tree that was deleted by mistake is brought back while clients work."""

import base64
import hashlib
import threading

import pytest
from harness import Server
from rawzk import (AUTH, CREATE, CREATE_CONTAINER, CREATE_TTL, DELETE, EPHEMERAL, EXISTS, GET_CHILDREN, GET_DATA, MULTI, SEQUENTIAL, SET_DATA, Raw,
                   Reader, auth, create, create_ttl, delete, multi, path_watch, set_data)
from test_backup import made, refused, value_of
from test_tools import objects, tool

SECRET = [(31, "digest", "admin:" + base64.b64encode(hashlib.sha1(b"admin:secret").digest()).decode())]


def children(line: Raw, path: str) -> list[str]:
    reply, _ = line.call(GET_CHILDREN, path_watch(path, False))
    assert reply.err == 0, path
    reader = Reader(reply.body)
    return sorted(reader.text() for _ in range(reader.i32()))


def call(line: Raw, op: int, body: bytes):
    reply, _ = line.call(op, body)
    assert reply.err == 0, (op, body, reply.err)
    return reply


def delete_all(line: Raw, path: str):
    for name in children(line, path):
        delete_all(line, f"{path}/{name}")
    call(line, DELETE, delete(path))


@pytest.fixture(params=["quoll", "apache"])
def server(request, tmp_path):
    with Server(request.param, tmp_path / "server", cfg={"extendedTypesEnabled": "true", "snapCount": 200}) as running:
        yield running


def plant(line: Raw, line_of_owner: Raw):
    call(line, AUTH, auth("digest", b"admin:secret"))
    call(line, CREATE, create("/app", b"root"))
    call(line, CREATE, create("/app/config", b"x" * 300_000))
    call(line, SET_DATA, set_data("/app/config", b"y" * 300_000))
    call(line, CREATE, create("/app/config2", b"z" * 300_000))
    call(line, CREATE, create("/app/private", b"p", SECRET))
    call(line, CREATE, create("/app/private/inner", b"", SECRET))
    call(line, CREATE_CONTAINER, create("/app/box", b"", flags=4))
    call(line, CREATE, create("/app/box/item", None))
    call(line, CREATE_TTL, create_ttl("/app/fleeting", 3_600_000, b"t"))
    call(line, CREATE, create("/app/queue", b""))
    call(line, MULTI, multi(*[(CREATE, create("/app/queue/n-", b"", flags=SEQUENTIAL))] * 300))
    call(line, MULTI, multi(*[(DELETE, delete(f"/app/queue/n-{number:010}")) for number in range(298)]))
    call(line_of_owner, CREATE, create("/app/mine", b"", flags=EPHEMERAL))
    call(line, CREATE, create("/apple", b"another tree"))


def test_a_deleted_tree_comes_back_while_clients_work(server, tmp_path):
    with Raw(server.client_port) as line, Raw(server.client_port) as other:
        line.connect()
        other.connect()
        plant(line, other)
        before = {path: value_of(line, path) for path in ("/app", "/app/config", "/app/config2", "/app/private", "/app/box/item", "/app/fleeting")}
        failures, ended = [], threading.Event()
        call(line, CREATE, create("/counter", b""))

        def work():
            with Raw(server.client_port) as worker:
                worker.connect()
                while not ended.is_set():
                    reply, _ = worker.call(SET_DATA, set_data("/counter", b"1"))
                    failures.extend([reply.err] if reply.err else [])

        worker = threading.Thread(target=work)
        worker.start()
        try:
            with Raw(server.client_port) as culprit:
                culprit.connect()
                call(culprit, AUTH, auth("digest", b"admin:secret"))
                delete_all(culprit, "/app")
            arguments = ["/app", "--from", server.data_dir, "--server", server.hosts, "--auth", "digest:admin:secret"]
            listed = tool("undelete", *arguments, "--dry-run")
            assert "/app/box bytes=0 cversion=1 container" in listed and "/app/fleeting bytes=1 cversion=0 ttl=3600000" in listed
            assert "/app/mine" not in listed and "/apple" not in listed and "nothing was written" in listed and "1 ephemerals" in listed
            assert line.call(EXISTS, path_watch("/app", False))[0].err == -101
            done = made("undelete", *arguments)
            assert done["written"] == done["znodes"] == 11 and done["ephemerals_left_out"] == 1
        finally:
            ended.set()
            worker.join()
        assert not failures
        assert {path: value_of(line, path) for path in before} == before
        assert children(line, "/app") == ["box", "config", "config2", "fleeting", "private", "queue"]
        assert children(line, "/app/queue") == [f"n-{number:010}" for number in (298, 299)]
        reply = call(line, CREATE, create("/app/queue/n-", b"", flags=SEQUENTIAL))
        assert reply.body.endswith(b"n-0000000300"), "no number is given twice"
        with Raw(server.client_port) as stranger:
            stranger.connect()
            assert stranger.call(GET_DATA, path_watch("/app/private", False))[0].err == -102
        # What is there is not touched.
        assert "exists" in refused("undelete", *arguments)


def test_quoll_undeletes_as_of_a_point_and_refuses_what_it_cannot_do(tmp_path):
    with Server("quoll", tmp_path / "server") as server, Raw(server.client_port) as line:
        line.connect()
        call(line, AUTH, auth("digest", b"admin:secret"))
        call(line, CREATE, create("/a", b"1"))
        point = call(line, CREATE, create("/a/b", b"2", SECRET)).zxid
        call(line, CREATE, create("/a/b/c", b"3", SECRET))
        call(line, SET_DATA, set_data("/a/b", b"4"))
        arguments = ["--from", server.data_dir, "--server", server.hosts]
        assert "do not show that /a was deleted" in refused("undelete", "/a", *arguments)
        delete_all(line, "/a")
        assert "/a does not exist" in refused("undelete", "/a/b", *arguments, "--auth", "digest:admin:secret")
        text = refused("undelete", "/a", *arguments)
        assert "0 of 3 znodes are written" in text and "--auth" in text
        assert line.call(EXISTS, path_watch("/a", False))[0].err == -101, "a batch happens whole or not at all"
        (done,) = objects(tool("undelete", "/a", *arguments, "--at", hex(point), "--json"))
        assert done["as_of"] == hex(point) and done["znodes"] == 2
        assert value_of(line, "/a/b") == b"2" and children(line, "/a/b") == []
        assert "did not exist" in refused("undelete", "/x", *arguments, "--at", hex(point))
        refused("undelete", "/", *arguments, code=2)
        refused("undelete", "a", *arguments, code=2)
        refused("undelete", "/zookeeper", *arguments, code=2)
        refused("undelete", "/a", "--from", tmp_path / "nosuch", "--server", server.hosts)


def test_quoll_undeletes_from_a_backup_without_a_server_in_it(tmp_path):
    server = Server("quoll", tmp_path / "server")
    with server, Raw(server.client_port) as line:
        line.connect()
        call(line, CREATE, create("/a", b"1"))
        call(line, CREATE, create("/a/b", b"2"))
        delete_all(line, "/a")
        made("backup", tmp_path / "backup", "--from", server.data_dir)
        made("undelete", "/a", "--from", tmp_path / "backup", "--server", server.hosts)
        assert value_of(line, "/a/b") == b"2"
