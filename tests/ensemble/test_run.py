"""`make run-ensemble`: three servers in one command."""

import signal
import subprocess

from harness import ROOT, can_bind, free_port, quoll_bin, spawn, wait_for


def three_ports() -> int:
    """The first of three free ports in a row."""
    return wait_for(lambda: all(map(can_bind, range(port := free_port(), port + 3))) and port, 10, "three free ports in a row")


def shown(number: int, client: int) -> str:
    text = subprocess.run([ROOT / "tools" / "run_ensemble.sh", "--try", str(number)], text=True, capture_output=True, check=True).stdout
    for n in range(3):
        text = text.replace(str(2181 + n), str(client + n))
    return text


def test_quoll_runs_three_servers_until_an_interrupt(tmp_path):
    client = three_ports()
    script = spawn([ROOT / "tools" / "run_ensemble.sh", quoll_bin(), client, three_ports(), three_ports()], cwd=tmp_path,
                   text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def roles() -> list[str]:
        return subprocess.run(["sh", "-c", shown(1, client)], cwd=tmp_path, text=True, capture_output=True).stdout.splitlines()
    wait_for(lambda: sorted(roles()) == ["Mode: follower", "Mode: follower", "Mode: leader"], 60, "a leader and two followers")
    script.send_signal(signal.SIGINT)
    said, _ = script.communicate(timeout=60)
    assert script.returncode == 0
    assert said.rstrip().endswith(f"All three have stopped. Their data stays in {tmp_path}/data.")
    for n in (1, 2, 3):
        assert "Stopped" in (tmp_path / "data" / str(n) / "server.log").read_text()
