"""Waiting, being called back, mobiles and other districts, on a real Asterisk with telephones."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from hotline.sipp import Ringing
from tests.acceptance.routing.home import Home, played
from tests.acceptance.waiting import calling_back, choosing
from tests.acceptance.waiting.calling_back import presses_one

pytestmark = pytest.mark.asyncio(loop_scope="module")

SCENES = {
    scene.__name__: scene
    for scene in (
        calling_back.a_caller_keeps_the_place_by_a_key_and_is_called_back,
        calling_back.who_gave_up_waiting_is_called_back_when_somebody_is_there,
        calling_back.a_mailbox_never_counts_as_reached,
        calling_back.a_message_becomes_a_ticket_and_is_called_back,
        choosing.a_mobile_counts_as_answered_only_by_a_key,
        choosing.another_districts_centre_takes_over_by_a_key,
        choosing.another_districts_lawyer_takes_over_at_the_own_desk,
        choosing.a_new_policy_serves_who_waits_and_a_broken_one_changes_nothing,
        choosing.who_was_not_helped_comes_first_and_to_the_same_lawyer,
        choosing.who_misses_twice_is_paused_with_the_reason_until_ready_again,
        choosing.a_blocked_number_is_turned_away_until_somebody_else_lifts_the_block,
        choosing.the_station_of_the_callers_place_has_as_many_calls_as_lines,
        choosing.wrap_up_belongs_to_the_person_whatever_the_topic,
        choosing.who_speaks_the_callers_dialect_answers_until_it_takes_too_long,
        choosing.a_station_that_is_closed_is_offered_nothing,
    )
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def playing(home: Home) -> AsyncIterator[dict[str, asyncio.Task[None]]]:
    """Every scene, each as a task that fails where the scene fails."""
    await choosing.block(home)
    async with played(home, SCENES) as tasks:
        yield tasks


@pytest.mark.parametrize("scene", SCENES)
async def test_in_the_waiting_room(playing: dict[str, asyncio.Task[None]], scene: str) -> None:
    await playing[scene]


RINGS, ASKED, MACHINE = "13800002101", "13800002201", "13800002301"


class Amid:
    """Three who are called back: one rings, one is asked for the key, one is a mailbox at first."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self.machine_listens, self.is_asked = asyncio.Event(), asyncio.Event()
        self.may_answer, self.may_press, self.may_end = (asyncio.Event() for _ in range(3))
        home.outside.answers |= {RINGS: self._rings, ASKED: self._asked, MACHINE: self._machine}

    async def _rings(self, call: Ringing) -> None:
        call.ring()
        await self.may_answer.wait()
        await presses_one(call)

    async def _asked(self, call: Ringing) -> None:
        await self.machine_listens.wait()
        await call.answer()
        self.is_asked.set()
        await self.may_press.wait()
        await call.press("1")
        await call.ended

    async def _machine(self, call: Ringing) -> None:
        if len(self.home.outside.rung[MACHINE]) > 1:
            await presses_one(call)
            return
        await call.answer()
        self.machine_listens.set()
        await call.ended

    async def lawyer(self, call: Ringing) -> None:
        """Talk until it may end."""
        await call.answer()
        await self.may_end.wait()
        await call.hang_up()

    async def all_reached(self) -> bool:
        """Whether all three are being called."""
        return bool(self.home.outside.rung[RINGS]) and self.is_asked.is_set()

    async def is_connected(self) -> bool:
        """Whether who pressed the key is connected, without any controller."""
        return self.home.rung["l22"] == [ASKED]

    async def all_talk(self) -> bool:
        """Whether who was rung talks, and who had a mailbox, at the second try."""
        return self.home.rung["l21"] == [RINGS] and self.home.rung["l23"] == [MACHINE]


async def test_a_controller_that_dies_amid_call_backs_calls_nobody_twice_and_forgets_nobody(
    home: Home, playing: dict[str, asyncio.Task[None]]
) -> None:
    await asyncio.wait(playing.values())
    amid, names, numbers = Amid(home), ("l21", "l22", "l23"), (RINGS, ASKED, MACHINE)
    await asyncio.gather(*(home.answers(name, amid.lawyer) for name in names))
    await asyncio.gather(*(home.call_and_hang_up(number, after=7.5) for number in numbers))
    for number in numbers:
        await home.over(number, "abandoned")
    await home.sign_in(names)
    await home.until(amid.all_reached, 30, "all three are being called")
    await home.kill_controller()
    amid.may_press.set()
    await home.until(amid.is_connected, 15, "Asterisk goes on alone")
    await home.start_controller()
    amid.may_answer.set()
    await home.until(amid.all_talk, 40, "who was rung talks, and the mailbox is tried again")
    amid.may_end.set()
    for number, tries in ((RINGS, 1), (ASKED, 1), (MACHINE, 2)):
        row = await home.back(number)
        assert (row.outcome, row.tries) == ("answered", tries), number
        assert len(home.outside.rung[number]) == tries, number
    assert [len(home.rung[name]) for name in names] == [1, 1, 1], "a lawyer is rung twice"
