"""The way of a call through the waiting room, on a real Asterisk with real telephones."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from hotline.sipp import Ringing, Stay
from tests.acceptance.routing.floor import FURNITURE, POLICY
from tests.acceptance.routing.home import Home, opened_home, played

pytest.register_assert_rewrite(
    "tests.acceptance.routing.connecting", "tests.acceptance.routing.health"
)

from tests.acceptance.routing import connecting, health  # noqa: E402 - asserts are rewritten first

pytestmark = pytest.mark.asyncio(loop_scope="module")

SCENES = {
    scene.__name__: scene
    for scene in (
        connecting.a_caller_talks_rates_and_leaves_a_ticket,
        connecting.who_does_not_answer_is_followed_by_the_next,
        connecting.a_caller_who_hangs_up_stops_the_ringing,
        connecting.the_station_of_the_place_answers_where_no_lawyer_can,
        connecting.a_caller_whom_nobody_can_answer_leaves_a_message,
        connecting.a_telephone_that_is_not_there_is_not_offered_calls,
        connecting.a_long_wait_to_be_expected_widens_at_once,
        connecting.nobody_is_overtaken_for_long,
        connecting.who_was_not_helped_need_not_listen_to_the_menu,
        connecting.who_is_next_is_rung_without_a_question_and_for_one_caller_only,
        health.a_telephone_that_is_switched_off_is_left_alone_until_it_is_on_again,
        health.who_waits_is_served_as_soon_as_a_telephone_registers_again,
        health.a_telephone_that_fails_twice_is_left_alone_for_a_while,
        health.a_station_whose_line_is_away_is_passed_over_until_it_is_back,
        health.nobody_is_called_through_a_trunk_that_is_away,
    )
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def home(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Home]:
    """The house, open, with its controller as a process of its own."""
    async with opened_home(tmp_path_factory.mktemp("way"), FURNITURE) as opened:
        yield opened


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def playing(home: Home) -> AsyncIterator[dict[str, asyncio.Task[None]]]:
    """Every scene, each as a task that fails where the scene fails."""
    await connecting.leave_unhelped(home)
    async with played(home, SCENES) as tasks:
        yield tasks


@pytest.mark.parametrize("scene", SCENES)
async def test_on_the_way(playing: dict[str, asyncio.Task[None]], scene: str) -> None:
    await playing[scene]


async def test_a_controller_that_dies_forgets_nobody_who_waits_or_rings(
    home: Home, playing: dict[str, asyncio.Task[None]]
) -> None:
    await asyncio.wait(playing.values())
    await home.hang_up_the_telephones()
    waits, rings = "13800003101", "13800003201"
    rung: list[Ringing] = []

    async def ring(call: Ringing) -> None:
        rung.append(call)

    home.policy.write_text(POLICY.replace("ring_seconds: 4", "ring_seconds: 60"), encoding="utf-8")
    await home.answers("l32", ring)
    await home.reads("routing policy taken")
    for number in (waits, rings):
        await home.call(number, Stay(60))

    async def both() -> bool:
        offers = [o for o in await home.offered("l32") if o.ringing_at is not None]
        calls = [c for c in await home.calls() if c.number == waits and c.waiting_since]
        return bool(rung and offers and calls)

    await home.until(both, 30, "one waits and one rings")
    await home.kill_controller()

    async def fell_back() -> bool:
        shown = await asyncio.to_thread(home.asterisk.console, "core show channels concise")
        return "!Queue!" in shown

    await home.until(fell_back, 20, "the plain queue has the caller who waits")
    blocked = "13800003401"
    await asyncio.to_thread(home.asterisk.console, f"database put HL_BLOCKED {blocked} 1")
    await (await home.call(blocked, Stay(20))).finished()
    await home.start_controller()
    assert (await home.over(blocked, "refused")).controller_away
    assert len(rung) == 1
    await rung[0].answer()
    await home.talks("l31")
    assert (await home.over(waits, "answered")).agent_id == "l31"
    await rung[0].hang_up()
    assert (await home.over(rings, "answered")).agent_id == "l32"
    (queue,), (offer,) = await home.offered("l31"), await home.offered("l32")
    assert (queue.outcome, offer.outcome) == ("answered", "answered")
    assert len(rung) == 1, "rung twice"
    # Whoever is called back has the ticket of the call before, which goes along.
    gone_along = [
        call
        for call in await home.calls()
        if call.number == health.CALLED_BACK and call.callback_id is None
    ]
    assert len(gone_along) == 1
    await home.one_ticket_each([c for c in await home.calls() if c.id != gone_along[0].id])
