"""`quoll shell` over TLS and with SASL, with the settings of Apache's clients, and key stores in every format; with both kinds of server."""

import subprocess

import pytest
from harness import free_port, quoll_bin
from stores import Stores

NETTY = {"serverCnxnFactory": "org.apache.zookeeper.server.NettyServerCnxnFactory"}


@pytest.fixture(scope="module")
def stores(tmp_path_factory):
    return Stores(tmp_path_factory.mktemp("stores"))


@pytest.fixture
def secure(server_kind, make_server, stores):
    port = free_port()
    make_server(server_kind, cfg={**NETTY, "secureClientPort": port, **stores.settings("server", "pem")}).start()
    return f"127.0.0.1:{port}"


def shell(hosts: str, folder, settings: dict, *words: str) -> subprocess.CompletedProcess:
    path = folder / "client.properties"
    path.write_text("".join(f"{key}={value}\n" for key, value in settings.items()))
    command = [quoll_bin(), "shell", "-server", hosts, "-timeout", "8000", "-waitforconnection", "-client-configuration", path, *words]
    return subprocess.run([str(word) for word in command], text=True, capture_output=True, timeout=60)


def settings_of(stores, name: str, kind: str) -> dict:
    return {"zookeeper.client.secure": "true", **stores.settings(name, kind, "zookeeper.ssl.")}


def test_stores_of_all_formats_are_read_and_the_certificate_is_the_identity(secure, stores, tmp_path):
    for kind in ("pem", "p12", "jks"):
        said = shell(secure, tmp_path, settings_of(stores, "client", kind), "whoami")
        assert said.returncode == 0, said.stderr
        assert "CN=client" in said.stdout


def test_servers_and_clients_that_are_not_trusted_are_refused_with_a_reason(secure, stores, tmp_path):
    said = shell(secure, tmp_path, settings_of(stores, "outsider", "pem"), "ls", "/")
    assert said.returncode == 1 and "No server" in said.stderr
    # The server's certificate is not signed by the authority that this client trusts.
    other = {**settings_of(stores, "client", "pem"), "zookeeper.ssl.trustStore.location": stores.path("otherca.crt"), "zookeeper.ssl.trustStore.type": "PEM"}
    said = shell(secure, tmp_path, other, "ls", "/")
    assert said.returncode == 1 and "certificate" in said.stderr, said.stderr
    # Without TLS the port says nothing to a client.
    assert shell(secure, tmp_path, {}, "ls", "/").returncode == 1


def test_mistakes_in_the_settings_are_said(stores, tmp_path):
    said = shell("127.0.0.1:1", tmp_path, {"zookeeper.client.secure": "true"}, "ls", "/")
    assert said.returncode == 2 and "needs zookeeper.ssl.trustStore.location" in said.stderr
    said = shell("127.0.0.1:1", tmp_path, {"zookeeper.client.secure": "true", "zookeeper.ssl.trustStore.location": "/none.pem"}, "ls", "/")
    assert said.returncode == 2 and "/none.pem" in said.stderr
    wrong = {**settings_of(stores, "client", "p12"), "zookeeper.ssl.trustStore.type": "XYZ"}
    said = shell("127.0.0.1:1", tmp_path, wrong, "ls", "/")
    assert said.returncode == 2 and "XYZ" in said.stderr


JAAS = """%s {
    org.apache.zookeeper.server.auth.DigestLoginModule required
    %s;
};
"""


@pytest.fixture
def with_sasl(server_kind, make_server, tmp_path):
    jaas = tmp_path / "server.jaas"
    jaas.write_text(JAAS % ("Server", 'user_bob="bobsecret"'))
    cfg = {"authProvider.1": "org.apache.zookeeper.server.auth.SASLAuthenticationProvider"}
    return make_server(server_kind, cfg=cfg, jvmflags=[f"java.security.auth.login.config={jaas}"]).start()


def test_a_login_is_proven_and_is_the_identity(with_sasl, tmp_path):
    jaas = tmp_path / "client.jaas"
    jaas.write_text(JAAS % ("Client", 'username="bob" password="bobsecret"'))
    settings = {"java.security.auth.login.config": jaas}
    said = shell(with_sasl.hosts, tmp_path, settings, "whoami")
    assert said.returncode == 0 and "bob" in said.stdout, said.stdout + said.stderr
    assert shell(with_sasl.hosts, tmp_path, settings, "create", "/bobs", "secret", "sasl:bob:cdrwa").returncode == 0
    said = shell(with_sasl.hosts, tmp_path, settings, "get", "/bobs")
    assert said.stdout.splitlines()[-1] == "secret"
    assert shell(with_sasl.hosts, tmp_path, {}, "get", "/bobs").returncode == 1


def test_a_wrong_password_is_refused_at_once_and_said(with_sasl, tmp_path):
    jaas = tmp_path / "client.jaas"
    jaas.write_text(JAAS % ("Client", 'username="bob" password="wrong"'))
    said = shell(with_sasl.hosts, tmp_path, {"java.security.auth.login.config": jaas}, "ls", "/")
    assert said.returncode == 1 and 'did not accept the login of "bob"' in said.stderr, said.stderr
    jaas.write_text(JAAS % ("Other", 'username="bob" password="wrong"'))
    said = shell(with_sasl.hosts, tmp_path, {"java.security.auth.login.config": jaas}, "ls", "/")
    assert said.returncode == 2 and "has no section Client" in said.stderr
