"""A disk of the test machine that has a cache of its own: when the power goes, what was not flushed may be lost, kept, or torn.

qemu notes each write and flush in a log (its driver blklogwrites; the form is that of Linux's dm-log-writes). After a cut the image is made anew:
what was there at the start of the machine, all writes up to the last flush, and of the later ones as the seed says.
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
# mkfs.xfs makes nothing smaller than 300 MB.
KINDS = {"ext4": (["mkfs.ext4", "-q", "-F"], 128), "xfs": (["mkfs.xfs", "-q", "-f"], 320)}


@dataclass
class Write:
    offset: int
    data: bytes
    is_flush: bool


class Hole(Exception):
    """qemu was killed before it had noted a write, but after it had noted a later one."""


def read_log(log: bytes) -> Iterator[Write]:
    """All that the disk was asked, in order."""
    if not log:
        return
    magic, version, _, sector_bytes = SUPERBLOCK.unpack_from(log)
    # Until a first flush there is no superblock.
    if magic and (magic, version, sector_bytes) != (MAGIC, 1, SECTOR):
        raise ValueError(f"no log of writes: {log[:28]!r}")
    at = SECTOR
    while at + SECTOR <= len(log):
        sector, sectors, flags, _ = ENTRY.unpack_from(log, at)
        if not sectors and not flags:
            raise Hole
        if flags & DISCARD:
            raise ValueError("the disk was not to be asked to discard")
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
        """Before each start of the machine; returns what qemu needs to be told."""
        subprocess.run(["cp", "--sparse=always", self.image, self.before], check=True)
        self.log.write_bytes(b"")
        # Our own kernel goes on living, so its page cache is as good as a disk: no flush needs to go further.
        file = "driver=file,cache.no-flush=on"
        return ["-blockdev", f"{file},node-name=image,filename={self.image}", "-blockdev", f"{file},node-name=log,filename={self.log}",
                "-blockdev", f"driver=blklogwrites,node-name=disk,file=image,log=log,log-sector-size={SECTOR}",
                "-device", "virtio-blk-pci,drive=disk,write-cache=on,discard=off,write-zeroes=off"]

    def cut(self, seed: int = 0):
        """The power went. Seed 0: all that was not flushed is lost; else some or all of it was written, and a last write is torn."""
        try:
            writes = list(read_log(self.log.read_bytes()))
        except Hole:
            self.holes += 1
            return  # the image is what a disk without a cache would hold
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
