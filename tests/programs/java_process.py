"""A program, in Java or not, that runs during a test; the test can wait for lines of its output."""

from __future__ import annotations

import subprocess
from pathlib import Path

import harness

SOURCES = Path(__file__).resolve().parent / "src"


def whole_lines(path: Path) -> list[str]:
    """The complete lines; the last one may still be written."""
    return path.read_text().split("\n")[:-1]


class Program:
    def __init__(self, command: list, out: Path):
        """Standard output goes to the file `out`, so that nothing is lost if the process is killed."""
        self.out = Path(out)
        with self.out.open("wb") as stdout, self.out.with_suffix(".err").open("wb") as stderr:
            self.process = harness.spawn(command, stdin=subprocess.PIPE, stdout=stdout, stderr=stderr)

    def lines(self) -> list[str]:
        return whole_lines(self.out)

    def wait_line(self, line: str, timeout: float = 60):
        harness.wait_for(lambda: line in self.lines() or not self.running(), timeout, f"{line!r} in {self.out.name}")
        assert line in self.lines(), self.errors()

    def running(self) -> bool:
        return self.process.poll() is None

    def say(self, line: str):
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()

    def kill(self):
        self.process.kill()
        self.process.wait(10)

    def wait(self, timeout: float) -> int:
        return self.process.wait(timeout)

    def errors(self) -> str:
        return self.out.with_suffix(".err").read_text()


class JavaProcess(Program):
    def __init__(self, main_class: str, args: list, out: Path, sources: Path = SOURCES):
        super().__init__(harness.java_args(main_class, args, ["-Xmx48m", "-Xss512k"], [harness.compile_java(sources)]), out)
