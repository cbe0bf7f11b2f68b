"""A server that lies once is caught, and the history is cut down to the few steps that show it."""

import struct

import generate
import rawzk as z
from pair import Pair
from shrink import shrink


def lies_about_version_two(op: int, frame: bytes) -> bytes:
    """setData's reply tells of one version too many where the version is 2: two changes of one node are needed to see it."""
    if op != z.SET_DATA or len(frame) != 16 + 68:
        return frame
    version = struct.unpack_from(">i", frame, 16 + 32)[0]
    return frame[:48] + struct.pack(">i", version + (version == 2)) + frame[52:]


def test_a_lie_is_found_and_cut_down_to_what_shows_it(tmp_path):
    # Quoll beside itself, since two of its kind start in no time.
    pair = Pair(kinds=("quoll", "quoll"), folder=tmp_path, spoil=lies_about_version_two)
    history = generate.history(2, 1500)
    found = pair.play(history)
    assert found is not None and found.step.get("op") in (z.SET_DATA, None)
    small, still = shrink(pair, history, found, seconds=120)
    assert still.kind() == found.kind()
    assert len(small.steps) <= 8, small.text()
    assert pair.play(small) is not None
    assert "step" in still.text() and "version" in still.text()


def test_quoll_beside_itself_shows_no_difference(tmp_path):
    assert Pair(kinds=("quoll", "quoll"), folder=tmp_path).play(generate.history(2, 1500)) is None
