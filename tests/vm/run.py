#!/usr/bin/env python3
"""Runs tests in a virtual machine: 50,000 connections, and power failures on real file systems. See README.md.

    run.py [--only STEP ...] [--cuts 60] [--connections 50000] [--seed 1] [--list]
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(ROOT / "tests" / name) for name in ("peers", "disk", "trouble")] + [str(HERE)]

import connections  # noqa: E402  (the paths must be there first)
import harness  # noqa: E402
import image  # noqa: E402
import power_cuts  # noqa: E402
import read_only  # noqa: E402
from machine import CannotRun, Plan, choose_acceleration  # noqa: E402


def report(line: str):
    print(line, flush=True)


def make_steps(args) -> dict:
    """The steps by name: each gets the settings of a machine and a directory, and returns the failures."""
    def cuts(name):
        return lambda plan, folder: power_cuts.promises_hold(plan, folder, name, args.cuts, args.seed, report)

    def losses(name):
        return lambda plan, folder: power_cuts.loss_is_seen(plan, folder, name, args.seed, report)
    return {
        "read_only": lambda plan, folder: read_only.check(plan, folder, report),
        **{name: losses(name) for name in power_cuts.LOSING},
        **{name: cuts(name) for name in power_cuts.PROMISING},
        "connections": lambda plan, folder: connections.measure(plan, folder, args.connections, report),
    }


def programs() -> list[Path]:
    built = harness.quoll_bin().parent
    return [harness.quoll_bin(), built / "bench" / "zkcrowd", Path(shutil.which("nice"))]


def run_step(name: str, step, initramfs: Path, acceleration: str, folder: Path) -> bool:
    report(f"== {name}")
    folder.mkdir()
    began = time.monotonic()
    try:
        faults = step(Plan(initramfs, folder / "console", acceleration), folder)
    except (RuntimeError, TimeoutError) as problem:
        faults = [str(problem)]
    for fault in faults:
        report(f"  FAIL: {fault}")
    report(f"{name}: {'failed' if faults else 'passed'} in {time.monotonic() - began:.0f} s")
    return not faults


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="*", metavar="STEP", help="names of steps")
    parser.add_argument("--cuts", type=int, default=60, help="power failures on each file system")
    parser.add_argument("--connections", type=int, default=50_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--list", action="store_true", help="print the names of the steps")
    args = parser.parse_args()
    steps = make_steps(args)
    if args.list:
        report("\n".join(steps))
        return
    with tempfile.TemporaryDirectory(prefix="vm-") as name:
        folder = Path(name)
        try:
            image.check_programs()
            initramfs = image.make_initramfs(folder, programs())
            acceleration = choose_acceleration(initramfs, folder)
        except CannotRun as reason:
            sys.exit(f"cannot run: {reason}")
        report(f"machine: {image.kernel().name}, {acceleration}{' (emulated)' if acceleration == 'tcg' else ''}")
        passed = [run_step(step, steps[step], initramfs, acceleration, folder / step) for step in args.only or steps]
    report(f"{sum(passed)} passed, {len(passed) - sum(passed)} failed")
    sys.exit(0 if all(passed) else 1)


if __name__ == "__main__":
    main()
