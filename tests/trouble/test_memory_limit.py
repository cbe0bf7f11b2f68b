"""quoll.memoryLimit with a real process: its data grows up to the limit, shrinks, and grows again."""

import pathlib

from harness import Server
from rawzk import CREATE, DELETE, GET_DATA, SET_DATA, Raw, create, delete, path_watch, set_data

LIMIT = 192 << 20
QUOTA_EXCEEDED = -125


def resident(server: Server) -> int:
    return int(pathlib.Path(f"/proc/{server.pid}/statm").read_text().split()[1]) * 4096


def fill(line: Raw, first: int) -> int:
    """Creates znodes until one is refused; returns its number."""
    for number in range(first, first + 10_000):
        reply, _ = line.call(CREATE, create(f"/n{number}", b"x" * 200_000))
        if reply.err == QUOTA_EXCEEDED:
            return number
        assert reply.err == 0
    raise AssertionError("it grows for ever")


def test_data_grows_up_to_the_limit_and_again_after_it_has_shrunk(tmp_path):
    with Server("quoll", tmp_path, cfg={"quoll.memoryLimit": LIMIT, "preAllocSize": 1024}) as server, Raw(server.client_port) as line:
        line.connect()
        count = fill(line, 0)
        assert 400 < count < 1100 and resident(server) < LIMIT * 5 // 4
        with Raw(server.client_port) as other:
            other.connect()
            assert other.call(GET_DATA, path_watch("/n0", False))[0].err == 0
            assert other.call(SET_DATA, set_data("/n0", b"y" * 200_000))[0].err == 0
            assert other.call(SET_DATA, set_data("/n0", b"y" * 200_001))[0].err == QUOTA_EXCEEDED
        for number in range(count // 2):
            assert line.call(DELETE, delete(f"/n{number}"))[0].err == 0
        grown = 0
        while grown < 50:  # within a second the server sees that there is room
            grown += line.call(CREATE, create(f"/again{grown}", b"x" * 200_000))[0].err == 0
        assert fill(line, 10_000) - 10_000 > 100
        assert "Memory is nearly full" in server.log_text() and "Memory has room again" in server.log_text()
        server.kill()
        server.start()
        with Raw(server.client_port) as after:
            after.connect()
            assert after.call(GET_DATA, path_watch(f"/n{count - 1}", False))[0].err == 0
