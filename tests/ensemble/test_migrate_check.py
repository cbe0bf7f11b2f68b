"""`quoll migrate check` beside a running ensemble of Apache's servers: what would stop a migration, and that nothing is changed."""

import subprocess

import pytest

from harness import quoll_bin


def check(ensemble, number: int = 1, addresses: bool = True) -> tuple[int, str]:
    config = ensemble[number].workdir / "zoo.cfg"
    where = [member.hosts for member in ensemble] if addresses else []
    done = subprocess.run([quoll_bin(), "migrate", "check", config, *where], text=True, capture_output=True)
    assert done.stderr == ""
    return done.returncode, done.stdout


def files(ensemble) -> dict:
    return {path: path.stat().st_mtime_ns for path in (ensemble[1].workdir / "data").rglob("*")}


@pytest.fixture
def three(make_ensemble):
    made = make_ensemble(["apache"] * 3).start()
    made.settle()
    return made


def test_quoll_finds_nothing_in_the_way_of_a_complete_ensemble_and_then_a_lost_member(three):
    before = files(three)
    code, said = check(three)
    assert code == 0, said
    assert "OBSTACLE" not in said
    assert said.count("serves as follower") == 2 and "All 3 voters have all data" in said
    assert said.splitlines()[-1].startswith("Nothing stands in the way")
    assert files(three) == before

    lost = three.followers()[-1]
    lost.kill()
    code, said = check(three)
    assert code == 1
    assert f"OBSTACLE  {lost.hosts} does not answer: " in said
    assert said.splitlines()[-1].endswith("Nothing was changed.")


def test_quoll_names_a_wrong_line_and_asks_for_addresses_that_it_cannot_know(three):
    config = three[1].workdir / "zoo.cfg"
    config.write_text(config.read_text() + "initLimit=ten\n")
    code, said = check(three)
    assert code == 1 and f"OBSTACLE  {config}:" in said and "initLimit" in said
    code, said = check(three, addresses=False)
    assert code == 1 and "HOST:PORT" in said
