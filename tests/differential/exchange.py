"""Compares the two transaction logs, and lets each server replay the other's log.

A replayed log must give exactly the tree that its writer had, including times and session ids, and the same digest.
"""

from __future__ import annotations

import itertools
import shutil
import tempfile
import time
from pathlib import Path

import paths  # noqa: F401
import replay
import rules as rules_page
import tree
import zkfiles
from harness import Server
from pair import Difference, masked_log
from rules import Rules
from side import Side, Wire

REPEATED = "log an error under the zxid of the transaction before"
CHANGES_NOTHING = "log a digest of what changes nothing"
WRONG = "log a digest that is not the tree's"
ORDER = "order of log"


class Exchange:
    def __init__(self, rules: Rules, folder: Path):
        self.rules, self.folder = rules, folder

    def __call__(self, sides: list[Side]) -> Difference | None:
        servers = [side.server for side in sides]
        for server in servers:
            server.stop()
        logs = [self._log(server) for server in servers]
        found = self._logs_differ(sides, logs)
        for writer, reader in ((0, 1), (1, 0)):
            if found is None:
                found = self._replayed(sides[writer], servers[reader].kind)
        return found

    # -- transactions

    def _log(self, server: Server) -> list[zkfiles.Txn]:
        txns: list[zkfiles.Txn] = []
        for path in zkfiles.log_files(server.data_log_dir):
            log = zkfiles.read_log(path, repeated_errors=REPEATED in self.rules.texts, after=txns[-1].header.zxid if txns else None)
            self.rules.uses[REPEATED] += log.repeated
            txns += log.txns
        return txns

    def _logs_differ(self, sides, logs) -> Difference | None:
        for a, q in itertools.zip_longest(*[[masked_log(txn, side.masks) for txn in log] for log, side in zip(logs, sides)], fillvalue={}):
            if a != q and a.get("type") in (-1, -11) and CHANGES_NOTHING in self.rules.texts and a | {"digest": None} == q:
                self.rules.uses[CHANGES_NOTHING] += 1
            elif a != q and ORDER in self.rules.texts and in_order(a) == in_order(q):
                self.rules.uses[ORDER] += 1
            elif a != q:
                return Difference(-1, {"do": "exchange", "what": "logs"}, ([a], [q]))
        return None

    # -- replay

    def _replayed(self, side: Side, reader: str) -> Difference | None:
        """Lets `reader` recover from the files that `side`'s server wrote, and compares the trees."""
        writer = side.server
        model = self._model(writer)
        start = zkfiles.newest_snapshot(writer.data_dir)
        read_from = start.digest[0] if start.digest else zkfiles.zxid_of(start.path)
        with tempfile.TemporaryDirectory(prefix="replayed-", dir=self.folder) as name, self._server_on_copy(writer, reader, Path(name)) as server:
            shown = tree.walk(Wire(server.client_port))
            mismatches = [line for line in server.four_letter("mntr").splitlines() if line.startswith("zk_digest_mismatches_count")]
            snapshot = self._snapshot_of_start(server, model)
        what = f"{writer.kind}'s log replayed by {reader}"
        expected = {p: self._recovered(p, n) for p, n in side.tree.items()}
        shown = {p: self._recovered(p, n) for p, n in shown.items()}
        for path in sorted(expected.keys() | shown.keys()):
            if expected.get(path) != shown.get(path):
                return self._differ(what, {"path": path, **expected.get(path, {})}, {"path": path, **shown.get(path, {})})
        sessions = dict(sorted(model.sessions.items()))
        problems = model.problems
        if problems and writer.kind == "apache" and WRONG in self.rules.texts:
            self.rules.uses[WRONG] += 1
            problems = []
        # A server that reads a log with wrong digests must report exactly those in the part that it reads.
        wrong = sum(zxid > read_from for zxid in model.wrong_digests)
        proved = {"what": "state", "sessions": sessions, "digest": self._digest(model, snapshot),
                  "mismatches": str(wrong), "model": []}
        says = {"what": "state", "sessions": dict(sorted(snapshot.sessions.items())), "digest": snapshot.digest and snapshot.digest[2],
                "mismatches": mismatches[0].split("\t")[1], "model": problems}
        return None if proved == says else self._differ(what, proved, says)

    def _snapshot_of_start(self, server: Server, model: replay.Model) -> zkfiles.Snapshot:
        """The snapshot after recovery: Apache's server writes it before it serves, Quoll while it serves."""
        until = time.monotonic() + 10
        while (snapshot := zkfiles.newest_snapshot(server.data_dir)) and zkfiles.zxid_of(snapshot.path) < model.zxid:
            if time.monotonic() > until:
                break
            time.sleep(0.02)
        return snapshot

    def _server_on_copy(self, writer: Server, reader: str, folder: Path) -> Server:
        shutil.copytree(writer.data_dir, folder / "data")
        return Server(reader, folder, cfg={k: v for k, v in writer.extra_cfg.items() if k != "dataDir"}, jvmflags=writer.jvmflags)

    def _digest(self, model: replay.Model, snapshot: zkfiles.Snapshot):
        return snapshot.digest and model.history.get(snapshot.digest[0])

    def _differ(self, what: str, expected: dict, shown: dict) -> Difference:
        return Difference(-1, {"do": "exchange", "what": what}, ([expected], [shown]))

    def _model(self, server: Server) -> replay.Model:
        model = replay.Model(zkfiles.read_snapshot(zkfiles.snapshot_files(server.data_dir)[0]))
        for txn in self._log(server):
            model.apply(txn)
        return model

    def _recovered(self, path: bytes, node: dict) -> dict:
        """A node without what may differ after recovery."""
        node = node | {"acl": [(p, rules_page.joined(s), rules_page.joined(i)) for p, s, i in node["acl"] or []]}
        for text, pattern in self.rules.of("data after recovery"):
            if rules_page.matches(pattern, path):
                node |= {"data": None, "dataLength": None}
                self.rules.uses[text] += 1
        return node


def in_order(txn: dict) -> dict:
    """A transaction with the entries of its ACLs sorted: those that replaced `auth` come in any order."""
    out = rules_page.ordered(txn)
    if "subs" in out:
        out["subs"] = [(kind, in_order(sub)) for kind, sub in out["subs"]]
    return out
