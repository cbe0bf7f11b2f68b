"""Sends one history to two servers, step by step, and stops at the first difference that no rule allows."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

import paths  # noqa: F401
import treedump
import zkfiles
from harness import Server
from history import History
from replies import Masks
from rules import Parted, Rules, joined
from side import Side

CFG = {"tickTime": 100, "minSessionTimeout": 1000, "maxSessionTimeout": 600000, "maxClientCnxns": 0}
FLAGS = {
    "zookeeper.DigestAuthenticationProvider.superDigest": treedump.SUPER_DIGEST,
    # Disables what the servers do by themselves at times that a history cannot know.
    "znode.container.checkIntervalMs": "3600000", "zookeeper.snapCount": "1000000",
    # The disk is not what is compared.
    "zookeeper.forceSync": "no", "zookeeper.preAllocSize": "1024",
}
LAST_WORDS = ["ruok", "isro", "srvr", "stat", "wchs", "wchc", "wchp", "dump", "cons", "mntr", "dirs", "hash", "conf", "envi"]


@dataclass
class Difference:
    where: int                  # the number of the step
    step: dict
    sides: tuple[list, list]    # what each server sent

    def kind(self) -> tuple:
        """Identifies the difference: a shrunk history must show one of the same kind."""
        a, b = self.first()
        keys = sorted(k for k in a.keys() | b.keys() if a.get(k) != b.get(k))
        # The kinds of the two messages or, if they are equal, the fields that differ.
        kinds = (a.get("what"), b.get("what"))
        return self.step["do"], self.step.get("op"), kinds, tuple(keys) if kinds[0] == kinds[1] else ()

    def first(self) -> tuple[dict, dict]:
        a, b = self.sides
        for n in range(max(len(a), len(b))):
            x, y = a[n] if n < len(a) else {}, b[n] if n < len(b) else {}
            if x != y:
                return x, y
        return {}, {}

    def text(self, names=("apache", "quoll")) -> str:
        lines = [f"step {self.where}: {shown(self.step)}"]
        for name, said, other in zip(names, self.sides, self.sides[::-1]):
            lines += [f"  {name}: {shown(_news(one, other))}" for one in said if one not in other or len(said) < 10] or [f"  {name}: nothing"]
        return "\n".join(lines)


def masked_log(txn: zkfiles.Txn, masks: Masks) -> dict:
    """A transaction's fields, without its digest, which depends on times and session ids."""
    head = txn.header
    return {"what": "transaction", "client": masks.owner(head.client), "cxid": head.cxid, "zxid": head.zxid, "type": head.type,
            "time": masks.time(head.zxid, head.time), "digest": txn.digest and txn.digest[0], **_masked_body(txn.body)}


def _masked_body(body: dict) -> dict:
    body = dict(body)
    if "paths" in body:
        body["paths"] = sorted(body["paths"] or [])
    if body.get("acl"):
        body["acl"] = [(perms, joined(scheme), joined(name)) for perms, scheme, name in body["acl"]]
    if "subs" in body:
        body["subs"] = [(kind, _masked_body(sub)) for kind, sub in body["subs"]]
    return body


def shown(one) -> str:
    text = ", ".join(f"{k}={v!r}" for k, v in one.items()) if isinstance(one, dict) else repr(one)
    return text if len(text) < 2000 else f"{text[:2000]}... ({len(text)} characters)"


def _news(one: dict, others: list[dict]) -> dict:
    """Of a long answer, the lines that the other answer does not have."""
    if "lines" not in one:
        return one
    theirs = {line for other in others for line in other.get("lines", [])}
    return one | {"lines": [line for line in one["lines"] if line not in theirs]}


class Pair:
    """Two servers, new for each history."""

    def __init__(self, kinds=("apache", "quoll"), folder: Path | None = None, rules: Rules | None = None,
                 spoil: Callable | None = None):
        self.kinds, self.spoil = kinds, spoil
        self.rules = rules or Rules.load()
        self.folder = folder

    def servers(self, history: History, stack: ExitStack) -> list[Server]:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="history-", dir=self.folder, ignore_cleanup_errors=True)))
        flags = [f"{k}={v}" for k, v in (FLAGS | history.flags).items()]
        made = [Server(kind, folder / f"{n}-{kind}", cfg=CFG, jvmflags=flags) for n, kind in enumerate(self.kinds)]
        for server in made:
            server.start(wait=False)
            stack.callback(server.kill)
        for server in made:
            server.wait_serving()
            server.four_letter("srst")  # how often the harness queried it varies
        return made

    def play(self, history: History, after: Callable[[list[Side]], Difference | None] | None = None) -> Difference | None:
        """If there was no difference, `after` is called with both sides while the servers still run."""
        with ExitStack() as stack:
            servers = self.servers(history, stack)
            sides = [Side(servers[0], history.slots), Side(servers[1], history.slots, self.spoil)]
            for side in sides:
                stack.callback(side.close)
            try:
                found = self._steps(sides, history)
            except Parted:
                return None
            if found is None and after:
                found = after(sides)
            return found

    def _steps(self, sides: list[Side], history: History) -> Difference | None:
        for number, step in enumerate([*history.steps, {"do": "settle"}, *({"do": "word", "word": w} for w in LAST_WORDS), {"do": "tree"}]):
            if step["do"] == "settle":
                said = [side.settle() for side in sides]
            else:
                for side in sides:
                    side.say(step)
                for side in sides:
                    side.hear(step)
                said = [side.wait(step) for side in sides]
            if said[0] != said[1] and not self.rules.excuse(step, *said, sides[0].closings | sides[1].closings):
                return Difference(number, step, tuple(said))
        return None
