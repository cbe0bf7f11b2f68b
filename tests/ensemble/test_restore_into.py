"""quoll restore --into: a backup is written into a running ensemble; and the command restore of a member refuses."""

import base64
import hashlib
import json
import urllib.error
import urllib.request

import pytest
from ensemble import Member
from harness import Server, free_ports, wait_for
from rawzk import AUTH, CREATE, CREATE_CONTAINER, CREATE_TTL, EPHEMERAL, MULTI, SEQUENTIAL, SET_DATA, Raw, auth, create, create_ttl, multi, set_data
from test_backup import made, refused, value_of
from test_tools import objects, tool
from test_undelete import call, children

SECRET = [(31, "digest", "admin:" + base64.b64encode(hashlib.sha1(b"admin:secret").digest()).decode())]


@pytest.fixture(scope="module")
def backup(tmp_path_factory):
    """A backup, and the zxid of a point in it."""
    folder = tmp_path_factory.mktemp("source")
    with Server("quoll", folder / "server", cfg={"extendedTypesEnabled": "true"}) as server, Raw(server.client_port) as line:
        line.connect()
        call(line, SET_DATA, set_data("/", b"of the root"))
        call(line, CREATE, create("/app", b"1"))
        call(line, CREATE, create("/app/private", b"p", SECRET))
        call(line, CREATE_CONTAINER, create("/app/box", b"", flags=4))
        call(line, CREATE_TTL, create_ttl("/app/fleeting", 3_600_000, b"t"))
        call(line, CREATE, create("/app/mine", b"", flags=EPHEMERAL))
        call(line, CREATE, create("/queue", b""))
        call(line, MULTI, multi(*[(CREATE, create("/queue/n-", b"", flags=SEQUENTIAL))] * 700))
        point = call(line, SET_DATA, set_data("/app", b"2")).zxid
        call(line, SET_DATA, set_data("/app", b"3"))
        made("backup", folder / "backup", "--from", server.data_dir)
    return folder / "backup", point


@pytest.mark.parametrize("kinds", [["quoll"] * 3, ["apache"] * 3])
def test_a_backup_is_written_into_an_ensemble(make_ensemble, backup, kinds):
    source, point = backup
    ensemble = make_ensemble(kinds, cfg={"extendedTypesEnabled": "true"})
    leader = ensemble.start().settle()
    hosts, port = ensemble.hosts, leader.client_port
    arguments = [source, "--into", hosts, "--at", hex(point)]
    listed = tool("restore", *arguments, "--dry-run")
    assert "/app/box bytes=0 cversion=0 container" in listed and "ttl=3600000" in listed and "nothing was written" in listed
    with Raw(port) as line:
        line.connect()
        assert children(line, "/") == ["zookeeper"]
        (done,) = objects(tool("restore", *arguments, "--json"))
        assert done["written"] == done["znodes"] == 705 and done["ephemerals_left_out"] == 1 and done["as_of"] == hex(point) and done["root_changed"]
        assert (value_of(line, "/app"), value_of(line, "/")) == (b"2", b"of the root")
        assert children(line, "/app") == ["box", "fleeting", "private"]
        assert call(line, CREATE, create("/queue/n-", b"", flags=SEQUENTIAL)).body.endswith(b"n-0000000700")
        assert value_of(line, "/app/private") is None
        call(line, AUTH, auth("digest", b"admin:secret"))
        assert value_of(line, "/app/private") == b"p"
    assert "/app exists: nothing was written" in refused("restore", *arguments)
    refused("restore", source, code=2)
    refused("restore", source, source / "new", "--into", hosts, code=2)


def test_a_member_refuses_the_command_restore_and_names_the_tool(tmp_path):
    ports = free_ports(3)
    cfg = {"admin.enableServer": "true", "admin.serverPort": ports[0], "standaloneEnabled": "false", "server.1": f"127.0.0.1:{ports[1]}:{ports[2]}"}
    with Member(1, "quoll", tmp_path, {"tickTime": 500, "initLimit": 40, "syncLimit": 16, **cfg}) as member:
        wait_for(lambda: member.role() == "leader", 60, "a leader")
        request = urllib.request.Request(f"http://127.0.0.1:{ports[0]}/commands/restore", method="POST", data=b"x" * 100_000,
                                         headers={"Authorization": "digest a:b"})
        with pytest.raises(urllib.error.HTTPError) as refusal:
            urllib.request.urlopen(request, timeout=10)
        assert refusal.value.code == 409
        assert "quoll restore --into" in json.load(refusal.value)["error"]
