"""Compares two builds of Quoll by the processor time that a request costs the server, in alternating rounds.

    hardening.py PROGRAM OTHER [--rounds 7] [--seconds 2] [--ops read,set]

OTHER is the same source, configured with -DQUOLL_HARDENING=OFF. Processor time is compared, not
operations per second, and of each the best round counts: both suffer less from what else the machine
does. Required: reads cost PROGRAM at most 2 % more.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path

import rig


def us_per_request(program: str, folder: Path, op: str, seconds: float) -> float:
    os.environ["QUOLL_BIN"] = program
    shape = {"conns": 8, "outstanding": 16, "size": 100, "keys": 1000}
    with rig.make_server("quoll", folder) as server:
        rig.zkload(server, op, seconds=0.5, **shape)
        before = rig.cpu_seconds(server.pid)
        result = rig.zkload(server, op, seconds=seconds, **shape)
        used = rig.cpu_seconds(server.pid) - before
    return used * 1e6 / (result["ops_per_s"] * result["seconds"])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("other")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--ops", default="read,set")
    args = parser.parse_args()
    bars = rig.Bars()
    for op in args.ops.split(","):
        best = {args.program: float("inf"), args.other: float("inf")}
        for number in range(args.rounds):
            for program in best if number % 2 == 0 else reversed(best):
                with tempfile.TemporaryDirectory(prefix="bench-") as folder:
                    best[program] = min(best[program], us_per_request(program, Path(folder), op, args.seconds))
        more = best[args.program] / best[args.other] - 1
        print(f"{op}: {best[args.program]:.3f} us of processor time each, {best[args.other]:.3f} us without: {more:+.1%}")
        if op == "read":
            bars.judge("cost of a read", more * 100, at_most=2, unit=" %")
    bars.exit()


if __name__ == "__main__":
    main()
