"""Fixtures for the tests against Apache's server and its clients: the kind of server, and servers that end with the test."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

import harness  # noqa: E402  (the path must be there first)
from clean_end import leave_nothing_running  # noqa: E402, F401


@pytest.fixture(params=harness.BOTH)
def server_kind(request):
    """The kind of server under test; `-k apache` or `-k quoll` selects one."""
    return request.param


@pytest.fixture
def make_server(tmp_path):
    """make_server(kind, **Server's arguments) starts a server in a directory of its own; it ends with the test."""
    made = []

    def make(kind, name=None, **kw):
        server = harness.Server(kind, tmp_path / (name or f"{kind}{len(made)}"), **kw)
        made.append(server)
        return server

    yield make
    for server in made:
        server.__exit__()


@pytest.fixture
def server(server_kind, make_server):
    """A new server of the kind under test that accepts clients."""
    return make_server(server_kind).start()
