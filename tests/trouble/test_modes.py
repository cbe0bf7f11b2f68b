"""Other users cannot read or write the files and directories that a server creates, whatever its umask is."""

import subprocess

import pytest

import harness
from rawclient import RawClient


@pytest.mark.parametrize("umask, file_mode, directory_mode", [("000", 0o640, 0o750), ("022", 0o640, 0o750), ("077", 0o600, 0o700)])
def test_every_file_and_directory_is_closed_to_other_users_quoll(tmp_path, umask, file_mode, directory_mode):
    log = tmp_path / "quoll.log"
    cfg = {"dataDir": tmp_path / "made" / "data", "dataLogDir": tmp_path / "made" / "log", "snapCount": 100}
    server = harness.Server("quoll", tmp_path / "server", cfg)
    server.cfg_path.write_text("".join(f"{key}={value}\n" for key, value in server.cfg.items()))
    server.process = harness.spawn(
        ["/bin/sh", "-c", f'umask {umask}; exec "$@"', "sh", harness.quoll_bin(), "server", f"--log-file={log}", server.cfg_path],
        stdin=subprocess.DEVNULL)
    server.wait_serving()
    client = RawClient(server.client_port)
    for number in range(300):  # so that logs roll and snapshots are taken
        client.create(f"/n{number}")
    assert server.stop() == 0
    made = list((tmp_path / "made").rglob("*"))
    assert {"data", "log", "version-2"} <= {entry.name for entry in made}
    assert any(entry.name.startswith("snapshot.") for entry in made) and any(entry.name.startswith("log.") for entry in made)
    for entry in [tmp_path / "made", log, *made]:
        assert entry.stat().st_mode & 0o7777 == (directory_mode if entry.is_dir() else file_mode), entry
