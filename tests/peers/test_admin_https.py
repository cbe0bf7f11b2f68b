"""HTTPS of the admin server, of both servers: alone, beside HTTP, and with certificates of clients."""

import http.client
import ssl
import subprocess

import pytest
from harness import Server, free_port, quoll_bin
from stores import PASSWORD, Stores


@pytest.fixture(scope="module")
def stores(tmp_path_factory):
    return Stores(tmp_path_factory.mktemp("stores"))


def client(stores, name=None):
    context = ssl.create_default_context(cafile=str(stores.path("ca.crt")))
    if name:
        context.load_cert_chain(stores.path(f"{name}.crt"), stores.path(f"{name}.key"))
    return context


def status(port, context=None) -> int:
    connection = http.client.HTTPSConnection("localhost", port, timeout=30, context=context) if context else http.client.HTTPConnection("localhost", port, timeout=30)
    connection.request("GET", "/commands/ruok")
    answer = connection.getresponse()
    answer.read()
    return answer.status


@pytest.fixture(params=["apache", "quoll"])
def start(request, tmp_path, stores):
    running = []

    def run(**cfg):
        port = free_port()
        server = Server(request.param, tmp_path / f"server{len(running)}", cfg={
            "admin.enableServer": "true", "admin.serverPort": port, "admin.serverAddress": "127.0.0.1",
            "ssl.quorum.keyStore.location": stores.key_store("server", "p12"), "ssl.quorum.keyStore.password": PASSWORD,
            "ssl.quorum.trustStore.location": stores.trust_store("p12"), "ssl.quorum.trustStore.password": PASSWORD, **cfg})
        running.append(server)
        server.start()
        return port

    yield run
    for server in running:
        server.stop()


def refused(port, context=None):
    with pytest.raises((ssl.SSLError, OSError, http.client.HTTPException)):
        status(port, context)


def test_https_alone(start, stores):
    port = start(**{"admin.forceHttps": "true"})
    assert status(port, client(stores)) == 200
    refused(port)
    refused(port, ssl.create_default_context())


def test_http_and_https_on_one_port(start, stores):
    port = start(**{"admin.portUnification": "true"})
    assert status(port, client(stores)) == 200
    assert status(port) == 200


def test_a_clients_certificate_is_required_if_it_is_asked_for(start, stores):
    port = start(**{"admin.forceHttps": "true", "admin.needClientAuth": "true"})
    assert status(port, client(stores, "client")) == 200
    refused(port, client(stores))
    refused(port, client(stores, "outsider"))


@pytest.mark.parametrize("form", ["alone", "with certificates of clients"])
def test_a_backup_is_made_by_https(start, stores, tmp_path, form):
    port = start(**{"admin.forceHttps": "true", "admin.needClientAuth": str(form != "alone").lower(), "serializeLastProcessedZxid.enabled": "true"})

    def made(name, *lines, server="localhost") -> subprocess.CompletedProcess:
        settings = tmp_path / f"{name}.properties"
        settings.write_text("\n".join(["zookeeper.client.secure=true", *lines, ""]))
        return subprocess.run([quoll_bin(), "backup", tmp_path / name, "--server", f"{server}:{port}", "--auth", "digest:a:b", "--client-configuration", settings],
                              capture_output=True, text=True, timeout=60)
    trust = [f"zookeeper.ssl.trustStore.location={stores.trust_store('p12')}", f"zookeeper.ssl.trustStore.password={PASSWORD}"]
    key = [f"zookeeper.ssl.keyStore.location={stores.key_store('client', 'p12')}", f"zookeeper.ssl.keyStore.password={PASSWORD}"]
    done = made("backup", *trust, *key)
    assert done.returncode == 0, done.stderr
    assert subprocess.run([quoll_bin(), "backup", "verify", tmp_path / "backup"], timeout=60).returncode == 0
    assert '"https://localhost:' in (tmp_path / "backup" / "manifest.json").read_text()
    if form != "alone":
        assert made("without", *trust).returncode == 3
    assert made("nothing").returncode == 2
