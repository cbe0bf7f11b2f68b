"""Starts ensembles of Apache's servers and of Quoll's, in any mix, on this machine."""

from __future__ import annotations

import contextlib
import re
import signal
from collections.abc import Iterable, Sequence
from pathlib import Path

import harness
import treedump
from harness import Server, free_ports, wait_for
from network import Network
from rawclient import RawClient

ROLES = ("leader", "follower", "observer")
NOT_SERVING = "This ZooKeeper instance is not currently serving requests"
# Machines that run tests are slow, and a Java server needs seconds to start.
PATIENCE = 90


class Member(Server):
    """One server of an ensemble. Its role is what `srvr` says: leader, follower, observer, looking, or down."""

    def __init__(self, number: int, kind: str, workdir: Path, cfg: dict, **kw):
        super().__init__(kind, workdir, cfg, **kw)
        self.number = number

    def write_cfg(self):
        super().write_cfg()
        (self.data_dir / "myid").write_text(f"{self.number}\n")

    def role(self) -> str:
        if not self.alive():
            return "down"
        try:
            answer = self.four_letter("srvr", timeout=2)
        except OSError:
            return "down"
        if NOT_SERVING in answer:
            return "looking"
        found = re.search(r"^Mode: (\w+)$", answer, re.M)
        return found[1] if found else "down"

    def monitor(self) -> dict[str, str]:
        """What `mntr` says; empty while it does not serve."""
        return dict(re.findall(r"^(\w+)\t(.*)$", self.four_letter("mntr"), re.M))

    def freeze(self):
        self.signal(signal.SIGSTOP)

    def thaw(self):
        self.signal(signal.SIGCONT)

    def wipe(self):
        """Removes its data, as when a disk was replaced. It must not run."""
        assert not self.alive()
        for folder in {self.data_dir, self.data_log_dir}:
            for path in sorted(folder.rglob("*"), reverse=True):
                path.rmdir() if path.is_dir() else path.unlink()

    def tree(self) -> dict[bytes, treedump.Node]:
        """All znodes, after a sync with the leader."""
        client = RawClient(self.client_port)
        try:
            client.add_auth("digest", treedump.SUPER_CREDENTIAL)
            client.sync(b"/")
            tree = treedump.dump(client)
            client.close_session()
            return tree
        finally:
            client.drop()

    def __repr__(self):
        return f"<server {self.number} ({self.kind}), clients on {self.client_port}>"


class Ensemble:
    """Members 1 to N of the given kinds. `observers` are the numbers of those that do not vote.

    With `partitions`, each member reaches each other one through a proxy of its own: see `network`. Its list of servers then differs from
    the others' in its ports. `version` is that of Apache's servers, 3.9.5 by default. Members are numbered from 1: `ensemble[1]`.
    """

    def __init__(self, kinds: Sequence[str], folder: Path, *, observers: Iterable[int] = (), partitions: bool = False,
                 cfg: dict | None = None, jvmflags: Iterable[str] = (), version: str = "",
                 host: str = "127.0.0.1"):
        count = len(kinds)
        self._host = host
        numbers = range(1, count + 1)
        self.network = Network() if partitions else None
        ports = free_ports(3 * count)
        self._quorum = dict(zip(numbers, ports))
        self._election = dict(zip(numbers, ports[count:]))
        self._observers = set(observers)
        clients = dict(zip(numbers, ports[2 * count:]))
        common = {"tickTime": 500, "initLimit": 40, "syncLimit": 16, "standaloneEnabled": "false", **(cfg or {})}
        flags = [f"zookeeper.DigestAuthenticationProvider.superDigest={treedump.SUPER_DIGEST}", *jvmflags]
        self.members: dict[int, Member] = {}
        for number, kind in zip(numbers, kinds):
            lines = {f"server.{n}": self._line(number, n) for n in numbers}
            self.members[number] = Member(number, kind, Path(folder) / str(number), {**common, **lines}, jvmflags=flags,
                                          client_port=clients[number], version=version)

    def _line(self, viewer: int, number: int) -> str:
        host, ports = self._host, (self._quorum[number], self._election[number])
        if self.network and viewer != number:
            ports = tuple(self.network.way(viewer, number, port) for port in ports)
        elif self.network:
            # A member tells others its election address; from a wildcard they know that it is no address to dial.
            host = "0.0.0.0"
        return f"{host}:{ports[0]}:{ports[1]}" + (":observer" if number in self._observers else "")

    def __getitem__(self, number: int) -> Member:
        return self.members[number]

    def __iter__(self):
        return iter(self.members.values())

    @property
    def hosts(self) -> str:
        return ",".join(member.hosts for member in self)

    def roles(self) -> dict[int, str]:
        return {member.number: member.role() for member in self}

    # -- life

    def start(self, *numbers: int) -> "Ensemble":
        """Starts the given members, or all; does not wait for roles."""
        for number in numbers or self.members:
            self[number].start(wait=False)
        return self

    def settle(self, *numbers: int, timeout: float = PATIENCE) -> Member:
        """Waits until the given members, or all that run, have roles, with one leader among them; returns it."""
        wanted = [self[n] for n in numbers] or [m for m in self if m.alive()]

        def settled() -> Member | None:
            for member in wanted:
                if not member.alive():
                    raise RuntimeError(f"{member} ended with code {member.returncode}:\n{member.log_text()[-4000:]}")
            roles = {member: member.role() for member in wanted}
            leaders = [member for member, role in roles.items() if role == "leader"]
            return leaders[0] if len(leaders) == 1 and all(role in ROLES for role in roles.values()) else None
        return wait_for(settled, timeout, f"{wanted} to have roles, not {self.roles()}", interval=0.1)

    def wait_role(self, number: int, *roles: str, timeout: float = PATIENCE) -> str:
        return wait_for(lambda: (r := self[number].role()) in roles and r, timeout, f"{self[number]} to be {' or '.join(roles)}", interval=0.1)

    def leader(self) -> Member:
        return next(member for member in self if member.role() == "leader")

    def followers(self) -> list[Member]:
        return [member for member in self if member.role() == "follower"]

    def change(self, steps: Iterable[dict[str, str]], client):
        """Restarts one member after the other, the leader last, with each step's keys, and writes /data after each step."""
        for number, step in enumerate(steps):
            leader = self.leader()
            for member in sorted(self, key=lambda m: m is leader):
                member.stop()
                member.extra_cfg.update(step)
                member.start(wait=False)
                self.settle()
            client.set("/data", str(number).encode())

    def end(self):
        for member in self:
            with contextlib.suppress(Exception):
                member.thaw()
                member.kill()
        if self.network:
            self.network.end()

    def client(self, *numbers: int, **kw):
        """A started kazoo client of the given members, or of all."""
        return harness.kazoo_client(",".join(self[n].hosts for n in numbers) or self.hosts, **kw)

    # -- what must be equal everywhere

    def trees(self) -> dict[int, dict[bytes, treedump.Node]]:
        """The trees of the members that serve, by their numbers."""
        return {member.number: member.tree() for member in self if member.role() in ROLES}

    def differences(self, trees: dict[int, dict[bytes, treedump.Node]] | None = None) -> list[str]:
        """What differs between the trees, and between the digests, of the members that serve; empty if all are equal."""
        trees = {number: self._comparable(tree) for number, tree in (trees or self.trees()).items()}
        assert trees
        first = min(trees)
        lines = []
        for number, tree in trees.items():
            lines += [f"server {number} against {first}: {line}" for line in treedump.differences(trees[first], tree)]
        return lines + _digest_differences([self[number] for number in trees])

    def _comparable(self, tree: dict[bytes, treedump.Node]) -> dict[bytes, treedump.Node]:
        """Each server writes its configuration into its own tree when it starts, with the time of its start."""
        config = b"/zookeeper/config"
        tree = dict(tree)
        node = tree[config]
        tree[config] = node._replace(stat=node.stat._replace(mtime=0), data=b"" if self.network else node.data)
        return tree

    def log(self, number: int) -> str:
        return self[number].log_text()


def _digest_differences(members: list[Member]) -> list[str]:
    logs = {m.number: dict(re.findall(r"^([0-9a-f]+): (-?\d+)$", m.four_letter("hash"), re.M)) for m in members}
    lines = []
    for zxid in sorted(set().union(*logs.values())):
        seen = {number: log[zxid] for number, log in logs.items() if zxid in log}
        if len(set(seen.values())) > 1:
            lines.append(f"digest at {zxid}: {seen}")
    return lines
