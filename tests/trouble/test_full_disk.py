"""A tmpfs that is full, or goes read-only: nothing acknowledged is lost, and there is a line that says why."""

import itertools

import pytest

import harness
from rawclient import ConnectionLost, RawClient, ZkError

# A name for each attempt: a write whose answer was lost may be done later, and its name would be taken.
NUMBERS = itertools.count()
FLAGS = ["zookeeper.snapCount=200", "zookeeper.preAllocSize=64"]


def write_until_trouble(server, acked: list[str], most: int = 3000):
    """Until a write is turned away or the connection is lost; True when it was."""
    try:
        client = RawClient(server.client_port, socket_timeout=5)
        for number in itertools.islice(NUMBERS, most):
            client.create(f"/n{number}", bytes(2000))
            acked.append(f"n{number}")
    except (ConnectionLost, ZkError):
        return True
    return False


def all_there(server, acked):
    there = {name.decode() for name in RawClient(server.client_port).children("/")}
    assert set(acked) <= there


@pytest.mark.parametrize("killed", [False, True], ids=["left alone", "killed"])
def test_a_full_disk_loses_nothing_and_writes_go_on_with_room_quoll(tmp_path, tmpfs, killed):
    disk = tmpfs("64m")
    server = harness.Server("quoll", tmp_path / "server", {"dataDir": disk.root / "data"}, jvmflags=FLAGS).start()
    acked: list[str] = []
    write_until_trouble(server, acked, 100)
    disk.fill(leave=1_000_000)
    assert write_until_trouble(server, acked), "a full disk turns writes away"
    assert "No space left" in server.log_text() or "disk" in server.log_text().lower()
    assert server.alive(), "a full disk ends nobody"
    if killed:
        server.kill()
    disk.make_room()
    if killed:
        server.start()
    harness.wait_for(lambda: not write_until_trouble(server, acked, 1), 10, "writes to go on")
    all_there(server, acked)
    server.kill()
    server.start()
    all_there(server, acked)


def test_a_disk_gone_read_only_loses_nothing_quoll(tmp_path, forgetful):
    """As a kernel remounts it after an error, with files open: from then on every write fails."""
    disk = forgetful()
    server = harness.Server("quoll", tmp_path / "server", {"dataDir": disk.root}, jvmflags=FLAGS).start()
    acked: list[str] = []
    write_until_trouble(server, acked, 100)
    disk.tell("readonly 1")
    assert write_until_trouble(server, acked)
    assert "Read-only file system" in server.log_text()
    server.kill()
    disk.tell("readonly 0")
    server.start()
    all_there(server, acked)
