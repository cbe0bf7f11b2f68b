"""kazoo 2.11: what a scripted session observes with Apache's server and with the kind under test."""

import pytest
from harness import Server, end_kazoo_clients, kazoo_client
from transcript import assert_same, mask_text
from transcripts.kazoo_session import play


def listen(kind: str, folder) -> str:
    with Server(kind, folder) as server:
        said = play(server.hosts, kazoo_client(server), kazoo_client(server))
        end_kazoo_clients()
        return mask_text(said, {server.client_port: "<port>"})


@pytest.fixture(scope="module")
def apache_said(tmp_path_factory):
    return listen("apache", tmp_path_factory.mktemp("apache-kazoo"))


def test_kazoo_client(server_kind, apache_said, tmp_path):
    said = listen(server_kind, tmp_path)
    (tmp_path / "transcript").write_text(said)
    assert_same(apache_said, said, server_kind)
