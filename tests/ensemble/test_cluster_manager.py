"""examples/cluster_manager on three servers: work is shared, and shared again when a member and a server are killed."""

import pytest
from harness import wait_for
from sdk_package import Program, example

ITEMS = [f"w{number}" for number in range(6)]


def working(program: Program) -> set[str]:
    """The items between `begin` and `end`."""
    items = set()
    for line in program.lines():
        word, _, name = line.partition(" ")
        if word == "begin":
            items.add(name)
        if word == "end":
            items.discard(name)
    return items


def shared_evenly(programs: list[Program]) -> bool:
    shares = [working(program) for program in programs]
    return set().union(*shares) == set(ITEMS) and sum(map(len, shares)) == len(ITEMS) and max(map(len, shares)) - min(map(len, shares)) <= 1


@pytest.mark.parametrize("kinds", [["quoll"] * 3, ["apache"] * 3], ids=["quoll-quoll-quoll", "apache-apache-apache"])
def test_work_goes_on_when_a_member_and_a_server_are_killed(make_ensemble, tmp_path, kinds):
    ensemble = make_ensemble(kinds).start()
    ensemble.settle()
    member = example("cluster_manager") / "member"
    programs = {}
    for name in "abc":
        programs[name] = Program(tmp_path / f"{name}.out", member, ensemble.hosts, name, *(ITEMS if name == "a" else []))
        programs[name].wait_lines(f"joined {name}")
    wait_for(lambda: shared_evenly(list(programs.values())), 60, "an even division")
    programs["a"].wait_lines("master ")

    # The master of the cluster and the leader of the servers, at once.
    ensemble.leader().kill()
    programs.pop("a").kill()
    wait_for(lambda: shared_evenly(list(programs.values())), 90, "the work of the dead member to be divided")
    for program in programs.values():
        program.wait_lines("left a")
    assert sum("master " in program.lines() for program in programs.values()) == 1

    # Another one takes its place, and leaves in peace.
    programs["d"] = Program(tmp_path / "d.out", member, ensemble.hosts, "d")
    wait_for(lambda: shared_evenly(list(programs.values())), 60, "a share for the new member")
    assert programs.pop("d").end_input() == 0
    wait_for(lambda: shared_evenly(list(programs.values())), 60, "the work of the one that has left to be divided")
    for program in programs.values():
        assert program.end_input() == 0
        assert "ended " not in program.lines()
