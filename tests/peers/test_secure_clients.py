"""zkCli over TLS and with SASL: which clients are accepted, with which identities, and which are refused."""

import re

import pytest
from harness import Server, free_port, java_run
from stores import Stores
from transcript import assert_same, mask_text, sort_identities

MAIN = "org.apache.zookeeper.ZooKeeperMain"
NETTY_CLIENT = ["zookeeper.client.secure=true", "zookeeper.clientCnxnSocket=org.apache.zookeeper.ClientCnxnSocketNetty"]
NETTY_SERVER = {"serverCnxnFactory": "org.apache.zookeeper.server.NettyServerCnxnFactory"}
JAAS_SERVER = """Server {
    org.apache.zookeeper.server.auth.DigestLoginModule required
    user_super="supersecret"
    user_bob="bobsecret";
};
"""
JAAS_CLIENT = """Client {
    org.apache.zookeeper.server.auth.DigestLoginModule required
    username="%s"
    password="%s";
};
"""
PROVIDER = {"authProvider.1": "org.apache.zookeeper.server.auth.SASLAuthenticationProvider"}


# How long zkCli waits for a connection: a slow machine needs some seconds; a refused client always waits for the whole time.
PATIENCE_MS, PATIENCE_OF_REFUSED_MS = 30_000, 5_000


def cli(hosts: str, flags, *words: str, patience_ms: int = PATIENCE_MS) -> str:
    """One command of zkCli."""
    run = java_run(MAIN, ["-server", hosts, "-timeout", str(patience_ms), "-waitforconnection", *words], merged=True, log="OFF", timeout=90,
                   jvmflags=[*flags, "org.jline.terminal.dumb=true"])
    # When the client prints events is a race, and a stack trace concerns only the client's code.
    lines = [line for line in run.stdout.splitlines() if line and not line.startswith(("\tat ", "WATCHER::", "WatchedEvent"))]
    return sort_identities("\n".join([f"$ {' '.join(words)}", *lines, f"exit code {run.returncode}"]) + "\n")


@pytest.fixture(scope="module")
def stores(tmp_path_factory):
    return Stores(tmp_path_factory.mktemp("stores"))


def as_flags(settings: dict) -> list[str]:
    return [f"{k}={v}" for k, v in settings.items()]


def speak_tls(kind: str, folder, stores, store_kind: str) -> str:
    secure = free_port()
    cfg = {**NETTY_SERVER, "secureClientPort": secure, **stores.settings("server", store_kind)}
    out = []
    with Server(kind, folder, cfg=cfg) as server:
        hosts = f"127.0.0.1:{secure}"
        known = NETTY_CLIENT + as_flags(stores.settings("client", store_kind, "zookeeper.ssl."))
        out.append(cli(hosts, known, "whoami"))
        out.append(cli(hosts, known, "create", "/tls", "secret", "x509:CN=client:cdrwa"))
        out.append(cli(hosts, known, "get", "/tls"))
        out.append(cli(server.hosts, [], "get", "/tls"))
        named = NETTY_CLIENT + as_flags(stores.settings("named", store_kind, "zookeeper.ssl."))
        out.append(cli(hosts, named, "whoami"))
        if store_kind == "jks":
            unknown = NETTY_CLIENT + as_flags(stores.settings("outsider", store_kind, "zookeeper.ssl."))
            for name, flags in (("outsider", unknown), ("without TLS", [])):
                said = cli(hosts, flags, "ls", "/", patience_ms=PATIENCE_OF_REFUSED_MS)
                out.append(name + (" is let in\n" if "[zookeeper" in said else " is refused\n"))
        return mask_text("".join(out), {server.client_port: "<port>", secure: "<secure port>"})


@pytest.mark.parametrize("store_kind", ["jks", "p12", "pem"])
def test_tls(server_kind, store_kind, stores, tmp_path):
    expected = speak_tls("apache", tmp_path / "expected", stores, store_kind)
    assert "\nsecret\n" in expected and "Insufficient permission" in expected, expected
    said = speak_tls(server_kind, tmp_path / "said", stores, store_kind)
    assert_same(expected, said, server_kind)


def speak_sasl(kind: str, folder) -> str:
    folder.mkdir(parents=True)
    (folder / "server.jaas").write_text(JAAS_SERVER)
    out = []
    flags = [f"java.security.auth.login.config={folder / 'server.jaas'}", "zookeeper.fips-mode=false"]
    with Server(kind, folder / "server", cfg=PROVIDER, jvmflags=flags) as server:
        for user, password in (("bob", "bobsecret"), ("super", "supersecret"), ("bob", "wrong"), ("nobody", "x")):
            jaas = folder / f"{user}-{password}.jaas"
            jaas.write_text(JAAS_CLIENT % (user, password))
            client = [f"java.security.auth.login.config={jaas}", "zookeeper.fips-mode=false"]
            out.append(f"as {user} with {password}\n")
            refused = password == "wrong" or user == "nobody"
            for words in (["whoami"], ["create", f"/{user}", "x", f"sasl:{user}:cdrwa"], ["get", "/bob"]):
                said = cli(server.hosts, client, *words, patience_ms=PATIENCE_OF_REFUSED_MS if refused else PATIENCE_MS)
                # Whether a refused client reports the refusal or the lost connection is a race in the client.
                out.append(said if not refused else ("let in\n" if re.search("^(sasl:|Created|x$)", said, re.M) else "refused\n"))
        out.append(cli(server.hosts, [], "get", "/bob"))
        return mask_text("".join(out), {server.client_port: "<port>"})


def test_sasl(server_kind, tmp_path):
    expected = speak_sasl("apache", tmp_path / "expected")
    assert "sasl: bob" in expected, expected
    said = speak_sasl(server_kind, tmp_path / "said")
    assert_same(expected, said, server_kind)
