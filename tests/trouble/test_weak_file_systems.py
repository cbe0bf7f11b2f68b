"""File systems that cannot sync directories or lock files: CIFS, vboxsf, bind mounts of Docker Desktop, some NFS.

Apache's server works there, because it does neither.
"""

from __future__ import annotations

import errno
import os
import subprocess
from pathlib import Path

import pytest

import harness
from rawclient import RawClient

HERE = Path(__file__).resolve().parent


@pytest.fixture(scope="module")
def preload(tmp_path_factory):
    library = tmp_path_factory.mktemp("preload") / "weak_file_system.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", library, HERE / "weak_file_system.c"], check=True)
    return str(library)


def weak(folder, preload, *, cfg=None, **calls: int) -> harness.Server:
    env = {"LD_PRELOAD": preload, **{name.upper(): str(number) for name, number in calls.items()}}
    return harness.Server("quoll", folder, cfg, env=env)


@pytest.mark.parametrize("number", [errno.EINVAL, errno.EOPNOTSUPP], ids=errno.errorcode.get)
def test_it_serves_with_a_warning_and_keeps_what_it_acknowledged_quoll(tmp_path, preload, number):
    server = weak(tmp_path, preload, directory_fsync=number, flock=errno.ENOLCK).start()
    client = RawClient(server.client_port)
    for name in ("/a", "/b"):
        client.create(name)
    server.kill()
    warnings = [line for line in server.log_text().splitlines() if "cannot fsync a directory" in line]
    assert warnings and all("[warning]" in line and os.strerror(number) in line for line in warnings), server.log_text()
    server.start()
    assert {b"a", b"b"} <= set(RawClient(server.client_port).children("/"))
    # A second server is kept out by another kind of lock than flock.
    second = weak(tmp_path / "second", preload, cfg={"dataDir": server.data_dir}, directory_fsync=number, flock=errno.ENOLCK)
    second.start(wait=False)
    assert second.wait_end(30) == 3, second.log_text()
    assert "in use" in second.log_text()


def test_without_any_lock_it_serves_with_a_warning_quoll(tmp_path, preload):
    server = weak(tmp_path, preload, flock=errno.ENOLCK, ofd_lock=errno.EINVAL, record_lock=errno.ENOLCK).start()
    assert "cannot be locked" in server.log_text()
    assert server.stop() == 0


def test_with_require_directory_sync_it_does_not_start_quoll(tmp_path, preload):
    server = weak(tmp_path, preload, cfg={"quoll.requireDirectorySync": "true"}, directory_fsync=errno.EINVAL)
    server.start(wait=False)
    assert server.wait_end(30) != 0
    assert "cannot fsync directory" in server.log_text()


def test_a_disk_error_is_not_treated_as_a_missing_feature_quoll(tmp_path, preload):
    server = weak(tmp_path, preload, directory_fsync=errno.EIO)
    server.start(wait=False)
    assert server.wait_end(30) != 0
    assert "cannot fsync directory" in server.log_text() and "Input/output error" in server.log_text()
