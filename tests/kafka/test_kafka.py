"""Runs the Kafka scenario on each kind of server; run.py runs it alone, with times."""

import subprocess

import pytest

import harness
import run


@pytest.mark.parametrize("servers", [1, 3])
@pytest.mark.parametrize("kind", harness.BOTH)
def test_kafka(tmp_path, kind, servers):
    subprocess.run([run.HERE / "install.sh"], check=True)
    run.run_scenario(kind, tmp_path, records=20000, servers=servers)
