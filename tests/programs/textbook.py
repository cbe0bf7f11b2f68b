"""Two textbook programs for ZooKeeper, a lock and a group, as tests of whatever the fixture `server` runs.

A server has `hosts`, and may have `patience`: how many seconds a departure may take to be seen. QUOLL_LOCK_ACQUISITIONS sets how often the
lock is acquired in total (1000).
"""

import os
import time
from collections import Counter

import harness
from java_process import JavaProcess, whole_lines

PROCESSES = 8
ACQUISITIONS = int(os.environ.get("QUOLL_LOCK_ACQUISITIONS", "1000"))
SESSION_TIMEOUT_S = 4


# ---------------------------------------------------------------- the lock

class Journal:
    """The acquisitions and releases of the lock, in order."""

    def __init__(self, path):
        self.path = path

    def entries(self) -> list[tuple[str, int, int, int]]:
        """(enter or leave, place in the queue, pid, milliseconds)"""
        if not self.path.exists():
            return []
        return [(what, int(place), int(pid), int(at))
                for what, place, pid, at in (line.split() for line in whole_lines(self.path))]

    def check(self, killed_pid: int, count: int):
        entries = self.entries()
        entered = [e for e in entries if e[0] == "enter"]
        assert len(entered) == count
        places = [place for _, place, _, _ in entered]
        assert places == sorted(set(places)), "the queue was not served in order"
        for now, after in zip(entries, entries[1:]):
            if now[0] == "leave":
                assert after[0] == "enter"
            elif now[2] == killed_pid:
                # Not before the killed holder's session can have expired, and not long after.
                waited = (after[3] - now[3]) / 1000
                assert after[0] == "enter" and 0.6 * SESSION_TIMEOUT_S < waited < 5 * SESSION_TIMEOUT_S, waited
            else:
                assert after[0] == "leave" and after[1:3] == now[1:3], "two processes held the lock at the same time"
        assert entries[-1][0] == "leave"


def test_lock(server, tmp_path):
    journal = Journal(tmp_path / "journal")
    common = [server.hosts, "/lock", tmp_path / "guard", journal.path]
    share = ACQUISITIONS // PROCESSES
    workers = [JavaProcess("programs.LockWorker", [*common, share], tmp_path / f"worker{i}.out")
               for i in range(PROCESSES)]
    harness.wait_for(lambda: len(journal.entries()) > ACQUISITIONS // 4, 120, "a quarter of the acquisitions")

    holder = JavaProcess("programs.LockWorker", [*common, "hang"], tmp_path / "holder.out")
    holder.wait_line("HOLDING")
    holder.kill()
    # The others may have finished before the holder's turn came. This process must wait until the holder's session expires.
    heir = JavaProcess("programs.LockWorker", [*common, 1], tmp_path / "heir.out")

    deadline = time.monotonic() + 240
    for worker, times in [*((worker, share) for worker in workers), (heir, 1)]:
        assert worker.wait(max(1, deadline - time.monotonic())) == 0, worker.errors()
        assert worker.lines() == [f"DONE {times}"]
    journal.check(holder.process.pid, share * PROCESSES + 2)


# ---------------------------------------------------------------- the cluster manager

class Group:
    """Several members of the group in one process, which start and end together."""

    def __init__(self, server, folder, name: str, members: list[str]):
        self.members = members
        self.process = JavaProcess("programs.Members", [server.hosts, "/members", *members], folder / f"{name}.out")

    def leave(self):
        self.process.say("leave")
        assert self.process.wait(30) == 0, self.process.errors()


def test_cluster_manager(server, tmp_path):
    manager = JavaProcess("programs.Manager", [server.hosts, "/members"], tmp_path / "manager.out")
    manager.wait_line("READY")

    def seen(what: str) -> list[str]:
        return [line.split()[1] for line in manager.lines() if line.startswith(what + " ")]

    def all_seen(what: str, expected: list[str], timeout: float = 60):
        harness.wait_for(lambda: not Counter(expected) - Counter(seen(what)), timeout, f"{what} of {expected}")

    groups = [Group(server, tmp_path, f"group{g}", [f"m{g}-{i}" for i in range(4)]) for g in range(4)]
    everybody = [name for group in groups for name in group.members]
    all_seen("JOIN", everybody)

    groups[0].process.kill()
    groups[1].leave()
    all_seen("LEAVE", groups[1].members, timeout=getattr(server, "patience", SESSION_TIMEOUT_S))
    all_seen("LEAVE", groups[0].members)

    # The same names join again; for the manager they are new members.
    returned = Group(server, tmp_path, "returned", groups[0].members)
    all_seen("JOIN", everybody + returned.members)
    groups[2].process.kill()
    returned.leave()
    groups[3].leave()
    all_seen("LEAVE", everybody + returned.members)

    # "Exactly once" can only be checked at the end.
    lives = Counter(everybody + returned.members)
    assert Counter(seen("JOIN")) == lives
    assert Counter(seen("LEAVE")) == lives
    for line in manager.lines():
        if line.startswith("JOIN"):
            _, name, _, about = line.split(" ", 3)
            assert about == f"data of {name}"
    assert manager.running(), manager.errors()
    manager.kill()
