"""Builds the initial file system of the test machine: busybox, the programs to test with their libraries, and a few kernel modules."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parent
MODULES = ["virtio_pci", "virtio_blk", "virtio_net", "virtio_console", "xfs"]
NEEDED = {"qemu-system-x86_64": "qemu-system-x86", "busybox": "busybox-static", "cpio": "cpio", "mkfs.ext4": "e2fsprogs", "mkfs.xfs": "xfsprogs"}


class CannotRun(Exception):
    """The test machine needs something that is missing here."""


def kernel() -> Path:
    """The newest installed Debian kernel; a cloud kernel is preferred, because it is small and starts fast."""
    def age(path: Path) -> tuple:
        return "cloud" in path.name, [int(number) for number in re.findall(r"\d+", path.name)]
    found = sorted(Path("/boot").glob("vmlinuz-*"), key=age)
    if not found:
        raise CannotRun("there is no kernel in /boot: run tools/install_packages.sh vm")
    return found[-1]


def check_programs():
    missing = [package for program, package in NEEDED.items() if not shutil.which(program, path="/usr/sbin:/usr/bin:/sbin:/bin")]
    if missing:
        raise CannotRun(f"missing: {' '.join(missing)}: tools/install_packages.sh vm")


def libraries(program: Path) -> list[Path]:
    listed = subprocess.run(["ldd", program], check=True, capture_output=True, text=True).stdout
    if "not found" in listed:
        raise CannotRun(f"{program} lacks a library:\n{listed}")
    return [Path(path) for path in re.findall(r"(/\S+) \(0x", listed)]


def add_modules(root: Path, version: str):
    """Adds the modules that are needed, their dependencies, and the list that modprobe reads."""
    source = Path("/lib/modules") / version
    needs = dict(line.split(":", 1) for line in (source / "modules.dep").read_text().splitlines())
    wanted = {path for path in needs if Path(path).name.split(".")[0] in MODULES}
    wanted |= {other for path in wanted for other in needs[path].split()}
    target = root / "lib" / "modules" / version
    for path in wanted:
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source / path, target / path)
    (target / "modules.dep").write_text("".join(f"{path}:{needs[path]}\n" for path in sorted(wanted)))


def make_initramfs(folder: Path, programs: list[Path]) -> Path:
    """Builds it in `folder`; the programs are in its /bin, without debug information."""
    root = folder / "root"
    for name in ("bin", "dev", "proc", "sys", "etc", "tmp"):
        (root / name).mkdir(parents=True, exist_ok=True)
    shutil.copy(shutil.which("busybox"), root / "bin" / "busybox")
    for applet in subprocess.run(["busybox", "--list"], check=True, capture_output=True, text=True).stdout.split():
        if applet != "busybox":
            (root / "bin" / applet).symlink_to("busybox")
    for program in programs:
        subprocess.run(["strip", "--strip-debug", "-o", root / "bin" / program.name, program], check=True)
        for library in libraries(program):
            target = root / library.relative_to("/")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(library, target)
    add_modules(root, kernel().name.removeprefix("vmlinuz-"))
    shutil.copy(HERE / "init", root / "init")
    packed = folder / "initramfs"
    with packed.open("wb") as out:
        names = subprocess.run(["find", "."], cwd=root, check=True, capture_output=True).stdout
        subprocess.run(["cpio", "-o", "-H", "newc", "--quiet", "-R", "0:0"], cwd=root, input=names, stdout=out, check=True)
    shutil.rmtree(root)
    return packed
