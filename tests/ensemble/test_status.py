"""What the servers of an ensemble say of themselves, compared with Apache's in the same role."""

import re

import pytest

from ensemble import Ensemble
from harness import wait_for

KINDS = ["apache", "quoll"]
ROLES = ["leader", "follower", "observer"]
# Numbers that depend only on how many servers there are, and on their roles.
EXACT = ["server_state", "quorum_size", "learners", "synced_followers", "synced_non_voting_followers", "synced_observers", "pending_syncs",
         "znode_count", "watch_count", "ephemerals_count", "global_sessions", "local_sessions", "learner_sync_count"]


@pytest.fixture(scope="module")
def answers(tmp_path_factory) -> dict[str, dict[str, dict[str, str]]]:
    """By kind, role and word: the answers of three voters and an observer, each kind alone."""
    said: dict = {}
    for kind in KINDS:
        members = Ensemble([kind] * 4, tmp_path_factory.mktemp(kind), observers=[4])
        try:
            members.start()
            leader = members.settle()
            client = members.client(leader.number)
            client.create("/a", b"data")
            wait_for(lambda: leader.monitor().get("zk_synced_observers") == "1" and leader.monitor().get("zk_synced_followers") == "2", 60,
                     "all learners to be synced")
            client.stop()
            members.differences()  # a sync on each server: all have the same znodes
            # Another server may close a session later than the one that its client was connected to.
            wait_for(lambda: all(member.monitor().get("zk_global_sessions") == "0" for member in members), 60, "all sessions to be closed")
            said[kind] = {}
            for member in members:
                role = member.role()
                said[kind].setdefault(role, {word: member.four_letter(word) for word in ("mntr", "srvr", "stat", "conf", "isro", "dump")})
        finally:
            members.end()
    return said


def metrics(answer: str) -> dict[str, str]:
    return {name.removeprefix("zk_"): value for name, value in re.findall(r"^(\w+)\t(.*)$", answer, re.M)}


@pytest.mark.parametrize("role", ROLES)
def test_mntr_of_a_quoll_server_has_the_metrics_of_apaches_in_its_role(answers, role):
    ours, theirs = (metrics(answers[kind][role]["mntr"]) for kind in ("quoll", "apache"))

    def names(values: dict[str, str]) -> set[str]:
        # The metrics of requests appear with the first request of their kind.
        return {name for name in values if not name.startswith(("p50_", "p95_", "p99_", "p999_", "avg_", "min_", "max_", "cnt_", "sum_"))}
    assert names(theirs) - names(ours) == set()
    assert {name: ours.get(name) for name in EXACT} == {name: theirs.get(name) for name in EXACT}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("word", ["srvr", "stat", "conf"])
def test_a_word_has_the_lines_of_apaches_in_its_role(answers, role, word):
    def lines(answer: str) -> list[str]:
        without = [line for line in answer.splitlines() if not re.match(r"\s+/", line)]  # the clients of `stat`
        return [re.sub(r"\d+", "<n>", re.split(r"[:=]", line)[0]) for line in without]
    ours, theirs = (lines(answers[kind][role][word]) for kind in ("quoll", "apache"))
    assert ours == theirs


@pytest.mark.parametrize("role", ROLES)
def test_isro_says_that_writes_are_served(answers, role):
    assert answers["quoll"][role]["isro"] == answers["apache"][role]["isro"] == "rw"


@pytest.mark.parametrize("role", ["leader", "follower"])
@pytest.mark.parametrize("kind", KINDS)
def test_elections_and_the_time_without_service_are_measured(answers, kind, role):
    found = metrics(answers[kind][role]["mntr"])
    assert int(found["cnt_election_time"]) >= 1 and int(found["cnt_unavailable_time"]) >= 1
    assert (int(found["cnt_leader_unavailable_time"]) >= 1) == (role == "leader")
