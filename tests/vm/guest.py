"""A server in the test machine, with the same interface as a local server."""

from __future__ import annotations

import shlex
from pathlib import Path

import harness
from machine import Machine, Plan
from power_disk import PowerDisk

ENDED = "quoll ended with "


class Guest(harness.Server):
    """Each start boots the machine, and kill() is a power failure. Without a disk the data is in the machine's memory."""

    def __init__(self, workdir: Path, plan: Plan, disk: PowerDisk | None = None, mount_options: str = "", cfg: dict | None = None, jvmflags=()):
        super().__init__("quoll", workdir, {"dataDir": "/data/zookeeper", **(cfg or {})}, jvmflags)
        self.plan, self.disk, self.mount_options = plan, disk, mount_options
        plan.forward_port = self.client_port
        self.machine: Machine | None = None

    @property
    def process(self):
        """The process of the machine."""
        return self.machine.process if self.machine else None

    @process.setter
    def process(self, _):
        pass  # the base class sets it before there is one

    def start(self, wait: bool = True, timeout: float = 60) -> "Guest":
        self.plan.devices = self.disk.plug_in() if self.disk else []
        self.plan.console.write_bytes(b"")
        self.machine = Machine(self.plan)
        if self.disk:
            self.mount()
        self.start_server()
        if wait:
            self.wait_serving(timeout)
        return self

    def mount(self):
        if self.disk.kind == "xfs":
            self.machine.must("modprobe xfs")
        options = f"-o {self.mount_options}" if self.mount_options else ""
        self.machine.must(f"mount -t {self.disk.kind} {options} /dev/vda /data")

    def start_server(self):
        lines = " ".join(shlex.quote(f"{key}={value}") for key, value in self.cfg.items())
        flags = " ".join(f"-D{flag}" for flag in self.jvmflags)
        self.machine.must(f"mkdir -p /data/zookeeper; printf '%s\\n' {lines} > /etc/zoo.cfg")
        self.machine.start(f"cd /; SERVER_JVMFLAGS={shlex.quote(flags)} nice -n -15 quoll server /etc/zoo.cfg > /dev/ttyS0 2>&1; echo {ENDED}$? > /dev/ttyS0")

    def server_pid(self) -> int:
        return int(self.machine.must("pidof quoll"))

    @property
    def returncode(self) -> int | None:
        """The exit code of the server in the machine, or of the machine."""
        text = self.log_text()
        at = text.rfind(ENDED)
        if at >= 0 and "\n" in text[at:]:
            return int(text[at + len(ENDED):].split()[0])
        return super().returncode

    def alive(self) -> bool:
        return super().alive() and self.returncode is None

    def log_text(self) -> str:
        return self.plan.console.read_text(errors="replace") if self.plan.console.exists() else ""

    def stop(self, timeout: float = 30) -> int | None:
        if not self.alive():
            return self.kill()
        self.machine.must("kill $(pidof quoll)")
        harness.wait_for(lambda: not self.alive(), timeout, "the server in the machine to end")
        code = self.returncode
        self.kill()
        return code

    def kill(self) -> int | None:
        """Ends the machine as a power failure would."""
        if self.machine:
            self.machine.cut_power()
        return None
