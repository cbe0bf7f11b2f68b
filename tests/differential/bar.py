#!/usr/bin/env python3
"""Sends random histories to Apache's server and to Quoll, and compares everything they send; then each replays the other's log.

  bar.py                          the full test: 200,000 requests from 50 seeds
  bar.py --seeds 7 8 --requests 500
  bar.py --history file           a stored history
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

import paths  # noqa: F401
import generate
from history import History
from pair import Pair
from rules import Rules


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, nargs="*", help="default: 1 to --count")
    parser.add_argument("--count", type=int, default=50)
    parser.add_argument("--requests", type=int, default=4000, help="of each seed")
    parser.add_argument("--history", type=Path)
    parser.add_argument("--no-exchange", action="store_true", help="do not replay the logs by the other server")
    parser.add_argument("--no-shrink", action="store_true")
    parser.add_argument("--keep-going", action="store_true", help="run all seeds, even after a difference")
    parser.add_argument("--out", type=Path, default=Path(tempfile.gettempdir()), help="directory for shrunk histories")
    args = parser.parse_args()

    rules = Rules.load()
    with tempfile.TemporaryDirectory(prefix="differential-") as folder:
        return run(args, rules, Path(folder))


def run(args, rules: Rules, folder: Path) -> int:
    import exchange
    import shrink

    began, total, different = time.monotonic(), 0, 0
    seeds = [0] if args.history else args.seeds or range(1, args.count + 1)
    for seed in seeds:
        history = History.load(args.history) if args.history else generate.history(seed, args.requests, rules)
        pair = Pair(folder=folder, rules=rules)
        at = time.monotonic()
        found = pair.play(history, None if args.no_exchange else exchange.Exchange(rules, folder))
        total += history.requests()
        print(f"seed {history.seed}: {history.requests()} requests in {time.monotonic() - at:.1f} s, {total} in total"
              + ("" if found is None else ", DIFFERENT"), flush=True)
        if found is None:
            continue
        different += 1
        print(found.text(), flush=True)
        if not args.no_shrink:
            small, found = shrink.shrink(pair, history, found, exchange.Exchange(rules, folder))
            name = args.out / f"differential-{history.seed}.history"
            small.save(name)
            print(f"seed {history.seed}, shrunk to {len(small.steps)} steps, stored in {name}:\n{small.text()}{found.text()}", flush=True)
        if not args.keep_going:
            break
    print(f"{total} requests over {len(list(seeds))} seeds in {time.monotonic() - began:.0f} s, {different} with a difference that is not in docs/deviations.md")
    for text in rules.texts:
        print(f"  rule used {rules.uses[text]} times: {text}")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
