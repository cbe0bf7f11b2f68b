"""Kafka 3.9 with two brokers on one coordination server, or on an ensemble of three, with failures of a broker and of the servers.

    run.py --kind apache|quoll [--servers 3] [--records 20000] [--keep FOLDER]
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "peers"), str(HERE.parent / "disk"), str(HERE.parent / "ensemble"), str(HERE)]

import harness  # noqa: E402  (the paths must be there first)
from brokers import Broker, Work  # noqa: E402
from ensemble import Ensemble  # noqa: E402
from harness import wait_for  # noqa: E402
from rawclient import ConnectionLost, RawClient, ZkError  # noqa: E402

TOPIC = "quolls"
PARTITIONS, REPLICATION = 6, 2


class Alone:
    """One coordination server."""

    def __init__(self, kind: str, folder: Path):
        self.members = [harness.Server(kind, folder / "coordination")]
        self.hosts = self.members[0].hosts

    def start(self):
        self.members[0].start()

    def kill_and_restart(self):
        self.members[0].kill()
        self.members[0].start()

    def stop(self):
        self.members[0].stop()


class Three:
    """An ensemble of three."""

    def __init__(self, kind: str, folder: Path):
        self.ensemble = Ensemble([kind] * 3, folder / "coordination")
        self.members = list(self.ensemble)
        self.hosts = self.ensemble.hosts

    def start(self):
        self.ensemble.start()
        self.ensemble.settle()

    def kill_and_restart(self):
        """Each one in turn, the leader first."""
        for member in sorted(self.members, key=lambda one: one.role() != "leader"):
            member.kill()
            time.sleep(1)
            member.start(wait=False)
            self.ensemble.settle()

    def stop(self):
        for member in self.members:
            member.stop()


def look(coordination, question):
    """Sends one query to a coordination server on a new connection."""
    client = RawClient(coordination.members[0].client_port)
    try:
        if len(coordination.members) > 1:
            client.sync(b"/")
        return question(client)
    finally:
        client.close_session()


def registrations(server) -> dict[bytes, tuple[int, int]] | None:
    """The transaction and the session of each broker's registration, by broker id. None if there is no answer."""
    def question(client):
        found = {}
        for name in client.children("/brokers/ids"):
            stat = client.exists(b"/brokers/ids/" + name)
            if stat:
                found[name] = (stat.czxid, stat.ephemeralOwner)
        return found
    try:
        return look(server, question)
    except (ZkError, ConnectionLost):
        return None  # for example before the first broker has created the parent node


def wait_registered(server, names: set[bytes]) -> dict[bytes, tuple[int, int]]:
    def registered():
        found = registrations(server)
        return found is not None and found.keys() == names and (found,)
    return wait_for(registered, 90, f"brokers {names}", interval=0.1)[0]


def sessions_connected(coordination) -> set[int]:
    return {int(sid, 16) for member in coordination.members for sid in re.findall(r"sid=0x([0-9a-f]+)", member.four_letter("cons"))}


def exists(server, path: str) -> bool:
    return look(server, lambda client: client.exists(path)) is not None


class Clock:
    def __init__(self):
        self.start = time.monotonic()

    @contextmanager
    def phase(self, name: str):
        began = time.monotonic()
        yield
        print(f"{time.monotonic() - began:7.1f} s  {name}", flush=True)


def run_scenario(kind: str, folder: Path, records: int, servers: int = 1):
    clock = Clock()
    server = Alone(kind, folder) if servers == 1 else Three(kind, folder)
    server.start()
    brokers = [Broker(n, server.hosts, folder / f"broker{n}") for n in (1, 2)]
    first, second = brokers

    with clock.phase("two brokers register"):
        for broker in brokers:
            broker.start()
        wait_registered(server, {b"1", b"2"})
    work = Work(brokers, folder)

    half, three_quarters = records // 2, records * 3 // 4
    with clock.phase("topic created, half of the records produced"):
        work.do(f"create {TOPIC} {PARTITIONS} {REPLICATION}")
        work.do(f"produce {TOPIC} 0 {half}")
        assert work.do(f"isr {TOPIC} {REPLICATION}")

    with clock.phase("broker 2 killed, its registration expired"):
        second.kill()
        wait_registered(server, {b"1"})
    with clock.phase("records produced without it"):
        work.do(f"produce {TOPIC} {half} {three_quarters}")
    with clock.phase("broker 2 restarted, all replicas in sync"):
        second.start()
        before = wait_registered(server, {b"1", b"2"})
        work.do(f"isr {TOPIC} {REPLICATION}")

    with clock.phase("coordination servers killed and restarted in turn, records produced meanwhile"):
        work.begin(f"produce {TOPIC} {three_quarters} {records}")
        server.kill_and_restart()
        sessions = {session for _, session in before.values()}
        try:
            wait_for(lambda: sessions <= sessions_connected(server), 60, "both brokers to reconnect", interval=0.1)
        except TimeoutError as late:
            raise AssertionError(f"{late}: had {before}, has {registrations(server)}, "
                                 f"connected {sessions_connected(server)}") from late
        work.result()
        after = registrations(server)
        assert after == before, f"registrations changed: {before} became {after}"

    with clock.phase("all records consumed"):
        print(" " * 10, work.do(f"consume {TOPIC} {records}"))
    with clock.phase("topic deleted"):
        work.do(f"delete {TOPIC}")
        for path in (f"/brokers/topics/{TOPIC}", f"/admin/delete_topics/{TOPIC}", f"/config/topics/{TOPIC}"):
            wait_for(lambda: not exists(server, path), 60, f"{path} to be deleted", interval=0.1)
    with clock.phase("a second topic created and filled"):
        work.do(f"create after {PARTITIONS} {REPLICATION}")
        work.do("produce after 0 1000")
        work.do("consume after 1000")

    assert registrations(server) == before, "a broker's session was lost"
    work.end()
    with clock.phase("brokers stopped, registrations gone"):
        for broker in (second, first):
            broker.stop()
        wait_registered(server, set())
    server.stop()
    print(f"{time.monotonic() - clock.start:7.1f} s  in all, kind {kind}, {servers} servers, {records} records")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kind", choices=harness.BOTH, required=True)
    parser.add_argument("--servers", type=int, choices=[1, 3], default=1)
    parser.add_argument("--records", type=int, default=20000)
    parser.add_argument("--keep", type=Path, help="a new directory for the data, which is not removed")
    args = parser.parse_args()
    subprocess.run([HERE / "install.sh"], check=True)
    with tempfile.TemporaryDirectory(prefix="kafka-") as temporary:
        folder = args.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        run_scenario(args.kind, folder, args.records, args.servers)


if __name__ == "__main__":
    main()
