"""Three servers, of one kind or mixed: they elect, serve, survive losses, and hold the same tree in the end."""

import itertools

import pytest
from kazoo.exceptions import NodeExistsError
from kazoo.retry import KazooRetry

from harness import wait_for
from rawclient import EPHEMERAL, ConnectionLost, RawClient

MIXES = ["-".join(kinds) for kinds in itertools.product(["apache", "quoll"], repeat=3)]
WRITE = KazooRetry(max_tries=-1, delay=0.05, max_delay=0.5, ignore_expire=False)


@pytest.fixture(params=MIXES)
def kinds(request) -> list[str]:
    return request.param.split("-")


def write(client, path: str, value: bytes = b"", **kw):
    """Creates a znode, again and again until it is there: a lost connection leaves open whether the request arrived."""
    def create():
        try:
            return client.create(path, value, **kw)
        except NodeExistsError:
            return path
    return WRITE.copy()(create)


def fill(client, folder: str, count: int):
    write(client, folder)
    for i in range(count):
        write(client, f"{folder}/{i:04}", b"x" * i)


def test_a_killed_leader_is_replaced_and_comes_back_as_a_follower(make_ensemble, kinds):
    three = make_ensemble(kinds).start()
    leader = three.settle()
    client = three.client()
    fill(client, "/before", 50)
    leader.kill()
    rest = [m.number for m in three if m is not leader]
    new = three.settle(*rest)
    assert new is not leader
    fill(client, "/while", 50)
    leader.start(wait=False)
    assert three.wait_role(leader.number, "follower", "leader") == "follower"
    fill(client, "/after", 20)
    assert len(client.get_children("/while")) == 50
    assert three.differences() == []


def test_a_follower_that_was_away_gets_what_it_missed(make_ensemble, kinds):
    three = make_ensemble(kinds).start()
    three.settle()
    follower = three.followers()[0]
    client = three.client(*(m.number for m in three if m is not follower))
    fill(client, "/before", 20)
    follower.kill()
    fill(client, "/while", 50)
    follower.start(wait=False)
    three.settle()
    assert three.differences() == []


def test_a_follower_with_an_empty_disk_gets_everything(make_ensemble, kinds):
    three = make_ensemble(kinds).start()
    three.settle()
    follower = three.followers()[0]
    client = three.client(*(m.number for m in three if m is not follower))
    fill(client, "/before", 50)
    client.create("/mine", ephemeral=True)
    follower.kill()
    follower.wipe()
    follower.start(wait=False)
    three.settle()
    assert three.differences() == []


def test_all_that_was_acknowledged_is_there_after_all_were_killed(make_ensemble, kinds):
    three = make_ensemble(kinds).start()
    three.settle()
    client = three.client()
    fill(client, "/before", 50)
    for member in three:
        member.kill()
    three.start()
    three.settle()
    wait_for(lambda: client.connected, 60, "the client to be connected")
    assert len(WRITE.copy()(client.get_children, "/before")) == 50
    assert three.differences() == []


def test_a_session_continues_on_another_server(make_ensemble, kinds):
    three = make_ensemble(kinds).start()
    three.settle()
    client = three.client(1, timeout=20)
    client.create("/mine", b"", ephemeral=True)
    session = client.client_id
    three[1].kill()
    client.set_hosts(f"{three[2].hosts},{three[3].hosts}")
    wait_for(lambda: client.connected, 60, "the client to be connected")
    assert client.client_id == session
    other = three.client(3)
    assert other.exists("/mine").owner_session_id == session[0]
    client.stop()
    wait_for(lambda: other.exists("/mine") is None, 30, "the ephemeral znode to go")


def test_ephemerals_of_a_client_that_died_go_everywhere(make_ensemble, kinds):
    three = make_ensemble(kinds).start()
    three.settle()
    client = RawClient(three[1].client_port, timeout_ms=4000)
    client.create("/mine", flags=EPHEMERAL)
    others = {n: three.client(n) for n in (1, 2, 3)}
    for other in others.values():
        other.sync("/mine")
        assert other.exists("/mine")
    client.drop()
    for number, other in others.items():
        wait_for(lambda other=other: other.exists("/mine") is None, 60, f"the ephemeral znode to go from server {number}")
    assert three.differences() == []


def test_watches_fire_for_writes_on_other_servers(make_ensemble, kinds):
    three = make_ensemble(kinds).start()
    three.settle()
    clients = [three.client(n) for n in (1, 2, 3)]
    write(clients[0], "/w", b"0")
    seen: list[int] = []
    for number, client in enumerate(clients):
        client.sync("/w")
        client.get("/w", watch=lambda event, number=number: seen.append(number))
    clients[1].set("/w", b"1")
    wait_for(lambda: sorted(seen) == [0, 1, 2], 30, f"all watches to fire, not {seen}")


def test_the_list_of_servers_is_the_same_text_everywhere(make_ensemble, kinds):
    three = make_ensemble(kinds).start()
    three.settle()
    texts = {three.client(n).get("/zookeeper/config")[0] for n in (1, 2, 3)}
    assert len(texts) == 1
    lines = texts.pop().decode().split("\n")
    assert [line.split("=")[0] for line in lines] == ["server.1", "server.2", "server.3", "version"]
    assert lines[0].endswith(":participant") and lines[3] == "version=0"


def test_an_observer_serves_and_does_not_count(make_ensemble, kinds):
    three = make_ensemble(kinds, observers=[3]).start()
    three.settle()
    assert three[3].role() == "observer"
    fill(three.client(3), "/a", 20)
    assert three.differences() == []
    three[2].kill()
    three.wait_role(1, "looking")
    three.wait_role(3, "looking", "down")
    three[2].start(wait=False)
    three.settle()
    assert three.differences() == []


def test_a_leader_that_is_cut_off_gives_up_and_its_rest_goes_on(make_ensemble, kinds):
    three = make_ensemble(kinds, partitions=True).start()
    leader = three.settle()
    rest = [m.number for m in three if m is not leader]
    fill(three.client(), "/before", 20)
    three.network.part([leader.number], rest)
    three.settle(*rest)
    three.wait_role(leader.number, "looking")
    client = three.client(*rest)
    fill(client, "/while", 20)
    three.network.heal()
    three.settle()
    assert three.differences() == []


def test_a_frozen_follower_holds_up_nobody(make_ensemble, kinds):
    three = make_ensemble(kinds).start()
    three.settle()
    follower = three.followers()[0]
    client = three.client(*(m.number for m in three if m is not follower))
    follower.freeze()
    fill(client, "/while", 50)
    follower.thaw()
    three.settle()
    assert three.differences() == []


def test_two_servers_lost_means_no_more_writes(make_ensemble, kinds):
    three = make_ensemble(kinds).start()
    leader = three.settle()
    client = three.client(leader.number)
    fill(client, "/before", 5)
    for member in three:
        if member is not leader:
            member.kill()
    three.wait_role(leader.number, "looking")
    with pytest.raises((OSError, ConnectionLost)):
        RawClient(leader.client_port).create("/lost")
    three.start(*(m.number for m in three if m is not leader))
    three.settle()
    fill(client, "/after", 5)
    assert three.differences() == []
