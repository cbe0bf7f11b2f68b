#!/usr/bin/env python3
"""Holds docs/faults.md: every id has an answer, every named test exists. Prints how many rows a test covers.

It looks for tests in the sources. That they ran is left to the sections of tools/run_tests.py, which run all of them.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "faults.md"
ROWS = {"A": 26, "B": 17, "C": 15, "D": 10, "E": 10, "F": 9, "G": 10, "H": 8, "I": 5, "J": 9, "K": 12}
NAMED = re.compile(r"`([^`]+)`")
OTHER_ANSWERS = re.compile(r"ensemble($|;)|cannot arise: .|not yet: .")


def gtests() -> set[str]:
    macro = re.compile(r"^TEST(?:_F|_P)?\(\s*(\w+),\s*(\w+)\)", re.M)
    files = [f for room in ("src", "sim") for f in (ROOT / room).rglob("*_test.cc")]
    return {f"{suite}.{name}" for f in files for suite, name in macro.findall(f.read_text())}


def is_pytest(name: str) -> bool:
    path, _, function = name.partition("::")
    file = ROOT / path
    return file.is_file() and re.search(rf"^def {re.escape(function)}\(", file.read_text(), re.M) is not None


def is_test(name: str, known: set[str]) -> bool:
    return is_pytest(name) if "::" in name else name in known


def check(text: str, known: set[str]) -> tuple[list[str], int]:
    """What is wrong with the page, and how many rows are covered by test."""
    wrong, by_test = [], 0
    rows = re.findall(r"^\| ([A-Z]\d+) \| (.*?) \| (.*) \|$", text, re.M)
    ids = [row[0] for row in rows]
    expected = [f"{letter}{n}" for letter, last in ROWS.items() for n in range(1, last + 1)]
    if ids != expected:
        wrong += [f"{i} has no row" for i in expected if i not in ids]
        wrong += [f"{i} is no id, or stands twice or out of order" for n, i in enumerate(ids) if i not in expected or ids.index(i) != n]
        wrong = wrong or ["the rows are out of order"]
    for row, what, answer in rows:
        if not what.strip():
            wrong.append(f"{row} does not say what broke")
        for name in NAMED.findall(answer):
            looks_like_a_test = "::" in name or re.fullmatch(r"\w+\.\w+", name)
            if looks_like_a_test and not is_test(name, known):
                wrong.append(f"{row} names {name}, which does not exist")
        first = re.match(r"`([^`]+)`", answer)
        if first and is_test(first[1], known):
            by_test += 1
        elif not first and not OTHER_ANSWERS.match(answer):
            wrong.append(f"{row} has no answer")
        elif first:
            wrong.append(f"{row} begins with {first[1]}, which is no test")
    return wrong, by_test


def main() -> int:
    wrong, by_test = check(PAGE.read_text(), gtests())
    for line in wrong:
        print(f"docs/faults.md: {line}")
    print(f"faults: {by_test} of {sum(ROWS.values())} rows are covered by test")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
