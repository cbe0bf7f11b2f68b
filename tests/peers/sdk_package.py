"""The client library as its users get it: installed, with the examples built against it."""

import fcntl
import functools
import os
import subprocess
from pathlib import Path

from harness import ROOT, spawn, wait_for

SDK = ROOT / "build" / "sdk"
PREFIX = ROOT / "build" / "sdk-prefix"
# CI leaves out quoll::testing, which contains the server: its own tests run there, and compiling it once more takes minutes.
WITH_TESTING = os.environ.get("QUOLL_TESTING", "ON") != "OFF"


def run(*words, **kw):
    done = subprocess.run([str(word) for word in words], text=True, capture_output=True, timeout=1500, **kw)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    return done.stdout


@functools.cache
def installed() -> Path:
    """The prefix. Several test programs may ask at the same time."""
    SDK.mkdir(parents=True, exist_ok=True)
    with (SDK / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        run("cmake", "-S", ROOT / "src" / "sdk" / "package", "-B", SDK, "-G", "Ninja", f"-DCMAKE_INSTALL_PREFIX={PREFIX}", "-DCMAKE_INSTALL_LIBDIR=lib",
            f"-DQUOLL_TESTING={'ON' if WITH_TESTING else 'OFF'}")
        run("cmake", "--build", SDK)
        run("cmake", "--install", SDK)
    return PREFIX


def example(name: str) -> Path:
    """The folder with the programs of an example, built as a project of its own."""
    return project(ROOT / "examples" / name)


@functools.cache
def project(source: Path) -> Path:
    folder = SDK / "projects" / source.name
    prefix = installed()
    with (SDK / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        run("cmake", "-S", source, "-B", folder, "-G", "Ninja", f"-DCMAKE_PREFIX_PATH={prefix}")
        run("cmake", "--build", folder)
    return folder


class Program:
    """An example that runs during a test; its output goes to a file."""

    def __init__(self, out: Path, *words):
        self.out = Path(out)
        with self.out.open("wb") as stdout, self.out.with_suffix(".err").open("wb") as stderr:
            self.process = spawn([str(word) for word in words], stdin=subprocess.PIPE, stdout=stdout, stderr=stderr)

    def lines(self) -> list[str]:
        """The complete ones."""
        return self.out.read_text().split("\n")[:-1]

    def wait_lines(self, *lines: str, timeout: float = 60):
        wait_for(lambda: set(lines) <= set(self.lines()) or self.process.poll() is not None, timeout, f"{lines} in {self.out.name}, not {self.lines()}")
        assert set(lines) <= set(self.lines()), self.out.with_suffix(".err").read_text()

    def say(self, line: str):
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()

    def end_input(self, timeout: float = 30) -> int:
        self.process.stdin.close()
        return self.process.wait(timeout)

    def kill(self):
        self.process.kill()
        self.process.wait(10)
