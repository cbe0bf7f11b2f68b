#!/usr/bin/env python3
"""Runs check_faults.py on pages and reports with and without mistakes, and checks that it finds each mistake and nothing else."""

import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.dont_write_bytecode = True

import check_faults  # noqa: E402  (the path must be there first)

KNOWN = {"Suite.holds", "tests/load/steps.py::crowd"}


def page(first_answer: str) -> str:
    """Every id has a row; the first one has this answer."""
    ids = [f"{letter}{n}" for letter, last in check_faults.ROWS.items() for n in range(1, last + 1)]
    return "\n".join(f"| {i} | It broke | {'not yet: a thing' if n else first_answer} |" for n, i in enumerate(ids))


class Page(unittest.TestCase):
    def found(self, first_answer: str) -> list[str]:
        return check_faults.check(page(first_answer), KNOWN)[0]

    def test_tests_of_every_kind_are_known(self):
        for name in ("Suite.holds", "tests/load/steps.py::crowd", "tests/trouble/test_limits.py::try_connect"):
            self.assertEqual(check_faults.check(page(f"`{name}`"), KNOWN), ([], 1), name)

    def test_a_name_that_is_not_a_test_is_found(self):
        for name in ("Suite.holds_not", "tests/load/steps.py::settle", "tests/load/steps.py::no_crowd", "tests/trouble/test_limits.py::no_test"):
            self.assertIn(f"A1 names {name}, which does not exist", self.found(f"`{name}`"))

    def test_an_answer_must_be_a_test_or_say_why_not(self):
        self.assertEqual(self.found("cannot arise: one thread"), [])
        self.assertEqual(self.found("not measured"), ["A1 has no answer"])
        self.assertEqual(self.found("`word` of something"), ["A1 begins with word, which is not a test"])

    def test_a_missing_row_is_found(self):
        self.assertIn("A2 has no row", check_faults.check(page("not yet: a thing").replace("| A2 |", "| A3 |"), KNOWN)[0])

    def test_the_steps_of_the_load_test_are_listed(self):
        steps = check_faults.load_steps()
        self.assertIn("tests/load/steps.py::word_wchp", steps)
        self.assertIn("tests/load/steps.py::many_connections", steps)
        self.assertNotIn("tests/load/steps.py::settle", steps)


class Ran(unittest.TestCase):
    def found(self, case: str) -> list[str]:
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "load.xml").write_text(f"<testsuites><testsuite>{case}</testsuite></testsuites>")
            return check_faults.check_ran(page("`tests/load/steps.py::crowd`"), check_faults.reported_tests(Path(folder)))

    def test_a_step_that_ran_is_found_in_its_report(self):
        self.assertEqual(self.found('<testcase classname="steps" name="crowd"/>'), [])

    def test_a_step_that_did_not_run_is_reported(self):
        self.assertIn("A1 names tests/load/steps.py::crowd, which did not run", self.found('<testcase classname="steps" name="other"/>'))

    def test_a_step_counts_only_when_the_load_test_ran(self):
        text = page("`tests/load/steps.py::crowd`, `Suite.name`")
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "unit").mkdir()
            (Path(folder) / "unit" / "a.xml").write_text('<testsuites><testsuite><testcase classname="Suite" name="name"/></testsuite></testsuites>')
            self.assertEqual(check_faults.check_ran(text, check_faults.reported_tests(Path(folder))), [])


if __name__ == "__main__":
    unittest.main()
