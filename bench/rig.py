"""Shared by all benchmarks: a server configured for speed, the load generator, and /proc."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests" / "peers"), str(ROOT / "tests" / "disk"), str(ROOT / "tests" / "ensemble")]

import ensemble  # noqa: E402  (the paths must be there first)
import harness  # noqa: E402

# The test harness uses a JVM that starts quickly; benchmarks use the options of Apache's scripts.
APACHE_JVM = ["-XX:TieredStopAtLevel=4", "-XX:-UseSerialGC", "-XX:+UseG1GC", "-Xmx1000m"]
CFG = {"maxClientCnxns": 0, "forceSync": "yes", "tickTime": 2000}


def make_server(kind: str, workdir: Path, heap: str = "1000m") -> harness.Server:
    flags = [*APACHE_JVM, f"-Xmx{heap}"] if kind == "apache" else []
    return harness.Server(kind, workdir, dict(CFG), flags)


@contextlib.contextmanager
def make_servers(kind: str, workdir: Path, count: int, heap: str = "1000m"):
    """One server, or an ensemble of `count`; `hosts` are those of all."""
    if count == 1:
        with make_server(kind, workdir, heap) as server:
            yield server
        return
    flags = [*APACHE_JVM, f"-Xmx{heap}"] if kind == "apache" else []
    members = ensemble.Ensemble([kind] * count, workdir, cfg={**CFG, "initLimit": 10, "syncLimit": 5}, jvmflags=flags)
    try:
        members.start()
        members.settle()
        yield members
    finally:
        members.end()


def zkload_bin() -> Path:
    """The generator from the CMake build; if there is none, it is compiled here."""
    built = Path(os.environ.get("ZKLOAD", ROOT / "build" / "bench" / "zkload"))
    sources = [*(ROOT / "bench").glob("*.cc"), *(ROOT / "bench").glob("*.h")]
    if not built.exists() or built.stat().st_mtime < max(s.stat().st_mtime for s in sources):
        built = ROOT / "build" / "zkload"
        built.parent.mkdir(exist_ok=True)
        subprocess.run(["c++", "-std=c++20", "-O2", ROOT / "bench" / "zkload.cc", "-o", built], check=True)
    return built


def zkload(server, op: str, **options) -> dict:
    """Runs the generator to its end; options are its flags. Any wrong reply raises."""
    command = [zkload_bin(), "--hosts", server.hosts, "--op", op, "--json"]
    for name, value in options.items():
        command += [f"--{name.replace('_', '-')}", value]
    done = subprocess.run([str(c) for c in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode:
        raise RuntimeError(f"{op}: {done.stderr.strip()}")
    return json.loads(done.stdout)


# ---------------------------------------------------------------- /proc

def memory_mb(pid: int, field: str = "VmRSS") -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1]) / 1024
    raise KeyError(field)


def cpu_seconds(pid: int) -> float:
    """Processor time of all threads, with a precision of nanoseconds (/proc/PID/stat has 10 ms)."""
    total = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        try:
            total += int((task / "schedstat").read_text().split()[0])
        except OSError:
            pass  # the thread has ended
    return total / 1e9


# ---------------------------------------------------------------- requirements

class Bars:
    """Prints pass or fail for each requirement; the exit status is 1 if any failed."""

    def __init__(self):
        self.failed = 0

    def judge(self, what: str, value: float, at_least: float | None = None, at_most: float | None = None,
              unit: str = ""):
        good = value >= at_least if at_least is not None else value <= at_most
        bar = f">= {at_least:g}" if at_least is not None else f"<= {at_most:g}"
        self.failed += not good
        print(f"{'PASS' if good else 'FAIL'}  {what}: {value:.3g}{unit} (bar {bar}{unit})")

    def exit(self):
        sys.exit(1 if self.failed else 0)
