"""Makes the harness and the ensembles available to these tests."""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "peers"), str(HERE.parent / "disk"), str(HERE.parent / "ensemble"), str(HERE)]

from clean_end import leave_nothing_running  # noqa: E402, F401  (the paths must be there first)
