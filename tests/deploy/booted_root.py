"""A plain Debian 12 with systemd, booted in a container of systemd-nspawn with this machine's network."""

import contextlib
import shutil
import subprocess
from pathlib import Path

from harness import spawn, wait_for

PACKAGES = "systemd,systemd-sysv,dbus,procps,ca-certificates"


def make_base(folder: Path):
    subprocess.run(["debootstrap", "--variant=minbase", f"--include={PACKAGES}", "bookworm", folder], check=True, stdout=subprocess.DEVNULL, timeout=1800)


class BootedRoot:
    def __init__(self, folder: Path, base: Path):
        self.folder = folder
        subprocess.run(["cp", "-a", f"{base}/.", folder], check=True)
        shutil.copy("/etc/resolv.conf", folder / "etc" / "resolv.conf")
        with (folder / "boot.log").open("wb") as log:
            self.container = spawn(["systemd-nspawn", "--directory", folder, "--register=no", "--keep-unit", "--resolv-conf=off", "--console=pipe", "--boot"],
                                   stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)
        self.init = wait_for(self._find_init, 60, "the container's first process")
        wait_for(lambda: self._says("systemctl is-system-running", ("running", "degraded")), 120, "systemd to have started")

    def _find_init(self) -> int | None:
        assert self.container.poll() is None, (self.folder / "boot.log").read_text(errors="replace")[-4000:]
        for status in Path("/proc").glob("[0-9]*/status"):
            with contextlib.suppress(OSError):
                fields = dict(line.split(":\t", 1) for line in status.read_text().splitlines() if ":\t" in line)
                if fields["PPid"] == str(self.container.pid) and fields["NSpid"].split()[-1] == "1" and fields["Name"] == "systemd":
                    return int(fields["Pid"])
        return None

    def try_run(self, script: str, timeout: int = 900) -> subprocess.CompletedProcess:
        command = ["nsenter", "--target", str(self.init), "--all", "--root", "--wd", "/usr/bin/env", "-i", "HOME=/root", "LC_ALL=C.UTF-8",
                   "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND=noninteractive", "/bin/sh", "-ec", script]
        return subprocess.run(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, timeout=timeout)

    def run(self, script: str, timeout: int = 900) -> str:
        result = self.try_run(script, timeout)
        assert result.returncode == 0, f"{script}:\n{result.stdout[-4000:]}"
        return result.stdout

    def _says(self, script: str, words: tuple[str, ...]) -> bool:
        return self.try_run(script).stdout.strip() in words

    def leave(self):
        with contextlib.suppress(Exception):
            self.try_run("systemctl --no-block poweroff")
            self.container.wait(60)
        if self.container.poll() is None:
            self.container.kill()
            self.container.wait(30)
