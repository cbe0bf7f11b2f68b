"""A read-only disk: it becomes read-only while the server runs, by an error of the file system or by the kernel's emergency remount, or
it is read-only when the server starts.
"""

from __future__ import annotations

from pathlib import Path

import harness
from guest import Guest
from machine import Plan
from power_disk import PowerDisk
from rawclient import ConnectionLost, RawClient

WHY = "Read-only file system"
# Apache's exit codes for an unexpected error and for a data directory that cannot be used.
UNEXPECTED_ERROR, UNUSABLE_DIRECTORY = 1, 3


def write_until_lost(client: RawClient, acked: list[str], most: int):
    for number in range(len(acked), len(acked) + most):
        client.create(f"/n{number}")
        acked.append(f"n{number}")


def ended_with(server: Guest, code: int, when: str, report) -> list[str]:
    """Returns the failures: the server must end by itself, with this code and a line that says why."""
    harness.wait_for(lambda: server.returncode is not None, 20, "the server to end")
    lines = [line for line in server.log_text().splitlines() if WHY in line and "[error]" in line]
    report(f"{when}: ended with {server.returncode}: {lines[-1] if lines else 'without a message'}")
    faults = [] if server.returncode == code else [f"{when}: it ended with {server.returncode}, not {code}"]
    return faults if lines else [*faults, f"{when}: no line says why it ended"]


def serves_again(server: Guest, acked: list[str], when: str) -> list[str]:
    server.plan.console.write_bytes(b"")
    server.start_server()
    server.wait_serving()
    client = RawClient(server.client_port)
    missing = set(acked) - {name.decode() for name in client.children("/")}
    write_until_lost(client, acked, 50)
    client.close_session()
    return [f"{when}: {len(missing)} acknowledged writes are lost"] if missing else []


def under_a_running_server(server: Guest, acked: list[str], when: str, trouble: str, report) -> list[str]:
    client = RawClient(server.client_port)
    write_until_lost(client, acked, 50)
    server.machine.must(f"{trouble}; while touch /data/probe; do sleep 0.1; done")
    try:
        write_until_lost(client, acked, 1000)
        return [f"{when}: 1000 writes were acknowledged on a read-only disk"]
    except ConnectionLost:
        pass
    faults = ended_with(server, UNEXPECTED_ERROR, when, report)
    server.machine.must("umount /data")
    server.mount()
    return faults + serves_again(server, acked, when)


# After it ext4 refuses to sync.
FILE_SYSTEM_ERROR = "echo 1 > /sys/fs/ext4/vda/trigger_fs_error"
# What an operator does before a forced boot. After it ext4 answers fdatasync with success and writes nothing.
EMERGENCY_REMOUNT = "echo 1 > /proc/sys/kernel/sysrq; echo u > /proc/sysrq-trigger"


def before_a_start(server: Guest, acked: list[str], report) -> list[str]:
    when = "a start on a read-only disk"
    if not server.machine.ask("mount -o remount,ro /data")[0]:
        return ["the kernel remounted a disk in use"]
    server.machine.must("kill $(pidof quoll); while pidof quoll; do sleep 0.1; done; mount -o remount,ro /data")
    server.plan.console.write_bytes(b"")
    server.start_server()
    faults = ended_with(server, UNUSABLE_DIRECTORY, when, report)
    server.machine.must("mount -o remount,rw /data")
    return faults + serves_again(server, acked, when)


def check(plan: Plan, folder: Path, report) -> list[str]:
    """Returns the failures."""
    server = Guest(folder, plan, PowerDisk(folder, "ext4"), "errors=remount-ro").start()
    acked: list[str] = []
    try:
        return (under_a_running_server(server, acked, "an error in the file system", FILE_SYSTEM_ERROR, report)
                + under_a_running_server(server, acked, "an emergency remount", EMERGENCY_REMOUNT, report)
                + before_a_start(server, acked, report))
    finally:
        server.stop()
