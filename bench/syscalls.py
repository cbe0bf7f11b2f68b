"""Counts the system calls that a server makes per request when requests come in batches.

    syscalls.py --kind apache|quoll [--count 50000] [--conns 32] [--outstanding 16]

It uses `strace -c -f`, which slows the server down, so it does not measure speed.
"""

from __future__ import annotations

import argparse
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import rig
from harness import wait_for

GROUPS = {
    "send": ("sendto", "sendmsg", "write", "writev", "io_uring_enter"),
    "receive": ("recvfrom", "recvmsg", "read", "readv"),
    "wait": ("epoll_wait", "epoll_pwait", "epoll_pwait2", "poll", "ppoll"),
    "wake": ("futex",),
    "sync": ("fsync", "fdatasync", "sync_file_range"),
    "file write": ("pwrite64", "pwritev", "pwritev2"),
}


def parse_counts(report: str) -> dict[str, int]:
    """strace's table: % time, seconds, usecs/call, calls, [errors,] syscall."""
    counts = {}
    for line in report.splitlines():
        words = line.split()
        if len(words) >= 5 and words[3].isdigit() and words[-1] != "total":
            counts[words[-1]] = int(words[3])
    return counts


def traced(server, folder: Path, work) -> dict[str, int]:
    report = folder / "strace.txt"
    tracer = subprocess.Popen(["strace", "-c", "-f", "-o", report, "-p", str(server.pid)],
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        def attached():
            if tracer.poll() is not None:
                sys.exit(f"SKIPPED: strace cannot attach here: {tracer.stderr.read().decode().strip()}")
            status = Path(f"/proc/{server.pid}/status").read_text()
            return "TracerPid:\t0" not in status
        wait_for(attached, 20, "strace to attach")
        work()
    finally:
        tracer.send_signal(signal.SIGINT)
        tracer.wait(20)
    return parse_counts(report.read_text())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kind", choices=["apache", "quoll"], default="quoll")
    parser.add_argument("--count", type=int, default=50_000)
    parser.add_argument("--conns", type=int, default=32)
    parser.add_argument("--outstanding", type=int, default=16)
    args = parser.parse_args()
    if not shutil.which("strace"):
        sys.exit("SKIPPED: no strace here")
    shape = {"conns": args.conns, "outstanding": args.outstanding, "keys": 1000}
    with tempfile.TemporaryDirectory(prefix="syscalls-") as name, rig.make_server(args.kind, Path(name)) as server:
        rig.zkload(server, "read", seconds=2, **shape)  # creates the keys before counting begins
        for op in ("read", "set"):
            count = args.count
            counts = traced(server, Path(name), lambda: rig.zkload(server, op, count=count, seconds=600, **shape))
            requests = count + 2 * shape["keys"] + 1  # the generator creates and fills its keys again
            print(f"{args.kind} {op}: {requests} requests, batches of up to {args.outstanding}")
            for group, names in GROUPS.items():
                total = sum(counts.get(n, 0) for n in names)
                detail = ", ".join(f"{n} {counts[n]}" for n in names if n in counts)
                print(f"  {group:11}{total / requests:8.3f} a request   {detail}")


if __name__ == "__main__":
    main()
