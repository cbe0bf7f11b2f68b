"""Sets the import path for these tests, and ends servers that a test left running."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import paths  # noqa: E402, F401  (the path must be there first)
from clean_end import leave_nothing_running  # noqa: E402, F401
