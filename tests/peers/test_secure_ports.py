"""Which ports accept TLS, plain text or both, and which versions of TLS: equal on both servers."""

from __future__ import annotations

import socket
import ssl

import pytest

from harness import Server, free_port
from stores import Stores

NETTY = {"serverCnxnFactory": "org.apache.zookeeper.server.NettyServerCnxnFactory"}
VERSIONS = {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}


@pytest.fixture(scope="module")
def stores(tmp_path_factory):
    return Stores(tmp_path_factory.mktemp("stores"))


def ruok(port: int, stores: Stores | None = None, identity: str | None = None, version: str | None = None) -> str:
    """The answer to ruok, or "refused": in plain text, or with `stores` over TLS."""
    try:
        with socket.create_connection(("127.0.0.1", port), 10) as plain:
            client = plain
            if stores is not None:
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
                context.check_hostname = False
                context.load_verify_locations(stores.path("ca.crt"))
                if identity:
                    context.load_cert_chain(stores.path(f"{identity}.crt"), stores.path(f"{identity}.key"))
                if version:
                    context.minimum_version = context.maximum_version = VERSIONS[version]
                client = context.wrap_socket(plain)
            client.sendall(b"ruok")
            answer = b""
            while chunk := client.recv(100):
                answer += chunk
            # Apache's server answers plain text on a TLS port with an alert.
            return answer.decode() if answer == b"imok" else "refused"
    except (OSError, ssl.SSLError):
        return "refused"


def ports(kind: str, folder, stores: Stores) -> dict[str, str]:
    secure = free_port()
    cfg = {**NETTY, "secureClientPort": secure, "client.portUnification": "true", **stores.settings("server", "pem")}
    with Server(kind, folder, cfg=cfg) as server:
        said = {}
        for name, port in (("clientPort", server.client_port), ("secureClientPort", secure)):
            said[f"{name} plain"] = ruok(port)
            said[f"{name} TLS with certificate"] = ruok(port, stores, "client")
            said[f"{name} TLS without"] = ruok(port, stores)
            said[f"{name} TLS of a stranger"] = ruok(port, stores, "outsider")
        return said


def test_port_unification_concerns_the_client_port_alone(server_kind, stores, tmp_path):
    assert ports(server_kind, tmp_path, stores) == {
        "clientPort plain": "imok", "clientPort TLS with certificate": "imok", "clientPort TLS without": "refused",
        "clientPort TLS of a stranger": "refused", "secureClientPort plain": "refused",
        "secureClientPort TLS with certificate": "imok", "secureClientPort TLS without": "refused",
        "secureClientPort TLS of a stranger": "refused"}


def test_port_unification_needs_no_secure_client_port_quoll(stores, tmp_path):
    """Without secureClientPort Apache's server closes TLS connections: docs/deviations.md."""
    cfg = {**NETTY, "client.portUnification": "true", **stores.settings("server", "pem")}
    with Server("quoll", tmp_path / "said", cfg=cfg) as server:
        assert ruok(server.client_port) == "imok"
        assert ruok(server.client_port, stores, "client") == "imok"


def versions(kind: str, folder, stores: Stores, cfg: dict) -> list[str]:
    secure = free_port()
    with Server(kind, folder, cfg={**NETTY, "secureClientPort": secure, **stores.settings("server", "pem"), **cfg}):
        return [version for version in VERSIONS if ruok(secure, stores, "client", version) == "imok"]


@pytest.mark.parametrize("cfg, taken", [
    ({"ssl.protocol": "TLSv1.3"}, ["1.3"]),
    ({"ssl.protocol": "TLSv1.2"}, ["1.2"]),
    ({"ssl.protocol": "TLSv1.3", "ssl.enabledProtocols": "TLSv1.3,TLSv1.2"}, ["1.2", "1.3"]),
], ids=["1.3", "1.2", "enabled"])
def test_only_the_configured_versions_are_accepted(server_kind, stores, tmp_path, cfg, taken):
    assert versions(server_kind, tmp_path, stores, cfg) == taken


def test_by_default_tls_1_2_is_accepted_too_quoll(stores, tmp_path):
    """By default Apache's server accepts only 1.3: docs/deviations.md."""
    assert versions("quoll", tmp_path / "said", stores, {}) == ["1.2", "1.3"]
