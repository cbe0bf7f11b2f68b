"""Measures a server with a million znodes of 100 bytes: memory, restart, and CPU time when idle.

    footprint.py --kind apache|quoll [--znodes 1000000] [--idle 30]

Requirements for Quoll: RSS at most 350 MB, at most 3 s from the start to the first reply to a read, and less
than 0.1 % of one processor when idle.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import rig
from rawclient import ConnectionLost, RawClient, ZkError

MAX_RSS_MB, MAX_RESTART_S, MAX_IDLE_PERCENT = 350, 3, 0.1


def first_read_after_start(server, path: str, expected: int) -> float:
    """Seconds from the start of the process to the first correct reply to a read."""
    started = time.monotonic()
    server.start(wait=False)
    while True:
        try:
            client = RawClient(server.client_port, socket_timeout=1)
            data, _ = client.get(path)
            seconds = time.monotonic() - started
            client.close_session()
            if len(data) != expected:
                raise AssertionError(f"{path} holds {len(data)} bytes")
            return seconds
        except ConnectionLost:
            if not server.alive():
                raise RuntimeError(server.log_text()[-2000:]) from None
            if time.monotonic() - started > 300:
                raise
            time.sleep(0.01)
        except ZkError as error:
            raise AssertionError(f"{path} after the restart: {error}") from None


def idle_percent(server, seconds: float) -> float:
    # The load's sessions were not closed; wait until they have expired.
    time.sleep(2)
    before, began = rig.cpu_seconds(server.pid), time.monotonic()
    time.sleep(seconds)
    return 100 * (rig.cpu_seconds(server.pid) - before) / (time.monotonic() - began)


def measure(args, folder: Path) -> rig.Bars:
    bars = rig.Bars()
    server = rig.make_server(args.kind, folder, heap=args.heap)
    server.start()
    print(f"{rig.memory_mb(server.pid):8.0f} MB when empty")
    load = rig.zkload(server, "load", keys=args.znodes, size=args.size)
    print(f"{load['ops_per_s']:8,.0f} creates/s, {load['seconds']:.1f} s for {args.znodes:,} znodes")
    after_load = rig.memory_mb(server.pid)
    print(f"{after_load:8.0f} MB after the load, {rig.memory_mb(server.pid, 'VmHWM'):.0f} MB at most")

    last = f"/load-{(args.znodes - 1) // 1000}/n{(args.znodes - 1) % 1000}"
    restarts = {}
    for how in ("kill", "stop"):
        server.kill() if how == "kill" else server.stop()
        restarts[how] = first_read_after_start(server, last, args.size)
        print(f"{restarts[how]:8.2f} s from start to the first read, after {how}; "
              f"{rig.memory_mb(server.pid):.0f} MB then, {rig.memory_mb(server.pid, 'VmHWM'):.0f} MB at most")
    after_restart = rig.memory_mb(server.pid)
    idle = idle_percent(server, args.idle)
    print(f"{idle:8.4f} % of one processor when idle for {args.idle:g} s")
    server.stop()

    bars.judge("RSS with all znodes, after load and after restart", max(after_load, after_restart),
               at_most=MAX_RSS_MB, unit=" MB")
    bars.judge("restart, the slower of the two", max(restarts.values()), at_most=MAX_RESTART_S, unit=" s")
    bars.judge("idle", idle, at_most=MAX_IDLE_PERCENT, unit=" %")
    return bars


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kind", choices=["apache", "quoll"], default="quoll")
    parser.add_argument("--znodes", type=int, default=1_000_000)
    parser.add_argument("--size", type=int, default=100)
    parser.add_argument("--idle", type=float, default=30)
    parser.add_argument("--heap", default="1000m", help="of Apache's JVM; its scripts set 1000m")
    parser.add_argument("--folder", help="directory for the server's data")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="footprint-", dir=args.folder) as folder:
        measure(args, Path(folder)).exit()


if __name__ == "__main__":
    main()
