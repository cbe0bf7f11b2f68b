"""A server that is stopped for longer than its sessions' timeouts while their clients continue to ping."""

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor

import rawclient as zk
from rawclient import RawClient

import harness

TIMEOUT_MS = 4000
LONGER_MS = 2 * TIMEOUT_MS
STOPPED_S = 60 if os.environ.get("QUOLL_LONG") else 13
# More than the event loop reports at once (128): all their pings must be read before the first session may expire.
CLIENTS = 400


def owner_of(server, path: str) -> RawClient:
    client = RawClient(server.client_port, LONGER_MS)
    client.create(path, flags=zk.EPHEMERAL)
    return client


def test_a_stopped_server_expires_no_session_with_pings_quoll(tmp_path):
    server = harness.Server("quoll", tmp_path, {"maxClientCnxns": 0}).start()
    # Many at a time, so that they share fsyncs: one by one on a slow disk, the first would be silent for too long when the last connects.
    with ThreadPoolExecutor(40) as pool:
        clients = list(pool.map(lambda number: owner_of(server, f"/e{number}"), range(CLIENTS)))
    silent = RawClient(server.client_port, TIMEOUT_MS)
    server.signal(signal.SIGSTOP)
    # The silent session's timeout ends before the first ping, so the timer is reported before the pings.
    time.sleep(7)
    ends = time.monotonic() + STOPPED_S - 7
    pings = 0
    while time.monotonic() < ends:
        for client in clients:
            client.send(zk.PING, xid=-2)
        pings += 1
        time.sleep(LONGER_MS / 3000)
    server.signal(signal.SIGCONT)
    for number, client in enumerate(clients):
        for _ in range(pings):
            assert client.receive().xid == -2
        assert client.exists(f"/e{number}").ephemeralOwner == client.session_id
    expired = [line for line in server.log_text().splitlines() if "Expiring" in line]
    assert all(f"0x{silent.session_id:x}" in line for line in expired), expired


def test_a_silent_client_still_expires_after_the_server_was_stopped_quoll(tmp_path):
    server = harness.Server("quoll", tmp_path).start()
    silent = RawClient(server.client_port, TIMEOUT_MS)
    silent.create("/gone", flags=zk.EPHEMERAL)
    server.signal(signal.SIGSTOP)
    time.sleep(1)
    server.signal(signal.SIGCONT)
    other = RawClient(server.client_port, 30_000)
    harness.wait_for(lambda: other.exists("/gone") is None, 3 * TIMEOUT_MS / 1000, "the silent session to expire")
