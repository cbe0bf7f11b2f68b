"""Four-letter words: compares every answer of Apache's server with that of the kind under test."""

import re
from contextlib import ExitStack

import pytest
from harness import Server
from four_letter_shapes import shape
from rawzk import (ADD_WATCH, AUTH, CREATE, EXISTS, GET_CHILDREN2, GET_DATA, SET_DATA, XID_AUTH, Raw, auth, create, i64, path_int,
                   path_watch, set_data)
from transcript import assert_same

WORDS = ["conf", "cons", "dirs", "dump", "envi", "gtmk", "hash", "isro", "mntr", "ruok", "srvr", "stat", "wchs", "wchc", "wchp"]
RESETS = ["crst", "cons", "srst", "srvr", "stat", "mntr"]
# Unknown words, parts of words, words with something after them.
ODD = [b"foob", b"RUOK", b"ruok\n", b"srvr\r\n", b"stmk" + i64(255), b"gtmk", b"stmk" + i64(306), b"gtmk", b"\xff\xf4\xff\xfd", b"lead",
       b"obsr", b"sysp", b"kill", b"reqs", b"zabs"]


def ask(server: Server, word: bytes | str, then_finish: bool = False) -> str:
    try:
        answer = server.four_letter(word, timeout=5, then_finish=then_finish)
    except TimeoutError:
        return "no answer"
    except OSError as e:
        return f"refused: {type(e).__name__}"
    name = word if isinstance(word, str) else word.decode("latin-1")
    return shape(name, answer, {server.client_port: "<port>"}, str(server.workdir))


def prepare(server: Server) -> list[Raw]:
    """Sessions with nodes, watches, an ephemeral and enough writes for the digest history."""
    lines = [Raw(server.client_port) for _ in range(2)]
    for line in lines:
        line.connect()
    first, second = lines
    for op, body in ((CREATE, create("/a", b"data")), (CREATE, create("/a/b")), (CREATE, create("/e", flags=1)),
                     (GET_DATA, path_watch("/a", True)), (GET_CHILDREN2, path_watch("/a", True)), (EXISTS, path_watch("/no", True)),
                     (ADD_WATCH, path_int("/a/b", 0)), (ADD_WATCH, path_int("/r", 1))):
        first.call(op, body)
    second.call(AUTH, auth("digest", b"u:p"), xid=XID_AUTH)
    for _ in range(130):
        second.call(SET_DATA, set_data("/a", b"data"))
    first.call(GET_DATA, path_watch("/a", True))
    return lines


def listen(kind: str, folder) -> dict[str, str]:
    """The answers of one server, by word."""
    said = {}
    with Server(kind, folder) as server, ExitStack() as stack:
        # Resets the counters: how often the harness queried the server during its start varies.
        ask(server, "srst")
        for word in WORDS + ODD:
            said[f"fresh {word!r}"] = ask(server, word)
        ask(server, "srst")
        for line in prepare(server):
            stack.enter_context(line)
        for word in WORDS:
            said[f"busy {word!r}"] = ask(server, word)
            said[f"half closed {word!r}"] = ask(server, word, then_finish=True)
        for word in RESETS:
            said[f"reset {word!r}"] = ask(server, word)
    for name, listed in {"default": None, "some": "ruok, conf", "none": "nothing"}.items():
        with Server(kind, folder / name, cfg={"4lw.commands.whitelist": listed}) as server:
            for word in WORDS + ["crst", b"stmk" + i64(1), b"foob"]:
                said[f"whitelist {name} {word!r}"] = re.sub(r"(Received|Sent): \d+", r"\1: <n>", ask(server, word))
    return said


@pytest.fixture(scope="module")
def apache_said(tmp_path_factory):
    return listen("apache", tmp_path_factory.mktemp("apache-words"))


def test_four_letter_words(server_kind, apache_said, tmp_path):
    said = listen(server_kind, tmp_path)
    as_text = ["".join(f"## {word}\n{answer}\n" for word, answer in each.items()) for each in (apache_said, said)]
    (tmp_path / "words").write_text(as_text[1])
    assert_same(*as_text, server_kind)
