"""Makes the harness and the writing clients available to these tests."""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "peers"), str(HERE.parent / "disk"), str(HERE.parent / "programs"), str(HERE)]

import pytest  # noqa: E402  (the paths must be there first)

import ensemble  # noqa: E402
from clean_end import leave_nothing_running  # noqa: E402, F401


@pytest.fixture
def make_ensemble(tmp_path):
    """Makes ensembles that are ended, and whose logs are shown, when the test fails."""
    made: list[ensemble.Ensemble] = []

    def make(kinds, **kw) -> ensemble.Ensemble:
        made.append(ensemble.Ensemble(kinds, tmp_path / f"ensemble{len(made)}", **kw))
        return made[-1]
    yield make
    for one in made:
        one.end()
