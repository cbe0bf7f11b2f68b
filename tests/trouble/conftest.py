"""Makes the harness, the writing clients and mountable disks available to these tests."""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "peers"), str(HERE.parent / "disk"), str(HERE)]

import pytest  # noqa: E402  (the paths must be there first)

import forgetful_disk  # noqa: E402
import harness  # noqa: E402
from clean_end import leave_nothing_running  # noqa: E402, F401


@pytest.fixture
def forgetful(tmp_path):
    """Mounts disks that lose unsynced data, or skips the test and says why."""
    reason = forgetful_disk.why_not()
    if reason:
        pytest.skip(reason)
    disks = []

    def mount(ext4: bool = False) -> forgetful_disk.ForgetfulDisk:
        disks.append(forgetful_disk.ForgetfulDisk(tmp_path / f"disk{len(disks)}", ext4))
        return disks[-1]
    yield mount
    harness.end_all_processes()  # they have files open
    for disk in disks:
        disk.unmount()


@pytest.fixture
def tmpfs(tmp_path):
    """Mounts file systems of limited size, or skips the test and says why."""
    import small_disk
    reason = small_disk.why_not(tmp_path / "probe")
    if reason:
        pytest.skip(reason)
    disks = []

    def mount(size: str) -> small_disk.SmallDisk:
        disks.append(small_disk.SmallDisk(tmp_path / f"small{len(disks)}", size))
        return disks[-1]
    yield mount
    harness.end_all_processes()
    for disk in disks:
        disk.unmount()
