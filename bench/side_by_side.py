"""Compares the speed of Apache's server and Quoll on this machine, in alternating rounds.

    side_by_side.py [--rounds 3] [--seconds 8] [--warmup 10] [--ops read,set,create,exists,mixed] [--only KIND] [--servers 3]

Both get the same configuration (forceSync on), the same warm-up and a new data directory in each round.
The result of an op is the median of the rounds. Required: 5 times Apache's reads, 3 times its sets.
With --servers 3 each kind runs as an ensemble of three, and the connections are spread over its members: then 6 and 4 times.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
from pathlib import Path

import rig

BARS = {1: {"read": 5.0, "set": 3.0}, 3: {"read": 6.0, "set": 4.0}}
DEFAULT_OPS = "read,set,create,exists,mixed"


def one_round(kind: str, folder: Path, ops: list[str], args) -> dict[str, dict]:
    shape = {"conns": args.conns, "outstanding": args.outstanding, "size": args.size, "keys": args.keys}
    with rig.make_servers(kind, folder, args.servers) as server:
        # Every op is warmed up before any is measured, because the JVM compiles and deoptimises while it runs.
        for op in ops:
            rig.zkload(server, op, seconds=args.warmup, **shape)
        return {op: rig.zkload(server, op, seconds=args.seconds, warmup=1, **shape) for op in ops}


def collect(args) -> dict[str, dict[str, list[dict]]]:
    kinds = [args.only] if args.only else ["apache", "quoll"]
    ops = args.ops.split(",")
    results = {kind: {op: [] for op in ops} for kind in kinds}
    for number in range(args.rounds):
        for kind in kinds if number % 2 == 0 else reversed(kinds):
            with tempfile.TemporaryDirectory(prefix="bench-", dir=args.folder) as folder:
                for op, result in one_round(kind, Path(folder), ops, args).items():
                    results[kind][op].append(result)
                    busy = result["client_cpu_s"] / result["seconds"]
                    print(f"round {number + 1}  {kind:7}{op:8}{result['ops_per_s']:>12,.0f}/s  "
                          f"generator busy {busy:.0%}", flush=True)
    return results


def median(results: list[dict], field: str) -> float:
    return statistics.median(r[field] for r in results)


def table(results: dict[str, dict[str, list[dict]]]):
    print(f"\n{'op':8}{'server':9}{'ops/s':>12}{'p50 us':>10}{'p99 us':>10}{'p999 us':>10}{'ratio':>8}")
    for op in next(iter(results.values())):
        for kind in results:
            runs = results[kind][op]
            row = [median(runs, f) for f in ("ops_per_s", "p50_us", "p99_us", "p999_us")]
            ratio = f"{row[0] / median(results['apache'][op], 'ops_per_s'):8.2f}" if "apache" in results else ""
            print(f"{op:8}{kind:9}{row[0]:>12,.0f}{row[1]:>10,.0f}{row[2]:>10,.0f}{row[3]:>10,.0f}{ratio}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--warmup", type=float, default=10)
    parser.add_argument("--ops", default=DEFAULT_OPS)
    parser.add_argument("--conns", type=int, default=32)
    parser.add_argument("--outstanding", type=int, default=16)
    parser.add_argument("--size", type=int, default=100)
    parser.add_argument("--keys", type=int, default=1000)
    parser.add_argument("--servers", type=int, choices=[1, 3], default=1)
    parser.add_argument("--only", choices=["apache", "quoll"])
    parser.add_argument("--folder", help="directory for the servers' data; it must be on the disk to be measured")
    parser.add_argument("--save", type=Path, help="file for all results, as JSON")
    args = parser.parse_args()
    results = collect(args)
    table(results)
    if args.save:
        args.save.write_text(json.dumps(results, indent=1))
    bars = rig.Bars()
    if not args.only:
        for op, bar in BARS[args.servers].items():
            if op in results["apache"]:
                ratio = median(results["quoll"][op], "ops_per_s") / median(results["apache"][op], "ops_per_s")
                bars.judge(f"{op}s compared with Apache's", ratio, at_least=bar, unit="x")
    bars.exit()


if __name__ == "__main__":
    main()
