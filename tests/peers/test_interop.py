"""The recipes of the client library beside those of Apache Curator 5.9 and of kazoo: each waits for the other."""

import threading
from pathlib import Path

import harness
import pytest
from harness import wait_for
from kazoo.recipe.election import Election
from sdk_package import Program, project

INTEROP = Path(__file__).resolve().parent / "interop"


class Contender:
    """Somebody who asks for a lock, gets it once, and gives it back."""

    def __init__(self, name: str, program: Program):
        self.name = name
        self.program = program
        program.wait_lines("READY")

    def count(self, word: str) -> int:
        return self.program.lines().count(word)

    def ask(self):
        before = self.count("ASKED")
        self.program.say("acquire")
        wait_for(lambda: self.count("ASKED") > before, 30, f"{self.name} to ask")

    def holds(self) -> bool:
        return self.count("HOLDS") > self.count("RELEASED")

    def release(self):
        before = self.count("RELEASED")
        self.program.say("release")
        wait_for(lambda: self.count("RELEASED") > before, 30, f"{self.name} to release")

    def kill(self):
        self.program.kill()


class Kazoo:
    """The same with one of kazoo's locks, in a thread."""

    def __init__(self, make):
        self.name = "kazoo"
        self.lock = make()
        self.held = threading.Event()

    def ask(self):
        threading.Thread(target=lambda: self.lock.acquire() and self.held.set(), daemon=True).start()

    def holds(self) -> bool:
        return self.held.is_set()

    def release(self):
        self.held.clear()
        self.lock.release()


@pytest.fixture
def quoll(server, tmp_path):
    folder = project(INTEROP)
    made = []

    def make(path: str, name: str) -> Contender:
        out = tmp_path / f"quoll{len(made)}.out"
        made.append(Contender(f"quoll{len(made)}", Program(out, folder / "holder", server.hosts, path, name)))
        return made[-1]
    return make


@pytest.fixture
def curator(server, tmp_path):
    jars = harness.curator_jars()
    classes = harness.compile_java(INTEROP / "src", classpath=jars)
    made = []

    def make(kind: str, path: str) -> Contender:
        name = f"curator{len(made)}"
        command = harness.java_args("interop.CuratorPeer", [server.hosts, kind, path, name], ["-Xmx64m"], [classes, *jars])
        made.append(Contender(name, Program(tmp_path / f"{name}.out", *command)))
        return made[-1]
    return make


def znodes(server, path: str) -> int:
    client = harness.kazoo_client(server)
    try:
        return len(client.get_children(path)) if client.exists(path) else 0
    finally:
        client.stop()


def take_turns(server, path: str, contenders: list):
    """Each asks when the one before waits, and gets the lock when the one before gives it back."""
    for number, contender in enumerate(contenders, 1):
        contender.ask()
        wait_for(lambda number=number: znodes(server, path) == number, 30, f"{number} in line")
    for contender in contenders:
        wait_for(contender.holds, 30, f"{contender.name} to hold")
        assert [each.name for each in contenders if each.holds()] == [contender.name]
        contender.release()
    assert znodes(server, path) == 0


def test_locks_of_curator_and_ours_stand_in_the_same_line(server, curator, quoll):
    contenders = [curator("lock", "/mixed/lock"), quoll("/mixed/lock", "lock-"), curator("lock", "/mixed/lock"), quoll("/mixed/lock", "lock-")]
    take_turns(server, "/mixed/lock", contenders)
    take_turns(server, "/mixed/lock", contenders[::-1])


def test_a_killed_holder_is_followed_by_one_of_the_other_kind(server, curator, quoll):
    for first, second in ((curator("lock", "/mixed/dead"), quoll("/mixed/dead", "lock-")), (quoll("/mixed/dead", "lock-"), curator("lock", "/mixed/dead"))):
        first.ask()
        wait_for(first.holds, 30, f"{first.name} to hold")
        second.ask()
        wait_for(lambda: znodes(server, "/mixed/dead") == 2, 30, "two in line")
        first.kill()
        wait_for(second.holds, 60, f"{second.name} to follow")
        second.release()


def test_leader_latches_of_curator_and_ours_elect_one(server, curator, quoll):
    take_turns(server, "/mixed/latch", [curator("latch", "/mixed/latch"), quoll("/mixed/latch", "latch-"), curator("latch", "/mixed/latch")])


def test_readers_and_writers_of_curator_and_ours(server, curator, quoll):
    path = "/mixed/rw"
    readers = [curator("read", path), quoll(path, "__READ__")]
    writers = [quoll(path, "__WRIT__"), curator("write", path)]
    for reader in readers:
        reader.ask()
        wait_for(reader.holds, 30, f"{reader.name} to read")
    for number, writer in enumerate(writers, 3):
        writer.ask()
        wait_for(lambda number=number: znodes(server, path) == number, 30, f"{number} in line")
    late = quoll(path, "__READ__")
    late.ask()
    wait_for(lambda: znodes(server, path) == 5, 30, "five in line")
    for reader in readers:
        assert not any(writer.holds() for writer in writers)
        reader.release()
    for writer in writers:
        wait_for(writer.holds, 30, f"{writer.name} to write")
        assert not late.holds() and sum(each.holds() for each in writers) == 1
        writer.release()
    wait_for(late.holds, 30, "the late reader")
    late.release()


def test_locks_and_elections_of_kazoo_and_ours_stand_in_the_same_line(server, quoll):
    client = harness.kazoo_client(server)
    path = "/mixed/kazoo"
    take_turns(server, path, [Kazoo(lambda: client.Lock(path)), quoll(path, "__lock__"), Kazoo(lambda: client.Lock(path)), quoll(path, "__lock__")])

    # kazoo's election runs a function while it leads.
    ours = quoll(path, "__lock__")
    ours.ask()
    wait_for(ours.holds, 30, "us to lead")
    leads, may_end = threading.Event(), threading.Event()
    election = Election(client, path, "kazoo")
    thread = threading.Thread(target=election.run, args=(lambda: (leads.set(), may_end.wait(60)),))
    thread.start()
    wait_for(lambda: znodes(server, path) == 2, 30, "kazoo to stand")
    assert not leads.is_set()
    ours.release()
    assert leads.wait(30)
    ours.ask()
    wait_for(lambda: znodes(server, path) == 2, 30, "us to stand again")
    assert not ours.holds()
    may_end.set()
    thread.join(30)
    wait_for(ours.holds, 30, "us to follow")
    ours.release()


def test_services_of_curator_and_ours_find_each_other(server, curator, tmp_path):
    service = project(harness.ROOT / "examples" / "recipes") / "service"
    theirs = curator("discovery", "/services").program
    ours = Program(tmp_path / "ours.out", service, server.hosts, "curator0", 7001)
    ours.wait_lines("offered")
    theirs.say("offer 7002")
    theirs.wait_lines("OFFERED")
    theirs.say("find")
    theirs.wait_lines("FOUND 7001 7002")
    look = Program(tmp_path / "look.out", service, server.hosts, "curator0")
    assert look.process.wait(30) == 0
    assert sorted(line.split()[0] for line in look.lines()) == ["127.0.0.1:7001", "127.0.0.1:7002"]
    ours.kill()
    wait_for(lambda: theirs.say("find") or "FOUND 7002" in theirs.lines(), 30, "ours to be gone", interval=0.2)
