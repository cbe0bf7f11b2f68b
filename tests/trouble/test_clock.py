"""The wall clock jumps a day ahead or back: sessions expire by the monotonic clock, so none is affected."""

import struct
import subprocess
from pathlib import Path

import pytest

import harness
import rawclient as zk
from rawclient import RawClient

HERE = Path(__file__).resolve().parent
DAY_S = 86_400
# The tick is 500 ms. Nothing is measured: the silent session may take as long as it likes, and the other one lives unless this machine stands
# still for a minute. By the wall clock the other one would expire a tick after the jump, or the silent one not for a day.
SILENT_MS, HEARD_MS = 1000, 60_000
HANGS_S = 50


@pytest.fixture(scope="module")
def preload(tmp_path_factory):
    library = tmp_path_factory.mktemp("preload") / "shifted_clock.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", library, HERE / "shifted_clock.c"], check=True)
    return str(library)


@pytest.mark.parametrize("days", [1, -1], ids=["ahead", "back"])
def test_no_session_expires_when_the_wall_clock_jumps_a_day_quoll(tmp_path, preload, days):
    offset = tmp_path / "offset"
    offset.write_bytes(struct.pack("q", 0))
    cfg = {"tickTime": 500, "minSessionTimeout": SILENT_MS, "maxSessionTimeout": HEARD_MS}
    server = harness.Server("quoll", tmp_path / "server", cfg, env={"LD_PRELOAD": preload, "SHIFTED_CLOCK": str(offset)}).start()
    heard = RawClient(server.client_port, HEARD_MS)
    heard.create("/heard", flags=zk.EPHEMERAL)
    before = heard.exists("/heard").ctime

    with offset.open("r+b") as file:
        file.write(struct.pack("q", days * DAY_S))
    silent = RawClient(server.client_port, SILENT_MS)
    silent.create("/silent", flags=zk.EPHEMERAL)
    moved_ms = heard.exists("/silent").ctime - before
    assert abs(moved_ms - days * DAY_S * 1000) < DAY_S * 1000 / 2, "the server's clock has jumped"
    harness.wait_for(lambda: heard.exists("/silent") is None, HANGS_S, "the silent session to expire")
    assert heard.exists("/heard").ephemeralOwner == heard.session_id

    # After a restart no id is used twice.
    server.kill()
    server.start()
    assert RawClient(server.client_port).session_id not in (heard.session_id, silent.session_id)
