"""The audit log: the same requests to both servers, and the same events in the same order."""

import os
import re
import signal
from pathlib import Path

from harness import Server, wait_for
from rawzk import (AUTH, CLOSE_SESSION, CREATE, DELETE, MULTI, SET_ACL, SET_DATA, XID_AUTH, Raw, auth, create, multi, path_int, set_acl,
                   set_data)

FIELDS = ["session", "user", "ip", "operation", "znode", "znode_type", "acl", "result"]


def work(server: Server):
    with Raw(server.client_port) as line:
        line.connect()
        line.call(CREATE, create("/a", b"data"))
        line.call(CREATE, create("/a", b"data"))  # exists
        line.call(CREATE, create("/s-", flags=2))
        line.call(CREATE, create("/e", flags=1))
        line.call(AUTH, auth("digest", b"alice:secret"), xid=XID_AUTH)
        line.call(SET_DATA, set_data("/a", b"other"))
        line.call(SET_DATA, set_data("/a", b"other", 77))  # bad version
        line.call(DELETE, path_int("/no", -1))
        line.call(SET_ACL, set_acl("/a", [(31, "world", "anyone")]))
        line.call(MULTI, multi((CREATE, create("/m")), (SET_DATA, set_data("/m", b"x")), (DELETE, path_int("/m", -1))))
        line.call(MULTI, multi((CREATE, create("/n")), (DELETE, path_int("/no", -1))))
        line.call(DELETE, path_int("/a", -1))
        line.call(CLOSE_SESSION)


def events(text: str) -> list[str]:
    """The fields of each event, without what begins the line; sessions are masked."""
    found = [m.group(1) for m in re.finditer(r"Slf4jAuditLogger(?:@\d+\] -|:) (.*)$", text, re.M)]
    # The users are in the order of a hash table in Java.
    found = [re.sub(r"user=([^\t]+)", lambda m: "user=" + ",".join(sorted(m.group(1).split(","))), event) for event in found]
    return [re.sub(r"session=0x[0-9a-f]+", "session=<session>", event) for event in found]


def test_events_are_apaches(tmp_path):
    said = {}
    for kind in ("apache", "quoll"):
        server = Server(kind, tmp_path / kind, cfg={"audit.enable": "true"}).start()
        work(server)
        log = server.log_path if kind == "apache" else server.workdir / "zookeeper_audit.log"
        wait_for(lambda: "ephemeralZNode" in log.read_text(), 20, "the end of the session")
        server.stop()
        said[kind] = events(log.read_text())
    # Java logs its stop while it stops its log, so the line is not always there.
    assert said["quoll"].pop().endswith("operation=serverStop\tresult=invoked")
    assert said["quoll"] == [event for event in said["apache"] if "serverStop" not in event]
    assert len(said["quoll"]) > 12
    for event in said["quoll"]:
        names = [field.split("=")[0] for field in event.split("\t")]
        assert names == [name for name in FIELDS if name in names]


def test_a_line_begins_as_apaches_configuration_has_it_and_cannot_be_forged(tmp_path):
    file = tmp_path / "audit.log"
    with Server("quoll", tmp_path / "q", cfg={"audit.enable": "true", "quoll.audit.file": file}) as server:
        with Raw(server.client_port) as line:
            line.connect()
            line.call(AUTH, auth("digest", b"eve\tresult=success\n2026:pw"), xid=XID_AUTH)
            line.call(CREATE, create("/a"))
        wait_for(lambda: "operation=create" in file.read_text(), 10, "the event")
        (made,) = [line for line in file.read_text().splitlines() if "operation=create" in line]
        assert re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} INFO audit.Slf4jAuditLogger: session=0x", made)
        assert made.count("result=success") == 2 and made.count("\tresult=") == 1
        os.rename(file, f"{file}.1")
        server.signal(signal.SIGHUP)
        wait_for(lambda: "Signal 1" in server.log_text(), 10, "the signal")
        with Raw(server.client_port) as line:
            line.connect()
            line.call(CREATE, create("/b"))
        wait_for(lambda: file.exists() and "znode=/b" in file.read_text(), 10, "the new file")
    assert file.stat().st_mode & 0o7 == 0


def test_without_a_file_the_server_does_not_start(tmp_path):
    server = Server("quoll", tmp_path / "q", cfg={"audit.enable": "true", "quoll.audit.file": tmp_path / "no" / "audit"}).start(wait=False)
    assert server.process.wait(30) == 1
    assert "The audit log can't be kept: " in server.log_text()
