"""A few kills of each kind; the long run is kill_loop.py's own command."""

import pytest

import harness
import kill_loop


@pytest.mark.parametrize("kind", harness.BOTH)
def test_kills_break_no_promise(tmp_path, kind):
    figures = kill_loop.run(kind, tmp_path, kills=5)
    assert figures["reconnects"] >= 4 * 16
