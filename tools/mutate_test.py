#!/usr/bin/env python3
"""Checks that mutate.py plants each mutant at its lines, and explains what is wrong with one that does not match."""

import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.dont_write_bytecode = True

import mutate  # noqa: E402  (the path must be there first)

SOURCE = """void f() {
  first();
  if (is_open) {
    second();
  }
  second();
  last();
}
"""
HEAD = "forgets: VD1 within 100 seeds\nin src/a.cc\n"


class Mutate(unittest.TestCase):
    def planted(self, text: str, source: str = SOURCE) -> list[str]:
        """The code of src/a.cc with its mutants, without the #line directives."""
        files = mutate.planted({"a.txt": text}, {"src/a.cc": source}.__getitem__)
        code = files["src/a.cc"].split('#line 1 "src/a.cc"\n')[1].split("\n")
        return [line.strip() for line in code if line.strip() and not line.startswith("#line")]

    def misfit(self, text: str, source: str = SOURCE) -> str:
        with self.assertRaises(mutate.Misfit) as caught:
            self.planted(text, source)
        return str(caught.exception)

    def test_a_line_is_replaced(self):
        code = self.planted(HEAD + "-   first();\n+   if (!PLANTED) first();\n")
        self.assertEqual(code[1], "if (!::quoll::sim::mutant_forgets) first();")
        self.assertNotIn("first();", code)

    def test_a_line_is_added_after_context(self):
        self.assertEqual(self.planted(HEAD + "    first();\n+   if (PLANTED) return;\n")[1:3], ["first();", "if (::quoll::sim::mutant_forgets) return;"])

    def test_a_line_is_added_before_context(self):
        self.assertEqual(self.planted(HEAD + "+   if (PLANTED) return;\n    first();\n")[1:3], ["if (::quoll::sim::mutant_forgets) return;", "first();"])

    def test_context_selects_one_of_several_places(self):
        code = self.planted(HEAD + "-   second();\n+   if (!PLANTED) second();\n    last();\n")
        self.assertEqual(code[3:6], ["second();", "}", "if (!::quoll::sim::mutant_forgets) second();"])

    def test_spaces_at_the_ends_are_ignored(self):
        self.assertIn("if (::quoll::sim::mutant_forgets) return;", self.planted(HEAD + "  first();  \n+ if (PLANTED) return;\n"))

    def test_two_mutants_share_a_file_and_a_line_of_context(self):
        other = "doubles: VC13 within 10 seeds of quotas\nin src/a.cc\n    first();\n+   if (PLANTED) first();\n"
        code = self.planted(HEAD + "    first();\n+   if (PLANTED) return;\n" + other)
        self.assertEqual(code[2:4], ["if (::quoll::sim::mutant_forgets) return;", "if (::quoll::sim::mutant_doubles) first();"])

    def test_a_mutant_may_have_two_places(self):
        code = self.planted(HEAD + "    first();\n+   if (PLANTED) return;\nin src/a.cc\n-   last();\n+   if (!PLANTED) last();\n")
        self.assertEqual(sum("mutant_forgets" in line for line in code), 2)

    def test_the_compiler_names_the_line_of_the_list_and_of_the_source(self):
        text = HEAD + "    first();\n+   if (PLANTED) return;\n"
        files = mutate.planted({"a.txt": text}, {"src/a.cc": SOURCE}.__getitem__)
        self.assertIn('#line 4 "a.txt"\n  if (::quoll::sim::mutant_forgets) return;\n#line 3 "src/a.cc"\n  if (is_open) {', files["src/a.cc"])

    def test_the_table_has_each_mutant_with_its_bound(self):
        text = "doubles: VC9 answers within 10 seeds of quotas\nin src/a.cc\n    first();\n+   if (PLANTED) first();\n"
        self.assertIn('{"doubles", &mutant_doubles, "VC9 answers", 10, "quotas"},',
                      mutate.planted({"a.txt": text}, {"src/a.cc": SOURCE}.__getitem__)["mutants.cc"])

    def test_missing_lines_name_the_mutant_and_what_to_do(self):
        said = self.misfit(HEAD + "-   third();\n+   if (!PLANTED) third();\n")
        for part in ("a.txt:3", "forgets", "src/a.cc", "no longer", "update the mutant's lines", "third();"):
            self.assertIn(part, said)

    def test_ambiguous_lines_name_the_mutant_and_what_to_do(self):
        said = self.misfit(HEAD + "-   second();\n+   if (!PLANTED) second();\n")
        for part in ("forgets", "2 times (lines 4, 6)", "context"):
            self.assertIn(part, said)

    def test_two_mutants_cannot_replace_one_line(self):
        place = "in src/a.cc\n-   first();\n+   if (!PLANTED) first();\n"
        said = self.misfit(HEAD.replace("in src/a.cc\n", place) + "doubles: VC13 within 10 seeds\n" + place)
        for part in ("forgets", "doubles", "line 2"):
            self.assertIn(part, said)

    def test_two_mutants_cannot_have_one_name(self):
        one = HEAD + "    first();\n+   if (PLANTED) return;\n"
        self.assertIn("forgets", self.misfit(one + one))

    def test_a_mutant_without_planted_is_refused(self):
        self.assertIn("PLANTED", self.misfit(HEAD + "    first();\n+   return;\n"))

    def test_a_mutant_without_a_place_is_refused(self):
        self.assertIn("no place", self.misfit("forgets: VD1 within 100 seeds\n"))

    def test_an_unknown_line_is_refused(self):
        self.assertIn("a.txt:3", self.misfit(HEAD + "*   first();\n"))

    def test_all_errors_are_reported_together(self):
        def source(file: str) -> str:
            raise FileNotFoundError(2, "No such file or directory")
        text = HEAD + "    first();\n+   if (PLANTED) return;\n"
        text += text.replace("forgets", "doubles").replace("a.cc", "b.cc")
        with self.assertRaises(mutate.Misfit) as caught:
            mutate.planted({"a.txt": text}, source)
        for part in ("src/a.cc", "src/b.cc", "renamed"):
            self.assertIn(part, str(caught.exception))


if __name__ == "__main__":
    unittest.main()
