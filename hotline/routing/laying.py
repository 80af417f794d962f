"""Tells Asterisk who is next (:mod:`hotline.routing.next_up`), and who must ask all the same."""

from __future__ import annotations

import structlog

from hotline.ami import AmiError, actions
from hotline.calls.live import Live
from hotline.routing.interfaces import Controls
from hotline.routing.next_up import NextUp

log = structlog.get_logger(__name__)

LAID_OUT = "HLLaidOut"
"""The word behind what was laid out; it comes back behind everything that happened before."""


def laid_out(number: int) -> actions.Action:
    """Return the word that comes back behind all that happened before it."""
    values = {"UserEvent": LAID_OUT, "Number": str(number)}
    return actions.Custom("UserEvent", values)


class Laying:
    """See the module."""

    def __init__(self, controls: Controls, next_up: NextUp) -> None:
        self._controls = controls
        self._next_up = next_up
        self._under_way = False

    def lay_out(self) -> None:
        """Tell Asterisk who is next, once all is heard that has come by now."""
        if self._next_up.due and not self._under_way:
            self._under_way = True
            self._controls.spawn(self._lay_out())

    async def _lay_out(self) -> None:
        try:
            while self._controls.ready and (changes := self._next_up.changes()):
                for change in changes:
                    await self._controls.asterisk.send(change)
                await self._controls.asterisk.send(laid_out(self._next_up.number))
        except AmiError as error:
            log.info("who is next was not told", reason=error.message)
            self._next_up.not_told()
        finally:
            self._under_way = False

    def told(self, number: str) -> None:
        """Take that the word of this number came back."""
        if number.isascii() and number.isdigit():
            self._next_up.heard(int(number))
            self.lay_out()

    def must_ask(self, live: Live) -> None:
        """Have a caller ask us, of whom something became known that may change who is next."""
        self._controls.spawn(self._must_ask(live))

    async def _must_ask(self, live: Live) -> None:
        try:
            await self._controls.asterisk.send(actions.Setvar("HL_ASKS", "1", live.channel))
        except AmiError as error:
            log.info("the caller is gone", call=live.call.id, reason=error.message)
