"""A server that is stopped for longer than its sessions' timeouts while their clients go on pinging."""

import os
import signal
import time

import rawclient as zk
from rawclient import RawClient

import harness

TIMEOUT_MS = 4000
STOPPED_S = 60 if os.environ.get("QUOLL_LONG") else 2 * TIMEOUT_MS / 1000


def test_a_stopped_server_expires_nobody_who_pinged_quoll(tmp_path):
    server = harness.Server("quoll", tmp_path).start()
    clients = [RawClient(server.client_port, TIMEOUT_MS) for _ in range(20)]
    for number, client in enumerate(clients):
        client.create(f"/e{number}", flags=zk.EPHEMERAL)
    server.signal(signal.SIGSTOP)
    ends = time.monotonic() + STOPPED_S
    pings = 0
    while time.monotonic() < ends:
        for client in clients:
            client.send(zk.PING, xid=-2)
        pings += 1
        time.sleep(TIMEOUT_MS / 3000)
    server.signal(signal.SIGCONT)
    for number, client in enumerate(clients):
        for _ in range(pings):
            assert client.receive().xid == -2
        assert client.exists(f"/e{number}").ephemeralOwner == client.session_id
    assert "Expiring" not in server.log_text()


def test_a_silent_client_still_expires_after_the_server_was_stopped_quoll(tmp_path):
    server = harness.Server("quoll", tmp_path).start()
    silent = RawClient(server.client_port, TIMEOUT_MS)
    silent.create("/gone", flags=zk.EPHEMERAL)
    server.signal(signal.SIGSTOP)
    time.sleep(1)
    server.signal(signal.SIGCONT)
    other = RawClient(server.client_port, 30_000)
    harness.wait_for(lambda: other.exists("/gone") is None, 3 * TIMEOUT_MS / 1000, "the silent session to expire")
