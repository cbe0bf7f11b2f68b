"""A process with few descriptors, or with little memory."""

import resource
import socket
import ssl
from pathlib import Path

import pytest

import harness
from rawclient import ConnectionLost, RawClient
from stores import Stores


def set_limit(server, what: int, bound: int):
    resource.prlimit(server.pid, what, (bound, resource.prlimit(server.pid, what)[1]))


def test_without_descriptors_the_server_logs_it_and_recovers_quoll(tmp_path):
    server = harness.Server("quoll", tmp_path, {"maxClientCnxns": 0},
                            jvmflags=["zookeeper.snapCount=100", "zookeeper.preAllocSize=64"]).start()
    old = RawClient(server.client_port)
    old.create("/old")
    set_limit(server, resource.RLIMIT_NOFILE, 64)
    crowd = []
    while "Cannot accept a connection" not in server.log_text():
        assert len(crowd) < 100
        try:
            crowd.append(RawClient(server.client_port, socket_timeout=0.3))
        except ConnectionLost:
            pass
    # The log must still roll and snapshots must be taken: a few descriptors are reserved for files.
    try:
        for number in range(400):
            old.create(f"/old/n{number}")
    except ConnectionLost:
        pytest.fail(f"the existing session was lost:\n{server.log_text()[-2000:]}")
    for client in crowd:
        client.drop()
    late = harness.wait_for(lambda: try_connect(server), 10, "a new connection")
    assert len(late.children("/old")) == 400
    server.kill()
    server.start()
    assert len(RawClient(server.client_port).children("/old")) == 400


def try_connect(server):
    try:
        return RawClient(server.client_port, socket_timeout=1)
    except ConnectionLost:
        return None


def test_without_memory_the_server_ends_with_a_line_and_starts_again_quoll(tmp_path):
    server = harness.Server("quoll", tmp_path).start()
    client = RawClient(server.client_port)
    used = int(open(f"/proc/{server.pid}/statm").read().split()[0]) * resource.getpagesize()
    set_limit(server, resource.RLIMIT_AS, used + 16_000_000)
    acked = 0
    with pytest.raises(ConnectionLost):
        for acked in range(400):
            client.create(f"/n{acked}", bytes(900_000))
    code = server.wait_end(10)
    last = server.log_text().splitlines()[-3:]
    assert any("memory" in line for line in last), (code, last)
    assert code > 0, (code, last)
    server.start()
    assert len(RawClient(server.client_port).children("/")) >= acked


def test_connections_count_before_their_tls_handshake_is_done_quoll(tmp_path):
    """Of 3,000 unfinished handshakes from one address the server holds at most 60 at any time."""
    stores = Stores(tmp_path / "stores")
    secure = harness.free_port()
    server = harness.Server("quoll", tmp_path / "server", {"secureClientPort": secure, **stores.settings("server", "pem")}).start()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    hello = context.wrap_bio(incoming, outgoing)
    with pytest.raises(ssl.SSLWantReadError):
        hello.do_handshake()
    first_flight = outgoing.read()
    crowd, refused = [], 0
    for _ in range(3000):
        left = socket.create_connection(("127.0.0.1", secure), 10)
        try:
            left.sendall(first_flight)
        except OSError:
            refused += 1
        crowd.append(left)
        if len(crowd) > 200:  # so that this process does not need 3,000 descriptors
            crowd.pop(100).close()
    descriptors = len(list(Path(f"/proc/{server.pid}/fd").iterdir()))
    assert descriptors < 60 + 40, descriptors
    assert "(maxClientCnxns)" in server.log_text()
    # A plain client from the same address exceeds the limit, and is accepted when the handshakes have ended.
    for left in crowd:
        left.close()
    harness.wait_for(lambda: try_connect(server), 10, "a new connection")
