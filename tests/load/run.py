#!/usr/bin/env python3
"""Crowds against the real server: others' p99 stays below 50 ms, and memory within a bound, step by step.

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
from steps import STEPS, Step

# Memory returns to the system in pieces: so long it may take.
RETURN_S = 20
CFG = {"maxClientCnxns": 0, "tickTime": 2000, "minSessionTimeout": 2000, "maxSessionTimeout": 60000}


@dataclass
class Scale:
    seconds: float = 10
    connections: int = 50_000
    watches: int = 1_000_000
    children: int = 1_000_000
    ephemerals: int = 200_000
    # Each has the kernel hold some 10 MB between the sockets: memory that a virtual machine which has not used it lately must fetch from its host,
    # a page at a time, and all that runs there waits.
    readers: int = 100


QUICK = Scale(seconds=2, connections=2_000, watches=100_000, children=100_000, ephemerals=20_000, readers=10)


def wait_for_return(server: harness.Server, most_mb: float) -> float:
    """The server's memory when it has come down to so much, or when it has had the time for that."""
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
        if grown_mb > step.grow_mb:
            faults.append(f"memory grew by more than {step.grow_mb:g} MB ({step.why})")
        if kept_mb > step.keep_mb:
            faults.append(f"more than {step.keep_mb:g} MB stayed behind")
        print(f"{name} ({time.monotonic() - began:.0f} s){': ' if words else ''}{words}")
        for what in ("reads", "writes", "lateness"):
            of = getattr(seen, what)
            print(f"  {what:8} {of['count']:7,}  p50 {of['p50_ms']:8.2f} ms  p99 {of['p99_ms']:8.2f} ms  max {of['max_ms']:8.2f} ms")
        print(f"  the server waited {seen.waited_ms:.1f} ms for a processor")
        if seen.standstill["count"]:
            print("  the machine stood still {count} times, {sum_ms:.1f} ms in all, {max_ms:.1f} ms at most: not counted above".format(**seen.standstill))
        print(f"  memory   {seen.before_mb:.0f} MB before, {seen.peak_mb:.0f} MB at most, {after_mb:.0f} MB after")
        if step.bar_why:
            print(f"  bar {step.bar_ms} ms: {step.bar_why}")
        for fault in faults:
            print(f"  FAIL: {fault}")
        sys.stdout.flush()
        return not faults


def write_report(file: Path, passed: dict[str, bool]):
    """As pytest writes its own: a step is a test of steps.py."""
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
    # A disk that others use, too, has stalls of its own; what is asked here is the server's part.
    parser.add_argument("--folder", default="/dev/shm" if Path("/dev/shm").is_dir() else None, help="where data directories go (/dev/shm)")
    parser.add_argument("--report", type=Path, metavar="FILE", help="says which steps passed, in JUnit's XML")
    parser.add_argument("--list", action="store_true", help="names the steps and ends")
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
