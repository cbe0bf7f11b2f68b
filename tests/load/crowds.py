"""Starts the groups of clients of bench/zkcrowd, and a prober that measures the latency of other clients meanwhile."""

from __future__ import annotations

import contextlib
import json
import os
import resource
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests" / "peers"), str(ROOT / "bench")]

import harness  # noqa: E402  (the paths must be there first)

ZKCROWD = Path(os.environ.get("ZKCROWD", ROOT / "build" / "bench" / "zkcrowd"))

# The server, the crowd and the prober share a few processors. The crowd gets a lower priority and, if permitted, the server
# and the prober get a higher one, so that the prober measures the server's latency and not that of a busy machine.
CROWD_NICE = 10
OURS_NICE = -15


class Tool:
    """One run of zkcrowd: it runs until end(), which returns its results."""

    def __init__(self, server: harness.Server, command: str, nice: int = CROWD_NICE, ready_s: float = 300, **options):
        args = ["nice", "-n", str(nice)] if nice else []
        args += [str(ZKCROWD), command, "--port", str(server.client_port)]
        for name, value in options.items():
            args += [f"--{name.replace('_', '-')}", str(value)]
        self.command = command
        self.process = harness.spawn(args, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        watchdog = threading.Timer(ready_s, self.process.kill)
        watchdog.start()
        if not nice:
            go_first(self.process.pid)
        line = self.process.stdout.readline()
        watchdog.cancel()
        if line != "ready\n":
            raise RuntimeError(f"{command} is not ready: {line!r} {self.process.stderr.read().strip()}\n{server.log_text()[-2000:]}")

    def end(self, timeout: float = 120) -> dict:
        out, err = self.process.communicate(timeout=timeout)
        if self.process.returncode:
            raise RuntimeError(f"{self.command} failed: {err.strip()}")
        return json.loads(out) if out.strip() else {}


def go_first(pid: int):
    try:
        for thread in os.listdir(f"/proc/{pid}/task"):
            os.setpriority(os.PRIO_PROCESS, int(thread), OURS_NICE)
    except PermissionError:
        pass


@contextlib.contextmanager
def session_goes_first():
    """If the kernel schedules sessions first (autogroup), a nice value only counts within one: raises the priority of this session."""
    file = Path("/proc/self/autogroup")
    try:
        before = file.read_text().split()[-1]
        file.write_text(str(OURS_NICE))
    except (OSError, IndexError):
        yield  # not supported, or not permitted
        return
    try:
        yield
    finally:
        file.write_text(before)


def memory_mb(pid: int, field: str = "VmRSS") -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1]) / 1024
    raise KeyError(field)


def waited_ms(pid: int) -> float:
    """How long its threads have been ready to run while no processor was free."""
    return sum(int(file.read_text().split()[1]) for file in Path(f"/proc/{pid}/task").glob("*/schedstat")) / 1e6


def forget_memory_peak(pid: int):
    Path(f"/proc/{pid}/clear_refs").write_text("5")


@dataclass
class Notice:
    """What the prober measured: the latency of other clients in ms, and the server's memory in MB."""
    reads: dict
    writes: dict
    lateness: dict  # of the prober itself
    standstill: dict  # pauses of the whole machine; not included in the latencies
    waited_ms: float  # by the server, for a processor
    before_mb: float
    peak_mb: float


class Watched:
    """A context in which a prober measures what other clients notice."""

    def __init__(self, server: harness.Server):
        self.server = server
        self.notice: Notice | None = None

    def __enter__(self) -> "Watched":
        self.before_mb = memory_mb(self.server.pid)
        forget_memory_peak(self.server.pid)
        self.waited_ms = waited_ms(self.server.pid)
        self.prober = Tool(self.server, "probe", nice=0)
        return self

    def __exit__(self, kind, *_):
        if kind is not None:
            return
        seen = self.prober.end()
        waited = waited_ms(self.server.pid) - self.waited_ms
        self.notice = Notice(seen["reads"], seen["writes"], seen["lateness"], seen["standstill"], waited, self.before_mb,
                             memory_mb(self.server.pid, "VmHWM"))


def descriptors_for_server() -> int:
    """The number of descriptors that the server can have: it raises its limit to the hard limit."""
    return resource.getrlimit(resource.RLIMIT_NOFILE)[1]
