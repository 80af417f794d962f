"""Asterisk's own plain queue (普通队列), which serves while nobody decides, and what it tells."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime

import structlog

from hotline.ami import AmiError, events
from hotline.calls.live import Live, Phase
from hotline.routing.dialling import Dialling
from hotline.routing.interfaces import Controls
from hotline.routing.room import Room

log = structlog.get_logger(__name__)

STEPS_BACK = 0.3
"""Seconds in which the plain queue surely rings nobody yet; the dialplan waits half a second."""


async def _no_heart() -> None:
    pass


class PlainQueue:
    """See the module."""

    def __init__(self, controls: Controls, room: Room, dialling: Dialling) -> None:
        self._controls = controls
        self._room = room
        self._dialling = dialling
        self.beat: Callable[[], Awaitable[None]] = _no_heart
        """Tells Asterisk that we serve."""

    def told(self, event: events.QueueEvent, at: datetime) -> None:
        """Take that a talk began or ended which the queue arranged."""
        live = self._room.calls.live.get(event.channel.uniqueid)
        agent = self._room.agent_of(f"PJSIP/{event.member}")
        if live is None or agent is None:
            return
        if event.name == "AgentConnect":
            self._room.talks(live, agent, at)
        elif event.name == "AgentComplete":
            self._room.talk_ended(live, at)
            self._controls.decide()

    async def take_back(self, live: Live) -> None:
        """Take a caller from the plain queue, who looked just before the heartbeat came back.

        First the heartbeat: who still finds it stale would fall back again, and again, and ring
        people each time. Where that took so long that the queue rings somebody by then, it keeps
        the caller.
        """
        began = self._room.clock.monotonic()
        try:
            await self.beat()
        except AmiError as error:
            log.info("the plain queue keeps a caller", call=live.call.id, reason=error.message)
            return
        in_time = self._room.clock.monotonic() - began < STEPS_BACK
        if in_time and live.phase in {Phase.MENU, Phase.WAITING}:
            self._dialling.redirect(live, "waiting-room", "s")
