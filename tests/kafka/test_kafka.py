"""The Kafka story on each kind of server; run.py tells it alone, with times."""

import subprocess

import pytest

import harness
import run


@pytest.mark.parametrize("kind", harness.BOTH)
def test_kafka(tmp_path, kind):
    subprocess.run([run.HERE / "install.sh"], check=True)
    run.story(kind, tmp_path, records=20000)
