"""A controller that comes back while somebody is called back, or talks on a mobile."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from hotline.ami import Response, actions
from hotline.calls.live import Call, Phase
from hotline.clock import ManualClock
from hotline.routing.board import Board
from hotline.routing.controller import Controller
from hotline.routing.people import Agent, AgentKind, Wish
from hotline.routing.policy import Policy, Step, To
from hotline.routing.room import Room
from hotline.routing.tables import OfferOutcome
from hotline.routing.takeup import Leg, take_up

POLICY = Policy(ladder=(Step(after=0, to=To.LAWYERS), Step(after=600, to=To.VOICEMAIL)))
TRY = "b17.1-1"


class Asterisk:
    async def send(
        self, action: actions.Action, *, within: float | None = None, wait: bool = False
    ) -> Response:
        del action, within, wait
        return Response({})


def come_back(clock: ManualClock, kept: Call, offer: str = "") -> Controller:
    """Return a controller of a new life, that remembers what the database holds."""
    room = Room(Board(POLICY, clock.monotonic()), clock, boot="n")
    room.set_people(
        (Agent("wang", "王晓梅", AgentKind.LAWYER, "PJSIP/wang", mobile="13900000002"),)
    )
    room.board.set_wish("wang", Wish.READY, "", clock.monotonic())
    room.known.open_calls = {kept.id: kept}
    if offer:
        row: dict[str, Any] = {"id": offer, "call_id": kept.id, "ended_at": None, "outcome": None}
        room.known.open_offers = {offer: row}
    return Controller(Asterisk(), room, clock)


def leg(call: str, context: str, state: str = "Up", **more: str) -> Leg:
    variables = {"HL_CALL": call, "HL_NUMBER": "138", "HL_OFFER": "o-1", "HL_AGENT": "wang"}
    return Leg(f"PJSIP/trunk-{call}", call, state, context, more.get("bridge", ""), 5, variables)


@pytest.mark.parametrize(
    ("context", "state"), [("callback", "Up"), ("from-trunk", "Ringing"), ("from-trunk", "Down")]
)
async def test_a_person_stays_reserved_for_who_is_called_back(
    clock: ManualClock, context: str, state: str
) -> None:
    kept = Call(TRY, "138", clock.now() - timedelta(seconds=5), callback_id="b17.1")
    controller = come_back(clock, kept, "o-1")
    take_up(controller, [leg(TRY, context, state)], {"wang": {"sip:wang"}})
    room = controller.room
    assert room.board.offers[TRY].agent_id == "wang"
    assert room.calls.live[TRY].phase is Phase.RINGING
    room.offers.ended(room.calls.live[TRY], OfferOutcome.ANSWERED, clock.now())
    assert room.calls.live[TRY].call.agent_id == "wang"


async def test_a_lost_link_does_not_free_the_person_of_a_call_back(clock: ManualClock) -> None:
    kept = Call(TRY, "138", clock.now(), callback_id="b17.1")
    controller = come_back(clock, kept, "o-1")
    legs = [leg(TRY, "callback")]
    take_up(controller, legs, {"wang": {"sip:wang"}})
    take_up(controller, legs, {"wang": {"sip:wang"}})
    assert controller.room.board.offers[TRY].agent_id == "wang"


async def test_a_talk_on_a_mobile_is_taken_up(clock: ManualClock) -> None:
    controller = come_back(clock, Call("17.2", "138", clock.now()))
    take_up(controller, [leg("17.2", "mobile", bridge="b1")], {})
    live = controller.room.calls.live["17.2"]
    assert (live.phase, live.call.agent_id) == (Phase.TALKING, "wang")
    assert controller.room.board.people["wang"].talks == {"17.2"}
