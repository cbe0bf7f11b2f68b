#!/usr/bin/env python3
"""Checks docs/faults.md: every id has an answer, every named test exists: tools/check_faults.py [--ran REPORTS].

It prints how many rows are covered by a test. With --ran it also checks that each named test ran: REPORTS is the directory where
tools/run_tests.py collects the reports, GoogleTest's in unit/ and pytest's of tests/X in X.xml. A skipped test is reported; a row is an
error if all its tests were skipped. A step of the load test is named like a pytest: tests/load/steps.py::STEP.
"""

import argparse
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "faults.md"
ROWS = {"A": 26, "B": 17, "C": 15, "D": 10, "E": 10, "F": 9, "G": 10, "H": 8, "I": 5, "J": 9, "K": 12}
NAMED = re.compile(r"`([^`]+)`")
# A test and, if it plays several scripts, those that the row names.
WITH_SCRIPTS = re.compile(r"`([^`]+)`(?: \(scripts? (\w+)(?: and (\w+))?)?")
OTHER_ANSWERS = re.compile(r"cannot arise: .|not yet: .")


def gtests() -> set[str]:
    macro = re.compile(r"^TEST(?:_F|_P)?\(\s*(\w+),\s*(\w+)\)", re.M)
    files = [f for room in ("src", "sim") for f in (ROOT / room).rglob("*_test.cc")]
    return {f"{suite}.{name}" for f in files for suite, name in macro.findall(f.read_text())}


LOAD_STEPS = "tests/load/steps.py"


def load_steps() -> set[str]:
    listed = subprocess.run([ROOT / "tests" / "load" / "run.py", "--list"], check=True, capture_output=True, text=True).stdout
    return {f"{LOAD_STEPS}::{step}" for step in listed.split()}


def is_pytest(name: str) -> bool:
    path, _, function = name.partition("::")
    file = ROOT / path
    return file.is_file() and re.search(rf"^def {re.escape(function)}\(", file.read_text(), re.M) is not None


def is_test(name: str, known: set[str]) -> bool:
    return name in known or "::" in name and not name.startswith(f"{LOAD_STEPS}::") and is_pytest(name)


def looks_like_a_test(name: str) -> bool:
    return "::" in name or re.fullmatch(r"\w+\.\w+", name) is not None


def was_skipped(case: ElementTree.Element) -> bool:
    return case.find("skipped") is not None or case.get("result") in ("skipped", "suppressed") or case.get("status") == "notrun"


@dataclass
class Reported:
    """A test in the reports: the parameters it ran with (an empty string if it has none), and whether any run was skipped."""
    ran: set[str] = field(default_factory=set)
    was_skipped: bool = False


def reported_tests(reports: Path) -> dict[str, Reported]:
    """By its name as in docs/faults.md."""
    tests: dict[str, Reported] = {}

    def add(name: str, parameter: str, case: ElementTree.Element):
        test = tests.setdefault(name, Reported())
        if was_skipped(case):
            test.was_skipped = True
        else:
            test.ran.add(parameter)

    for report in sorted(reports.glob("unit/*.xml")):
        for case in ElementTree.parse(report).iter("testcase"):
            name, _, parameter = case.get("name").partition("/")
            add(f"{case.get('classname').rpartition('/')[2]}.{name}", parameter, case)
    for report in sorted(reports.glob("*.xml")):
        for case in ElementTree.parse(report).iter("testcase"):
            name, _, parameter = case.get("name").partition("[")
            add(f"tests/{report.stem}/{case.get('classname').replace('.', '/')}.py::{name}", parameter.rstrip("]"), case)
    return tests


def check_ran(text: str, tests: dict[str, Reported]) -> list[str]:
    """What is missing among the tests that ran. The steps of `make test-load` count only when it ran, too: it measures, so CI leaves it out."""
    wrong = []
    load_ran = any(name.startswith(f"{LOAD_STEPS}::") for name in tests)
    for row, answer in re.findall(r"^\| ([A-Z]\d+) \| .*? \| (.*) \|$", text, re.M):
        named = [(name, scripts) for name, *scripts in WITH_SCRIPTS.findall(answer) if looks_like_a_test(name)]
        for name, scripts in named:
            test = tests.get(name, Reported())
            if name.startswith(f"{LOAD_STEPS}::") and not load_ran:
                print(f"faults: {row} names {name}, which `make test-load` runs")
            elif not test.ran and not test.was_skipped:
                wrong.append(f"{row} names {name}, which did not run")
            elif not test.ran:
                print(f"faults: {row} names {name}, which was skipped here")
            wrong += [f"{row} names the script {script} of {name}, which did not run" for script in filter(None, scripts)
                      if not any(script in parameter.split("-") for parameter in test.ran)]
        if named and not any(tests[name].ran for name, _ in named if name in tests):
            wrong.append(f"{row} is covered by nothing that ran here")
    return wrong


def check(text: str, known: set[str]) -> tuple[list[str], int]:
    """The errors of the page, and how many rows are covered by test."""
    wrong, by_test = [], 0
    rows = re.findall(r"^\| ([A-Z]\d+) \| (.*?) \| (.*) \|$", text, re.M)
    ids = [row[0] for row in rows]
    expected = [f"{letter}{n}" for letter, last in ROWS.items() for n in range(1, last + 1)]
    if ids != expected:
        wrong += [f"{i} has no row" for i in expected if i not in ids]
        wrong += [f"{i} is not an id, appears twice or is out of order" for n, i in enumerate(ids) if i not in expected or ids.index(i) != n]
        wrong = wrong or ["the rows are out of order"]
    for row, what, answer in rows:
        if not what.strip():
            wrong.append(f"{row} does not say what broke")
        for name in NAMED.findall(answer):
            if looks_like_a_test(name) and not is_test(name, known):
                wrong.append(f"{row} names {name}, which does not exist")
        first = re.match(r"`([^`]+)`", answer)
        if first and is_test(first[1], known):
            by_test += 1
        elif not first and not OTHER_ANSWERS.match(answer):
            wrong.append(f"{row} has no answer")
        elif first:
            wrong.append(f"{row} begins with {first[1]}, which is not a test")
    return wrong, by_test


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--ran", type=Path, metavar="REPORTS")
    args = parser.parse_args()
    wrong, by_test = check(PAGE.read_text(), gtests() | load_steps())
    if args.ran:
        wrong += check_ran(PAGE.read_text(), reported_tests(args.ran))
    for line in wrong:
        print(f"docs/faults.md: {line}")
    print(f"faults: {by_test} of {sum(ROWS.values())} rows are covered by test")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
