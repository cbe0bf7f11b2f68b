"""A tmpfs of limited size, as a small disk that can be filled."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path


def why_not(probe: Path) -> str | None:
    try:
        SmallDisk(probe, "64k").unmount()
    except (subprocess.CalledProcessError, OSError) as problem:
        said = getattr(problem, "stderr", None) or problem
        return f"no tmpfs can be mounted here: {said}"
    return None


class SmallDisk:
    def __init__(self, root: Path, size: str):
        self.root = root
        root.mkdir(parents=True)
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", root], check=True, capture_output=True, text=True)

    @property
    def _ballast(self) -> Path:
        return self.root / "ballast"

    def fill(self, leave: int = 0):
        """Fills the disk except for `leave` bytes."""
        space = os.statvfs(self.root)
        with self._ballast.open("ab") as ballast:
            os.posix_fallocate(ballast.fileno(), ballast.tell(), max(1, space.f_bavail * space.f_frsize - leave))

    def make_room(self):
        self._ballast.unlink(missing_ok=True)

    def unmount(self):
        subprocess.run(["umount", "-l", self.root], check=False, capture_output=True)
