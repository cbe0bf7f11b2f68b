#!/usr/bin/env python3
"""Runs what CI runs, section by section, and counts the tests: tools/run_tests.py [--build DIR] [--jobs N] [--only SECTION...].

A failed section without tests (a build, a check) counts as one failed test, so that the sum and the exit code agree. The sum is also written
to build/test-results/summary. The end of the output of failed sections is repeated at the end, where it is easy to find.
Sections that mostly wait run at the same time, two or three, and one that computes beside them at the lowest priority; the output of each is then printed when it ends.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "build" / "test-results"
PEERS = Path(os.environ.get("QUOLL_PEERS_DIR", ROOT / "build" / "peers"))
PYTHON = str(PEERS / "venv" / "bin" / "python")
# How many of the last lines of a failed section are repeated.
LINES_KEPT = 120
# clang-tidy checks each file once in this many days.
LINT_PARTS = 64


@dataclass
class Section:
    name: str
    commands: list[list[str]]
    env: dict[str, str] = field(default_factory=dict)
    ends_all: bool = False  # if it fails, the following sections are not run
    is_background: bool = False  # it computes beside sections that mostly wait, which come first


@dataclass
class Outcome:
    name: str
    seconds: float
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    last_lines: list[str] = field(default_factory=list)


def pytest(name: str, folder: str, *options: str) -> list[str]:
    return [PYTHON, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--rootdir={folder}", f"--junitxml={RESULTS / name}.xml",
            "--durations=5", *options, folder]


def seed_of_commit() -> int:
    """A seed that depends on the commit: different commits get different inputs, and a finding can be reproduced."""
    process = subprocess.run(["git", "rev-parse", "--short=7", "HEAD"], cwd=ROOT, text=True, capture_output=True)
    return int(process.stdout[:7], 16) if process.returncode == 0 else 1


def steps(build: str, jobs: int) -> list[list[Section]]:
    """The sections in their order; those of one step run at the same time."""
    configure = ["cmake", "-S", ".", "-B", build, "-G", "Ninja", "-Wno-dev", "--log-level=WARNING", "-DCMAKE_BUILD_TYPE=RelWithDebInfo"]
    unit = RESULTS / "unit"
    return [
        [Section("build", [configure, ["cmake", "--build", build, "-j", str(jobs)]], ends_all=True)],
        [Section("rooms", [["tools/check_rooms_test.py"], ["tools/check_rooms.py"]])],
        [Section("faults", [["tools/check_faults_test.py"], ["tools/check_faults.py"]])],
        [Section("mutants", [["tools/mutate_test.py"]])],
        [Section("format", [["tools/check_format.sh"]])],
        [Section("unit", [["ctest", "--test-dir", build, "--output-on-failure", "-j", str(jobs)]], {"GTEST_OUTPUT": f"xml:{unit}/", "GTEST_BRIEF": "1"})],
        # The same histories each time, so that a new failure is caused by the code; then some that depend on the commit.
        [Section("sim", [["tools/simulate.py", "--build", build, "--jobs", str(jobs), "--first", "1000", "--histories", "3000"],
                         ["tools/simulate.py", "--build", build, "--jobs", str(jobs), "--first", str(1_000_000 + 1000 * seed_of_commit()),
                          "--histories", "2000"]])],
        # Histories of ensembles: the same each time, so that a new failure is caused by the code.
        # The single ones once ended a voter that was a quorum by itself, lost the permission to begin with an empty database, served a state that
        # was not exact, waited for ever for the rest of a snapshot, let a voter count that had lost its data, sent a snapshot that ends before the
        # history of the voter that receives it, gave a session id twice, ended a member whose leader died while it sent a snapshot, or before that
        # was installed, and left too few complete voters when a shorter state had taken the place of what was never committed. In the last one a
        # multi creates a znode twice, and a client may hear of only one of the two, which the judge must know.
        [Section("sim-ensemble", [[f"{build}/quoll_sim_ensemble", "--seed", str(seed)] for seed in (6000032, 5000277, 7001501, 7002068, 643, 60005432, 81030469, 90012468, 120000672, 110004528, 150028643)] +
                                 [[f"{build}/quoll_sim_ensemble", "--seed", "1", "--histories", "200"]])],
        [Section("peers-install", [["tests/peers/install.sh"]], ends_all=True)],
        # Without the recipes beside Curator's and kazoo's, and without the package of quoll::testing, which take two minutes each: `make test-peers` has
        # them.
        [Section("peers", [pytest("peers", "tests/peers", "-k", "(quoll or admin_server or audit or prometheus or word_sends or not apache) and "
                                  "not test_interop")]),
         Section("kazoo", [[PYTHON, "tests/peers/run_kazoo_suite.py", "quoll", "--quick"]]),
         Section("config", [pytest("config", "tests/config")]),
         Section("deploy", [pytest("deploy", "tests/deploy")]),
         # The stored inputs, and 3 s of new ones for each decoder, one job per core. A minute each would take 8 minutes on two cores, after a build
         # of 2 to 3 minutes if ccache is empty: too long for CI. `make fuzz` runs a minute, `make fuzz MINUTES=n` more.
         Section("fuzz", [["tools/fuzz.py", "--jobs", str(jobs), "--minutes", str(3 / 60), "--seed", str(seed_of_commit())]], is_background=True)],
        # The simulator with ASan and UBSan, which the fuzz section has built; the same histories each time.
        [Section("sanitized-sim", [["tools/simulate.py", "--build", "build-fuzz", "--jobs", str(jobs), "--first", "0", "--histories", "400"]])],
        # Of the ensembles: each scenario with three of Quoll's servers, and a lost leader in two mixes with Apache's; `make test-ensemble` runs every
        # mix.
        [Section("differential", [pytest("differential", "tests/differential")], {"QUOLL_HALF": str(seed_of_commit() % 2)}),
         Section("disk", [pytest("disk", "tests/disk", "-k", "quoll")]),
         Section("ensemble", [pytest("ensemble", "tests/ensemble", "-k", "(quoll-quoll-quoll or quoll_runs_three or replaced_back or test_status or "
                                     "test_migrate_check or test_hostile or (test_read_only and quoll) or (test_secure and not JJQ and not QJJ) or "
                                     "(test_sasl and not JJQ and not QJJ and not QQJ and not changed_to_sasl) or "
                                     "(killed_leader and (quoll-apache-quoll or apache-quoll-apache)))")]),
         # A quarter of the rooms' unit tests with ASan and UBSan, another one for each commit.
         Section("sanitized-unit", [["tools/sanitized_units.py", "--jobs", str(jobs), "--part", str(seed_of_commit())]],
                 {"GTEST_OUTPUT": f"xml:{RESULTS / 'sanitized-unit'}/", "GTEST_BRIEF": "1"}, is_background=True)],
        [Section("trouble", [pytest("trouble", "tests/trouble", "-k", "quoll", "-rs")]),
         Section("programs", [pytest("programs", "tests/programs", "-k", "quoll")], {"QUOLL_LOCK_ACQUISITIONS": "200"}),
         # A part of the files, a different one each day. It only advises: a commit must not fail for a file that it does not change, on a day that
         # happens to be that file's. `make lint` checks all files, and fails.
         Section("lint", [["tools/lint.py", "--jobs", str(jobs), "--part-of-today", str(LINT_PARTS), "--advise"]], is_background=True)],
        # At the end, so that every test named in docs/faults.md has run.
        [Section("faults-ran", [["tools/check_faults.py", "--ran", str(RESULTS)]])],
    ]


def say_at_once(text: str):
    print(text, end="", flush=True)


def run(section: Section, say: Callable[[str], object]) -> Outcome:
    say(f"\n=== {section.name}\n")
    for old in [RESULTS / f"{section.name}.xml", RESULTS / section.name]:
        shutil.rmtree(old) if old.is_dir() else old.unlink(missing_ok=True)
    began = time.monotonic()
    worked = True
    last_lines = deque(maxlen=LINES_KEPT)
    for command in section.commands:
        if section.is_background:
            command = ["nice", "-n", "19", *command]
        process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **section.env}, text=True, errors="replace",
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        for line in process.stdout:
            # Only the last line of the output may look like a sum, so a suite's own sum gets a prefix.
            summed = re.fullmatch(r"\d+ passed, \d+ failed\n?", line)
            say(f"suite: {line}" if summed else line)
            last_lines.append(line)
        worked = process.wait() == 0 and worked
    outcome = Outcome(section.name, time.monotonic() - began, last_lines=list(last_lines))
    count(outcome, last_lines[-1] if last_lines else "")
    if not worked and outcome.failed == 0:
        outcome.failed = 1
    say(f"=== {section.name}: {outcome.seconds:.0f} s, {outcome.passed} passed, {outcome.failed} failed\n")
    return outcome


def run_and_say_all(section: Section) -> Outcome:
    said = []
    outcome = run(section, said.append)
    say_at_once("".join(said))
    return outcome


def run_beside(group: list[Section]) -> list[Outcome]:
    if len(group) == 1:
        return [run(group[0], say_at_once)]
    with ThreadPoolExecutor() as pool:
        return list(pool.map(run_and_say_all, group))


def count(outcome: Outcome, last_line: str):
    """Counts the tests in the section's reports; without reports, uses the last line if it is a sum."""
    reports = [report for report in (RESULTS / f"{outcome.name}.xml", *sorted((RESULTS / outcome.name).glob("*.xml"))) if report.exists()]
    for report in reports:
        for case in ElementTree.parse(report).iter("testcase"):
            tags = {child.tag for child in case}
            if tags & {"failure", "error"}:
                outcome.failed += 1
            elif "skipped" in tags or case.get("status") == "notrun":
                outcome.skipped += 1
            else:
                outcome.passed += 1
    said = re.fullmatch(r"(\d+) passed, (\d+) failed\n?", last_line)
    if said and not reports:
        outcome.passed += int(said[1])
        outcome.failed += int(said[2])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", default="build")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--only", nargs="*", help="names of sections")
    args = parser.parse_args()

    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / "summary").unlink(missing_ok=True)
    os.environ.setdefault("QUOLL_BIN", str(ROOT / args.build / "quoll"))
    os.environ.setdefault("QUOLL_TESTING", "OFF")  # for the package of the client library: see tests/peers/sdk_package.py
    outcomes = []
    for step in steps(args.build, args.jobs):
        group = [section for section in step if not args.only or section.name in args.only]
        outcomes += run_beside(group)
        if any(section.ends_all for section in group) and outcomes[-1].failed:
            break

    for outcome in outcomes:
        if outcome.failed:
            print(f"\n=== the end of {outcome.name}, which failed\n{''.join(outcome.last_lines)}", end="")
    print("\n=== times")
    for outcome in outcomes:
        print(f"{outcome.name:14} {outcome.seconds:6.0f} s {outcome.passed:6} passed {outcome.failed:4} failed {outcome.skipped:4} skipped")
    passed = sum(o.passed for o in outcomes)
    failed = sum(o.failed for o in outcomes)
    (RESULTS / "summary").write_text(f"{passed} passed, {failed} failed\n")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
