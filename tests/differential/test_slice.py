"""A part of `make differential`, and tests of the histories themselves."""

import generate
import pytest
from exchange import Exchange
from history import History
from pair import Pair
from rules import Rules

SEEDS = range(1, 13)
REQUESTS = 1000


@pytest.mark.parametrize("seed", SEEDS)
def test_quoll_answers_as_apaches_server_does(seed, tmp_path):
    rules = Rules.load()
    found = Pair(folder=tmp_path, rules=rules).play(generate.history(seed, REQUESTS, rules), Exchange(rules, tmp_path))
    assert found is None, found.text()


def test_a_seed_always_gives_the_same_history():
    assert generate.history(5, 300).text() == generate.history(5, 300).text()
    assert generate.history(5, 300).text() != generate.history(6, 300).text()


def test_a_stored_history_can_be_loaded():
    text = generate.history(5, 300).text()
    assert History.parse(text).text() == text


def test_histories_hold_every_operation_and_every_step():
    import rawzk as z

    steps = [s for seed in range(1, 9) for s in generate.history(seed, 4000).steps]
    assert {s["do"] for s in steps} >= {"request", "batch", "set_watches", "bytes", "close", "drop", "resume", "move", "expire", "hello",
                                        "connect", "word", "restart"}
    ops = {s["op"] for s in steps if "op" in s}
    assert ops >= {*range(0, 27), *range(100, 108), -10} - {z.PING, z.DELETE_CONTAINER - 100}
