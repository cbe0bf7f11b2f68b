"""The two textbook programs of tests/programs, unchanged, on three servers that are killed in turn while the programs run."""

import threading
import time

import pytest

from textbook import test_cluster_manager, test_lock  # noqa: F401  (they run here with the fixture below)


class ThreeServers:
    """Kills each server once, the leader first, as soon as the one before serves again.

    Not more often: a new leader gives every session its full timeout, so leaders that change all the time let no session of a dead client
    expire, as with Apache's servers.
    """

    # A program may have to find another server first.
    patience = 60

    def __init__(self, members):
        self.members = members
        self.hosts = members.hosts
        self.kills = 0
        self._thread = threading.Thread(target=self._kill_in_turn)

    def __enter__(self):
        self.members.start()
        self.members.settle()
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._thread.join()
        assert self.kills == 3

    def _kill_in_turn(self):
        first = self.members.leader().number
        for number in (first, first % 3 + 1, (first + 1) % 3 + 1):
            time.sleep(1)
            self.members[number].kill()
            time.sleep(0.5)
            self.members[number].start(wait=False)
            self.members.settle()
            self.kills += 1


@pytest.fixture(params=["apache", "quoll"])
def server(request, make_ensemble):
    with ThreeServers(make_ensemble([request.param] * 3)) as three:
        yield three
