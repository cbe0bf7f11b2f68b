"""`quoll status` with real ensembles, of Quoll's servers and one of Apache's."""

import json
import subprocess

from harness import Server, free_port, quoll_bin, wait_for


def status(*arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run([quoll_bin(), "status", *arguments], text=True, capture_output=True, timeout=120)


def test_an_ensemble_of_both_kinds_is_shown_while_it_is_whole_and_while_servers_are_missing(make_ensemble):
    members = make_ensemble(["quoll", "quoll", "apache"]).start()
    leader = members.settle()
    names = [member.hosts for member in members]
    client = members.client(leader.number)
    client.create("/a", b"data")
    client.stop()

    # Two versions are in it, and nothing else is to be said. The leader counts a follower as soon as that has all data.
    def only_versions_differ():
        shown = json.loads(status("--json", "--admin-port", "0", ",".join(names)).stdout)
        findings = [finding["what"] for finding in shown["findings"]]
        # A follower answers before it has applied what it got from the leader.
        are_equal = len({server["zxid"] for server in shown["servers"]}) == 1 and {server["znodes"] for server in shown["servers"]} == {6}
        return findings == ["The servers have 2 versions"] and are_equal and shown
    shown = wait_for(only_versions_differ, 60, "a whole ensemble")
    assert [server["server"] for server in shown["servers"]] == names
    assert sorted(server["role"] for server in shown["servers"]) == ["follower", "follower", "leader"]
    assert {server["version"] for server in shown["servers"]} == {"quoll 0.1.0", "3.9.5"}

    lost = next(member for member in members if member is not leader)
    lost.kill()
    wait_for(lambda: leader.monitor().get("zk_synced_followers") == "1", 60, "the leader to notice")
    missing = status("--admin-port", "0", *names)
    assert missing.returncode == 1
    assert f"{lost.hosts} does not answer" in missing.stdout and "leads 2 of 3 voters that have all data" in missing.stdout
    assert missing.stdout.splitlines()[0].split() == ["SERVER", "ROLE", "EPOCH", "ZXID", "BEHIND", "CONNECTIONS", "ZNODES", "DISK", "FREE", "VERSION"]

    other = next(member for member in members if member not in (leader, lost))
    other.kill()
    members.wait_role(leader.number, "looking")
    unserved = status("--admin-port", "0", *names)
    assert unserved.returncode == 3 and "None of these servers serves" in unserved.stdout


def test_a_single_server_tells_the_room_on_its_disk(tmp_path):
    admin = free_port()
    with Server("quoll", tmp_path, cfg={"admin.enableServer": "true", "admin.serverPort": admin}) as server:
        shown = status("--json", "--admin-port", str(admin), server.hosts)
        found = json.loads(shown.stdout)
        assert shown.returncode == 0 or "disk" in shown.stdout  # this machine's disk may be nearly full
        assert found["served"] and found["servers"][0]["role"] == "standalone" and found["servers"][0]["disk_free_bytes"] > 0
    assert status("--admin-port", "0", server.hosts).returncode == 3
    assert status("--nonsense").returncode == 2
    assert status("a:99999999").returncode == 2
