"""A fixture for every suite that starts servers, imported by its conftest.py: after each test it ends what the test left running."""

import pytest

import harness


@pytest.fixture(autouse=True)
def leave_nothing_running():
    yield
    harness.end_kazoo_clients()
    harness.end_all_processes()
