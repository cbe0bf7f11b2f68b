"""Puts the pages of these tests in reach and leaves no server running."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import paths  # noqa: E402, F401  (the path must be there first)
import pytest  # noqa: E402

import harness  # noqa: E402


@pytest.fixture(autouse=True)
def _leave_nothing_running():
    yield
    harness.end_all_processes()
