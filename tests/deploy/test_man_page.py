"""quoll(1): it names every command of the program, and is formatted without a warning."""

import re
import shutil
import subprocess

import pytest
from harness import ROOT, quoll_bin

PAGE = ROOT / "debian" / "quoll.1"


def test_the_page_names_the_commands_of_the_program_and_no_other():
    usage = subprocess.run([quoll_bin(), "--help"], capture_output=True, text=True, timeout=60).stdout
    offered = {name for name in re.findall(r"^  quoll (\w+)", usage, re.M)}
    named = {name for name in re.findall(r"^\.Nm\n\.Cm (\w+)", PAGE.read_text(), re.M)}
    assert offered == named


@pytest.mark.skipif(shutil.which("man") is None, reason="there is no man(1)")
def test_the_page_is_formatted_without_a_warning():
    shown = subprocess.run(["man", "--warnings", "-l", PAGE], capture_output=True, text=True, timeout=60, env={"MANWIDTH": "80", "LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"})
    assert shown.returncode == 0 and shown.stderr == "" and "SYNOPSIS" in shown.stdout
