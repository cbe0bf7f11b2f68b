"""HTTPS for Prometheus: alone, beside HTTP, on one port with it, and with certificates of clients. Apache's 3.9.5 has none."""

import http.client
import ssl

import pytest
from harness import Server, free_ports
from stores import PASSWORD, Stores
from test_admin_https import client


@pytest.fixture(scope="module")
def stores(tmp_path_factory):
    return Stores(tmp_path_factory.mktemp("stores"))


def page(port, context=None) -> bytes:
    connection = http.client.HTTPSConnection("localhost", port, timeout=30, context=context) if context else http.client.HTTPConnection("localhost", port, timeout=30)
    connection.request("GET", "/metrics")
    answer = connection.getresponse()
    assert answer.status == 200
    return answer.read()


def refused(port, context=None):
    with pytest.raises((ssl.SSLError, OSError, http.client.HTTPException)):
        page(port, context)


def metrics_server(folder, stores, **cfg) -> Server:
    return Server("quoll", folder, cfg={
        "metricsProvider.className": "org.apache.zookeeper.metrics.prometheus.PrometheusMetricsProvider", "metricsProvider.httpHost": "127.0.0.1",
        "metricsProvider.ssl.keyStore.location": stores.key_store("server", "p12"), "metricsProvider.ssl.keyStore.password": PASSWORD,
        "metricsProvider.ssl.trustStore.location": stores.trust_store("p12"), "metricsProvider.ssl.trustStore.password": PASSWORD,
        **{f"metricsProvider.{key}": value for key, value in cfg.items()}})


def test_https_alone_requires_a_certificate(stores, tmp_path):
    (port,) = free_ports(1)
    with metrics_server(tmp_path, stores, httpsPort=port) as server:
        assert b"# TYPE quoll_info gauge" in page(port, client(stores, "client"))
        refused(port)
        refused(port, client(stores))
        refused(port, client(stores, "outsider"))
        assert f"https://127.0.0.1:{port}/metrics" in server.log_text()


def test_http_and_https_have_a_port_each_or_one(stores, tmp_path):
    plain, secure = free_ports(2)
    with metrics_server(tmp_path / "two", stores, httpPort=plain, httpsPort=secure, **{"ssl.need.client.auth": "false"}):
        assert page(plain) and page(secure, client(stores))
        refused(secure)
        refused(plain, client(stores))
        refused(secure, client(stores, "outsider"))
    with metrics_server(tmp_path / "one", stores, httpPort=plain, httpsPort=plain, **{"ssl.need.client.auth": "false", "ssl.want.client.auth": "false"}):
        assert page(plain) and page(plain, client(stores)) and page(plain, client(stores, "outsider"))


def test_a_store_that_cannot_be_read_prevents_the_start(stores, tmp_path):
    (port,) = free_ports(1)
    server = metrics_server(tmp_path, stores, httpsPort=port, **{"ssl.keyStore.password": "wrong"}).start(wait=False)
    assert server.wait_end() == 1
    assert "HTTPS for Prometheus can't be set up" in server.log_text()
