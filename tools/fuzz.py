#!/usr/bin/env python3
"""Builds the fuzz targets and runs them: tools/fuzz.py [--minutes N] [--jobs N] [--seed N] [--target NAME...] [--replay].

Each target runs for N minutes; --jobs of them run at the same time. They start from fuzz/corpus and from the inputs that earlier runs on this
machine found (build-fuzz/corpus). An input that makes a target fail is stored in build-fuzz/findings, and the exit code is 1. --replay only
runs each input of fuzz/corpus once.

When a finding is fixed, its input is added as fuzz/corpus/TARGET/finding-WHAT.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build-fuzz"
FINDINGS = BUILD / "findings"
# The time limit is long because some targets start a whole server.
INPUT_BYTES_MAX = 24 * 1024
INPUT_SECONDS_MAX = 20
MEMORY_MB_MAX = 2048


@dataclass
class Outcome:
    target: str
    worked: bool
    text: str


def targets() -> list[str]:
    listed = re.search(r"foreach\(target ([a-z0-9_ ]+)\)", (ROOT / "fuzz" / "CMakeLists.txt").read_text())
    return listed[1].split()


def make(programs: list[str], jobs: int):
    """Builds programs of fuzz/CMakeLists.txt in BUILD."""
    subprocess.run(["cmake", "-S", "fuzz", "-B", str(BUILD), "-G", "Ninja", "-DCMAKE_CXX_COMPILER=clang++-19", "-Wno-dev", "--log-level=WARNING"],
                   cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    subprocess.run(["cmake", "--build", str(BUILD), "-j", str(jobs), "--target", *programs], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


def build(names: list[str], jobs: int):
    print(f"Building {len(names)} fuzz targets in {BUILD}", flush=True)
    began = time.monotonic()
    # The simulator is for tools/simulate.py --build build-fuzz, which CI runs after the fuzz targets.
    make([*(f"fuzz_{name}" for name in names), *(["simulate"] if names == targets() else [])], jobs)
    print(f"Built in {time.monotonic() - began:.0f} s", flush=True)


def command(target: str, seconds: int, seed: int) -> list[str]:
    seeds = ROOT / "fuzz" / "corpus" / target
    common = [str(BUILD / f"fuzz_{target}"), f"-timeout={INPUT_SECONDS_MAX}", f"-rss_limit_mb={MEMORY_MB_MAX}", f"-malloc_limit_mb={MEMORY_MB_MAX // 2}",
              f"-artifact_prefix={FINDINGS}/{target}-"]
    if seconds == 0:
        return [*common, "-runs=0", str(seeds)]
    grown = BUILD / "corpus" / target
    grown.mkdir(parents=True, exist_ok=True)
    return [*common, f"-seed={seed}", f"-max_total_time={seconds}", f"-max_len={INPUT_BYTES_MAX}", "-print_final_stats=1", str(grown), str(seeds)]


def run(target: str, seconds: int, seed: int) -> Outcome:
    began = time.monotonic()
    # Debian's program has a version in its name; the sanitizers do not look for that name.
    env = {**os.environ, "ASAN_SYMBOLIZER_PATH": shutil.which("llvm-symbolizer-19") or shutil.which("llvm-symbolizer") or "",
           "ASAN_OPTIONS": "allow_addr2line=1"}
    process = subprocess.run(command(target, seconds, seed), cwd=BUILD, env=env, text=True, errors="replace", stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT)
    executed = re.search(r"stat::number_of_executed_units: (\d+)", process.stdout) or re.search(r"DONE.*|#(\d+)\s+INITED", process.stdout)
    covered = re.findall(r"cov: (\d+)", process.stdout)
    text = (f"{target:12} {time.monotonic() - began:5.0f} s {executed[1] if executed else '?':>10} inputs, {covered[-1] if covered else '?':>5} edges, "
            f"{'good' if process.returncode == 0 else 'FINDING'}")
    if process.returncode != 0:
        (FINDINGS / f"{target}.log").write_text(process.stdout)
        text += "\n" + "\n".join(process.stdout.splitlines()[-60:])
    return Outcome(target, process.returncode == 0, text)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=1)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--seed", type=int, default=0, help="seed of the random inputs; by default a different one each time")
    parser.add_argument("--target", nargs="*", help="targets to run; all by default")
    parser.add_argument("--replay", action="store_true")
    args = parser.parse_args()
    names = args.target or targets()
    unknown = set(names) - set(targets())
    if unknown:
        parser.error(f"unknown target: {', '.join(sorted(unknown))}; the targets are {', '.join(targets())}")
    build(names, args.jobs)
    FINDINGS.mkdir(parents=True, exist_ok=True)
    seconds = 0 if args.replay else max(1, round(args.minutes * 60))
    print(f"Running {len(names)} targets, {seconds} s each, {args.jobs} at the same time; findings go to {FINDINGS}", flush=True)
    failed = 0
    with ThreadPoolExecutor(args.jobs) as pool:
        for outcome in pool.map(lambda name: run(name, seconds, args.seed), names):
            print(outcome.text, flush=True)
            failed += not outcome.worked
    print(f"{len(names) - failed} passed, {failed} failed", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
