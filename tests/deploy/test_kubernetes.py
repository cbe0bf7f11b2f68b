"""The Kubernetes manifests: they fit together, and their environment makes the entrypoint write an ensemble."""

import pytest
import yaml
from harness import ROOT
from test_entrypoint import Container

MANIFESTS = ROOT / "deploy" / "kubernetes" / "quoll.yaml"


@pytest.fixture(scope="module")
def objects() -> dict[tuple[str, str], dict]:
    documents = [document for document in yaml.safe_load_all(MANIFESTS.read_text())]
    for document in documents:
        assert {"apiVersion", "kind", "metadata", "spec"} == set(document)
    by_name = {(document["kind"], document["metadata"]["name"]): document["spec"] for document in documents}
    assert len(by_name) == len(documents)
    return by_name


def test_selectors_ports_volumes_and_the_headless_service_fit_together(objects):
    pods = objects["StatefulSet", "quoll"]
    labels = pods["template"]["metadata"]["labels"]
    headless = objects["Service", pods["serviceName"]]
    assert headless["clusterIP"] == "None" and headless["publishNotReadyAddresses"] is True
    for selector in (pods["selector"]["matchLabels"], headless["selector"], objects["Service", "quoll"]["selector"],
                     objects["PodDisruptionBudget", "quoll"]["selector"]["matchLabels"]):
        assert selector.items() <= labels.items()
    container, = pods["template"]["spec"]["containers"]
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    for service in ("quoll", pods["serviceName"]):
        for port in objects["Service", service]["ports"]:
            assert ports[port["name"]] == port["port"]
    for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
        assert container[probe]["httpGet"]["port"] in ports
    # A server must never be ended because it has no majority.
    assert container["livenessProbe"]["httpGet"]["path"] == "/livez" and container["readinessProbe"]["httpGet"]["path"] == "/readyz"
    volumes = {volume["name"] for volume in pods["template"]["spec"]["volumes"]} | {claim["metadata"]["name"] for claim in pods["volumeClaimTemplates"]}
    assert {mount["name"] for mount in container["volumeMounts"]} == volumes
    assert {mount["mountPath"] for mount in container["volumeMounts"]} == {"/data", "/datalog", "/conf"}  # the rest cannot be written to
    # A majority is always left.
    assert objects["PodDisruptionBudget", "quoll"]["maxUnavailable"] <= (pods["replicas"] - 1) // 2


def test_the_environment_makes_each_pod_a_member_of_one_ensemble(objects, tmp_path):
    pods = objects["StatefulSet", "quoll"]
    container, = pods["template"]["spec"]["containers"]
    variables = {entry["name"]: entry["value"] for entry in container["env"]}
    for ordinal in range(pods["replicas"]):
        (tmp_path / str(ordinal)).mkdir()
        pod = Container(tmp_path / str(ordinal), HOSTNAME=f"quoll-{ordinal}", **variables)
        lines = pod.lines()
        assert f"server.{ordinal + 1}=quoll-{ordinal}.{pods['serviceName']}:2888:3888;2181" in lines
        assert sum(line.startswith("server.") for line in lines) == pods["replicas"] and pod.myid() == str(ordinal + 1)
        pod.check()

