"""The two textbook programs, unchanged, on one server of each kind."""

import pytest

import harness
from textbook import test_cluster_manager, test_lock  # noqa: F401  (they run here with the fixture below)


@pytest.fixture(params=harness.BOTH)
def server(request, tmp_path):
    with harness.Server(request.param, tmp_path / "server") as running:
        yield running
