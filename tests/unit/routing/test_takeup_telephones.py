"""Which telephones are there when a controller reads back: by their contacts, each with its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import pytest

from hotline.ami import ActionFailedError, Link, Response, actions, events
from hotline.clock import ManualClock
from hotline.routing.board import Board
from hotline.routing.controller import Controller
from hotline.routing.people import Agent, AgentKind
from hotline.routing.policy import Policy
from hotline.routing.room import Room
from hotline.routing.takeup import read_back


class Asterisk:
    """Tells its contacts, in the order and spelling of the real one."""

    def __init__(self, *contacts: tuple[str, str, str]) -> None:
        self.contacts = contacts

    async def send(
        self,
        action: actions.Action,
        *,
        within: float | None = None,
        wait: bool = False,
        at_once: Callable[[Response], None] | None = None,
    ) -> Response:
        del within, wait
        told: list[dict[str, str]] = []
        if isinstance(action, actions.Custom):
            if not self.contacts:
                raise ActionFailedError("No Contacts found")
            told = [
                {"Event": "ContactList", "ObjectName": name, "Uri": uri, "Status": status}
                for name, uri, status in self.contacts
            ]
            for event in told:
                if ";@" in event["ObjectName"]:
                    event["Endpoint"] = event["ObjectName"].partition(";")[0]
        answer = Response({}, tuple(cast(Any, told)))
        if at_once is not None:
            at_once(answer)
        return answer


async def controller_of(clock: ManualClock, asterisk: Asterisk) -> Controller:
    room = Room(Board(Policy()), clock)
    room.set_people((Agent("wang", "王晓梅", AgentKind.LAWYER, "PJSIP/wang"),))
    controller = Controller(asterisk, room, clock)
    await read_back(controller, cast(Link, asterisk))
    return controller


def goes(controller: Controller, address: str, status: str = "Removed") -> None:
    controller.on_event(events.ContactStatus(1.0, "wang", address, status, 0.0))


async def test_of_two_pages_one_may_be_closed(clock: ManualClock) -> None:
    here = await controller_of(
        clock,
        Asterisk(("wang;@ab01", "sip:one", "Reachable"), ("wang;@ab02", "sip:two", "NonQualified")),
    )
    person = here.room.board.people["wang"]
    goes(here, "sip:one")
    assert person.reachable, "the other page is there"
    goes(here, "sip:two")
    assert not person.reachable


async def test_a_contact_that_is_long_gone_takes_nobody_along(clock: ManualClock) -> None:
    here = await controller_of(clock, Asterisk(("wang;@ab02", "sip:new", "Reachable")))
    goes(here, "sip:old")
    assert here.room.board.people["wang"].reachable


@pytest.mark.parametrize("status", ["Unreachable", "Unknown"])
async def test_a_contact_that_does_not_answer_is_none(clock: ManualClock, status: str) -> None:
    here = await controller_of(
        clock, Asterisk(("wang;@ab01", "sip:one", status), ("wang;@ab02", "sip:two", "Reachable"))
    )
    assert here.room.board.people["wang"].reachable
    goes(here, "sip:two", "Unreachable")
    assert not here.room.board.people["wang"].reachable
    goes(here, "sip:one", "Reachable")
    assert here.room.board.people["wang"].reachable


async def test_a_trunk_with_an_address_of_its_own_is_known_by_its_name(clock: ManualClock) -> None:
    here = await controller_of(clock, Asterisk(("trunk@@0c1d", "sip:10.0.0.1", "Reachable")))
    assert here.can_reach("trunk")
    assert not here.room.board.people["wang"].reachable


async def test_without_any_contact_nobody_is_there(clock: ManualClock) -> None:
    here = await controller_of(clock, Asterisk())
    assert not here.room.board.people["wang"].reachable
