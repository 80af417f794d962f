"""The controller dies while one caller waits, or rings: what ten calls a second do not show."""

from __future__ import annotations

import asyncio
from typing import Any

from hotline.sipp import Ringing, Stay


async def test_who_waits_in_the_plain_queue_is_ours_again_at_once(
    house: Any, somebody: Any
) -> None:
    home = await house([somebody("a")])
    await home.start_controller()
    await home.call("13800000001", Stay(60))

    async def waits() -> bool:
        return any(call.waiting_since for call in await home.calls())

    await home.until(waits)
    await home.kill_controller()

    async def fell_back() -> bool:
        shown = await asyncio.to_thread(home.asterisk.console, "core show channels concise")
        return "!Queue!" in shown

    await home.until(fell_back, 20, "the plain queue has the caller")
    await home.start_controller()

    async def answer(call: Ringing) -> None:
        await call.answer()
        await asyncio.sleep(0.5)
        await call.hang_up()

    await home.phone("a", answer)
    (call,) = await home.ended(1)
    assert (call.outcome, call.agent_id) == ("answered", "a")
    (offer,) = await home.offers()
    assert offer.outcome == "answered"
    await home.one_ticket_each([call])


async def test_an_offer_that_rings_while_the_controller_dies_is_taken_over(
    house: Any, somebody: Any, long_ringing: str
) -> None:
    home = await house([somebody("a")], long_ringing)
    rung: list[Ringing] = []

    async def ring(call: Ringing) -> None:
        rung.append(call)

    await home.phone("a", ring)
    await home.start_controller()
    await home.call("13800000001", Stay(60))

    async def rings() -> bool:
        offers = await home.offers()
        return bool(rung) and bool(offers) and offers[0].ringing_at is not None

    await home.until(rings)
    await home.kill_controller()
    await home.start_controller()
    assert len(rung) == 1
    await rung[0].answer()
    await asyncio.sleep(0.5)
    await rung[0].hang_up()
    (call,) = await home.ended(1)
    assert (call.outcome, call.agent_id) == ("answered", "a")
    (offer,) = await home.offers()
    assert offer.outcome == "answered"
    assert len(rung) == 1
