"""Answers of ordinary length to four-letter words are sent at once, so that clients that call recv once get the whole answer."""

import contextlib
import socket
import ssl

import pytest
from harness import Server, free_port
from kazoo.client import KazooClient
from stores import Stores

WORDS = ("ruok", "srvr", "stat", "dump", "cons", "wchs", "wchc", "wchp", "mntr", "conf", "envi")
RECORD_BYTES = 16384


def connect(port: int, kind: str) -> socket.socket:
    plain = socket.create_connection(("127.0.0.1", port), 10)
    if kind == "plain":
        return plain
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context.wrap_socket(plain)


@pytest.mark.parametrize("kind", ["plain", "tls"])
def test_the_first_recv_gets_the_whole_answer(kind, tmp_path):
    """The server has a few sessions, ephemerals and watches."""
    secure = free_port()
    cfg = {"secureClientPort": secure, "ssl.clientAuth": "none", **Stores(tmp_path / "stores").settings("server", "pem")}
    with Server("quoll", tmp_path / "server", cfg=cfg) as server, contextlib.ExitStack() as ended:
        for n in range(5):
            client = KazooClient(server.hosts)
            client.start()
            ended.callback(client.stop)
            client.create(f"/e{n}", ephemeral=True)
            client.exists(f"/w{n}", watch=lambda event: None)
        answers = {}
        for word in WORDS:
            with connect(server.client_port if kind == "plain" else secure, kind) as connection:
                connection.sendall(word.encode())
                answers[word] = [connection.recv(1 << 20)]
                while more := connection.recv(1 << 20):
                    answers[word].append(more)
    # A TLS record holds no more than RECORD_BYTES, and recv returns one at a time.
    needed = {word: -(-len(b"".join(pieces)) // RECORD_BYTES) if kind == "tls" else 1 for word, pieces in answers.items()}
    assert {word: len(pieces) for word, pieces in answers.items()} == needed
