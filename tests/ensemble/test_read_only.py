"""The client library's search for a server with a quorum, while it is connected to one of Apache's that has none and only reads."""

import contextlib
import subprocess

import pytest
from harness import quoll_bin, spawn, wait_for


def is_read_only(member) -> bool:
    with contextlib.suppress(OSError):
        return member.four_letter("isro").strip() == "ro"
    return False


@pytest.mark.parametrize("others", ["apache", "quoll"])
def test_a_client_moves_from_a_read_only_server_to_one_with_a_quorum(make_ensemble, tmp_path, others):
    ensemble = make_ensemble(["apache", others, others], partitions=True, jvmflags=["readonlymode.enabled=true"])
    ensemble.network.part([1], [2, 3])
    # Without a quorum, Apache's servers begin only local sessions.
    ensemble[1].extra_cfg["localSessionsEnabled"] = "true"
    ensemble.start(1)
    wait_for(lambda: is_read_only(ensemble[1]), 60, "the read-only mode", interval=0.2)
    out = tmp_path / "shell.out"
    with out.open("w") as output:
        shell = spawn([quoll_bin(), "shell", "-r", "-server", ensemble.hosts, "-timeout", "20000"], text=True, stdin=subprocess.PIPE, stdout=output,
                      stderr=subprocess.STDOUT)

    def say(line: str) -> str:
        shell.stdin.write(line + "\n")
        shell.stdin.flush()
        return out.read_text()
    say("create /early x")
    say("ls /")
    wait_for(lambda: "[zookeeper]" in out.read_text(), 30, "a read")
    assert "Not a read-only call: /early" in out.read_text()
    ensemble.start(2, 3)
    ensemble.settle(2, 3)
    # The client finds them by itself, while its own server keeps it.
    wait_for(lambda: "Created /late" in say("create /late x"), 90, "a write", interval=1)
    assert is_read_only(ensemble[1])
    shell.stdin.close()
    shell.wait(30)
    client = ensemble.client(2)
    assert client.exists("/late") and not client.exists("/early")
