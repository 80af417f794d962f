"""Events kept in order, for a consumer that awaits while it works on each."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator

from hotline.ami import events


class Mailbox:
    """Keeps events in order for one consumer that awaits them; bounded.

    When the consumer is ``limit`` events behind, all of them are dropped and one
    :class:`~hotline.ami.events.EventsLost` says so.
    """

    def __init__(self, limit: int = 100_000) -> None:
        self._events: deque[events.Event] = deque()
        self._limit = limit
        self._arrived = asyncio.Event()

    def __call__(self, event: events.Event) -> None:
        """Put ``event`` in."""
        if len(self._events) >= self._limit:
            lost = len(self._events)
            self._events.clear()
            self._events.append(events.EventsLost(event.at, lost))
        self._events.append(event)
        self._arrived.set()

    def __len__(self) -> int:
        """Return how many wait."""
        return len(self._events)

    async def get(self) -> events.Event:
        """Take the next event out; wait for it."""
        while not self._events:
            self._arrived.clear()
            await self._arrived.wait()
        return self._events.popleft()

    async def __aiter__(self) -> AsyncIterator[events.Event]:
        """Take events out for ever."""
        while True:
            yield await self.get()
