#!/usr/bin/env python3
"""Checks the code against docs/rooms.txt: which module may include and link which, and which may use the operating system.

tools/check_rooms.py [ROOT]; prints one line for each violation and fails if there is any. A module is called a room there and here.
"""

import re
import sys
from pathlib import Path

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.S)
STRING = re.compile(r'"(?:\\.|[^"\\\n])*"')

# Use of the operating system: its headers, threads, clocks, true randomness, the environment, system calls. Boost's hash tables, its JSON
# and its HTTP parser are pure memory.
SYSTEM_HEADERS = re.compile(
    r"(unistd|fcntl|poll|pthread|dirent|netdb|termios|dlfcn|ifaddrs|syslog|aio|spawn|sched|pwd|grp|signal)\.h|"
    r"(sys|netinet|arpa|net|linux)/.*|"
    r"thread|mutex|shared_mutex|condition_variable|future|semaphore|latch|barrier|stop_token|csignal|boost/(?!unordered/|json|beast/(core|http)/).*")
WORLD = [
    (re.compile(r"\b(steady_clock|system_clock|high_resolution_clock|utc_clock|file_clock)\b"), "reads a clock"),
    (re.compile(r"\brandom_device\b"), "uses true randomness"),
    (re.compile(r"\b(secure_)?getenv\b|\benviron\b"), "reads the environment"),
    (re.compile(r"\bstd::(j?thread|mutex|recursive_mutex|shared_mutex|condition_variable|async|this_thread)\b"), "uses threads"),
    (re.compile(r"(?<![\w>.:])::(open|openat|close|read|write|pread|pwrite|fsync|fdatasync|rename|unlink|mkdir|stat|fstat|ftruncate|socket|"
                r"bind|listen|accept|connect|send|recv|poll|epoll_\w+|fork|exec\w*|kill|time|gettimeofday|clock_gettime|ioctl|mmap)\s*\("),
     "makes a system call"),
]


class Rules:
    def __init__(self, text: str):
        self.may: dict[str, set[str]] = {}
        self.world: set[str] = set()        # rooms that may use the operating system
        self.files: set[str] = set()        # rooms whose tests may read files through the standard library
        for number, line in enumerate(text.splitlines(), 1):
            line = line.split("#")[0].strip()
            if not line:
                continue
            room, colon, others = line.partition(":")
            if not colon:
                raise SystemExit(f"docs/rooms.txt:{number}: no colon")
            if room.strip() == "world":
                self.world = set(others.split())
            else:
                self.may[room.strip()] = set(others.split())

    def may_include(self, room: str, other: str) -> bool:
        if room == other:
            return True
        allowed = self.may[room]
        return other in allowed or ("*" in allowed and f"-{other}" not in allowed)


def room_of(path: Path, root: Path) -> str:
    parts = path.relative_to(root).parts
    return parts[1] if parts[0] == "src" else parts[0]


def is_test(path: Path) -> bool:
    return path.stem.endswith("_test") or path.stem.startswith("test_") or path.stem == "testing"


def check_file(path: Path, root: Path, rules: Rules) -> list[str]:
    room = room_of(path, root)
    name = path.relative_to(root)
    if room not in rules.may:
        return [f"{name}:1: {room} is not listed in docs/rooms.txt"]
    text = path.read_text(encoding="utf-8", errors="replace")
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        kind, target = match.groups()
        first = target.split("/")[0]
        if kind == '"':
            if "/" not in target:
                found.append(f"{name}:{number}: includes {target} without its room's directory")
            elif first not in rules.may and first != "quoll":
                found.append(f"{name}:{number}: includes {target}, whose room is not in docs/rooms.txt")
            # Tests may use the simulated world.
            elif first == "sim" and is_test(path):
                pass
            elif first in rules.may and not rules.may_include(room, first):
                found.append(f"{name}:{number}: {room} may not include {first}")
        elif room not in rules.world and SYSTEM_HEADERS.fullmatch(target):
            found.append(f"{name}:{number}: <{target}> may only be used in {', '.join(sorted(rules.world))}")
    if room not in rules.world:
        code = COMMENT.sub(lambda m: "\n" * m[0].count("\n"), STRING.sub('""', text))
        for number, line in enumerate(code.splitlines(), 1):
            for pattern, what in WORLD:
                if pattern.search(line):
                    found.append(f"{name}:{number}: {what}, which only {', '.join(sorted(rules.world))} may do")
    return found


def check_links(path: Path, root: Path, rules: Rules) -> list[str]:
    """The rooms that a CMakeLists.txt links: USES of quoll_room, or quoll_<room> anywhere."""
    room = room_of(path, root)
    name = path.relative_to(root)
    text = re.sub(r"#[^\n]*", "", path.read_text())
    if room not in rules.may:
        return []
    found = []
    linked = set(re.findall(r"\bquoll_([a-z]+)\b", text)) - {"room", "pch"}
    for uses in re.findall(r"(?<!_)USES((?:\s+[A-Za-z_:]+)+?)(?=\s+(?:SOURCES|TESTS|TEST_USES)\b|\s*\))", text):
        linked |= {word for word in uses.split() if word in rules.may}
    for other in sorted(linked):
        if other in rules.may and not rules.may_include(room, other):
            found.append(f"{name}: {room} may not link {other}")
    return found


def check_cycles(rules: Rules) -> list[str]:
    """The rules must have no cycle: no room may include itself through others."""
    found = []

    def below(room: str) -> set[str]:
        allowed = rules.may[room]
        if "*" in allowed:
            return {r for r in rules.may if r != room and f"-{r}" not in allowed and "*" not in rules.may[r]}
        return allowed

    def reaches(room: str, seen: set[str]):
        for other in below(room):
            if other not in seen:
                seen.add(other)
                reaches(other, seen)
        return seen

    for room in rules.may:
        for other in rules.may[room]:
            if other != "*" and not other.startswith("-") and other not in rules.may:
                raise SystemExit(f"docs/rooms.txt: {room} names {other}, which is not a room")
    for room in rules.may:
        if room in reaches(room, set()):
            found.append(f"docs/rooms.txt: {room} can include itself through others")
    return found


def check(root: Path) -> list[str]:
    rules = Rules((root / "docs" / "rooms.txt").read_text())
    found = check_cycles(rules)
    for top in ("src", "sim", "fuzz"):
        if not (root / top).exists():
            continue
        for path in sorted((root / top).rglob("*")):
            if path.suffix in (".cc", ".h"):
                found += check_file(path, root, rules)
            elif path.name == "CMakeLists.txt" and path.parent != root / "src":
                found += check_links(path, root, rules)
    return found


def main() -> int:
    root = Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent
    found = check(root)
    print("\n".join(found) if found else "All includes and links follow docs/rooms.txt.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
