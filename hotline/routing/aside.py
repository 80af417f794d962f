"""A second loop in a thread of its own, for work that must not hold the calls up.

To write a hundred rows keeps a loop busy for many milliseconds between two of its waits; on a
loop of its own the same work gives way to the calls every half millisecond.
"""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

GIVES_WAY = 0.0005
"""Seconds after which a thread that computes lets the other go on."""


class Aside:
    """See the module; :meth:`close` when all that was begun is over."""

    def __init__(self) -> None:
        self._home: asyncio.AbstractEventLoop | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin; called on the loop of the calls."""
        sys.setswitchinterval(GIVES_WAY)
        self._home = asyncio.get_running_loop()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="aside", daemon=True)
        self._thread.start()

    async def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Do ``work`` aside; whoever waits here may be cancelled, and then it is too."""
        if self._loop is None:
            return await work
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self._loop))

    async def ask(self, question: Callable[[], T]) -> T:
        """Called aside: do something quick on the loop of the calls, and return what it says."""
        if self._home is None or asyncio.get_running_loop() is self._home:
            return question()

        async def answer() -> T:
            return question()

        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(answer(), self._home))

    async def close(self) -> None:
        """End the loop and its thread."""
        loop, thread, self._loop = self._loop, self._thread, None
        if loop is None or thread is None:
            return
        loop.call_soon_threadsafe(loop.stop)
        await asyncio.to_thread(thread.join)
        loop.close()
