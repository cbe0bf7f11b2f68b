#!/usr/bin/env python3
"""Checks that check_rooms.py finds each of several violations, and none in correct code."""

import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.dont_write_bytecode = True

import check_rooms  # noqa: E402  (the path must be there first)

RULES = """
base:
types: base
os: base
sim: * -os
world: os
"""


class CheckRooms(unittest.TestCase):
    def found(self, files: dict[str, str], rules: str = RULES) -> list[str]:
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            for name, text in {"docs/rooms.txt": rules, **files}.items():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_text(text)
            return check_rooms.check(root)

    def test_correct_code_passes(self):
        self.assertEqual(self.found({
            "src/types/a.cc": '#include "types/a.h"\n#include "base/check.h"\n#include <boost/unordered/unordered_flat_map.hpp>\n#include <vector>\n// no getenv here\nauto s = "steady_clock";\n',
            "src/types/CMakeLists.txt": "quoll_room(types SOURCES a.cc USES base)",
            "src/types/a_test.cc": '#include "sim/disk.h"\n',
            "src/os/b.cc": "#include <thread>\n#include <unistd.h>\nauto t = std::chrono::steady_clock::now();\n",
            "sim/c.cc": '#include "types/a.h"\n',
        }), [])

    def test_an_include_of_a_higher_room_is_found(self):
        self.assertEqual(self.found({"src/base/a.h": '\n#include "types/a.h"\n'}), ["src/base/a.h:2: base may not include types"])

    def test_os_in_the_simulator_is_found(self):
        self.assertEqual(len(self.found({"sim/a.cc": '#include "os/b.h"\n'})), 1)

    def test_a_link_of_a_higher_room_is_found(self):
        self.assertEqual(self.found({"src/base/CMakeLists.txt": "quoll_room(base SOURCES a.cc USES types fmt::fmt TESTS a_test.cc)"}),
                         ["src/base/CMakeLists.txt: base may not link types"])
        self.assertEqual(len(self.found({"src/base/CMakeLists.txt": "target_link_libraries(quoll_base PUBLIC quoll_types)"})), 1)

    def test_use_of_the_operating_system_is_found(self):
        for code in ["#include <thread>", "#include <mutex>", "#include <unistd.h>", "#include <sys/stat.h>", "#include <fcntl.h>",
                     "auto t = std::chrono::system_clock::now();", "std::random_device d;", 'auto e = std::getenv("A");', "int f = ::open(p, 0);"]:
            self.assertEqual(len(self.found({"src/types/a.cc": code + "\n"})), 1, code)

    def test_an_unknown_room_is_found(self):
        self.assertEqual(len(self.found({"src/attic/a.cc": ""})), 1)

    def test_a_cycle_in_the_rules_is_found(self):
        self.assertTrue(self.found({}, "base: types\ntypes: base\nworld:\n"))


if __name__ == "__main__":
    unittest.main()
