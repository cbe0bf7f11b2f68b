"""The AdminServer: compares every command of Apache's server with that of Quoll, key by key."""

import json
import socket
from contextlib import ExitStack

import pytest
from admin_shapes import get, layout, shape
from harness import Server, free_port
from rawzk import CREATE, EXISTS, GET_DATA, SET_DATA, Raw, create, path_watch, set_data

COMMANDS = ["configuration", "conf", "config", "connection_stat_reset", "crst", "connections", "cons", "dirs", "dump", "get_trace_mask", "gtmk", "hash",
            "initial_configuration", "icfg", "is_read_only", "isro", "last_snapshot", "lsnp", "leader", "lead", "monitor", "mntr",
            "observer_connection_stat_reset", "orst", "observers", "obsr", "ruok", "server_stats", "srvr", "set_trace_mask", "stmk?traceMask=306",
            "stmk?traceMask=x", "stats", "stat", "stat_reset", "srst", "voting_view", "watch_summary", "wchs", "zabstate", "nosuch", "ruok/", "%22"]
# Their lists are in the order of hash tables.
UNORDERED = ["watches", "wchc", "watches_by_path", "wchp"]
# Apache's own: JVM properties and memory. Only what everybody reads is compared.
ENVIRONMENT = ["zookeeper.version", "host.name", "os.name", "os.arch", "os.version", "user.name", "user.home", "user.dir", "os.memory.free"]


def start(kind, folder, **cfg) -> tuple[Server, int]:
    port = free_port()
    return Server(kind, folder, cfg={"admin.enableServer": "true", "admin.serverPort": port, **cfg}).start(), port


def prepare(server: Server) -> Raw:
    line = Raw(server.client_port)
    line.connect()
    line.call(CREATE, create("/a", b"data"))
    line.call(CREATE, create("/e", flags=1))
    for _ in range(140):
        line.call(SET_DATA, set_data("/a", b"data"))
    line.call(GET_DATA, path_watch("/a", True))
    line.call(EXISTS, path_watch("/no", True))
    return line


def unordered(value):
    if isinstance(value, dict):
        return {k: unordered(v) for k, v in value.items()}
    return sorted(map(str, value)) if isinstance(value, list) else value


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """Of both servers: path to (status, header fields, body)."""
    said = {}
    for kind in ("apache", "quoll"):
        with ExitStack() as stack:
            server, port = start(kind, tmp_path_factory.mktemp(kind))
            stack.enter_context(server)
            stack.enter_context(prepare(server))
            paths = ["/commands", "/commands/", *[f"/commands/{c}" for c in COMMANDS + UNORDERED + ["environment", "system_properties"]]]
            said[kind] = {path: get(port, path) for path in paths}
            said[kind]["404"] = get(port, "/nosuch")
            said[kind]["PUT"] = get(port, "/commands/ruok", method="PUT")
            said[kind]["TRACE"] = get(port, "/commands/ruok", method="TRACE")
            said[kind]["HEAD"] = get(port, "/commands/ruok", method="HEAD")
            said[kind]["OPTIONS"] = get(port, "/commands/ruok", method="OPTIONS")
    return said


@pytest.mark.parametrize("command", COMMANDS)
def test_keys_values_and_layout_are_apaches(pages, command):
    apache, quoll = (pages[kind][f"/commands/{command}"] for kind in ("apache", "quoll"))
    assert quoll[0] == apache[0]
    assert quoll[1]["Content-Type"] == apache[1]["Content-Type"]
    ours, theirs = shape(quoll[2]), shape(apache[2])
    assert ours == theirs
    if "monitor" in command or "mntr" in command:
        return  # the order of a hash table
    if command == "dump":
        return  # Apache's server also lists times at which nothing expires
    if "server_stats" in theirs:
        # Java's reflection returns their getters in an order that differs between runs.
        for answer in (ours, theirs):
            answer["server_stats"] = dict(sorted(answer["server_stats"].items()))
        assert sorted(layout(quoll[2]).split("\n")) == sorted(layout(apache[2]).split("\n"))
    else:
        assert layout(quoll[2]) == layout(apache[2])
    assert json.dumps(ours) == json.dumps(theirs), "the order of the keys"


@pytest.mark.parametrize("command", UNORDERED)
def test_watches_are_apaches(pages, command):
    apache, quoll = (pages[kind][f"/commands/{command}"] for kind in ("apache", "quoll"))
    assert quoll[0] == apache[0] == 200
    assert unordered(shape(quoll[2])) == unordered(shape(apache[2]))


def test_the_environment_has_what_apaches_has(pages):
    apache, quoll = (json.loads(pages[kind]["/commands/environment"][2]) for kind in ("apache", "quoll"))
    assert list(quoll) == list(apache)
    for key in ENVIRONMENT:
        assert type(quoll[key]) is type(apache[key]), key


def test_the_properties_are_those_that_were_set(pages):
    ours = json.loads(pages["quoll"]["/commands/system_properties"][2])
    assert ours["zookeeper.admin.enableServer" if "zookeeper.admin.enableServer" in ours else "zookeeper.admin.serverPort"]
    assert ours["command"] == "system_properties"


def test_the_links_are_apaches(pages):
    for path in ("/commands", "/commands/"):
        apache, quoll = (pages[kind][path] for kind in ("apache", "quoll"))
        assert quoll[0] == apache[0] == 200
        assert quoll[2] == apache[2]


@pytest.mark.parametrize("case", ["404", "PUT", "TRACE", "HEAD", "OPTIONS"])
def test_the_status_of_other_requests_is_apaches(pages, case):
    apache, quoll = (pages[kind][case] for kind in ("apache", "quoll"))
    assert quoll[0] == apache[0]
    if case == "HEAD":
        assert quoll[1]["Content-Length"] == apache[1]["Content-Length"] and quoll[2] == b""


def test_it_is_on_by_default_and_a_taken_port_is_no_obstacle_unless_it_was_asked_for(tmp_path):
    """Apache's server does not start when 8080 is taken, even if nobody asked for it."""
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("0.0.0.0", free_port()))
        taken.listen()
        port = taken.getsockname()[1]
        for kind in ("apache", "quoll"):
            asked = Server(kind, tmp_path / f"{kind}-asked", cfg={"admin.enableServer": None, "admin.serverPort": port}).start(wait=False)
            assert asked.process.wait(60) == 4, asked.log_text()
            assert str(port) in asked.log_text()
    default = Server("quoll", tmp_path / "default", cfg={"admin.enableServer": None}).start()
    try:
        log = default.log_text()
        assert "Admin server: http://0.0.0.0:8080/commands" in log or "0.0.0.0:8080" in log and "admin.enableServer=false turns it off" in log
    finally:
        default.stop()


def test_many_http_clients_do_not_delay_a_client(tmp_path):
    """Two hundred connections that ask for a long page, and read nothing: a request over the client port takes its usual time."""
    server, port = start("quoll", tmp_path / "q")
    with server, ExitStack() as stack:
        line = stack.enter_context(prepare(server))
        for i in range(300):
            line.call(EXISTS, path_watch(f"/n{i}", True))
        for _ in range(200):
            asker = stack.enter_context(socket.create_connection(("127.0.0.1", port)))
            asker.sendall(b"GET /commands/monitor HTTP/1.1\r\n\r\n" * 100)
        for _ in range(500):
            line.call(GET_DATA, path_watch("/a", False))
        assert get(port, "/commands/ruok")[0] == 200
