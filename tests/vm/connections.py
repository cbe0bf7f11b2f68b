"""50,000 sessions with pings, and the latency of other clients, on a machine with enough descriptors."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path

from guest import Guest
from machine import Plan

BAR_MS = 50
# 4 KB for each connection and its session, as in tests/load.
GROW_KB_A_CONNECTION = 4


@dataclass
class Pace:
    """The load for a machine. An emulated one is ten times slower; it gets one processor, so that one is left for the rest."""
    timeout_s: int  # of each session, which pings at a third of it
    read_every_ms: int  # of the prober
    write_every_ms: int
    processors: int


PACES = {"kvm": Pace(30, 2, 5, 2), "tcg": Pace(120, 10, 25, 1)}
QUIET_S = 10
# An emulated machine accepts connections slowly.
COMING_S = 900
CFG = {"maxClientCnxns": 0, "tickTime": 2000, "maxSessionTimeout": 120000}


@dataclass
class Seen:
    """What the prober measured in one stage."""
    stage: str
    reads: dict
    writes: dict
    lateness: dict

    def line(self) -> str:
        return f"  {self.stage:9}" + "".join(f"  {what} p50 {of['p50_ms']:7.2f} p99 {of['p99_ms']:7.2f} max {of['max_ms']:8.2f} ms"
                                            for what, of in (("reads", self.reads), ("writes", self.writes), ("prober late", self.lateness)))


class Tools:
    """Runs of zkcrowd in the machine; each runs until its standard input ends."""

    def __init__(self, server: Guest, pace: Pace):
        self.server, self.machine, self.pace = server, server.machine, pace

    def start(self, name: str, nice: int, command: str, ready_s: float = 120):
        """Starts a tool whose standard input is a pipe; the tool ends when the pipe's only writer is killed."""
        self.machine.must(f"mkfifo /run/{name}.in")
        self.machine.start(f"sleep 100000 > /run/{name}.in & echo $! > /run/{name}.holder")
        self.machine.start(f"nice -n {nice} zkcrowd {command} --port {self.server.client_port} < /run/{name}.in > /run/{name}.out 2> /run/{name}.err; "
                           f"echo $? > /run/{name}.code")
        code, _ = self.machine.ask(f"until grep -q ready /run/{name}.out; do [ ! -e /run/{name}.code ] || exit 1; sleep 0.1; done", ready_s)
        if code:
            raise RuntimeError(f"{command}: {self.machine.ask(f'cat /run/{name}.err')[1]}")

    def end(self, name: str, timeout: float = 120) -> dict:
        self.machine.must(f"kill $(cat /run/{name}.holder); until [ -e /run/{name}.code ]; do sleep 0.1; done", timeout)
        if self.machine.must(f"cat /run/{name}.code").strip() != "0":
            raise RuntimeError(f"{name}: {self.machine.must(f'cat /run/{name}.err')}")
        return json.loads(self.machine.must(f"tail -n 1 /run/{name}.out; rm /run/{name}.*"))

    def probe(self, stage: str, what_happens) -> Seen:
        self.start("probe", -15, f"probe --read-every-ms {self.pace.read_every_ms} --write-every-ms {self.pace.write_every_ms}")
        what_happens()
        return Seen(stage, **self.end("probe"))


def server_mb(server: Guest) -> float:
    return int(server.machine.must("awk '/VmRSS/ { print $2 }' /proc/$(pidof quoll)/status")) / 1024


def free_mb(server: Guest) -> float:
    return int(server.machine.must("awk '/MemAvailable/ { print $2 }' /proc/meminfo")) / 1024


def mntr(server: Guest) -> dict[str, str]:
    return dict(line.split("\t", 1) for line in server.four_letter("mntr", 30).splitlines() if "\t" in line)


def come(tools: Tools, count: int, timeout_s: int):
    tools.start("crowd", 10, f"connections --count {count} --source 10 --timeout-ms {timeout_s * 1000} --ping-every-ms {timeout_s * 1000 // 3}", COMING_S)


def measure(plan: Plan, folder: Path, count: int, report) -> list[str]:
    """Returns the failures."""
    plan.memory_mb = 4096
    pace = PACES[plan.acceleration]
    plan.processors = pace.processors
    # Longer than a timeout, so that a session without pings would have expired at the end.
    hold_s = pace.timeout_s + 15
    server = Guest(folder, plan, cfg=CFG).start()
    try:
        server.machine.go_first()
        tools = Tools(server, pace)
        seen = [tools.probe("quiet", lambda: time.sleep(QUIET_S))]
        before_mb, before_free_mb = server_mb(server), free_mb(server)
        began = time.monotonic()
        seen.append(tools.probe("coming", lambda: come(tools, count, pace.timeout_s)))
        came_s = time.monotonic() - began
        seen.append(tools.probe("standing", lambda: time.sleep(hold_s)))
        held = mntr(server)
        grown_mb, all_mb = server_mb(server) - before_mb, before_free_mb - free_mb(server)
        pings = tools.end("crowd")["pings_answered"]
        report(f"{count:,} connections were opened in {came_s:.0f} s and stayed for {hold_s} s; {int(held['zk_num_alive_connections']):,} connections and "
             f"{int(held['zk_global_sessions']):,} sessions at the end, {pings:,} pings answered; {plan.acceleration}, {plan.processors} processors")
        report("\n".join(stage.line() for stage in seen))
        report(f"  memory of the server grew by {grown_mb:.0f} MB, {grown_mb * 1024 / count:.2f} KB per connection; "
             f"of the machine, with the kernel's sockets at both ends and the crowd, by {all_mb:.0f} MB")
        return judge(seen, held, count, grown_mb)
    finally:
        server.stop()


def judge(seen: list[Seen], held: dict, count: int, grown_mb: float) -> list[str]:
    # If the prober itself is late, the machine is too busy. That proves nothing, so it is a failure, too.
    faults = [f"p99 of {what} is above {BAR_MS} ms while {stage.stage}; the prober itself was late by {stage.lateness['p99_ms']:.0f} ms"
              for stage in seen for what in ("reads", "writes") if getattr(stage, what)["p99_ms"] > BAR_MS]
    faults += [f"{name} is {held[name]}, not {count:,} or more" for name in ("zk_num_alive_connections", "zk_global_sessions") if int(held[name]) < count]
    if grown_mb * 1024 > GROW_KB_A_CONNECTION * count:
        faults.append(f"memory grew by more than {GROW_KB_A_CONNECTION} KB per connection")
    return faults
