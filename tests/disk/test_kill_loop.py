"""A few kills of each kind of server; kill_loop.py itself runs longer."""

import pytest

import harness
import kill_loop
import zkfiles
from kill_writer import Broken


@pytest.mark.parametrize("kind", harness.BOTH)
def test_kills_lose_no_acknowledged_write(tmp_path, kind):
    figures = kill_loop.run(kind, tmp_path, kills=5)
    assert figures["reconnects"] >= 4 * 16


def test_a_lost_write_is_detected(tmp_path, monkeypatch):
    """The check detects losses: if the log loses its end at a kill, the loop fails."""
    kill = harness.Server.kill

    def kill_and_lose(server):
        kill(server)
        last = zkfiles.log_files(server.data_log_dir)[-1]
        written = last.stat().st_size - zkfiles.read_log(last).padding
        with last.open("r+b") as log:
            log.truncate(written * 3 // 4)

    monkeypatch.setattr(harness.Server, "kill", kill_and_lose)
    with pytest.raises(Broken):
        kill_loop.run("apache", tmp_path, kills=3)
