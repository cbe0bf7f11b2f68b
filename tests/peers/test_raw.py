"""Raw sessions: runs each script of transcripts/raw against Apache's server and the kind under test.

With the kind `apache` both are Apache's, which shows that a script has the same result in each run.
"""

import importlib
import pkgutil

import pytest

import transcripts.raw
from harness import Server
from raw_scribe import Scribe
from transcript import assert_same

SCRIPTS = sorted(m.name for m in pkgutil.iter_modules(transcripts.raw.__path__))


def play(script: str, kind: str, folder) -> str:
    module = importlib.import_module(f"transcripts.raw.{script}")
    server = Server(kind, folder, cfg=getattr(module, "CFG", None), jvmflags=getattr(module, "FLAGS", ()))
    with server:
        scribe = Scribe(server)
        try:
            module.play(scribe)
        except Exception as e:
            # The transcript up to here helps more than the exception alone.
            scribe.note(f"the script broke off: {e!r}")
        text = scribe.end()
        server.stop()
    (folder / "transcript").write_text(text)
    return text


@pytest.fixture(scope="module")
def apache_said(tmp_path_factory):
    """The transcript of a script with Apache's server, made once for all tests."""
    said = {}

    def get(script):
        if script not in said:
            said[script] = play(script, "apache", tmp_path_factory.mktemp(f"apache-{script}"))
        return said[script]

    return get


@pytest.mark.parametrize("script", SCRIPTS)
def test_raw(script, server_kind, apache_said, tmp_path):
    expected = apache_said(script)
    assert "broke off" not in expected, expected[-2000:]
    assert_same(expected, play(script, server_kind, tmp_path), server_kind)
