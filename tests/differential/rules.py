"""The differences that docs/deviations.md lists, as rules for the comparison. There is no other list of exceptions.

An entry there may have lines `Rule: kind arguments`, in a code span. The kinds:

  order of LIST                   the order of lists in replies to these operations, in the final `tree`, in the `log`, or of
                                  the events of a session's end
  surrogates in getACL            code points above U+FFFF as two surrogates
  parts OP apache=ERR quoll=ERR   the replies may have these codes; then the trees differ, so the history ends
  fatal NAME                      a request that ends Apache's server; never sent (a predicate of NEVER)
  apart NAME                      a request after which the trees differ; never sent (a predicate of NEVER)
  repeats in WORD                 a line that appears twice
  refused writes in cons          Apache's NA for the last operation
  headings of dump ...            sessions without an ephemeral
  word WORDS /regex/              lines of answers to four-letter words that are not compared
  word WORDS /regex/ quoll=/re/   the same, if Quoll's line matches re
  data after recovery /regex/     data of znodes that may differ after the other server replayed the log
  log NAME                        a difference of the transaction logs (handled in exchange.py)
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import paths
import rawzk as z
from replies import op_name

PAGE = paths.ROOT / "docs" / "deviations.md"
LINE = re.compile(r"^Rule: `([^`]+)`", re.M)


class Parted(Exception):
    """A listed difference after which the two trees are not equal."""


@dataclass
class Rules:
    texts: list[str]
    uses: Counter = field(default_factory=Counter)

    @classmethod
    def load(cls, page: Path = PAGE) -> "Rules":
        rules = cls(LINE.findall(page.read_text()))
        for text in rules.texts:
            if not any(text.startswith(kind + " ") for kind in KINDS):
                raise ValueError(f"{page}: a rule of an unknown kind: {text}")
        return rules

    def of(self, kind: str) -> list[tuple[str, str]]:
        """(whole rule, its arguments) of one kind."""
        return [(text, text[len(kind) + 1:]) for text in self.texts if text.startswith(kind + " ")]

    def excuse(self, step: dict, apache: list[dict], quoll: list[dict], closings: set[int]) -> bool:
        """Whether the answers are equal under the rules. Raises Parted if they are, but nothing after them can be compared."""
        for kind in KINDS:
            for text, arguments in self.of(kind):
                changed = KINDS[kind](arguments, step, apache, quoll, closings) if KINDS[kind] else None
                if changed and changed != (apache, quoll):
                    # A rule counts as used only if it makes the two more alike.
                    if _distance(*changed) < _distance(apache, quoll):
                        self.uses[text] += 1
                        apache, quoll = changed
                if apache == quoll:
                    return True
        for text, arguments in self.of("parts"):
            if _parts(arguments, step, apache, quoll):
                self.uses[text] += 1
                raise Parted(text)
        return False

    def forbids(self, op: int, body: bytes) -> str | None:
        """The rule by which this request must not be sent, if there is one."""
        for text, name in self.of("fatal") + self.of("apart"):
            if NEVER[name](op, body):
                self.uses[text] += 1
                return text
        return None


def _distance(a: list[dict], b: list[dict]) -> int:
    return abs(len(a) - len(b)) + sum(_apart(x.get(k), y.get(k)) for x, y in zip(a, b) for k in x.keys() | y.keys())


def _apart(x, y) -> int:
    if not isinstance(x, list) or not isinstance(y, list):
        return x != y
    counts = Counter(map(repr, x))
    counts.subtract(map(repr, y))
    return (x != y) + sum(map(abs, counts.values()))


# ---------------------------------------------------------------- order

def ordered(said: dict) -> dict:
    """The message with its lists of undefined order sorted."""
    out = dict(said)
    for key in ("list", "acl"):
        if said.get(key):
            out[key] = sorted(said[key], key=repr)
    if said.get("op") == z.MULTI_READ and "parts" in said:
        out["parts"] = [(*p[:2], sorted(p[2])) if p[0] == "getChildren" and p[2] is not None else p for p in said["parts"]]
    return out


def _events_ordered(said: list[dict], closings: set[int]) -> list[dict]:
    out, run = [], []
    for one in [*said, None]:
        if one and one["what"] == "event" and one["zxid"] in closings and (not run or run[-1]["zxid"] == one["zxid"]):
            run.append(one)
            continue
        out += sorted(run, key=lambda e: (e["path"] or b"", e["type"]))
        run = [one] if one and one["what"] == "event" and one["zxid"] in closings else []
        if one and not run:
            out.append(one)
    return out


def _order(arguments, step, apache, quoll, closings):
    if arguments == "a session's end":
        return tuple(_events_ordered(side, closings) for side in (apache, quoll))
    return tuple([ordered(s) if name_of(s) == arguments else s for s in side] for side in (apache, quoll))


def name_of(said: dict) -> str:
    """The name of a message in rules: the operation for a reply, `tree` for a znode of the final tree."""
    return op_name(said["op"]) if said["what"] == "reply" else {"node": "tree"}.get(said["what"], said["what"])


# ---------------------------------------------------------------- text

def joined(text: bytes | None) -> bytes | None:
    """UTF-8 with surrogate pairs replaced by the code points that they stand for."""
    if text is None or b"\xed" not in text:
        return text
    try:
        return text.decode("utf-8", "surrogatepass").encode("utf-16", "surrogatepass").decode("utf-16").encode()
    except UnicodeError:
        return text


def _surrogates(arguments, step, apache, quoll, closings):
    def mend(said):
        for key in ("acl", "list"):
            if said.get(key):
                said = said | {key: [tuple(joined(x) if isinstance(x, bytes) else x for x in e) if isinstance(e, tuple) else e
                                     for e in said[key]]}
        return said
    return tuple([mend(s) if name_of(s) == arguments else s for s in side] for side in (apache, quoll))


def matches(pattern: str, path: bytes) -> bool:
    return re.search(pattern.strip("/").encode(), path) is not None


# ---------------------------------------------------------------- words

def _word(arguments, step, apache, quoll, closings):
    if step["do"] != "word":
        return None
    words, pattern, ours = re.fullmatch(r"(\S+) /(.*?)/(?: quoll=/(.*)/)?", arguments).groups()
    if step["word"] not in words.split(","):
        return None
    if ours and not all(re.search(ours, line) for said in quoll for line in said.get("lines", []) if re.search(pattern, line)):
        return None
    return tuple([s | {"lines": [line for line in s["lines"] if not re.search(pattern, line)]} if "lines" in s else s for s in side]
                 for side in (apache, quoll))


def _words_mended(step, word: str, sides, mend):
    if step["do"] != "word" or step["word"] != word:
        return None
    return tuple([s | {"lines": mend(s["lines"])} if "lines" in s else s for s in side] for side in sides)


def _headings(arguments, step, apache, quoll, closings):
    def mend(lines):
        kept = [line for n, line in enumerate(lines)
                if not line.startswith("<session>") or not line.endswith(":") or lines[n + 1:n + 2] and lines[n + 1].startswith("\t")]
        left = len(lines) - len(kept)
        return [re.sub(r"(?<=^Sessions with Ephemerals \()\d+", lambda n: str(int(n.group()) - left), line) for line in kept]
    return _words_mended(step, arguments.split()[0], (apache, quoll), mend)


def _refused(arguments, step, apache, quoll, closings):
    if step["do"] != "word" or step["word"] != arguments or not all("lines" in s for s in [*apache, *quoll]):
        return None
    theirs = {re.sub(r"lop=\w+", "", line) for s in apache for line in s["lines"] if ",lop=NA," in line}
    def mend(said):
        return said | {"lines": sorted(re.sub(r"lop=\w+", "lop=NA", line) if re.sub(r"lop=\w+", "", line) in theirs else line
                                       for line in said["lines"])}
    return tuple([mend(s) for s in side] for side in (apache, quoll))


def _repeats(arguments, step, apache, quoll, closings):
    def mend(lines):
        return [line for n, line in enumerate(lines) if n == 0 or line != lines[n - 1]]
    return _words_mended(step, arguments, (apache, quoll), mend)


# ---------------------------------------------------------------- parting and fatal

def _parts(arguments: str, step: dict, apache: list[dict], quoll: list[dict]) -> bool:
    op, a, q = re.fullmatch(r"(\w+) apache=(-?\d+) quoll=(-?\d+)", arguments).groups()
    for x, y in zip(apache, quoll):
        if x != y:
            return x["what"] == y["what"] == "reply" and name_of(x) == op and (x["err"], y["err"]) == (int(a), int(q))
    return False


class Write(NamedTuple):
    """The fields that rules check of one write, alone or in a multi."""
    op: int
    path: bytes | None
    data: bytes | None
    flags: int = 0
    ttl: int = 0


CREATES = (z.CREATE, z.CREATE2, z.CREATE_CONTAINER, z.CREATE_TTL)


def _writes(op: int, body: bytes) -> list[Write]:
    """The writes of a request, as far as it can be decoded."""
    found, r = [], z.Reader(body)
    try:
        if op != z.MULTI:
            return [_write(op, r)]
        while True:
            kind = r.i32()
            if r.take(1) != b"\0":
                return found
            r.i32()
            found.append(_write(kind, r))
    except (EOFError, ValueError):
        return found


def _write(kind: int, r: z.Reader) -> Write:
    if kind in CREATES:
        path, data = r.buf(), r.buf()
        for _ in range(max(0, r.i32())):
            r.i32(), r.buf(), r.buf()
        return Write(kind, path, data, r.i32(), r.i64() if kind == z.CREATE_TTL else 0)
    if kind in (z.DELETE, z.CHECK):
        return Write(kind, r.buf(), None, r.i32())
    if kind == z.SET_DATA:
        return Write(kind, r.buf(), r.buf(), r.i32())
    raise ValueError(kind)


def _creates(op: int, body: bytes) -> list[Write]:
    return [w for w in _writes(op, body) if w.op in CREATES and w.path is not None]


def _is_quota_text(data: bytes | None) -> bool:
    """Whether Apache's parser accepts it: pairs separated by commas or semicolons, a number after the first equals sign."""
    try:
        return all(-2**63 <= int(pair.split(b"=")[1] or b"-1") < 2**63 for pair in re.split(b"[,;]+", data.rstrip(b",;")) if data)
    except (AttributeError, IndexError, ValueError):
        return False


NEVER = {
    "createTTL with a flag that names no TTL and a TTL below 0":
        lambda op, body: any(w.op == z.CREATE_TTL and w.flags not in (5, 6) and w.ttl < 0 for w in _creates(op, body)),
    "a limit for the root of all quotas":
        lambda op, body: any(w.path == b"/zookeeper/quota/zookeeper_limits" for w in _creates(op, body)),
    "quota statistics that are no numbers":
        lambda op, body: any(w.op in (*CREATES, z.SET_DATA) and w.path and w.path.endswith(b"/zookeeper_stats") and not _is_quota_text(w.data)
                             for w in _writes(op, body)),
    "the end of a limit outside of all quotas":
        lambda op, body: any(w.op in (z.DELETE, *CREATES) and w.path and re.fullmatch(rb"/zookeeper.*/zookeeper_limits", w.path, re.S)
                             and not w.path.startswith(b"/zookeeper/quota/") for w in _writes(op, body)),
    "quota nodes beside the tree of quotas":
        lambda op, body: any(re.match(rb"/zookeeper/quota[^/].*/zookeeper_(limits|stats)$", w.path, re.S) for w in _creates(op, body)),
    "a name that begins or ends with a blank":
        lambda op, body: any(re.search(rb"/ | (/|$)", w.path) for w in _creates(op, body)),
}

KINDS = {"refused writes in": _refused, "headings of": _headings, "repeats in": _repeats, "surrogates in": _surrogates, "order of": _order, "word": _word, "parts": None, "fatal": None, "apart": None,
         "data after recovery": None,
         "log": None}
