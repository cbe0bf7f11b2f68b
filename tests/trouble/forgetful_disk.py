"""A disk that loses what was not fsynced: mounts the file system of forgetful/ and controls it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import harness


def program() -> Path:
    return Path(os.environ.get("QUOLL_FORGETFUL", harness.quoll_bin().parent / "forgetful"))


def why_not() -> str | None:
    """The reason why it cannot be mounted here, or None."""
    if not program().exists():
        return f"{program()} is not built: libfuse3-dev is missing"
    try:
        os.close(os.open("/dev/fuse", os.O_RDWR))
    except OSError as problem:
        return f"no FUSE here: {problem}"
    return None


class ForgetfulDisk:
    def __init__(self, mountpoint: Path, ext4: bool = False):
        self.root = Path(mountpoint)
        self.root.mkdir(parents=True, exist_ok=True)
        with open(f"{self.root}.log", "wb") as log:
            self.process = harness.spawn([program(), self.root, *(["--ext4"] if ext4 else [])], stdin=subprocess.DEVNULL,
                                         stdout=log, stderr=log)
        try:
            harness.wait_for(self._mounted, 10, f"{self.root} to be mounted")
        except TimeoutError:
            self.unmount()
            raise

    def _mounted(self) -> bool:
        if self.process.poll() is not None:
            raise RuntimeError(f"forgetful ended with {self.process.returncode}")
        return os.path.ismount(self.root)

    def send(self, command: str):
        with open(self.root / ".forgetful", "wb", buffering=0) as control:
            control.write(command.encode())

    def cut(self, seed: int = 0):
        """Applies a power failure. Processes with open files must have been killed. Seed 0 loses all unsynced data; other seeds keep parts of it."""
        self.send(f"cut {seed}")

    def counts(self) -> dict[str, int]:
        lines = (self.root / ".forgetful").read_text().splitlines()
        return {name: int(value) for name, value in (line.split() for line in lines)}

    def unmount(self):
        subprocess.run(["umount", "-l", self.root], check=False, stderr=subprocess.DEVNULL)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(10)

    def __enter__(self) -> "ForgetfulDisk":
        return self

    def __exit__(self, *_):
        self.unmount()
