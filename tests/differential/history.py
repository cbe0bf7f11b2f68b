"""A history: who takes part, how the servers are set up, and what is done, step by step, as plain data.

Steps are dictionaries of strings and numbers, so that a history can be kept in a file and cut down:

  {"do": "request", "slot": "A", "op": 4, "body": hex, "xid": n?}   one request, and all that comes back up to its reply
  {"do": "batch", "slot": "A", "requests": [[op, hex], ...]}        many at once
  {"do": "set_watches", "slot", "op", "seen": zxid or "last", "lists": [[path, ...], ...]}
  {"do": "bytes", "slot", "data": hex}                              what no server goes on after
  {"do": "close", "slot"}                                           closeSession
  {"do": "drop", "slot"}                                            the connection ends, the session does not
  {"do": "resume", "slot", "passwd": "right"|hex, "seen": "last"|n} taken up again on a new connection
  {"do": "move", "slot"}                                            taken over by a new connection while the old one is open
  {"do": "expire", "slot", "open": bool, "requests": [...]}         a session of its own lives shortly, then is silent until it expires
  {"do": "hello", "data": hex}                                      a connection that begins with these bytes
  {"do": "connect", ...arguments of rawzk.connect_request}          an odd connect request, and a closeSession if it was taken
  {"do": "word", "word": "mntr"}                                    a four-letter word
  {"do": "restart", "how": "kill"|"stop"}                           the server ends and starts again; sessions go on
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class History:
    seed: int
    flags: dict[str, str]                     # zookeeper.* properties of both servers
    slots: dict[str, dict]                    # name -> {"host": address, "auth": [[scheme, text], ...]}
    steps: list[dict] = field(default_factory=list)

    def cut(self, steps: list[dict]) -> "History":
        used = {s["slot"] for s in steps if "slot" in s}
        return History(self.seed, self.flags, {k: v for k, v in self.slots.items() if k in used}, steps)

    def requests(self) -> int:
        """How many requests it sends, connects left aside."""
        return sum(len(s["requests"]) if "requests" in s else 1 for s in self.steps)

    def text(self) -> str:
        return json.dumps({"seed": self.seed, "flags": self.flags, "slots": self.slots}) + "\n" + \
            "".join(json.dumps(s) + "\n" for s in self.steps)

    def save(self, path: Path):
        Path(path).write_text(self.text())

    @classmethod
    def parse(cls, text: str) -> "History":
        head, *steps = [json.loads(line) for line in text.splitlines() if line.strip()]
        return cls(head["seed"], head["flags"], head["slots"], steps)

    @classmethod
    def load(cls, path: Path) -> "History":
        return cls.parse(Path(path).read_text())
