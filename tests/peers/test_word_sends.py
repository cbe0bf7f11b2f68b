"""Four-letter words with ordinary answers leave in one send, so that clients that call recv once get the whole answer."""

import contextlib
import socket
import ssl

import pytest
from harness import Server, free_port
from kazoo.client import KazooClient
from stores import Stores

WORDS = ("ruok", "srvr", "stat", "dump", "cons", "wchs", "wchc", "wchp", "mntr", "conf", "envi")


@pytest.fixture(scope="module")
def ports(tmp_path_factory):
    """The plain and the secure port of a server with a few sessions, ephemerals and watches."""
    stores = Stores(tmp_path_factory.mktemp("stores"))
    secure = free_port()
    cfg = {"secureClientPort": secure, "ssl.clientAuth": "none", **stores.settings("server", "pem")}
    with Server("quoll", tmp_path_factory.mktemp("server"), cfg=cfg) as server, contextlib.ExitStack() as ended:
        for n in range(5):
            client = KazooClient(server.hosts)
            client.start()
            ended.callback(client.stop)
            client.create(f"/e{n}", ephemeral=True)
            client.exists(f"/w{n}", watch=lambda event: None)
        yield {"plain": server.client_port, "tls": secure}


def connect(ports, kind):
    plain = socket.create_connection(("127.0.0.1", ports[kind]), 10)
    if kind == "plain":
        return plain
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context.wrap_socket(plain)


@pytest.mark.parametrize("kind", ["plain", "tls"])
@pytest.mark.parametrize("word", WORDS)
def test_the_first_recv_gets_the_whole_answer(ports, kind, word):
    with connect(ports, kind) as connection:
        connection.sendall(word.encode())
        first = connection.recv(1 << 20)
        rest = b""
        while more := connection.recv(1 << 20):
            rest += more
    assert first and not rest, f"{len(first)} bytes, and {len(rest)} more"
