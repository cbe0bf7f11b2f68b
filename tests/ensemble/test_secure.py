"""TLS between servers: Apache's and Quoll's with the same key stores, in any mix."""

import socket
import ssl
from pathlib import Path

import pytest

from harness import wait_for
from test_three import fill, write

STORES = Path(__file__).resolve().parents[2] / "src" / "tls" / "testdata"
PASSWORD = "testpass"
REFUSED = "certificate was refused"


def stores(key: str = "server_keytool.p12", trust: str = "ca_keytool.p12") -> dict[str, str]:
    return {"ssl.quorum.keyStore.location": str(STORES / key), "ssl.quorum.keyStore.password": PASSWORD,
            "ssl.quorum.trustStore.location": str(STORES / trust), "ssl.quorum.trustStore.password": PASSWORD}


def tls(**more: str) -> dict[str, str]:
    return {"sslQuorum": "true", **stores(), **more}


def ports(member) -> list[int]:
    """Its quorum port, which only a leader of Apache's opens, and its election port."""
    line = member.cfg[f"server.{member.number}"].split(":")
    return [int(line[1]), int(line[2])]


def speaks_tls(port: int) -> bool:
    context = ssl.create_default_context(cafile=STORES / "ca.pem")
    context.check_hostname = False
    context.load_cert_chain(STORES / "server.pem")
    with socket.create_connection(("127.0.0.1", port), timeout=5) as plain:
        try:
            with context.wrap_socket(plain) as secure:
                return secure.version() is not None
        except (ssl.SSLError, ConnectionError, TimeoutError):
            return False


@pytest.mark.parametrize("kinds", [("quoll",) * 3, ("apache", "quoll", "quoll"), ("apache", "apache", "quoll"), ("quoll", "apache", "apache")],
                         ids=["QQQ", "JQQ", "JJQ", "QJJ"])
def test_servers_of_both_kinds_speak_tls_with_each_other(make_ensemble, kinds):
    three = make_ensemble(kinds, cfg=tls()).start()
    leader = three.settle()
    assert all(speaks_tls(ports(member)[1]) for member in three)
    assert speaks_tls(ports(leader)[0])
    client = three.client()
    fill(client, "/before", 30)
    leader.kill()
    three.settle(*(m.number for m in three if m is not leader))
    fill(client, "/while", 30)
    leader.wipe()
    leader.start(wait=False)
    three.settle()
    write(client, "/after")
    assert three.differences() == []


def test_plain_text_is_refused_with_a_line_where_tls_is_asked_for(make_ensemble):
    three = make_ensemble(("quoll",) * 3, cfg=tls()).start()
    leader = three.settle()
    for port in ports(leader):
        with socket.create_connection(("127.0.0.1", port), timeout=30) as plain:
            plain.sendall(b"\0" * 8 + b"\0\0\0\1" + b"x" * 40)
            while plain.recv(4096):
                pass
    wait_for(lambda: "the client sent plain text, but this port accepts TLS only" in leader.log_text(), 30, "the line")
    write(three.client(), "/goes-on")


@pytest.mark.parametrize("kinds", [("quoll",) * 3, ("apache", "quoll", "quoll")], ids=["QQQ", "JQQ"])
def test_an_ensemble_is_changed_to_tls_server_by_server(make_ensemble, kinds):
    three = make_ensemble(kinds).start()
    three.settle()
    client = three.client()
    write(client, "/data", b"0")
    steps = [{"portUnification": "true", **stores()}, {"sslQuorum": "true"}, {"portUnification": "false"}]
    three.change(steps, client)
    assert three.differences() == []
    assert all(speaks_tls(ports(member)[1]) for member in three)


def test_a_server_with_the_certificate_of_a_stranger_is_not_let_in(make_ensemble):
    three = make_ensemble(("quoll",) * 3, cfg=tls())
    three[3].extra_cfg.update(stores(key="stranger.pem"))
    three.start()
    leader = three.settle(1, 2)
    write(three.client(1, 2), "/goes-on")
    three.wait_role(3, "looking")
    wait_for(lambda: REFUSED in leader.log_text(), 30, f"the line: {REFUSED}")


def test_the_name_in_a_certificate_counts_unless_it_is_switched_off(make_ensemble):
    """The certificate is for 127.0.0.1, and these servers are called 127.0.0.2."""
    strict = make_ensemble(("quoll",) * 2, cfg=tls(), host="127.0.0.2").start()
    wait_for(lambda: REFUSED in strict.log(1) + strict.log(2), 30, f"the line: {REFUSED}")
    assert {strict.wait_role(1, "looking"), strict.wait_role(2, "looking")} == {"looking"}
    strict.end()
    lax = make_ensemble(("quoll",) * 2, cfg=tls(**{"ssl.quorum.hostnameVerification": "false"}), host="127.0.0.2").start()
    lax.settle()
    write(lax.client(), "/served")
