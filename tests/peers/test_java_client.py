"""Apache's own Java client: what a scripted session observes with Apache's server and with the kind under test."""

import pytest
from harness import HERE, Server, compile_java, java_run
from transcript import assert_same, mask_text

SECTIONS = ["Nodes", "Multis", "Watches", "Security", "Sessions"]
FLAGS = ["zookeeper.DigestAuthenticationProvider.superDigest=super:D/InIHSb7yEEbrWz8b9l71RjZJU=",  # super:test
         "zookeeper.extendedTypesEnabled=true", "znode.container.checkIntervalMs=200"]


def listen(kind: str, folder) -> str:
    classes = compile_java(HERE / "transcripts" / "java")
    with Server(kind, folder, jvmflags=FLAGS) as server:
        run = java_run("Session", [server.hosts, *SECTIONS], classpath=[classes])
        said = run.stdout
        if run.returncode:
            said += f"exit code {run.returncode}\n{run.stderr[-3000:]}\n"
        return mask_text(said, {server.client_port: "<port>"})


@pytest.fixture(scope="module")
def apache_said(tmp_path_factory):
    return listen("apache", tmp_path_factory.mktemp("apache-java"))


def test_java_client(server_kind, apache_said, tmp_path):
    assert "exit code" not in apache_said, apache_said[-4000:]
    said = listen(server_kind, tmp_path)
    (tmp_path / "transcript").write_text(said)
    assert_same(apache_said, said, server_kind)
