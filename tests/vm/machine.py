"""A virtual machine that boots in seconds, executes commands, and can lose its power."""

from __future__ import annotations

import contextlib
import os
import select
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

import harness
import image
from image import CannotRun

BOOT_S = 60
# KVM boots in less than 2 s. Some machines have /dev/kvm but cannot boot an ordinary kernel on it: this is how long we try.
KVM_BOOT_S = 15
ACCELERATIONS = {
    "kvm": ["-accel", "kvm", "-cpu", "host"],
    # Emulated: simple vector instructions are the fastest.
    "tcg": ["-accel", "tcg,thread=multi", "-cpu", "qemu64,+rdrand,+ssse3,+sse4.1,+sse4.2,+popcnt"],
}
# Otherwise the kernel does not trust an emulated TSC, and reading the clock is a hundred times slower.
KERNEL_LINE = "console=ttyS0 quiet panic=-1 mitigations=off no5lvl random.trust_cpu=on tsc=reliable"


@dataclass
class Plan:
    """The settings of a machine."""
    initramfs: Path
    console: Path  # the file for the output of its kernel and its server, over all boots
    acceleration: str = "tcg"
    memory_mb: int = 512
    processors: int = 2
    forward_port: int = 0  # the same here and in the machine
    devices: list[str] = field(default_factory=list)


class Machine:
    def __init__(self, plan: Plan, boot_s: float = BOOT_S):
        self.plan = plan
        self._rest = b""
        network = f"user,id=net,restrict=on,hostfwd=tcp:127.0.0.1:{plan.forward_port}-10.0.2.15:{plan.forward_port}"
        args = ["qemu-system-x86_64", *ACCELERATIONS[plan.acceleration], "-m", plan.memory_mb, "-smp", plan.processors,
                "-nodefaults", "-no-user-config", "-nographic", "-no-reboot",
                "-kernel", image.kernel(), "-initrd", plan.initramfs, "-append", KERNEL_LINE,
                "-chardev", f"file,id=console,path={plan.console},append=on", "-serial", "chardev:console",
                "-chardev", "stdio,id=agent,signal=off", "-device", "virtio-serial-pci", "-device", "virtserialport,chardev=agent",
                *plan.devices]
        if plan.forward_port:
            args += ["-netdev", network, "-device", "virtio-net-pci,netdev=net,romfile="]
        with open(f"{plan.console}.qemu", "ab") as errors:
            self.process = harness.spawn(args, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, bufsize=0, start_new_session=True)
        try:
            self._read_to(b"@hello\n", boot_s)
        except BaseException:
            self.cut_power()
            raise

    def ask(self, command: str, timeout: float = 60) -> tuple[int, str]:
        """Runs a line of shell in the machine; returns its exit code and its output."""
        self.process.stdin.write(command.encode() + b"\n")
        text = self._read_to(b"@done ", timeout)
        code = self._read_to(b"\n", timeout)
        return int(code), text.decode(errors="replace")

    def must(self, command: str, timeout: float = 60) -> str:
        code, text = self.ask(command, timeout)
        if code:
            raise RuntimeError(f"{command!r} ended with {code} in the machine: {text}")
        return text

    def start(self, command: str):
        """Starts a command in the machine and does not wait for it."""
        self.must(f"{{ {command}; }} &")

    def cut_power(self):
        """Ends the machine as a power failure would: what was only in its memory is lost."""
        self.process.kill()
        self.process.wait(30)
        for end in (self.process.stdin, self.process.stdout):
            end.close()

    def go_first(self):
        """Raises its priority, if permitted, so that other work disturbs its measurements less."""
        with contextlib.suppress(PermissionError):
            for thread in os.listdir(f"/proc/{self.process.pid}/task"):
                os.setpriority(os.PRIO_PROCESS, int(thread), -15)
            # Linux may schedule sessions first (autogroup); the machine has its own session.
            with contextlib.suppress(OSError):
                Path(f"/proc/{self.process.pid}/autogroup").write_text("-15")

    def _read_to(self, end: bytes, timeout: float) -> bytes:
        deadline = time.monotonic() + timeout
        while end not in self._rest:
            ready, _, _ = select.select([self.process.stdout], [], [], max(0, deadline - time.monotonic()))
            chunk = os.read(self.process.stdout.fileno(), 65536) if ready else None
            if not chunk:
                why = "is silent" if chunk is None else f"ended with {self.process.wait(10)}"
                raise RuntimeError(f"the machine {why}; {self._rest[-500:]!r}\n{self.words()}")
            self._rest += chunk
        before, self._rest = self._rest.split(end, 1)
        return before

    def words(self) -> str:
        """The last lines of its console and of qemu."""
        files = (Path(f"{self.plan.console}.qemu"), self.plan.console)
        return "\n".join(file.read_text(errors="replace")[-2000:] for file in files if file.exists())


def choose_acceleration(initramfs: Path, folder: Path) -> str:
    """KVM if it boots our kernel, else emulation; QUOLL_VM_ACCEL=tcg or kvm selects one without trying."""
    if asked := os.environ.get("QUOLL_VM_ACCEL"):
        return asked
    failed = []
    for name, seconds in (("kvm", KVM_BOOT_S), ("tcg", BOOT_S)):
        if name == "kvm" and not os.access("/dev/kvm", os.R_OK | os.W_OK):
            failed.append("kvm: /dev/kvm is missing or not permitted")
            continue
        try:
            Machine(Plan(initramfs, folder / f"trial-{name}", name), seconds).cut_power()
            return name
        except RuntimeError as problem:
            failed.append(f"{name}: {problem}")
    raise CannotRun("neither KVM nor emulation boots the machine:\n" + "\n".join(failed))
