"""Lets these tests use the harness for servers of both kinds."""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "peers"), str(HERE.parent / "disk"), str(HERE)]

import pytest  # noqa: E402  (the paths must be there first)

import harness  # noqa: E402


@pytest.fixture(autouse=True)
def _leave_nothing_running():
    yield
    harness.end_all_processes()
