"""Power failures on a disk that loses unsynced data; power_loop.py itself runs longer."""

import os

import pytest

import power_loop
from kill_writer import Broken

# The time for each test; `make test-trouble` sets more.
SECONDS = float(os.environ.get("QUOLL_POWER_SECONDS", "12"))


@pytest.mark.parametrize("ext4", [False, True], ids=["strict", "ext4"])
def test_power_failures_lose_no_acknowledged_write_quoll(tmp_path, forgetful, ext4):
    figures = power_loop.run("quoll", tmp_path, cuts=100_000, seconds=SECONDS, ext4=ext4)
    print(figures)
    assert figures["cuts"] >= 3


def test_a_strict_disk_shows_the_missing_directory_fsync_of_apache_not_of_quoll(tmp_path, forgetful):
    """The disk really loses unsynced data: Apache's server, which does not sync directories, loses acknowledged writes on it."""
    with pytest.raises(Broken):
        power_loop.run("apache", tmp_path, cuts=10)
