#!/usr/bin/env python3
"""Writes sources with planted bugs: tools/mutate.py --out DIR LIST...

A list (sim/trial/mutants/*.txt) has mutants: a name, the law of the simulator that finds it and within how many seeds, and for each place a file
and its lines, like a diff: "- " removes a line, "+ " adds a line, "  " is context. In added lines PLANTED is true while this mutant is enabled, so
that one compilation has all mutants. Lines are compared without spaces at both ends, and must be found exactly once in the file.

Each file that a list names is written with all its mutants to DIR/<its path>, and DIR/mutants.cc gets the table of sim/trial/mutants.h. If a
mutant's lines are not found, nothing is written.
"""

import argparse
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path

HEAD = re.compile(r"(?P<name>[a-z]\w*): (?P<law>V\S+(?: \w+)?) within (?P<seeds>[1-9]\d*) seeds(?: of (?P<workload>\w+))?")
GUARD = re.compile(r"\bPLANTED\b")


class Misfit(Exception):
    """A list that cannot be parsed, or a mutant whose lines are not found in the source. The text says what to do."""


@dataclass
class Place:
    mutant: str
    file: str
    list_name: str
    lines: list[tuple[int, str, str]] = field(default_factory=list)  # number in the list, kind, text

    def before(self) -> list[str]:
        return [text for _, kind, text in self.lines if kind != "+"]


@dataclass
class Mutant:
    name: str
    law: str
    seeds: int
    workload: str
    places: list[Place] = field(default_factory=list)


def read_list(text: str, list_name: str) -> list[Mutant]:
    mutants: list[Mutant] = []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip() or line.startswith("#"):
            continue
        if head := HEAD.fullmatch(line.rstrip()):
            mutants.append(Mutant(head["name"], head["law"], int(head["seeds"]), head["workload"] or ""))
        elif line.startswith("in ") and mutants:
            mutants[-1].places.append(Place(mutants[-1].name, line[3:].strip(), list_name))
        elif line[:2] in ("- ", "+ ", "  ") and mutants and mutants[-1].places:
            mutants[-1].places[-1].lines.append((number, line[0], line[2:].rstrip()))
        else:
            raise Misfit(f"{list_name}:{number}: expected a mutant (name: law within n seeds), 'in FILE', or a line of a place: {line}")
    for mutant in mutants:
        places = [f"{place.mutant} in {place.file}" for place in mutant.places if place.before() and len(place.before()) < len(place.lines)]
        if not places or len(places) < len(mutant.places):
            raise Misfit(f"{list_name}: {mutant.name} has no place, or a place without a line to find or without an added line")
        if not any(GUARD.search(text) for place in mutant.places for _, kind, text in place.lines if kind == "+"):
            raise Misfit(f"{list_name}: {mutant.name} does not use PLANTED: it would be enabled together with every other mutant")
    return mutants


def find(place: Place, source: list[str]) -> int:
    """The index of the first line of the place."""
    wanted = [text.strip() for text in place.before()]
    stripped = [line.strip() for line in source]
    found = [at for at in range(len(source) - len(wanted) + 1) if stripped[at:at + len(wanted)] == wanted]
    if len(found) == 1:
        return found[0]
    where = "are no longer there" if not found else f"are there {len(found)} times (lines {', '.join(str(at + 1) for at in found)})"
    advice = ("Somebody has changed them: look at the file, and update the mutant's lines so that the bug stays the same"
              if not found else "Add a line of context (with two spaces before it) above or below, so that the place is unique")
    raise Misfit(f"{place.list_name}:{place.lines[0][0]}: the mutant {place.mutant} does not match {place.file}: its lines {where}. {advice}. "
                 "The lines:\n" + "\n".join(f"    {text}" for text in place.before()))


def flag(mutant: str) -> str:
    return f"::quoll::sim::mutant_{mutant}"


def mutate(file: str, source: str, places: list[Place]) -> str:
    lines = source.split("\n")
    gone: dict[int, str] = {}                          # index of a line -> the mutant that replaces it
    coming: dict[int, list[str]] = {}                  # index -> lines that are added before that line
    for place in places:
        at = find(place, lines)
        for number, kind, text in place.lines:
            if kind == "+":
                text = GUARD.sub(flag(place.mutant), text)
                coming.setdefault(at, []).append(f'#line {number} "{place.list_name}"\n{text}')
                continue
            if kind == "-":
                if at in gone:
                    raise Misfit(f"{place.list_name}:{number}: the mutants {gone[at]} and {place.mutant} both replace line {at + 1} of {file}. "
                                 "Write one of them as a line that is added before or after it")
                gone[at] = place.mutant
            at += 1
    flags = sorted({place.mutant for place in places})
    out = ["namespace quoll::sim {", *(f"extern bool mutant_{name};" for name in flags), "}  // namespace quoll::sim", f'#line 1 "{file}"']
    for at, line in enumerate(lines):
        if at in coming:
            out += [*coming[at], f'#line {at + 1} "{file}"']
        # A removed line becomes an empty one, so that line numbers stay correct.
        out.append("" if at in gone else line)
    return "\n".join(out)


def table(mutants: list[Mutant]) -> str:
    flags = "\n".join(f"bool mutant_{m.name} = false;" for m in mutants)
    rows = "\n".join(f'      {{"{m.name}", &mutant_{m.name}, "{m.law}", {m.seeds}, "{m.workload}"}},' for m in mutants)
    return f"""// Written by tools/mutate.py.
#include "sim/trial/mutants.h"

namespace quoll::sim {{

{flags}

std::span<const Mutant> mutants() {{
  static constexpr Mutant kMutants[] = {{
{rows}
  }};
  return kMutants;
}}

}}  // namespace quoll::sim
"""


def planted(lists: dict[str, str], read_source) -> dict[str, str]:
    """All files to write, by their name below DIR."""
    mutants = [mutant for name, text in lists.items() for mutant in read_list(text, name)]
    names = [mutant.name for mutant in mutants]
    for name in sorted({name for name in names if names.count(name) > 1}):
        raise Misfit(f"two mutants are called {name}")
    by_file: dict[str, list[Place]] = {}
    for place in (place for mutant in mutants for place in mutant.places):
        by_file.setdefault(place.file, []).append(place)
    files = {"mutants.cc": table(mutants)}
    misfits = []
    for file, places in by_file.items():
        try:
            files[file] = mutate(file, read_source(file), places)
        except Misfit as misfit:
            misfits.append(str(misfit))
        except OSError as error:
            misfits.append(f"{places[0].list_name}: {file}, in which {places[0].mutant} is planted, cannot be read: {error.strerror}. "
                           "If it was renamed, update its name in the list")
    if misfits:
        raise Misfit("\n".join(misfits))
    return files


def write_if_other(path: Path, text: str):
    if path.exists() and path.read_text() == text:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--root", type=Path, default=Path(__file__).resolve().parent.parent)
    parser.add_argument("lists", nargs="+", type=Path)
    args = parser.parse_args()
    try:
        lists = {str(path): path.read_text() for path in args.lists}
        files = planted(lists, lambda file: (args.root / file).read_text())
    except Misfit as misfit:
        print(f"mutants: {misfit}\nFor the format see docs/simulator.md, 'Planted bugs'", file=sys.stderr)
        return 1
    for name, text in files.items():
        write_if_other(args.out / name, text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
