"""A TCP proxy for each ordered pair of members, so that a test can cut the way from one to another.

Each direction is cut by itself. In silence, bytes wait, as on a network that loses every packet, and arrive when the way is whole again.
A refusal closes what is open and lets nothing new in.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Coroutine, Iterable

CHUNK = 65536


class Network:
    """The ways between members 1 to N. Runs an event loop in a thread of its own."""

    def __init__(self):
        self._silent: set[tuple[int, int]] = set()
        self._refused: set[tuple[int, int]] = set()
        self._open: set[tuple[int, int, asyncio.StreamWriter]] = set()
        self._servers: list[asyncio.Server] = []
        self._loop = asyncio.new_event_loop()
        self._changed: asyncio.Condition | None = None
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxies", daemon=True)
        self._thread.start()
        self._run(self._begin())

    def way(self, source: int, target: int, target_port: int) -> int:
        """Opens a port for `source` that leads to `target_port` of `target`; returns it."""
        return self._run(self._listen(source, target, target_port))

    def cut(self, source: int, target: int, how: str = "silence"):
        """Lets nothing of `source` through to `target`. `how` is silence or refusal; a refusal cuts both directions of each connection."""
        assert how in ("silence", "refusal")
        (self._silent if how == "silence" else self._refused).add((source, target))
        self._run(self._apply())

    def part(self, one: Iterable[int], other: Iterable[int], how: str = "silence"):
        """Cuts every way between two groups, in both directions."""
        others = list(other)
        for a in one:
            for b in others:
                self.cut(a, b, how)
                self.cut(b, a, how)

    def heal(self):
        self._silent.clear()
        self._refused.clear()
        self._run(self._apply())

    def end(self):
        self._run(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    # -- in the loop's thread

    def _run(self, what: Coroutine):
        return asyncio.run_coroutine_threadsafe(what, self._loop).result(30)

    async def _begin(self):
        self._changed = asyncio.Condition()

    async def _apply(self):
        for source, target, writer in list(self._open):
            if (source, target) in self._refused or (target, source) in self._refused:
                writer.transport.abort()
        async with self._changed:
            self._changed.notify_all()

    async def _listen(self, source: int, target: int, target_port: int) -> int:
        async def accepted(reader: asyncio.StreamReader, writer: asyncio.StreamWriter):
            await self._carry(source, target, target_port, reader, writer)
        server = await asyncio.start_server(accepted, "127.0.0.1", 0)
        self._servers.append(server)
        return server.sockets[0].getsockname()[1]

    async def _carry(self, source: int, target: int, target_port: int, reader, writer):
        refused = {(source, target), (target, source)} & self._refused
        with contextlib.suppress(OSError, asyncio.CancelledError):
            if not refused:
                await self._whole(source, target)
                far_reader, far_writer = await asyncio.open_connection("127.0.0.1", target_port)
                ends = {(source, target, writer), (source, target, far_writer)}
                self._open |= ends
                try:
                    await asyncio.gather(self._pump(source, target, reader, far_writer), self._pump(target, source, far_reader, writer))
                finally:
                    self._open -= ends
                    far_writer.transport.abort()
        writer.transport.abort()

    async def _whole(self, source: int, target: int):
        async with self._changed:
            await self._changed.wait_for(lambda: (source, target) not in self._silent)

    async def _pump(self, source: int, target: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter):
        """Carries bytes from one end to the other until the first one ends, and then ends the other."""
        while True:
            try:
                data = await reader.read(CHUNK)
            except OSError:
                data = b""
            await self._whole(source, target)
            if not data:
                writer.close()
                return
            writer.write(data)
            await writer.drain()

    async def _end(self):
        for server in self._servers:
            server.close()
        for task in asyncio.all_tasks(self._loop):
            if task is not asyncio.current_task():
                task.cancel()
