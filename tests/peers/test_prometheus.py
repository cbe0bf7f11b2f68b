"""Metrics for Prometheus: names and types as Apache's provider prints them.

prometheus_page.txt was recorded from Apache ZooKeeper 3.9.5 with its PrometheusMetricsProvider, which is not published as a jar: every
"# TYPE" line of a standalone server with one client. QUOLL_PEERS_DIR may hold the provider and Prometheus' simpleclient 0.9.0; then the
record is compared with the real page, too.
"""

import re
from pathlib import Path

import pytest
from admin_shapes import get
from harness import PEERS, Server, free_port
from rawzk import CREATE, GET_DATA, SET_DATA, Raw, create, path_watch, set_data

RECORD = Path(__file__).parent / "prometheus_page.txt"
PROVIDER = "org.apache.zookeeper.metrics.prometheus.PrometheusMetricsProvider"
# Quoll has no Java machine, and counts no pauses of one; jvm_pause_time_ms is Apache's own metric and is there.
OF_JAVA = re.compile(r"jvm_(?!pause_time_ms)")


def page(kind, folder, **cfg) -> str:
    port = free_port()
    settings = {"metricsProvider.className": PROVIDER, "metricsProvider.httpPort": port, **cfg}
    with Server(kind, folder, cfg=settings) as server, Raw(server.client_port) as line:
        line.connect()
        line.call(CREATE, create("/a", b"data"))
        line.call(GET_DATA, path_watch("/a", True))
        for _ in range(20):
            line.call(SET_DATA, set_data("/a", b"data"))
        status, fields, body = get(port, "/metrics")
        assert status == 200
        assert fields["Content-Type"].lower().replace(" ", "") == "text/plain;version=0.0.4;charset=utf-8"
        assert get(port, "/")[0] == 404
        return body.decode()


def types(text: str) -> dict[str, str]:
    return dict(re.findall(r"^# TYPE (\S+) (\S+)$", text, re.M))


def samples(text: str) -> set[str]:
    """Names and labels of all samples, without the values of labels."""
    return {re.sub(r'="[^"]*"', "", line.rsplit(" ", 1)[0]) for line in text.splitlines() if line and not line.startswith("#")}


@pytest.fixture(scope="module")
def ours(tmp_path_factory):
    return page("quoll", tmp_path_factory.mktemp("quoll"))


def test_names_and_types_are_apaches(ours):
    recorded = dict(line.split() for line in RECORD.read_text().splitlines())
    theirs = {name: kind for name, kind in recorded.items() if not OF_JAVA.match(name)}
    found = types(ours)
    assert {name: found.get(name) for name in theirs} == theirs
    more = {name for name in found if name not in theirs}
    assert all(name.startswith("quoll_") for name in more), more


@pytest.mark.skipif(not list((PEERS / "lib").glob("simpleclient-*.jar")), reason="no PrometheusMetricsProvider")
def test_the_record_and_the_samples_are_those_of_the_real_page(ours, tmp_path):
    real = page("apache", tmp_path / "apache")
    assert sorted(f"{name} {kind}" for name, kind in types(real).items()) == RECORD.read_text().splitlines()
    missing = {name for name in samples(real) - samples(ours) if not OF_JAVA.match(name)}
    assert not missing


def test_every_line_is_well_formed(ours):
    for line in ours.splitlines():
        assert re.fullmatch(r'# (HELP|TYPE) \S+ .+|[a-z_0-9]+(\{([a-z]+="([^"\\]|\\.)*",?)+\})? (NaN|-?[0-9.]+(E-?[0-9]+)?)', line), line


def test_counters_count(ours):
    values = dict(line.rsplit(" ", 1) for line in ours.splitlines() if not line.startswith("#"))
    assert float(values["znode_count"]) == 6
    assert float(values['write_per_namespace_count{key="a",}']) == 21
    assert float(values["process_resident_memory_bytes"]) > 1 << 20
    assert float(values["quoll_serving"]) == 1


def test_the_page_is_on_the_admin_port_too_and_process_metrics_can_be_hidden(tmp_path):
    port, admin = free_port(), free_port()
    cfg = {"metricsProvider.className": PROVIDER, "metricsProvider.httpPort": port, "metricsProvider.exportJvmInfo": "false",
           "admin.enableServer": "true", "admin.serverPort": admin}
    with Server("quoll", tmp_path / "q", cfg=cfg):
        assert "znode_count" in types(get(admin, "/metrics")[2].decode())
        found = types(get(port, "/metrics")[2].decode())
        assert "znode_count" in found and "process_open_fds" not in found


def test_a_taken_port_prevents_the_start_as_with_apaches(tmp_path):
    port = free_port()
    cfg = {"metricsProvider.className": PROVIDER, "metricsProvider.httpPort": port}
    with Server("quoll", tmp_path / "first", cfg=cfg):
        second = Server("quoll", tmp_path / "second", cfg=cfg).start(wait=False)
        assert second.process.wait(30) == 1
        assert f"0.0.0.0:{port} (metricsProvider.httpPort" in second.log_text()
