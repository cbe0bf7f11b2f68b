"""A server without configuration, in an empty directory."""

import subprocess
from pathlib import Path

import harness
from rawclient import RawClient

ROOT = Path(__file__).resolve().parents[2]


def test_make_run_serves_in_an_empty_directory_and_says_what_to_try_quoll(tmp_path):
    with (tmp_path / "said").open("wb") as said:
        process = harness.spawn([ROOT / "tools" / "run_server.sh", harness.quoll_bin()], cwd=tmp_path, stdin=subprocess.DEVNULL,
                                stdout=said, stderr=said)
    client = harness.wait_for(lambda: connect(process), 10, "the server on port 2181")
    client.create("/hello", b"world")
    assert client.get("/hello")[0] == b"world"
    process.terminate()
    assert process.wait(10) == 0
    text = (tmp_path / "said").read_text()
    for hint in ["/dev/tcp/127.0.0.1/2181", "KazooClient", "zoo_sample.cfg"]:
        assert hint in text
    assert (tmp_path / "data" / "version-2").is_dir()


def connect(process):
    assert process.poll() is None, "it ended"
    try:
        return RawClient(2181, socket_timeout=1)
    except Exception:
        return None
