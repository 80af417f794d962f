"""The rounds: calls whose end was not heard are found, at the pace of a few a second."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from hotline.ami import ActionFailedError, Response, actions
from hotline.calls import events as said
from hotline.clock import ManualClock
from hotline.routing.board import Board
from hotline.routing.controller import Controller
from hotline.routing.policy import Policy
from hotline.routing.room import Room
from hotline.routing.rounds import Rounds

AT = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)


class Asterisk:
    """Knows the channels that are there, by name, and counts what is asked."""

    def __init__(self) -> None:
        self.there: dict[str, str] = {}
        self.asked: list[str] = []

    async def send(
        self, action: actions.Action, *, within: float | None = None, wait: bool = False
    ) -> Response:
        del within, wait
        assert isinstance(action, actions.Getvar)
        self.asked.append(action.channel)
        if action.channel not in self.there:
            raise ActionFailedError("No such channel")
        return Response({"Value": self.there[action.channel]})


class Bureau:
    def __init__(self, clock: ManualClock) -> None:
        self.clock, self.asterisk = clock, Asterisk()
        self.controller = Controller(self.asterisk, Room(Board(Policy()), clock), clock)
        self.controller.ready = True
        self.read_back = 0
        self.controller.lost = self._lost
        self.rounds = Rounds(self.controller)

    def _lost(self) -> None:
        self.read_back += 1

    def calls(self, *names: str) -> None:
        for name in names:
            self.controller.room.starts(said.Started(name, "138", "12348", ""), f"P/{name}", AT)
            self.asterisk.there[f"P/{name}"] = name

    async def pass_by(self, seconds: int) -> None:
        for _ in range(seconds):
            self.clock.advance(1)
            await self.rounds.step()


@pytest.fixture
def bureau(clock: ManualClock) -> Bureau:
    return Bureau(clock)


async def test_a_call_whose_hang_up_was_not_heard_is_read_back(bureau: Bureau) -> None:
    bureau.calls("1.1", "1.2")
    await bureau.pass_by(59)
    assert bureau.read_back == 0
    del bureau.asterisk.there["P/1.1"]
    await bureau.pass_by(61)
    assert bureau.read_back >= 1


async def test_a_leg_of_the_same_name_is_no_sign_of_life(bureau: Bureau) -> None:
    bureau.calls("1.1")
    bureau.asterisk.there["P/1.1"] = "9.9"
    await bureau.pass_by(61)
    assert bureau.read_back >= 1


async def test_short_calls_are_not_asked_for_and_many_long_ones_a_few_at_a_time(
    bureau: Bureau,
) -> None:
    bureau.calls(*(f"1.{n}" for n in range(300)))
    await bureau.pass_by(29)
    assert bureau.asterisk.asked == []
    before, most = 0, 0
    for _ in range(62):
        await bureau.pass_by(1)
        most, before = max(most, len(bureau.asterisk.asked) - before), len(bureau.asterisk.asked)
    assert len(set(bureau.asterisk.asked)) == 300
    assert most <= 10


async def test_a_call_that_ends_just_now_is_no_reason_to_read_all_back(bureau: Bureau) -> None:
    bureau.calls("1.1")
    live = bureau.controller.room.calls.live["1.1"]
    del bureau.asterisk.there["P/1.1"]
    await bureau.pass_by(31)
    assert bureau.asterisk.asked == ["P/1.1"]
    bureau.controller.room.over(live, 16, AT)
    await bureau.pass_by(40)
    assert bureau.read_back == 0
