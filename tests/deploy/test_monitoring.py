"""The dashboard and the alert rules: promtool accepts and tests the rules, and a real Prometheus that scrapes a real ensemble answers every query."""

import json
import re
import subprocess
import urllib.parse
import urllib.request

import pytest
import yaml
from ensemble import Ensemble
from harness import PEERS, ROOT, free_port, free_ports, spawn, wait_for

FOLDER = ROOT / "deploy" / "prometheus"
PROGRAMS = PEERS / "promtool" / "usr" / "bin"


def rules() -> list[dict]:
    return [rule for group in yaml.safe_load((FOLDER / "alerts.yml").read_text())["groups"] for rule in group["rules"]]


def dashboard_queries() -> dict[str, str]:
    """By panel: its queries, with the variables replaced."""
    panels = json.loads((ROOT / "deploy" / "grafana" / "quoll.json").read_text())["panels"]
    found = {}
    for panel in panels:
        for target in panel.get("targets", []):
            query = target["expr"].replace("$job", "quoll").replace("$instance", ".*").replace("$__rate_interval", "20s")
            assert "$" not in query
            found[f"{panel['title']}, {target['refId']}"] = query
    return found


def promtool(*arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run([PROGRAMS / "promtool", *arguments], cwd=FOLDER, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def test_the_alert_rules_are_well_formed_and_each_passes_its_tests():
    checked = promtool("check", "rules", "alerts.yml")
    assert checked.returncode == 0, checked.stdout
    tested = promtool("test", "rules", "alerts_test.yml")
    assert tested.returncode == 0, tested.stdout
    names = [case["name"] for case in yaml.safe_load((FOLDER / "alerts_test.yml").read_text())["tests"]]
    assert sorted(names) == sorted(f"{rule['alert']} is {state}" for rule in rules() for state in ("on", "off"))


def test_the_documentation_explains_every_alert():
    text = (ROOT / "docs" / "operations.md").read_text()
    assert [rule["alert"] for rule in rules() if f"`{rule['alert']}`" not in text] == []


class Prometheus:
    def __init__(self, folder, targets: list[str]):
        self.port = free_port()
        configuration = {"global": {"scrape_interval": "1s", "scrape_timeout": "1s"},
                         "scrape_configs": [{"job_name": "quoll", "static_configs": [{"targets": targets}]}]}
        (folder / "prometheus.yml").write_text(yaml.safe_dump(configuration))
        with (folder / "prometheus.log").open("wb") as log:
            spawn([PROGRAMS / "prometheus", f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/tsdb",
                   f"--web.listen-address=127.0.0.1:{self.port}"], stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def ask(self, query: str) -> list:
        parameters = urllib.parse.urlencode({"query": query})
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/api/v1/query?{parameters}", timeout=30) as answer:
            return json.load(answer)["data"]["result"]

    def has(self, query: str) -> bool:
        try:
            return self.ask(query) != []
        except OSError:
            return False  # it has only begun


def number_of(rule: dict) -> str:
    """An alert's expression without its comparison: a number for each server."""
    return re.sub(r"\s(==|>|<)\s[\d.]+$", "", rule["expr"]).replace("synced_followers + 1 < quorum_size", "quorum_size - synced_followers")


def metrics_of(query: str) -> set[str]:
    """The names of metrics in a query: words that are no function, label, keyword or text."""
    without = re.sub(r'"[^"]*"|\{[^}]*\}|\[[^]]*\]|\bby \([^)]*\)', " ", query)
    return {name for name in re.findall(r"\b[a-z_][a-z0-9_]*\b(?!\s*\()", without) if name not in ("sum", "count", "max")}


ALL_METRICS = sorted(set().union(*(metrics_of(query) for query in [*dashboard_queries().values(), *(rule["expr"] for rule in rules())])))


@pytest.fixture(scope="module")
def answers(tmp_path_factory) -> dict[str, list]:
    """What a Prometheus that scrapes a healthy ensemble answers to every query of these tests."""
    folder = tmp_path_factory.mktemp("prometheus")
    members = Ensemble(["quoll"] * 3, folder / "ensemble",
                       cfg={"metricsProvider.className": "org.apache.zookeeper.metrics.prometheus.PrometheusMetricsProvider"})
    ports = free_ports(3)
    for member, port in zip(members, ports):
        member.extra_cfg["metricsProvider.httpPort"] = str(port)
    members.start()
    members.settle()
    one = Prometheus(folder, [f"127.0.0.1:{port}" for port in ports])
    client = members.client()
    client.create("/a", b"data")
    # Several scrapes of all three, with reads and writes between.
    for number in range(4):
        client.set("/a", str(number).encode())
        client.get("/a")
        wait_for(lambda: one.has(f"count(count_over_time(quoll_serving[1h]) > {number}) == 3"), 60, "scrapes", interval=0.1)
    client.stop()
    queries = [*dashboard_queries().values(), *ALL_METRICS, *(rule["expr"] for rule in rules()), *(number_of(rule) for rule in rules())]
    found = {query: one.ask(query) for query in queries}
    members.end()
    return found


def test_every_metric_of_the_dashboard_and_of_the_alerts_is_on_the_pages_of_an_ensemble(answers):
    assert len(ALL_METRICS) > 30 and "quoll_request_seconds_bucket" in ALL_METRICS
    assert [name for name in ALL_METRICS if not answers[name]] == []


def test_every_query_of_the_dashboard_has_an_answer(answers):
    # The quotient of two rates is NaN while nothing happens, which is an answer, too.
    assert [f"{panel}: {query}" for panel, query in dashboard_queries().items() if not answers[query]] == []


def test_no_alert_is_on_in_a_healthy_ensemble_and_each_can_be_computed(answers):
    # The servers have just been started, on a machine that does other things: how slow they are is not judged, nor what others write on its disk.
    on = {rule["alert"] for rule in rules() if answers[rule["expr"]]}
    assert on <= {"QuollLogFlushSlow", "QuollWritesSlow", "QuollLoopDelayed", "QuollDiskFullSoon"}
    assert [number_of(rule) for rule in rules() if not answers[number_of(rule)]] == []
