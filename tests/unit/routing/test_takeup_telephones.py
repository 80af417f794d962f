"""Which telephones are there when a controller reads back: by their contacts, each with its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from hotline.ami import ActionFailedError, Link, Response, actions, events
from hotline.clock import ManualClock
from hotline.routing.board import Board
from hotline.routing.controller import Controller
from hotline.routing.people import Agent, AgentKind
from hotline.routing.policy import Policy
from hotline.routing.room import Room
from hotline.routing.takeup import read_back


class Asterisk:
    """Tells its telephones and their contacts in the order and spelling of the real one."""

    def __init__(self, *contacts: tuple[str, str, str], trunk: str = "") -> None:
        self.contacts = contacts
        self.trunk = trunk

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
            told = self._contacts() if "Contacts" in action.action else self._endpoints()
            if not told:
                raise ActionFailedError("No Contacts found")
        answer = Response({}, tuple(cast(Any, told)))
        if at_once is not None:
            at_once(answer)
        return answer

    def _contacts(self) -> list[dict[str, str]]:
        return [
            {"Event": "ContactList", "Endpoint": name, "Uri": uri, "Status": status}
            for name, uri, status in self.contacts
        ]

    def _endpoints(self) -> list[dict[str, str]]:
        told = []
        for name in sorted({name for name, _, _ in self.contacts}):
            own = [(uri, status) for whose, uri, status in self.contacts if whose == name]
            away = all(status in {"Unreachable", "Unknown"} for _, status in own)
            state = "Unavailable" if away else "Not in use"
            told.append((name, "".join(f"{name}/{uri}," for uri, _ in own), state))
        if self.trunk:
            told.append(("trunk", f"trunk/{self.trunk},", "Not in use"))
        return [
            {"Event": "EndpointList", "ObjectName": n, "Contacts": contacts, "DeviceState": state}
            for n, contacts, state in told
        ]


async def controller_of(clock: ManualClock, asterisk: Asterisk) -> Controller:
    room = Room(Board(Policy()), clock)
    room.set_people((Agent("wang", "王晓梅", AgentKind.LAWYER, "PJSIP/wang"),))
    controller = Controller(asterisk, room, clock)
    await read_back(controller, cast(Link, asterisk))
    return controller


def is_there(controller: Controller) -> bool:
    return controller.room.board.people["wang"].reachable


def goes(controller: Controller, address: str, status: str = "Removed") -> None:
    controller.on_event(events.ContactStatus(1.0, "wang", address, status, 0.0))


async def test_of_two_pages_one_may_be_closed(clock: ManualClock) -> None:
    here = await controller_of(
        clock,
        Asterisk(("wang", "sip:one", "Reachable"), ("wang", "sip:two", "NonQualified")),
    )
    goes(here, "sip:one")
    assert is_there(here), "the other page is there"
    goes(here, "sip:two")
    assert not is_there(here)


async def test_a_contact_that_is_long_gone_takes_nobody_along(clock: ManualClock) -> None:
    here = await controller_of(clock, Asterisk(("wang", "sip:new", "Reachable")))
    goes(here, "sip:old")
    assert is_there(here)


async def test_a_contact_that_does_not_answer_is_none(clock: ManualClock) -> None:
    here = await controller_of(
        clock, Asterisk(("wang", "sip:one", "Unreachable"), ("wang", "sip:two", "Reachable"))
    )
    assert is_there(here)
    goes(here, "sip:two", "Unreachable")
    assert not is_there(here)
    goes(here, "sip:one", "Reachable")
    assert is_there(here)


async def test_a_trunk_with_an_address_of_its_own_is_known_by_its_name(clock: ManualClock) -> None:
    here = await controller_of(clock, Asterisk(trunk="sip:10.0.0.1:5060"))
    assert here.telephones.can_reach("trunk"), (
        "it registered nowhere, so no contact is listed of it"
    )
    assert not is_there(here)


async def test_without_any_contact_nobody_is_there(clock: ManualClock) -> None:
    here = await controller_of(clock, Asterisk())
    assert not is_there(here)
