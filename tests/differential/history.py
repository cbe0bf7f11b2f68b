"""A history: the clients, the servers' settings and the steps, as plain data.

Steps are dictionaries of strings and numbers, so that a history can be stored in a file and shrunk:

  {"do": "request", "slot": "A", "op": 4, "body": hex, "xid": n?}   one request; receives everything up to its reply
  {"do": "batch", "slot": "A", "requests": [[op, hex], ...]}        many requests at once
  {"do": "set_watches", "slot", "op", "seen": zxid or "last", "lists": [[path, ...], ...]}
  {"do": "bytes", "slot", "data": hex}                              bytes after which the server closes the connection
  {"do": "close", "slot"}                                           closeSession
  {"do": "drop", "slot"}                                            closes the connection, but not the session
  {"do": "resume", "slot", "passwd": "right"|hex, "seen": "last"|n} resumes the session on a new connection
  {"do": "move", "slot"}                                            resumes it while the old connection is open
  {"do": "expire", "slot", "open": bool, "requests": [...]}         opens another session, which expires without pings
  {"do": "hello", "data": hex}                                      a connection whose first bytes are these
  {"do": "connect", ...arguments of rawzk.connect_request}          an unusual connect request, and a closeSession if it was accepted
  {"do": "word", "word": "mntr"}                                    a four-letter word
  {"do": "restart", "how": "kill"|"stop"}                           restarts the server; sessions continue
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
        """The number of requests, without connect requests."""
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
