"""Watches the recording of each call that is over until Asterisk has closed it, and tells of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import asdict
from pathlib import Path
from typing import Any

import structlog

from hotline.calls.recordings import Legs, legs, message, message_seconds, remains
from hotline.routing import beats
from hotline.routing.room import Room

log = structlog.get_logger(__name__)

PATIENCE = 20.0
"""Seconds in which Asterisk must have closed a recording."""
SHORTEST_MESSAGE = 1.0
"""Seconds; what is shorter holds no words."""


async def _closed_legs(folder: Path, call_id: str) -> Legs | None:
    return legs(folder, call_id)


class Recordings:
    """The recordings in ``folder``; ``spawn`` runs the watch over each beside the calls."""

    def __init__(
        self, folder: Path, room: Room, spawn: Callable[[Coroutine[Any, Any, None]], None]
    ) -> None:
        self._folder = folder
        self._room = room
        self._spawn = spawn
        self.find: Callable[[Path, str], Awaitable[Legs | None]] = _closed_legs
        """Finds a call's recording once it is closed."""

    def has_message(self, name: str) -> bool:
        """Whether a message's file is there and not empty."""
        return bool(name) and message_seconds(self._folder, name) >= SHORTEST_MESSAGE

    def due(self, call_id: str, message_name: str | None) -> None:
        """Watch the recording of a call that is over, or its message (the file's name)."""
        self._spawn(self._watch(call_id, message_name))

    async def _watch(self, call_id: str, message_name: str | None) -> None:
        """Tell of the recording once it is closed, or of its remains where it never will be."""
        clock = self._room.clock
        deadline = clock.monotonic() + PATIENCE
        while True:
            # Asterisk closes it a moment after the call.
            await beats.sleep(beats.BEAT)
            if message_name:
                found = message(self._folder, message_name)
            else:
                found = await self.find(self._folder, call_id)
            if found is None and clock.monotonic() > deadline:
                log.warning("no whole recording", call=call_id)
                found = remains(self._folder, call_id, message_name)
                if found is None:
                    self._room.calls.left_no_recording(call_id, clock.now())
                    return
            if found is not None:
                self._room.tell("recording.ready", call_id, asdict(found))
                return
