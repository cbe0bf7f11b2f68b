#!/usr/bin/env python3
"""Checks that a program was built with the protections of cmake/hardening.cmake; it needs only readelf and objdump (binutils).

tools/check_hardening.py PROGRAM [COMPILE_COMMANDS]; prints what is missing, and fails if anything is missing.
"""

import json
import platform
import re
import subprocess
import sys
from pathlib import Path


def run(*words: str) -> str:
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


def missing(program: str) -> list[str]:
    header, segments = run("readelf", "-hW", program), run("readelf", "-lW", program)
    dynamic, symbols = run("readelf", "-dW", program), run("readelf", "--dyn-syms", "-W", program)
    notes = run("readelf", "-nW", program)
    stack = next((line for line in segments.splitlines() if "GNU_STACK" in line), "")
    checks = {
        "a position independent executable (PIE)": "DYN" in header and re.search(r"FLAGS_1.*\bPIE\b", dynamic),
        "read-only relocations (RELRO)": "GNU_RELRO" in segments,
        "full RELRO (bind now)": re.search(r"BIND_NOW|FLAGS.*\bNOW\b", dynamic),
        "a stack that is not executable": re.search(r"\sRW\s", stack),
        "the stack protector": "__stack_chk_fail" in symbols,
        "_FORTIFY_SOURCE": re.search(r"__(mem|str|v?s?n?printf|read|pread|poll|fprintf|fd)\w*_chk", symbols),
        "_GLIBCXX_ASSERTIONS": "__glibcxx_assert_fail" in symbols,
    }
    if platform.machine() == "x86_64":
        checks["CET's mark of indirect branches (IBT)"] = re.search(r"x86 feature:.*IBT", notes)
        checks["CET's mark of the shadow stack (SHSTK)"] = re.search(r"x86 feature:.*SHSTK", notes)
        checks["endbr64 at the start of main"] = begins_with_endbr(program)
    return [what for what, found in checks.items() if not found]


def begins_with_endbr(program: str) -> bool:
    code = run("objdump", "-d", "--no-show-raw-insn", "--disassemble=main", program)
    lines = code.split("<main>:\n")
    return len(lines) > 1 and "endbr64" in lines[1].splitlines()[0]


def unprotected_files(commands: Path) -> list[str]:
    """Files of the program that were compiled without a flag that cannot be seen in the program."""
    found = []
    for entry in json.loads(commands.read_text()):
        if "/src/" not in entry["file"] or "_test.dir/" in entry.get("output", entry["command"]):
            continue
        for flag in ("-fstack-clash-protection", "-fstack-protector-strong", "-D_FORTIFY_SOURCE=3", "-D_GLIBCXX_ASSERTIONS"):
            if flag not in entry["command"]:
                found.append(f"{entry['file']} was compiled without {flag}")
    return found


def main() -> int:
    program = sys.argv[1]
    lines = [f"{program} lacks {what}" for what in missing(program)]
    if len(sys.argv) > 2:
        lines += unprotected_files(Path(sys.argv[2]))
    print("\n".join(lines[:20]) if lines else f"{program} has every protection")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
