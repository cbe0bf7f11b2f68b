"""A disk whose fsync fails once, or whose writes fail: the server ends at once, and after the next start everything acknowledged is there."""

import threading
import time

import pytest

import harness
from rawclient import ConnectionLost, RawClient


def started(disk, tmp_path) -> harness.Server:
    return harness.Server("quoll", tmp_path / "server", {"dataDir": disk.root}).start()


def write_until_lost(client: RawClient, acked: list[str], most: int = 1000):
    for number in range(len(acked), len(acked) + most):
        client.create(f"/n{number}")
        acked.append(f"n{number}")


def all_there(server, acked):
    there = {name.decode() for name in RawClient(server.client_port).children("/")}
    assert set(acked) <= there


@pytest.mark.parametrize("trouble", ["fail_fsync 1", "fail_write 1"])
@pytest.mark.parametrize("seed", range(4))
def test_a_failed_write_or_sync_of_the_log_ends_the_server_and_loses_nothing_quoll(tmp_path, forgetful, trouble, seed):
    disk = forgetful()
    server = started(disk, tmp_path)
    client, acked = RawClient(server.client_port), []
    write_until_lost(client, acked, 50)
    disk.send(trouble)
    with pytest.raises(ConnectionLost):
        write_until_lost(client, acked)
    assert server.wait_end(5) == 1, "Apache's code for an unexpected error"
    assert "Input/output error" in server.log_text()
    disk.cut(seed)
    server.start()
    all_there(server, acked)
    # And once more: pages that the failed fsync left unwritten must not be relied on.
    more = RawClient(server.client_port)
    write_until_lost(more, acked, 50)
    server.kill()
    disk.cut(seed)
    server.start()
    all_there(server, acked)


def test_nothing_is_acknowledged_while_fsync_stalls_quoll(tmp_path, forgetful):
    disk = forgetful()
    server = started(disk, tmp_path)
    client, acked = RawClient(server.client_port), []
    write_until_lost(client, acked, 10)
    disk.send("stall_fsync 600000")

    def write():
        with pytest.raises(ConnectionLost):
            write_until_lost(client, acked)
    writer = threading.Thread(target=write)
    writer.start()
    time.sleep(1.5)
    assert len(acked) == 10
    server.process.kill()
    disk.cut()
    # A process that is killed in an fsync only ends when the fsync returns.
    disk.send("stall_fsync 0")
    writer.join()
    server.kill()
    assert len(acked) == 10
    disk.cut()
    server.start()
    all_there(server, acked)
