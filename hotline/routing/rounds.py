"""Goes the rounds: asks Asterisk of each call that has gone on for long whether it is still there.

A lost event heals by itself where a caller announces themselves again; only the last one has none
that follows. A call whose hang-up was not heard would go on for ever: on the wall, in its ticket,
and with its lawyer. So each call is asked for once a round, a few a second, and most calls are
over before the first one: what this costs does not show.
"""

from __future__ import annotations

import math

import structlog

from hotline.ami import ActionFailedError, actions
from hotline.routing.controller import Controller

log = structlog.get_logger(__name__)

EVERY = 30.0
"""Seconds of a round: so old must a call be, and so often it is asked for."""
STEP = 1.0
"""Seconds between two steps of a round."""
_WITHIN = 5.0


class Rounds:
    """See the module; :meth:`step` every :data:`STEP` seconds."""

    def __init__(self, controller: Controller, every: float = EVERY) -> None:
        self._controller = controller
        self._every = every
        self._due: list[str] = []
        self._a_step = 1
        self._began = -math.inf
        self._missed: set[str] = set()
        """Calls that Asterisk did not know at the last step; their end may have been on its way."""

    async def step(self) -> None:
        """Ask for the next few calls, and have all read back where one has gone unheard.

        Raises:
            hotline.ami.AmiError: Asterisk does not tell; the round goes on afterwards.
        """
        if not self._controller.ready:
            self._missed.clear()
            return
        live = self._controller.room.calls.live
        gone = [call for call in self._missed if call in live]
        self._missed.clear()
        if gone:
            log.warning("calls ended unheard; reading back what is there", calls=gone)
            self._controller.lost()
        self._begin()
        for call_id in [self._due.pop() for _ in range(min(self._a_step, len(self._due)))]:
            channel = live[call_id].channel if call_id in live else ""
            if channel and not await self._is_there(call_id, channel):
                self._missed.add(call_id)

    def _begin(self) -> None:
        """Begin a round where it is time for one."""
        now = self._controller.clock.monotonic()
        if self._due or now - self._began < self._every:
            return
        self._began = now
        live = self._controller.room.calls.live
        self._due = [name for name, one in live.items() if now - one.came >= self._every]
        self._a_step = math.ceil(len(self._due) * STEP / self._every)

    async def _is_there(self, call_id: str, channel: str) -> bool:
        asked = actions.Getvar("HL_CALL", channel)
        try:
            told = await self._controller.asterisk.send(asked, within=_WITHIN)
        except ActionFailedError:
            return False
        # After a restart of Asterisk another leg may have the name.
        return told["Value"] == call_id
