"""A disk of the test machine with a cache: in a power failure, what was not flushed may be lost, kept, or torn.

qemu records each write and flush in a log (its driver blklogwrites; the format is that of Linux's dm-log-writes). After a power failure the image is
rebuilt: its content at the start of the machine, all writes up to the last flush, and a part of the later ones that depends on the seed.
"""

from __future__ import annotations

import random
import shutil
import struct
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Iterator

SECTOR = 512
MAGIC = 0x6A736677736872
SUPERBLOCK = struct.Struct("<QQQI")
ENTRY = struct.Struct("<QQQQ")
FLUSH, DISCARD = 1, 4
# 300 MB is the minimum for mkfs.xfs.
KINDS = {"ext4": (["mkfs.ext4", "-q", "-F"], 128), "xfs": (["mkfs.xfs", "-q", "-f"], 320)}


@dataclass
class Write:
    offset: int
    data: bytes
    is_flush: bool


class Hole(Exception):
    """qemu was killed after it had recorded a write, but before it had recorded an earlier one."""


def read_log(log: bytes) -> Iterator[Write]:
    """All requests to the disk, in order."""
    if not log:
        return
    magic, version, _, sector_bytes = SUPERBLOCK.unpack_from(log)
    # There is no superblock before the first flush.
    if magic and (magic, version, sector_bytes) != (MAGIC, 1, SECTOR):
        raise ValueError(f"not a log of writes: {log[:28]!r}")
    at = SECTOR
    while at + SECTOR <= len(log):
        sector, sectors, flags, _ = ENTRY.unpack_from(log, at)
        if not sectors and not flags:
            raise Hole
        if flags & DISCARD:
            raise ValueError("unexpected discard request")
        at += SECTOR
        data = log[at:at + sectors * SECTOR]
        yield Write(sector * SECTOR, data, bool(flags & FLUSH))
        at += len(data)


class PowerDisk:
    def __init__(self, folder: Path, kind: str):
        folder.mkdir(parents=True, exist_ok=True)
        self.kind = kind
        self.image, self.before, self.log = folder / "image", folder / "before", folder / "writes"
        self.lost_writes = 0
        self.flushes = 0
        self.holes = 0
        make, size_mb = KINDS[kind]
        with self.image.open("wb") as new:
            new.truncate(size_mb << 20)
        subprocess.run([*make, self.image], check=True, stdout=subprocess.DEVNULL, env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"})

    def plug_in(self) -> list[str]:
        """Prepares the disk for a start of the machine; returns the arguments for qemu."""
        subprocess.run(["cp", "--sparse=always", self.image, self.before], check=True)
        self.log.write_bytes(b"")
        # The host's kernel keeps running, so its page cache is as good as a disk: flushes need not go further.
        file = "driver=file,cache.no-flush=on"
        return ["-blockdev", f"{file},node-name=image,filename={self.image}", "-blockdev", f"{file},node-name=log,filename={self.log}",
                "-blockdev", f"driver=blklogwrites,node-name=disk,file=image,log=log,log-sector-size={SECTOR}",
                "-device", "virtio-blk-pci,drive=disk,write-cache=on,discard=off,write-zeroes=off"]

    def cut(self, seed: int = 0):
        """Applies a power failure. Seed 0: everything that was not flushed is lost; else a random part of it is kept, and the last write is torn."""
        try:
            writes = list(read_log(self.log.read_bytes()))
        except Hole:
            self.holes += 1
            return  # the image has what a disk without a cache would have
        flushes = [number for number, write in enumerate(writes) if write.is_flush]
        safe = flushes[-1] + 1 if flushes else 0
        rng = random.Random(seed)
        share = rng.choice([0.5, 0.9, 1.0]) if seed else 0
        shutil.move(self.before, self.image)
        with self.image.open("r+b") as image:
            for number, write in enumerate(writes):
                kept = len(write.data) if number < safe or rng.random() < share else 0
                if seed and number == len(writes) - 1 and number >= safe:
                    kept = rng.randint(0, len(write.data) // SECTOR) * SECTOR
                image.seek(write.offset)
                image.write(write.data[:kept])
                self.lost_writes += kept < len(write.data)
        self.flushes += len(flushes)
