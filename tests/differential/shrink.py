"""Shrinks a history to what a difference needs: removes whole slots, then shorter and shorter runs of steps, then members of batches.

Each attempt uses two new servers; it counts if it shows a difference of the same kind as the first one.
"""

from __future__ import annotations

import time

from history import History
from pair import Difference, Pair


class Shrinker:
    def __init__(self, pair: Pair, history: History, found: Difference, after=None, seconds: float = 300):
        self.pair, self.kind = pair, found.kind()
        self.after = after if found.step["do"] == "exchange" else None
        self.best, self.found = history, found
        self.until = time.monotonic() + seconds
        self.plays = 0

    def attempt(self, steps: list[dict]) -> bool:
        if time.monotonic() > self.until:
            return False
        self.plays += 1
        history = self.best.cut(steps)
        found = self.pair.play(history, self.after)
        if found is None or found.kind() != self.kind:
            return False
        self.best, self.found = self._without_tail(history, found), found
        return True

    def _without_tail(self, history: History, found: Difference) -> History:
        return history.cut(history.steps[:found.where + 1]) if 0 <= found.where < len(history.steps) else history

    def run(self) -> tuple[History, Difference]:
        self.best = self._without_tail(self.best, self.found)
        for slot in sorted({s["slot"] for s in self.best.steps if "slot" in s}):
            self.attempt([s for s in self.best.steps if s.get("slot") != slot])
        size = max(1, len(self.best.steps) // 2)
        while True:
            shrunk = self._runs(size)
            if size == 1 and not shrunk:
                break
            size = max(1, size // 2) if not shrunk or size > 1 else 1
            if time.monotonic() > self.until:
                break
        self._batches()
        return self.best, self.found

    def _runs(self, size: int) -> bool:
        """Removes runs of `size` steps, beginning at the end, because the last ones are rarely needed."""
        shrunk, end = False, len(self.best.steps)
        while end > 0:
            steps = self.best.steps
            end = min(end, len(steps))
            start = max(0, end - size)
            if self.attempt(steps[:start] + steps[end:]):
                shrunk = True
            end = start
        return shrunk

    def _batches(self):
        number = 0
        while number < len(self.best.steps):
            step = self.best.steps[number]
            at, size = 0, max(1, len(step.get("requests", [])) // 2)
            while size:
                requests = self.best.steps[number].get("requests", [])
                if at >= len(requests):
                    at, size = 0, size // 2
                    continue
                less = step | {"requests": requests[:at] + requests[at + size:]}
                if not self.attempt([*self.best.steps[:number], less, *self.best.steps[number + 1:]]):
                    at += size
            number += 1


def shrink(pair: Pair, history: History, found: Difference, after=None, seconds: float = 300) -> tuple[History, Difference]:
    return Shrinker(pair, history, found, after, seconds).run()
