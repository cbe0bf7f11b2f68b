#!/usr/bin/env python3
"""Runs clang-tidy over the C++ files: tools/lint.py [--jobs N] [--seconds N] [--part-of-today N] [--advise] [FILE...].

With --seconds it begins with the files that changed last, stops when the time is over, and says how many files it did not check.
"""

import argparse
import json
import os
import subprocess
import sys
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build-lint"
OPTIONS = [
    "--extra-arg=-Wno-deprecated-declarations",      # libstdc++ 12 itself uses what it deprecates
    "--extra-arg=-fconstexpr-steps=10000000",        # the table of configuration keys is checked while it is compiled
]
# The cost of a test does not matter.
IN_TESTS = ["--checks=-performance-*"]


def is_test(name: str) -> bool:
    return name.endswith("_test.cc") or Path(name).name.startswith("test_")


def configure():
    """Configures a build directory for clang; only its compile_commands.json is used."""
    subprocess.run(["cmake", "-S", str(ROOT), "-B", str(BUILD), "-G", "Ninja", "-Wno-dev", "--log-level=WARNING",
                    "-DCMAKE_CXX_COMPILER=clang++-19", "-DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON", "-DQUOLL_UNITY=OFF"], check=True, stdout=subprocess.DEVNULL)


def by_last_change(files: list[str]) -> list[str]:
    log = subprocess.run(["git", "log", "--name-only", "--format="], cwd=ROOT, capture_output=True, text=True).stdout.splitlines()
    changed = subprocess.run(["git", "diff", "--name-only", "HEAD"], cwd=ROOT, capture_output=True, text=True).stdout.splitlines()
    place = {}
    for index, name in enumerate([*changed, *log]):
        place.setdefault(name, index)
    return sorted(files, key=lambda name: place.get(name, len(place) + len(log)))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--seconds", type=float, default=float("inf"))
    parser.add_argument("--part-of-today", type=int, metavar="N",
                        help="look at one of N parts of all files, another one each day, and at those that the last commit changed")
    parser.add_argument("--advise", action="store_true", help="print the findings, and succeed")
    parser.add_argument("files", nargs="*")
    args = parser.parse_args()

    began = time.monotonic()
    configure()
    known = [os.path.relpath(entry["file"], ROOT) for entry in json.loads((BUILD / "compile_commands.json").read_text())]
    files = [os.path.relpath(f, ROOT) for f in args.files] or by_last_change([f for f in known if f.startswith(("src/", "sim/"))])

    if args.part_of_today:
        # Chosen by a hash of the name, so that a new file does not move others from one part to the next.
        today = int(time.time() // 86400) % args.part_of_today
        changed = subprocess.run(["git", "diff", "--name-only", "HEAD~1"], cwd=ROOT, capture_output=True, text=True).stdout.splitlines()
        files = [name for name in files if name in changed or zlib.crc32(name.encode()) % args.part_of_today == today]

    def tidy(name: str):
        if time.monotonic() - began > args.seconds:
            return name, None, ""
        done = subprocess.run(["clang-tidy-19", "-p", str(BUILD), "--quiet", *OPTIONS, *(IN_TESTS if is_test(name) else []), name],
                              cwd=ROOT, capture_output=True, text=True)
        return name, done.returncode, done.stdout + (done.stderr if "error:" in done.stderr else "")

    bad, left = [], []
    with ThreadPoolExecutor(args.jobs) as pool:
        for name, code, output in pool.map(tidy, files):
            if code is None:
                left.append(name)
            elif code:
                bad.append(name)
                print(output, flush=True)
    print(f"{len(files) - len(left)} files checked in {time.monotonic() - began:.0f} s, findings in {len(bad)}, {len(left)} not checked")
    return 1 if bad and not args.advise else 0


if __name__ == "__main__":
    sys.exit(main())
