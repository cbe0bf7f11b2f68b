#!/usr/bin/env python3
"""Builds unit tests with ASan and UBSan and runs them: tools/sanitized_units.py [--part N] [--jobs N] [ROOM...].

The rooms are divided into parts that take about as long as each other, about two minutes if nothing is compiled yet. --part N takes part N modulo
their number, so that any number will do, such as one of the commit; without rooms and without --part all are tested. The build directory is that of
the fuzz targets, because they need the same objects. `make sanitize` tests the rooms with threads and files as well.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys

from fuzz import BUILD, make

PARTS = [["server"], ["zab", "quorum", "machine"], ["store", "config", "tree", "wire", "auth"],
         ["client", "http", "admin", "sasl", "session", "watch", "base", "types"]]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--part", type=int)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("rooms", nargs="*")
    args = parser.parse_args()
    known = [room for part in PARTS for room in part]
    if unknown := set(args.rooms) - set(known):
        parser.error(f"unknown room: {', '.join(sorted(unknown))}; the rooms are {', '.join(known)}")
    rooms = args.rooms or (known if args.part is None else PARTS[args.part % len(PARTS)])
    print(f"Unit tests of {', '.join(rooms)}", flush=True)
    make([f"{room}_test" for room in rooms], args.jobs)
    failed = [room for room in rooms if subprocess.run([str(BUILD / f"{room}_test")], cwd=BUILD, stdin=subprocess.DEVNULL).returncode != 0]
    if failed:
        print(f"failed: {', '.join(failed)}; again: tools/sanitized_units.py {' '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
