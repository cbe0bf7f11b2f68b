"""Replaces the servers of a running ensemble, one after another, by Quoll's on the same data directories, and goes back to Apache's.

    takeover.py [--servers 3] [--order leader-last] [--signal TERM] [--seconds 5] [--clients kazoo,kazoo,java,c]

Without --order or --signal it runs with both of each.

Clients of three kinds (kazoo, Apache's Java client and its C client) hold sessions with ephemeral znodes, a lock and watches, increment a shared counter and append to a log. After each replacement all
servers must serve with equal trees; no session, acknowledged write or watch event may be lost. Prints the longest time in which a client
had no write acknowledged. Exit status 1: a promise was broken.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import logging
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "peers"), str(HERE.parent / "disk"), str(HERE.parent / "programs")]

from kazoo.client import KazooClient, KazooState  # noqa: E402
from kazoo.exceptions import BadVersionError, KazooException, NodeExistsError, SessionExpiredError  # noqa: E402

import ensemble  # noqa: E402
import harness  # noqa: E402
from harness import wait_for  # noqa: E402
from java_process import JavaProcess, Program  # noqa: E402

logging.getLogger("kazoo").setLevel(logging.CRITICAL)  # lost connections are what this is about

SESSION_SECONDS = 30
CLIENTS = ("kazoo", "kazoo", "java", "c")
ORDERS, SIGNALS = ["leader-last", "leader-first"], ["TERM", "KILL"]
# Few enough writes that the trees can be compared in seconds.
PAUSE_SECONDS = 0.01
COUNTER, CHANGED, LOG, LOCK = "/counter", "/changed", "/log", "/lock"


class Report(dict):
    """What one client knows: acknowledged and unknown increments, names in the log, changes seen by each watch, expirations, longest gap."""


class KazooWork(threading.Thread):
    """Writes with kazoo until it is told to rest. Its session must live through everything. kazoo has no persistent watches."""

    def __init__(self, number: int, hosts: str):
        super().__init__(daemon=True)
        self.owner = f"kazoo-{number}"
        self.acknowledged = self.unknown = self.expired = self.seen_data = 0
        self.logged: list[str] = []
        self.gap = 0.0
        self.working, self.ending = threading.Event(), threading.Event()
        self.writing = threading.Lock()
        self.client = KazooClient(hosts, timeout=SESSION_SECONDS, randomize_hosts=True)
        self.client.add_listener(self._note)
        self.client.start(60)
        self.session = self.client.client_id[0]
        self.until_done(lambda: self.client.create(f"/alive-{self.owner}", ephemeral=True))
        self.lock = self.client.Lock(f"{LOCK}/{self.owner}")
        self.lock.acquire(timeout=60)
        self.client.DataWatch(CHANGED)(self._changed)

    def _note(self, state: str):
        if state == KazooState.LOST and not self.ending.is_set():
            self.expired += 1

    def _changed(self, data, stat):
        if data:
            self.seen_data = max(self.seen_data, int(data))

    def attempt(self, request) -> bool:
        try:
            request()
            return True
        except (KazooException, OSError):
            time.sleep(0.01)
            return False

    def until_done(self, request):
        while True:
            try:
                return request()
            except NodeExistsError:
                return None
            except SessionExpiredError:
                raise
            except (KazooException, OSError):
                time.sleep(0.02)

    def run(self):
        last = time.monotonic()
        while not self.ending.is_set():
            with self.writing:
                working = self.working.is_set()
                if working and self._write():
                    now = time.monotonic()
                    self.gap, last = max(self.gap, now - last), now
            if working:
                time.sleep(PAUSE_SECONDS)
            else:
                self.working.wait(0.1)
                last = time.monotonic()

    def _write(self) -> bool:
        if not self._increment():
            return False
        if self.acknowledged % 10 == 0:
            self.attempt(lambda: self.logged.append(self.client.create(f"{LOG}/{self.owner}-", b"x" * 100, sequence=True)))
        return True

    def _increment(self) -> bool:
        """By compare-and-set. A lost connection leaves open whether it was done."""
        try:
            value, stat = self.client.get(COUNTER)
        except (KazooException, OSError):
            time.sleep(0.01)
            return False
        try:
            self.client.set(COUNTER, str(int(value) + 1).encode(), version=stat.version)
        except BadVersionError:
            return False
        except (KazooException, OSError):
            self.unknown += 1
            return False
        self.acknowledged += 1
        return True

    # -- what the conductor asks

    def resume(self):
        self.gap = 0.0
        self.working.set()

    def pause(self):
        self.working.clear()
        wait_for(lambda: self.writing.acquire(timeout=0.1), 90, f"the last write of {self.owner}")
        self.writing.release()

    def report(self) -> Report:
        return Report(owner=self.owner, session=self.session, acknowledged=self.acknowledged, unknown=self.unknown, logged=list(self.logged),
                      expired=self.expired, data=self.seen_data, gap=self.gap)

    def end(self):
        self.ending.set()
        self.join(60)
        self.client.stop()
        self.client.close()


class ProgramWork:
    """The same in a program of its own, with which it speaks in lines: TakeOver.java and takeover.c. Their watches are the client library's."""

    def __init__(self, kind: str, number: int, hosts: str, folder: Path):
        self.owner = f"{kind}-{number}"
        args, out = [hosts, self.owner, str(SESSION_SECONDS * 1000)], folder / f"{self.owner}.out"
        if kind == "java":
            self.process: Program = JavaProcess("TakeOver", args, out, HERE / "java")
        else:
            self.process = Program([harness.compile_c(HERE / "c" / "takeover.c"), *args], out)
        self.process.wait_line("ready", 90)
        self.asked = 0

    def start(self):
        pass

    def resume(self):
        self.process.say("resume")

    def pause(self):
        self.report("pause")

    def report(self, word: str = "report") -> Report:
        self.asked += 1
        self.process.say(f"{word} {self.asked}")

        def answer():
            assert self.process.running(), self.process.errors()
            return next((line for line in self.process.lines() if line.startswith(f"report {self.asked} ")), None)
        fields = dict(field.split("=") for field in wait_for(answer, 90, f"a report of {self.owner}").split()[2:])
        names = [name for name in fields.pop("logged").split(",") if name]
        gap = int(fields.pop("gap_ms")) / 1000
        return Report(owner=self.owner, logged=names, gap=gap, **{key: int(value) for key, value in fields.items()})

    def end(self):
        self.process.say("end")
        self.process.wait(60)


class TakeOver:
    """One ensemble from Apache's servers to Quoll's and back."""

    def __init__(self, members: ensemble.Ensemble, works: list, say=print):
        self.members, self.works, self.say = members, works, say
        self.changes = 0
        self.worst_gap = 0.0
        self.broken: list[str] = []
        self.control = members.client(timeout=SESSION_SECONDS)

    def change(self):
        """Changes the watched znode, and waits until every watch has told of it."""
        self.changes += 1
        value = str(self.changes).encode()

        def written():
            try:
                if int(self.control.get(CHANGED)[0]) == self.changes:
                    return True
                self.control.set(CHANGED, value, version=self.changes - 1)
                return True
            except BadVersionError:
                return False
            except (KazooException, OSError):
                return False
        wait_for(written, 90, "a change of the watched znode")
        wait_for(lambda: self.unseen() == [], 90, f"change {self.changes} to be seen, not {self.unseen()}", interval=0.2)

    def unseen(self) -> list[str]:
        reports = [work.report() for work in self.works]
        return [f"{r['owner']} {kind}: {r[kind]}" for r in reports for kind in ("data", "persistent") if r.get(kind, self.changes) != self.changes]

    def check(self, step: str):
        for work in self.works:
            work.pause()
        reports = [work.report() for work in self.works]
        trees = self.members.trees()
        lines = self.members.differences(trees)
        acknowledged, unknown = sum(r["acknowledged"] for r in reports), sum(r["unknown"] for r in reports)
        for member in self.members:
            if member.number not in trees:
                lines.append(f"{member} does not serve")
                continue
            tree = trees[member.number]
            mismatches = member.monitor().get("zk_digest_mismatches_count", "0")
            # Apache's server also counts those of a snapshot that was written while the tree changed: see mixed.py.
            if mismatches != "0" and member.kind == "quoll":
                lines.append(f"{member} saw {mismatches} digests that differ")
            counter = tree[COUNTER.encode()]
            if not acknowledged <= int(counter.data) <= acknowledged + unknown or counter.stat.version != int(counter.data):
                lines.append(f"{member}: the counter is {counter.data} in version {counter.stat.version}; {acknowledged} increments were acknowledged, {unknown} may have been done")
            for r in reports:
                missing = [name for name in r["logged"] if name.encode() not in tree]
                if missing or r["logged"] != sorted(r["logged"], key=lambda name: int(name[-10:])):
                    lines.append(f"{member}: the log of {r['owner']} lacks {missing[:5]}, or is out of order")
                locks = [p for p, node in tree.items() if p.startswith(f"{LOCK}/{r['owner']}".encode()) and node.stat.ephemeralOwner == r["session"]]
                alive = tree.get(f"/alive-{r['owner']}".encode())
                if len(locks) != 1 or alive is None or alive.stat.ephemeralOwner != r["session"]:
                    lines.append(f"{member}: the ephemerals of {r['owner']} are not those of its session {r['session']:x}")
        lines += [f"the session of {r['owner']} expired {r['expired']} times" for r in reports if r["expired"]]
        gap = max(r["gap"] for r in reports)
        self.worst_gap = max(self.worst_gap, gap)
        kinds = " ".join(f"{m.kind}:{m.role()}" for m in self.members)
        self.say(f"  {step}: {kinds}; {acknowledged} increments, {self.changes} changes seen, longest gap {gap:.1f} s, {'BROKEN' if lines else 'ok'}")
        self.broken += [f"{step}: {line}" for line in lines]
        for work in self.works:
            work.resume()

    def replace(self, number: int, kind: str, end: str):
        member = self.members[number]
        role = member.role()
        member.stop() if end == "TERM" else member.kill()
        member.kind = kind
        member.start(wait=False)
        self.change()
        self.members.settle()
        self.change()
        self.check(f"{role} {number} is {kind} after {end}")

    def all_to(self, kind: str, order: str, end: str):
        """The order among the followers is that of their numbers. Who leads is asked before each step, as an operator does."""
        left = [m.number for m in self.members if m.kind != kind]
        if order == "leader-first":
            left.sort(key=lambda n: self.members[n].role() != "leader")
        while left:
            if order == "leader-last":
                left.sort(key=lambda n: self.members[n].role() == "leader")
            self.replace(left.pop(0), kind, end)

    def run(self, order: str, end: str, seconds: float) -> list[str]:
        for work in self.works:
            work.start()
            work.resume()
        self.change()
        self.check("begin")
        self.all_to("quoll", order, end)
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self.change()
        self.check("all are quoll")
        self.all_to("apache", order, end)
        return self.broken


def run(folder: Path, servers: int, order: str, end: str, seconds: float, *, clients: Sequence[str] = CLIENTS, say=print) -> list[str]:
    members = ensemble.Ensemble(["apache"] * servers, folder, cfg={"snapCount": 400, "maxSessionTimeout": SESSION_SECONDS * 1000})
    works: list = []
    try:
        members.start()
        members.settle()
        setup = members.client()
        for path, data in ((COUNTER, b"0"), (CHANGED, b"0"), (LOG, b""), (LOCK, b"")):
            setup.create(path, data)
        for number, kind in enumerate(clients):
            works.append(KazooWork(number, members.hosts) if kind == "kazoo" else ProgramWork(kind, number, members.hosts, folder))
        takeover = TakeOver(members, works, say)
        broken = takeover.run(order, end, seconds)
        say(f"{servers} servers, {order}, {end}: {len(broken)} broken promises, longest gap {takeover.worst_gap:.1f} s")
        for work in works:
            work.end()
        return broken
    except (TimeoutError, AssertionError, RuntimeError) as error:
        for work in works:  # their threads would keep this process alive
            with contextlib.suppress(Exception):
                work.end()
        logs = "".join(f"--- log of {m}\n{m.log_text()[-3000:]}\n" for m in members)
        return [f"{type(error).__name__}: {error}\n{logs}"]
    finally:
        harness.end_kazoo_clients()
        members.end()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--servers", type=int, default=3)
    parser.add_argument("--order", choices=ORDERS, help="when the leader is replaced")
    parser.add_argument("--signal", choices=SIGNALS, help="how the servers are ended")
    parser.add_argument("--seconds", type=float, default=5, help="how long all servers are Quoll's")
    parser.add_argument("--clients", default=",".join(CLIENTS), help="kinds of clients, with commas: kazoo, java, c. Only java has persistent watches")
    args = parser.parse_args()
    broken: list[str] = []
    orders = [args.order] if args.order else ORDERS
    signals = [args.signal] if args.signal else SIGNALS
    for order, end in itertools.product(orders, signals):
        print(f"{args.servers} servers, {order}, {end}", flush=True)
        with tempfile.TemporaryDirectory(prefix="takeover-") as folder:
            broken += run(Path(folder), args.servers, order, end, args.seconds, clients=args.clients.split(","), say=lambda line: print(line, flush=True))
    for line in broken:
        print(f"BROKEN: {line}", flush=True)
    sys.exit(1 if broken else 0)


if __name__ == "__main__":
    main()
