#!/usr/bin/env python3
"""Runs histories in the simulated world on all cores and shrinks those that fail: tools/simulate.py [--hours H | --seconds S | --seed N].

One seed is one history. A history that fails is stored in build/sim/failed/, with the smallest part of its plan that still fails and the
command that replays it. The last line is the sum: "N passed, M failed".
"""

import argparse
import os
import re
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FAILED = ROOT / "build" / "sim" / "failed"
BATCH = 100          # histories per process
PROCESS_S_MAX = 120  # a process that takes longer counts as hanging
SHRINK_S = 60        # for one failed seed


@dataclass
class Sum:
    histories: int = 0
    virtual_us: int = 0
    transactions: int = 0
    failed: dict[int, str] = field(default_factory=dict)  # seed: its workload


def run(command: list[str]) -> tuple[int, str]:
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", timeout=PROCESS_S_MAX)
        return done.returncode, done.stdout
    except subprocess.TimeoutExpired as late:
        output = late.stdout.decode(errors="replace") if isinstance(late.stdout, bytes) else late.stdout or ""
        return -1, output + f"\n  found: the process has not ended after {PROCESS_S_MAX} s\n"


class Shrink:
    """Drops parts of a failing plan while it still fails in the same way."""

    def __init__(self, command: list[str], items: int):
        self.command = command
        self.kept = list(range(items))
        self.kind = self.kind_of_failure(self.kept)
        self.tries = 0

    def kind_of_failure(self, kept: list[int]) -> str:
        code, output = run([*self.command, "--keep", spans(kept)])
        if code == 0:
            return ""
        found = re.search(r"found: (\w+)", output)
        return found[1] if found else "ended"

    def run(self):
        end = time.monotonic() + SHRINK_S
        chunk = max(1, len(self.kept) // 2)
        while self.kind and time.monotonic() < end:
            dropped = False
            at = 0
            while at < len(self.kept) and time.monotonic() < end:
                fewer = self.kept[:at] + self.kept[at + chunk:]
                self.tries += 1
                if self.kind_of_failure(fewer) == self.kind:
                    self.kept, dropped = fewer, True
                else:
                    at += chunk
            if chunk == 1 and not dropped:
                return
            chunk = max(1, chunk // 2)


def spans(kept: list[int]) -> str:
    """0-5,7 for [0, 1, 2, 3, 4, 5, 7]."""
    parts: list[list[int]] = []
    for i in kept:
        if parts and parts[-1][1] == i - 1:
            parts[-1][1] = i
        else:
            parts.append([i, i])
    return ",".join(f"{a}-{b}" if a != b else f"{a}" for a, b in parts) or "999999"


def store(program: str, seed: int, workload: str):
    """Shrinks a failed seed and stores the result."""
    command = [program, "--seed", str(seed), "--workload", workload]
    _, whole = run(command)
    _, plan = run([*command, "--plan"])
    items = sum(1 for line in plan.splitlines() if re.match(r" +\d+ us ", line))
    shrink = Shrink(command, items)
    shrink.run()
    replay = [*command, "--keep", spans(shrink.kept), "--verbose"]
    _, smallest = run(replay)
    FAILED.mkdir(parents=True, exist_ok=True)
    file = FAILED / f"{seed}-{workload}{'-ensemble' if program.endswith('ensemble') else ''}.txt"
    file.write_text(f"Seed {seed}, workload {workload}: {len(shrink.kept)} of {items} items are enough ({shrink.tries} tries).\n"
                    f"Replay: {' '.join(replay)}\n\nThe whole plan:\n{whole}\nThe smallest part that fails:\n{smallest}")
    found = [line for line in smallest.splitlines() if "found:" in line or "invariant" in line][:3]
    print(f"seed {seed} ({workload}) fails; {len(shrink.kept)} of {items} items are enough: {file.relative_to(ROOT)}")
    for line in found:
        print(f"  {line.strip()[:300]}")
    sys.stdout.flush()


def take(output: str, sum_: Sum):
    """Adds the output of a process. If a seed has no last line, the process ended in that history."""
    seed, workload = None, ""
    for line in output.splitlines():
        began = re.match(r"seed (\d+) (\w+)$", line)
        if began:
            seed, workload = int(began[1]), began[2]
        elif seed is not None and line.startswith("  found: "):
            sum_.failed[seed] = workload
        ended = re.match(r"  (\d+) transactions, .* (\d+) us$", line)
        if ended:
            sum_.transactions += int(ended[1])
            sum_.virtual_us += int(ended[2])
            sum_.histories += 1
            if seed not in sum_.failed:
                seed = None
    if seed is not None and seed not in sum_.failed:
        sum_.failed[seed] = workload
        sum_.histories += 1


def simulate(args: argparse.Namespace) -> int:
    program = str(ROOT / args.build / args.program)
    sum_, lock = Sum(), threading.Lock()
    began = told = time.monotonic()
    end = began + (float("inf") if args.histories else args.seconds)
    seeds = iter(range(args.first, args.first + args.histories if args.histories else 1 << 62, BATCH))
    stored: set[int] = set()

    def work():
        while time.monotonic() < end and len(sum_.failed) < args.failures:
            with lock:
                first = next(seeds, None)
            if first is None:
                return
            while first is not None:
                command = [program, "--seed", str(first), "--runs", str(BATCH - first % BATCH if args.first % BATCH == 0 else BATCH)]
                code, output = run([*command, *(["--workload", args.workload] if args.workload else [])])
                with lock:
                    take(output, sum_)
                    # The process ended in the middle of the batch: continue with the seed after the failed one.
                    last = re.findall(r"^seed (\d+) ", output, re.M)
                    first = int(last[-1]) + 1 if code not in (0, 1) and last and (int(last[-1]) + 1) % BATCH else None

    threads = [threading.Thread(target=work) for _ in range(args.jobs)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        time.sleep(0.2)
        with lock:
            new = {seed: workload for seed, workload in sum_.failed.items() if seed not in stored}
            now = time.monotonic()
            if now - told > 30:
                told = now
                print(progress(sum_, now - began), flush=True)
        for seed, workload in new.items():
            stored.add(seed)
            store(program, seed, workload)
    for seed, workload in sum_.failed.items():
        if seed not in stored:
            store(program, seed, workload)
    print(progress(sum_, time.monotonic() - began))
    print(f"{sum_.histories - len(sum_.failed)} passed, {len(sum_.failed)} failed")
    return 1 if sum_.failed or not sum_.histories else 0


def progress(sum_: Sum, seconds: float) -> str:
    minutes = seconds / 60
    return (f"{seconds:.0f} s: {sum_.histories} histories ({sum_.histories / minutes:.0f} a minute), {sum_.virtual_us / 3.6e9:.1f} simulated hours "
            f"({sum_.virtual_us / 3.6e9 / minutes:.1f} a minute), {sum_.transactions} transactions, {len(sum_.failed)} failed")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", default="build")
    parser.add_argument("--program", default="quoll_sim", help="quoll_sim, or quoll_sim_ensemble")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--seed", type=int, help="replay this seed")
    parser.add_argument("--hours", type=float)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--histories", type=int, help=f"run this many and no more, however long that takes; a multiple of {BATCH}")
    parser.add_argument("--first", type=int, default=int(time.time()) * 1000, help="the first seed; by default from the clock")
    parser.add_argument("--workload", default="")
    parser.add_argument("--failures", type=int, default=10, help="stop after this many failures")
    args = parser.parse_args()
    if args.seed is not None:
        command = [str(ROOT / args.build / args.program), "--seed", str(args.seed)]
        return subprocess.run([*command, *(["--workload", args.workload] if args.workload else [])]).returncode
    args.first -= args.first % BATCH
    if args.hours:
        args.seconds = args.hours * 3600
    print(f"seeds from {args.first} on, {args.jobs} processes at once", flush=True)
    return simulate(args)


if __name__ == "__main__":
    sys.exit(main())
