"""Brings offers to Asterisk (呼叫坐席), and makes sure that each of them ends.

An offer is brought by an answer, to a caller who asks just now, or by a redirect. Neither says that
a telephone rings: that is heard later, or where it is not, looked after.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import structlog

from hotline.ami import ActionFailedError, AmiError, actions
from hotline.calls.live import Live
from hotline.routing import beats
from hotline.routing.interfaces import Controls
from hotline.routing.next_up import NextUp
from hotline.routing.offers import Ringing
from hotline.routing.questions import Way
from hotline.routing.room import Room
from hotline.routing.tables import OfferOutcome

log = structlog.get_logger(__name__)

DIAL_PATIENCE = 2.0
"""Seconds after a redirect in which the telephone must be rung; Redirect once lied in 6,750."""
DIAL_TRIES = 3
RING_GRACE = 4.0
"""Seconds after the ring time-out in which Asterisk must tell how it ended."""
ACCEPT_SECONDS = 20.0
"""So much longer may it take outside, where a key must be pressed after picking up."""


class Dialling:
    """See the module."""

    def __init__(self, controls: Controls, room: Room, next_up: NextUp) -> None:
        self._controls = controls
        self._room = room
        self._next_up = next_up
        self.offered: Callable[[], None] = lambda: None
        """Called where a person is about to be rung and their page waits to be told."""
        self._asking = ""
        """The call that asks just now."""
        self.answer: Way | None = None
        """Where it is to go."""

    def asks(self, call_id: str) -> None:
        """Note which call asks just now, if any: it is answered and not redirected."""
        self._asking, self.answer = call_id, None

    def dial(self, live: Live, ringing: Ringing) -> None:
        """Bring an offer to Asterisk."""
        ringing.sent += 1
        ringing.mark = ringing.mark or self._next_up.offered(ringing.offered.agent_id)
        self._room.afterwards(self.offered)
        if live.call.id == self._asking:
            self.answer = Way(*self.way(ringing))
            self._room.afterwards(partial(self.watch, ringing))
        else:
            self._controls.spawn(self._send_offer(live, ringing))

    def way(self, ringing: Ringing) -> tuple[str, str]:
        """Return the context and extension that ring the person of an offer."""
        offered, board = ringing.offered, self._room.board
        agent = board.people[offered.agent_id].agent
        waiting = board.waiting.get(offered.call_id)
        tries = (waiting.caller.tries if waiting is not None else 0) + 1
        seconds = int(board.policy.ring_seconds)
        target = agent.mobile if ringing.outside else agent.endpoint.removeprefix("PJSIP/")
        rest = f"*{offered.offer_id}*{agent.id}*{target}*{seconds}*{tries}"
        rest += f"*{ringing.mark}" if ringing.mark else ""
        return ("mobile", f"m{rest}") if ringing.outside else ("offer", f"o{rest}")

    async def _send_offer(self, live: Live, ringing: Ringing) -> None:
        offered, (context, exten) = ringing.offered, self.way(ringing)
        try:
            await self._controls.asterisk.send(actions.Redirect(live.channel, context, exten))
        except ActionFailedError as error:
            # The leg is gone and its hang-up on its way; else the caller will be heard of again.
            log.info("redirect refused", call=offered.call_id, reason=error.message)
            if self._room.offers.out.get(offered.call_id) is ringing:
                self._room.offers.steps_aside(live)
                self._controls.decide()
            return
        except AmiError as error:
            log.warning("redirect not answered", call=offered.call_id, reason=error.message)
        self.watch(ringing)

    def watch(self, ringing: Ringing) -> None:
        """Make sure that a telephone rings, and that its offer ends."""
        beats.call_later(DIAL_PATIENCE, self._watch_dial, ringing)
        self.watch_ring(ringing)

    def _watch_dial(self, ringing: Ringing) -> None:
        """Redirect again where nothing was rung; give up where that does not help."""
        call_id = ringing.offered.call_id
        live = self._room.calls.live.get(call_id)
        if ringing.rings or self._room.offers.out.get(call_id) is not ringing:
            return
        if live is not None and ringing.sent < DIAL_TRIES and self._controls.ready:
            self._controls.spawn(self._dial_again(live, ringing))
        else:
            self._give_up(ringing)

    async def _dial_again(self, live: Live, ringing: Ringing) -> None:
        """Redirect once more, unless it did ring and only the word of it was lost.

        A caller who talks by now must not be torn away.
        """
        call_id, offer_id = ringing.offered.call_id, ringing.offered.offer_id
        try:
            dialled = await self._controls.asterisk.send(actions.Getvar("HL_OFFER", live.channel))
        except AmiError as error:
            log.info("not known whether it rings", call=call_id, reason=error.message)
            self._give_up(ringing)
            return
        if self._room.offers.out.get(call_id) is not ringing or ringing.rings:
            return
        if dialled["Value"] == offer_id:
            self._controls.lost()
            return
        log.warning("nothing was rung; redirecting again", call=call_id, tries=ringing.sent)
        self.dial(live, ringing)

    def watch_ring(self, ringing: Ringing) -> None:
        """Make sure that an offer ends, whatever becomes of its events."""
        seconds = self._room.board.policy.ring_seconds + RING_GRACE
        seconds += ACCEPT_SECONDS if ringing.outside else 0.0
        beats.call_later(seconds, self._must_be_over, ringing)

    def _must_be_over(self, ringing: Ringing) -> None:
        if self._room.offers.out.get(ringing.offered.call_id) is ringing and ringing.rings:
            self._give_up(ringing)

    def _give_up(self, ringing: Ringing) -> None:
        """Nobody knows what became of it: free the person, read back what is there."""
        live = self._room.calls.live.get(ringing.offered.call_id)
        if live is not None:
            self._room.offers.ended(live, OfferOutcome.LOST, self._room.clock.now())
        self._controls.lost()

    def redirect(self, live: Live, context: str, exten: str) -> None:
        """Send a caller elsewhere; where that fails they announce themselves again."""
        if live.call.id == self._asking:
            self.answer = Way(context, exten)
            return

        async def send() -> None:
            try:
                await self._controls.asterisk.send(actions.Redirect(live.channel, context, exten))
            except AmiError as error:
                log.info("redirect failed", call=live.call.id, to=context, reason=error.message)

        self._controls.spawn(send())

    def hang_up(self, live: Live) -> None:
        """End a leg that we called; one that is gone already is none the worse for it."""

        async def send() -> None:
            try:
                await self._controls.asterisk.send(actions.Hangup(live.channel))
            except AmiError as error:
                log.info("hang-up failed", call=live.call.id, reason=error.message)

        if live.channel:
            self._controls.spawn(send())
