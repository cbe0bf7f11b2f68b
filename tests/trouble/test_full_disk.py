"""A disk that is full or becomes read-only: nothing acknowledged is lost, and a log line says why writes fail."""

import itertools

import pytest

import harness
from rawclient import ConnectionLost, RawClient, ZkError

# A new name for each attempt: a write whose reply was lost may have been executed, so its name may exist.
NUMBERS = itertools.count()
FLAGS = ["zookeeper.snapCount=200", "zookeeper.preAllocSize=64"]


def write_until_trouble(server, acked: list[str], most: int = 3000):
    """Writes until a write is refused or the connection is lost; returns whether that happened."""
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
def test_a_full_disk_loses_nothing_and_writes_resume_when_there_is_space_quoll(tmp_path, tmpfs, killed):
    disk = tmpfs("64m")
    server = harness.Server("quoll", tmp_path / "server", {"dataDir": disk.root / "data"}, jvmflags=FLAGS).start()
    acked: list[str] = []
    write_until_trouble(server, acked, 100)
    disk.fill(leave=1_000_000)
    assert write_until_trouble(server, acked), "a full disk must refuse writes"
    assert "No space left" in server.log_text() or "disk" in server.log_text().lower()
    assert server.alive(), "a full disk must not end the server"
    if killed:
        server.kill()
    disk.make_room()
    if killed:
        server.start()
    harness.wait_for(lambda: not write_until_trouble(server, acked, 1), 10, "writes to be accepted again")
    all_there(server, acked)
    server.kill()
    server.start()
    all_there(server, acked)


def test_a_disk_that_becomes_read_only_loses_nothing_acknowledged_quoll(tmp_path, forgetful):
    """The kernel remounts a file system read-only after an error, even with open files: then every write fails."""
    disk = forgetful()
    server = harness.Server("quoll", tmp_path / "server", {"dataDir": disk.root}, jvmflags=FLAGS).start()
    acked: list[str] = []
    write_until_trouble(server, acked, 100)
    disk.send("readonly 1")
    assert write_until_trouble(server, acked)
    assert "Read-only file system" in server.log_text()
    server.kill()
    disk.send("readonly 0")
    server.start()
    all_there(server, acked)
