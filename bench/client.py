#!/usr/bin/env python3
"""Compares the client library with ZooKeeper's C client, in turn, in one process, on one server: client.py [--rounds 5] [--seconds 4] [--kind quoll].

One connection, 1,000 calls under way, reads of 100 bytes. Required: 3 times the throughput of the C client (Debian: libzookeeper-mt-dev).
"""

import argparse
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import rig
import sdk_package

BAR = 3.0


def build(folder: Path) -> Path:
    prefix = sdk_package.installed()
    program = folder / "client_compare"
    subprocess.run(["c++", "-std=c++23", "-O2", "-DTHREADED", rig.ROOT / "bench" / "client_compare.cc", f"-I{prefix}/include", f"-L{prefix}/lib", "-lquoll",
                    "-lzookeeper_mt", f"-Wl,-rpath,{prefix}/lib", "-o", program], check=True)
    return program


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--outstanding", type=int, default=1000)
    parser.add_argument("--kind", default="quoll", choices=["quoll", "apache"])
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, rig.make_server(args.kind, Path(folder) / "server") as server:
        command = [build(Path(folder)), server.hosts, args.seconds, args.rounds, args.outstanding]
        done = subprocess.run([str(word) for word in command], text=True, stdout=subprocess.PIPE)
    print(done.stdout, end="")
    found = re.search(r"median ratio of throughput ([\d.]+)", done.stdout)
    return 0 if done.returncode == 0 and found and float(found[1]) >= BAR else 1


if __name__ == "__main__":
    sys.exit(main())
