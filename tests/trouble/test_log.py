"""The log of a running server: rotation, level, state dump, repeated lines, and outputs that block."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess

import harness
from harness import wait_for
from rawclient import RawClient

APACHE = re.compile(r"^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}) \[myid:(.*)\] - (\w+) +\[(.*):(.*)@(\d+)\] - (.*)$")


def started(folder, *arguments: str, cfg: dict | None = None, **streams) -> harness.Server:
    server = harness.Server("quoll", folder, cfg)
    server.write_cfg()
    streams = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, **streams}
    server.process = harness.spawn([harness.quoll_bin(), "server", *arguments, server.cfg_path], cwd=folder, stdin=subprocess.DEVNULL, **streams)
    server.wait_serving()
    return server


def test_a_log_file_is_rotated_its_level_changed_and_the_state_written_quoll(tmp_path):
    log = tmp_path / "quoll.log"
    server = started(tmp_path, "--log-format=log4j", f"--log-file={log}")
    wait_for(lambda: "Listening for clients" in log.read_text(), 10, "the log")
    assert all(APACHE.match(line) for line in log.read_text().splitlines())
    assert log.stat().st_mode & 0o7777 & 0o137 == 0

    log.rename(tmp_path / "quoll.log.1")
    server.signal(signal.SIGHUP)
    wait_for(lambda: log.exists() and "SIGHUP" in log.read_text(), 10, "the new log file")

    for level in ("debug", "trace", "info"):
        server.signal(signal.SIGUSR2)
        wait_for(lambda: f"level of the log is {level} now" in log.read_text(), 10, f"level {level}")

    client = RawClient(server.client_port)
    client.create("/a")
    for number in (signal.SIGQUIT, signal.SIGUSR1):
        before = log.read_text()
        server.signal(number)
        wait_for(lambda: "State: waits for" in log.read_text()[len(before):], 10, "the state")
        state = log.read_text()[len(before):]
        for part in ("State: standalone, serving for", "1 sessions, ", "znodes with", "requests in progress", "MiB of memory", "free in"):
            assert part in state, state
    assert b"a" in client.children("/")
    assert server.stop() == 0


def test_a_log_pipe_without_reader_does_not_block_the_server_quoll(tmp_path):
    reading, writing = os.pipe()
    server = started(tmp_path, cfg={"quoll.log.level": "debug", "maxClientCnxns": 0}, stdout=writing)
    os.close(writing)
    # Each connection logs a line at level debug when it ends: many more bytes than fit into a pipe.
    for _ in range(3000):
        with socket.create_connection(("127.0.0.1", server.client_port), 10) as asking:
            asking.sendall(b"ruok")
            assert asking.recv(4) == b"imok"
    assert server.stop() == 0
    os.close(reading)


def test_closed_standard_streams_do_not_block_the_server_and_no_line_reaches_a_data_file_quoll(tmp_path):
    server = harness.Server("quoll", tmp_path)
    server.write_cfg()
    server.process = harness.spawn(["/bin/sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh", harness.quoll_bin(), "server", server.cfg_path], cwd=tmp_path)
    server.wait_serving()
    client = RawClient(server.client_port)
    client.create("/a")
    assert server.stop() == 0
    for file in (tmp_path / "data" / "version-2").iterdir():
        assert b"[info]" not in file.read_bytes(), file
    server.start()
    assert b"a" in RawClient(server.client_port).children("/")


def test_repeated_lines_about_too_many_connections_are_counted_quoll(tmp_path):
    server = harness.Server("quoll", tmp_path, {"maxClientCnxns": 1}).start()
    held = RawClient(server.client_port)
    for _ in range(1000):
        with socket.create_connection(("127.0.0.1", server.client_port), 10) as late:
            try:
                late.recv(1)
            except ConnectionResetError:
                pass
    held.drop()
    server.stop()
    lines = [line for line in server.log_text().splitlines() if "Too many connections" in line]
    assert 20 <= len(lines) < 60, len(lines)
    assert any("more lines like this one" in line for line in lines), lines[-1]


def test_bytes_of_another_protocol_are_named_quoll(tmp_path):
    server = harness.Server("quoll", tmp_path).start()
    for sent in (b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00", b"\x7f\xff\xff\xff...."):
        with socket.create_connection(("127.0.0.1", server.client_port), 10) as client:
            client.sendall(sent)
            try:
                assert client.recv(1) == b""
            except ConnectionResetError:
                pass
    for part in ("Len error: ", "This is HTTP", "This is TLS", "2147483647"):
        wait_for(lambda: part in server.log_text(), 10, part)
