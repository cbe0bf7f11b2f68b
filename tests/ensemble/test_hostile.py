"""Three Quoll servers with somebody at their election and quorum ports who is no member, lies, or is misconfigured."""

import contextlib
import os
import socket
import struct
import time
from pathlib import Path

import pytest

from ensemble import Member
from harness import free_ports, wait_for
from test_three import fill, write

HELLO = struct.pack(">q", -65536)
INFO = 11


def hello(number: int, address: bytes = b"") -> bytes:
    return HELLO + struct.pack(">qi", number, len(address)) + address


def packet(kind: int, zxid: int, data: bytes) -> bytes:
    return struct.pack(">iqi", kind, zxid, len(data)) + data + struct.pack(">i", -1)


def info(number: int, version: int = 0) -> bytes:
    return struct.pack(">qiq", number, 0x10000, version)


def ports(member) -> list[int]:
    """Its quorum port and its election port."""
    line = member.cfg[f"server.{member.number}"].split(":")
    return [int(line[1]), int(line[2])]


def ends(port: int, data: bytes, seconds: float = 30) -> bool:
    """Whether the server closes a connection on which it gets this."""
    with socket.create_connection(("127.0.0.1", port), timeout=seconds) as connection:
        with contextlib.suppress(ConnectionError):
            connection.sendall(data)
        try:
            while connection.recv(65536):
                pass
        except ConnectionError:
            pass
        except TimeoutError:
            return False
    return True


@pytest.fixture
def three(make_ensemble):
    made = make_ensemble(("quoll",) * 3).start()
    made.settle()
    return made


def expect_well(three, leader):
    """The same server leads, and all serve."""
    write(three.client(), f"/well{time.monotonic_ns()}")
    assert three.settle() is leader
    assert three.differences() == []


ELECTION = [
    (hello(9, b"x:1"), "server 9, which is no member of the ensemble"),
    (hello(2**63 - 1, b"x:1"), "which is no member of the ensemble"),
    (hello(-1, b"x:1"), "which is no member of the ensemble"),
    (HELLO + struct.pack(">qi", 2, 0), "is not the hello of a ZooKeeper server"),
    (HELLO + struct.pack(">qi", 2, -5), "is not the hello of a ZooKeeper server"),
    (HELLO + struct.pack(">qi", 2, 2**31 - 1), "is not the hello of a ZooKeeper server"),
    (struct.pack(">qqi", -65530, 2, 1) + b"x", "is not the hello of a ZooKeeper server"),
    (b"GET / HTTP/1.1\r\n\r\n", "which is no member of the ensemble"),
]
QUORUM = [
    (packet(3, 1 << 32, b""), "its first packet does not say who it is"),
    (packet(2, 1 << 32, b"txn"), "it sent PROPOSAL, which no learner sends"),
    (packet(INFO, 1 << 32, b"1234567"), "it sent FOLLOWERINFO of a wrong length"),
    (packet(INFO, 1 << 32, info(9)), "it is no member of the ensemble"),
    (packet(INFO, 0x7ffffffe << 32, info(1)), "its accepted epoch is too far from this server's"),
    (packet(INFO, 1 << 32, info(1, 99)), "its configuration is newer than this leader's"),
    (struct.pack(">iqi", INFO, 0, 2**31 - 1), "a packet of an impossible length"),
    (struct.pack(">iqi", 77, 0, 0), "bytes that are no packet of the quorum port"),
    (b"GET / HTTP/1.1\r\n\r\n", "bytes that are no packet of the quorum port"),
]


def test_nonsense_at_both_ports_ends_the_connection_with_a_line(three):
    leader = three.leader()
    quorum, election = ports(leader)
    for port, cases in ((election, ELECTION), (quorum, QUORUM)):
        for data, line in cases:
            assert ends(port, data), line
            wait_for(lambda: line in leader.log_text(), 10, line)
    expect_well(three, leader)


def test_silent_connections_are_limited_and_end(three):
    leader = three.leader()
    silent = [socket.create_connection(("127.0.0.1", port)) for port in ports(leader) for _ in range(150)]
    expect_well(three, leader)
    for connection in silent:
        connection.settimeout(30)
        with contextlib.suppress(ConnectionError):
            assert connection.recv(1) == b""
        connection.close()
    assert "it did not say who it is in time" in leader.log_text()


def another(three, folder: Path, number: int, lines: dict[str, str]) -> Member:
    """A further server with a list of its own."""
    cfg = {key: value for key, value in three[1].cfg.items() if key not in ("dataDir", "clientPort")}
    return Member(number, "quoll", folder, {**cfg, **lines})


def test_a_server_that_nobody_has_in_its_list_is_refused_by_name(three, tmp_path):
    leader = three.leader()
    quorum, election = free_ports(2)
    stranger = another(three, tmp_path / "stranger", 4, {"server.4": f"127.0.0.1:{quorum}:{election}"})
    stranger.start(wait=False)
    try:
        for member in three:
            wait_for(lambda m=member: "server 4, which is no member of the ensemble" in m.log_text(), 30, f"the line of {member}")
        expect_well(three, leader)
        wait_for(lambda: stranger.role() == "looking", 30, "the stranger to look for a leader")
    finally:
        stranger.kill()


def test_a_second_server_with_the_same_myid_does_not_stop_the_ensemble(three, tmp_path):
    leader = three.leader()
    number = three.followers()[0].number
    quorum, election = free_ports(2)
    twin = another(three, tmp_path / "twin", number, {f"server.{number}": f"127.0.0.1:{quorum}:{election}"})
    twin.start(wait=False)
    try:
        for i in range(20):
            write(three.client(leader.number), f"/while{i}")
            time.sleep(0.1)
        three.wait_role(leader.number, "leader")
    finally:
        twin.kill()
    three.settle()
    assert three.differences() == []


def test_a_server_whose_list_names_wrong_ports_does_not_stop_the_others(three):
    leader = three.leader()
    wrong = three.followers()[0]
    wrong.stop()
    for member in three:
        if member is not wrong:
            wrong.extra_cfg[f"server.{member.number}"] = "127.0.0.1:{}:{}".format(*free_ports(2))
    wrong.start(wait=False)
    write(three.client(leader.number), "/without-it")
    wait_for(lambda: "Waiting for server" in wrong.log_text(), 30, "a line that says whom it waits for")
    three.wait_role(wrong.number, "looking")
    three.wait_role(leader.number, "leader")


def test_j6_elections_leave_no_descriptors_behind(three):
    def descriptors(member) -> int:
        return len(os.listdir(f"/proc/{member.pid}/fd"))
    keeps = three[1]
    client = three.client()
    fill(client, "/data", 5)
    before = descriptors(keeps)
    for round in range(6):
        other = next(m for m in three if m is not keeps and (m.role() == "leader" or round % 2))
        other.kill()
        three.settle(*(m.number for m in three if m is not other))
        other.start(wait=False)
        three.settle()
        write(client, f"/round{round}")
    wait_for(lambda: descriptors(keeps) <= before + 6, 30, f"not more than {before} descriptors and a few, as before; there are {descriptors(keeps)}")
