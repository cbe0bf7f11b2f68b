#!/usr/bin/env python3
"""Loads the real server with many kinds of clients: the p99 latency of others must stay below 50 ms, and memory within a limit.

    run.py [--only STEP ...] [--quick] [--folder DIR] [--report FILE] [--list]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from pathlib import Path

import crowds
import harness
import attacks  # noqa: F401  (adds its steps)
from steps import STEPS, Step

# The server returns memory to the system in pieces; this is how long it may take.
RETURN_S = 20
CFG = {"maxClientCnxns": 0, "tickTime": 2000, "minSessionTimeout": 2000, "maxSessionTimeout": 60000}


@dataclass
class Scale:
    seconds: float = 10
    connections: int = 50_000
    watches: int = 1_000_000
    children: int = 1_000_000
    ephemerals: int = 200_000
    # For each the kernel buffers about 10 MB between the sockets. A virtual machine that has not used this memory recently gets it from
    # its host page by page, and everything that runs on it waits.
    readers: int = 100


QUICK = Scale(seconds=2, connections=2_000, watches=100_000, children=100_000, ephemerals=20_000, readers=10)


def wait_for_return(server: harness.Server, most_mb: float) -> float:
    """Waits until the server's memory is at most `most_mb`, or until the time for that is over; returns it."""
    ends = time.monotonic() + RETURN_S
    while (now_mb := crowds.memory_mb(server.pid)) > most_mb and time.monotonic() < ends:
        time.sleep(0.5)
    return now_mb


def run_step(name: str, step: Step, scale: Scale, folder: Path) -> bool:
    with harness.Server("quoll", folder / name, dict(CFG)) as server:
        crowds.go_first(server.pid)
        began = time.monotonic()
        watched, words = step.run(server, scale)
        seen = watched.notice
        after_mb = wait_for_return(server, seen.before_mb + step.keep_mb)
        grown_mb, kept_mb = seen.peak_mb - seen.before_mb, after_mb - seen.before_mb
        faults = [f"p99 of {what} is above {step.bar_ms} ms" for what in ("reads", "writes") if getattr(seen, what)["p99_ms"] > step.bar_ms]
        if step.longest_ms is not None:
            faults += [f"the longest of {what} is above {step.longest_ms:g} ms" for what in ("reads", "writes")
                       if getattr(seen, what)["max_ms"] > step.longest_ms]
        if grown_mb > step.grow_mb:
            faults.append(f"memory grew by more than {step.grow_mb:g} MB ({step.why})")
        if kept_mb > step.keep_mb:
            faults.append(f"more than {step.keep_mb:g} MB were not returned")
        print(f"{name} ({time.monotonic() - began:.0f} s){': ' if words else ''}{words}")
        for what in ("reads", "writes", "lateness"):
            of = getattr(seen, what)
            print(f"  {what:8} {of['count']:7,}  p50 {of['p50_ms']:8.2f} ms  p99 {of['p99_ms']:8.2f} ms  max {of['max_ms']:8.2f} ms")
        print(f"  the server waited {seen.waited_ms:.1f} ms for a processor")
        if seen.standstill["count"]:
            print("  the whole machine paused {count} times, {sum_ms:.1f} ms in total, {max_ms:.1f} ms at most: not included above".format(**seen.standstill))
        print(f"  memory   {seen.before_mb:.0f} MB before, {seen.peak_mb:.0f} MB at most, {after_mb:.0f} MB after")
        if step.bar_why:
            print(f"  bar {step.bar_ms} ms: {step.bar_why}")
        if step.restarts:
            began = time.monotonic()
            server.restart()
            print(f"  restarted on the same data in {time.monotonic() - began:.1f} s")
        for fault in faults:
            print(f"  FAIL: {fault}")
        sys.stdout.flush()
        return not faults


def write_report(file: Path, passed: dict[str, bool]):
    """In the format of pytest's reports: each step is a test of steps.py."""
    suite = ElementTree.Element("testsuite", name="load")
    for name, has_passed in passed.items():
        case = ElementTree.SubElement(suite, "testcase", classname="steps", name=name)
        if not has_passed:
            ElementTree.SubElement(case, "failure", message="a bar is missed")
    ElementTree.ElementTree(suite).write(file)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="*", metavar="STEP", help="names of steps")
    parser.add_argument("--quick", action="store_true", help="small crowds, 2 seconds each")
    # Not on a disk: a disk that others use has pauses, and only the server is measured here.
    parser.add_argument("--folder", default="/dev/shm" if Path("/dev/shm").is_dir() else None, help="directory for the servers' data (/dev/shm)")
    parser.add_argument("--report", type=Path, metavar="FILE", help="write the results as JUnit XML")
    parser.add_argument("--list", action="store_true", help="print the names of the steps")
    args = parser.parse_args()
    if args.list:
        print("\n".join(STEPS))
        return
    names = args.only or list(STEPS)
    scale = QUICK if args.quick else Scale()
    with tempfile.TemporaryDirectory(prefix="load-", dir=args.folder) as folder, crowds.session_goes_first():
        passed = {name: run_step(name, STEPS[name], scale, Path(folder)) for name in names}
    if args.report:
        write_report(args.report, passed)
    good = sum(passed.values())
    print(f"{good} passed, {len(passed) - good} failed")
    sys.exit(0 if good == len(passed) else 1)


if __name__ == "__main__":
    main()
