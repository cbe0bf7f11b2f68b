"""Mixed ensembles of Apache's servers and of Quoll's under load, while their members are killed, stopped, wiped and cut off.

    mixed.py [--cycles 30] [--kinds apache,quoll,quoll] [--seed 1] [--observers 4,5] [--apache 3.8.4]

Each cycle does one thing to one member, or cuts the network between members, and heals it. After each cycle all members must serve, and
after the last one with the same servers: all trees, sessions and digests equal; no acknowledged write lost; no session of a client expired
that was never silent for its timeout. Without --kinds the mixes of three are taken in turn. Exit status 1: a promise was broken, with the seed.
"""

from __future__ import annotations

import argparse
import itertools
import logging
import random
import sys
import tempfile
import threading
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "peers"), str(HERE.parent / "disk")]

from kazoo.client import KazooClient, KazooState  # noqa: E402
from kazoo.exceptions import KazooException, NodeExistsError, SessionExpiredError  # noqa: E402

import ensemble  # noqa: E402
from rawclient import ConnectionLost  # noqa: E402

logging.getLogger("kazoo").setLevel(logging.CRITICAL)  # lost connections are what this is about

MIXES = [list(kinds) for kinds in itertools.product(["apache", "quoll"], repeat=3)][1:-1]
SESSION_SECONDS = 20


class Writer(threading.Thread):
    """Counts up in a znode of its own, and holds an ephemeral: what it knows to be written must stay."""

    def __init__(self, number: int, hosts: str):
        super().__init__(daemon=True)
        self.path = f"/writer-{number}"
        self.acknowledged = -1
        self.expired = 0
        self.ending = threading.Event()
        self.client = KazooClient(hosts, timeout=SESSION_SECONDS, randomize_hosts=True)
        self.client.add_listener(self.note)
        self.client.start(60)

    def note(self, state: str):
        self.expired += state == KazooState.LOST and not self.ending.is_set()

    def run(self):
        self.attempt(lambda: self.client.create(self.path, b"-1"))
        self.attempt(lambda: self.client.create(self.path + "-alive", ephemeral=True))
        number = 0
        while not self.ending.is_set():
            number += 1
            if self.attempt(lambda: self.client.set(self.path, str(number).encode())):
                self.acknowledged = number
            if number % 40 == 0:
                self.attempt(lambda: self.client.create(f"{self.path}/step-", b"x" * 200, sequence=True))

    def attempt(self, request) -> bool:
        try:
            request()
            return True
        except NodeExistsError:
            return True
        except SessionExpiredError:
            return False
        except (KazooException, OSError):
            time.sleep(0.01)
            return False

    def end(self):
        self.ending.set()
        self.join(30)
        self.client.stop()
        self.client.close()


class Trouble:
    """The things that happen to an ensemble, drawn from a seed. Each leaves all members running and the network whole."""

    def __init__(self, members: ensemble.Ensemble, chance: random.Random):
        self.members, self.chance = members, chance

    def one(self) -> str:
        member = self.chance.choice(list(self.members))
        what = self.chance.choice(["kill", "end", "freeze", "wipe", "cut"])
        role = member.role()
        pause = self.chance.uniform(0.1, 3)
        if what == "freeze":
            member.freeze()
            time.sleep(pause * 2)
            member.thaw()
        elif what == "cut":
            others = [m.number for m in self.members if m is not member]
            self.members.network.part([member.number], others, self.chance.choice(["silence", "refusal"]))
            time.sleep(pause * 2)
            self.members.network.heal()
        else:
            member.stop() if what == "end" else member.kill()
            time.sleep(pause)
            # Wiping a leader that has written what nobody else has would lose it: the others must have gone on first.
            if what == "wipe" and role != "leader":
                member.wipe()
            member.start(wait=False)
        return f"{what} {role} {member.number}"


def digest_mismatches(members: ensemble.Ensemble) -> dict[int, int]:
    return {member.number: int(member.monitor().get("zk_digest_mismatches_count", "0")) for member in members}


def differing_digests(members: ensemble.Ensemble) -> list[str]:
    """Servers whose trees are not those that the leader's digests are of.

    A snapshot shows the tree while it changes. Apache's server counts a mismatch for each transaction that falls into that time, also when
    the snapshot is its own. Its tree is right if no more are counted afterwards; if it were wrong, each transaction would be counted.
    """
    before = digest_mismatches(members)
    client = members.client(timeout=SESSION_SECONDS)
    for _ in range(5):
        client.retry(client.set, "/compared", b"")
    client.stop()
    client.close()
    for member in members:
        member.tree()  # after a sync: it has applied these transactions
    after = digest_mismatches(members)
    return [f"server {m.number} ({m.kind}) saw {after[m.number]} digests that differ" for m in members
            if after[m.number] > (before[m.number] if m.kind == "apache" else 0)]


def broken_promises(members: ensemble.Ensemble, writers: list[Writer]) -> list[str]:
    lines = list(members.differences())
    for member in members:
        tree = member.tree()
        for writer in writers:
            known = writer.acknowledged
            node = tree.get(writer.path.encode())
            if known >= 0 and (node is None or int(node.data) < known):
                lines.append(f"server {member.number} has {node and node.data} in {writer.path}, {known} was acknowledged")
    return lines + differing_digests(members)


def compare(members: ensemble.Ensemble, writers: list[Writer]) -> list[str]:
    """With the writers at rest, since trees that change cannot be compared."""
    before = [(writer.path, writer.acknowledged, writer.expired) for writer in writers]
    lines = [f"the session of {path} expired {expired} times" for path, _, expired in before if expired]
    for _ in range(5):
        try:
            return lines + broken_promises(members, writers)
        except ConnectionLost:
            # A server that was frozen says its old role until it notices that its leader has given it up.
            members.settle()
    return [*lines, "a server closed its clients' connections five times while nothing was done to it"]


def run(kinds: list[str], cycles: int, seed: int, clients: int, observers: list[int], version: str) -> list[str]:
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory(prefix="mixed-") as folder:
        members = ensemble.Ensemble(kinds, Path(folder), observers=observers, partitions=True, cfg={"snapCount": 400}, version=version)
        try:
            members.start()
            members.settle()
            client = members.client()
            client.create("/compared")
            client.stop()
            writers = [Writer(number, members.hosts) for number in range(clients)]
            for writer in writers:
                writer.start()
            trouble = Trouble(members, chance)
            for cycle in range(cycles):
                what = trouble.one()
                leader = members.settle()
                print(f"  {cycle + 1}: {what}; leader {leader.number}; {sum(w.acknowledged for w in writers)} writes", flush=True)
            for writer in writers:
                writer.end()
            members.settle()
            lines = compare(members, writers)
            if lines:
                lines += [f"--- log of server {m.number}\n{m.log_text()[-3000:]}" for m in members]
            return lines
        finally:
            members.end()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cycles", type=int, default=30, help="in all")
    parser.add_argument("--per-run", type=int, default=10, help="cycles with the same servers")
    parser.add_argument("--kinds", help="of the members, with commas; without it the mixes of three in turn")
    parser.add_argument("--observers", default="", help="numbers of the members that do not vote")
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--apache", default="", metavar="VERSION", help="of Apache's servers, after tests/ensemble/install_version.sh VERSION")
    args = parser.parse_args()
    observers = [int(number) for number in args.observers.split(",") if number]
    mixes = itertools.cycle([args.kinds.split(",")] if args.kinds else MIXES)
    done, failed = 0, 0
    while done < args.cycles:
        kinds, seed, cycles = next(mixes), args.seed + done, min(args.per_run, args.cycles - done)
        print(f"{'-'.join(kinds)}, seed {seed}", flush=True)
        lines = run(kinds, cycles, seed, args.clients, observers, args.apache)
        done += cycles
        failed += bool(lines)
        for line in lines:
            print(f"BROKEN: {line}", flush=True)
    print(f"{done} cycles, {failed} runs with broken promises")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
