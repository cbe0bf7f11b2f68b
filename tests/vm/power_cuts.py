"""Makes power failures of the test machine while clients write, on Linux's file systems.

The clients run outside of the machine, so after the failure they know what was acknowledged before it. See tests/disk/kill_writer.py for what they
record, and tests/trouble/power_loop.py for the loop.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import power_loop
from guest import Guest
from kill_writer import Broken
from machine import Plan
from power_disk import PowerDisk

CLIENTS = 8
# The time from the start of the server in the machine until it serves.
STARTS_IN_S = 1.5


@dataclass
class FileSystem:
    kind: str
    options: str = ""  # additional mount options
    cfg: tuple = ()


PROMISING = {
    "ext4": FileSystem("ext4"),
    "ext4-writeback": FileSystem("ext4", "data=writeback"),
    "xfs": FileSystem("xfs"),
}
# Cases that must lose writes: a server that does not wait for the disk, and a file system that does not flush the disk's cache.
LOSING = {
    "ext4-no-fsync": FileSystem("ext4", cfg=(("forceSync", "no"),)),
    "ext4-no-barrier": FileSystem("ext4", "barrier=0"),
}
CUTS_OF_LOSING = 15


def cut(plan: Plan, folder: Path, system: FileSystem, cuts: int, seed: int, report) -> dict:
    disk = PowerDisk(folder, system.kind)
    server = Guest(folder, plan, disk, system.options, {**power_loop.CFG, **dict(system.cfg)}, power_loop.FLAGS)
    loop = power_loop.PowerLoop(server, disk, seed, CLIENTS, STARTS_IN_S)
    figures = power_loop.cut_again_and_again(loop, cuts, report=report)
    return {**figures, "flushes": disk.flushes, "writes lost by the disk": disk.lost_writes, "holes": disk.holes}


def promises_hold(plan: Plan, folder: Path, name: str, cuts: int, seed: int, report) -> list[str]:
    """Returns what failed."""
    try:
        report(str(cut(plan, folder, PROMISING[name], cuts, seed, report)))
    except Broken as broken:
        return [f"{name} (seed {seed}): {broken}"]
    return []


def loss_is_seen(plan: Plan, folder: Path, name: str, seed: int, report) -> list[str]:
    """Checks that the test detects lost writes."""
    try:
        cut(plan, folder, LOSING[name], CUTS_OF_LOSING, seed, report)
    except Broken as broken:
        report(f"detected, as expected: {str(broken).splitlines()[0]}")
        return []
    return [f"{name}: {CUTS_OF_LOSING} power failures showed no loss"]
