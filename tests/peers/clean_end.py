"""A fixture for every suite that starts servers: a conftest.py imports it, and no test leaves anything running."""

import pytest

import harness


@pytest.fixture(autouse=True)
def leave_nothing_running():
    yield
    harness.end_kazoo_clients()
    harness.end_all_processes()
