"""How fast messages go out: no faster than the gateway takes them, none while it asks for rest."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final

from hotline.clock import Clock
from hotline.messages.provider import CarrierBusyError

USUAL_REST: Final = 30
"""Seconds, where the gateway doesn't say how long."""
LONGEST_REST: Final = 3600


class Pace:
    """One worker's pace towards one gateway."""

    def __init__(
        self, clock: Clock, per_second: float | None, sleep: Callable[[float], Awaitable[None]]
    ) -> None:
        self._clock, self._sleep = clock, sleep
        self._gap = 1 / per_second if per_second is not None else 0.0
        self._next = 0.0
        self._rests_until = 0.0

    async def wait(self) -> None:
        """Wait for one's turn, which is a moment.

        Raises:
            CarrierBusyError: the gateway rests; it isn't asked again until then.
        """
        now = self._clock.monotonic()
        if now < self._rests_until:
            delay = timedelta(seconds=self._rests_until - now)
            raise CarrierBusyError("短信网关要求暂停，稍后再发", delay=delay)
        turn = max(now, self._next)
        self._next = turn + self._gap
        if turn > now:
            await self._sleep(turn - now)

    def told_to_wait(self, asked_for: str, why: str) -> CarrierBusyError:
        """Rest as long as the gateway asked for (``Retry-After``), and return what says so."""
        told = asked_for.strip()
        wanted = int(told) if told.isascii() and told.isdecimal() else USUAL_REST
        rest = min(max(wanted, 1), LONGEST_REST)
        self._rests_until = self._clock.monotonic() + rest
        return CarrierBusyError(why, delay=timedelta(seconds=rest))
