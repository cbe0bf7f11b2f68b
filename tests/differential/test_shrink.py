"""A wrong reply is found, and the history is shrunk to the few steps that show it."""

import struct

import generate
import rawzk as z
from pair import Pair
from shrink import shrink


def turn_version_2_into_3(op: int, frame: bytes) -> bytes:
    """Changes version 2 to 3 in replies to setData, so that two changes of one node are needed to see the difference."""
    if op != z.SET_DATA or len(frame) != 16 + 68:
        return frame
    version = struct.unpack_from(">i", frame, 16 + 32)[0]
    return frame[:48] + struct.pack(">i", version + (version == 2)) + frame[52:]


def test_a_wrong_reply_is_found_and_its_history_is_shrunk(tmp_path):
    # Two Quoll servers, because they start quickly.
    pair = Pair(kinds=("quoll", "quoll"), folder=tmp_path, spoil=turn_version_2_into_3)
    history = generate.history(2, 1500)
    found = pair.play(history)
    assert found is not None and found.step.get("op") in (z.SET_DATA, None)
    small, still = shrink(pair, history, found, seconds=120)
    assert still.kind() == found.kind()
    assert len(small.steps) <= 8, small.text()
    assert pair.play(small) is not None
    assert "step" in still.text() and "version" in still.text()


def test_two_quoll_servers_show_no_difference(tmp_path):
    assert Pair(kinds=("quoll", "quoll"), folder=tmp_path).play(generate.history(2, 1500)) is None
