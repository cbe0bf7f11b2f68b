"""Adds tests/peers (the protocol, the harness) and tests/disk (files and trees) to the import path."""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(p) for p in (HERE, HERE.parent / "peers", HERE.parent / "disk") if str(p) not in sys.path]
