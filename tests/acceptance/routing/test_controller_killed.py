"""The controller dies at the worst moment: nobody is cut off, nobody forgotten, nothing missing."""

from __future__ import annotations

import asyncio
import re
import signal
import time
from collections import Counter
from typing import Any

from hotline.sipp import Ringing, Stay


async def test_talks_go_on_waiting_callers_are_served_and_all_is_taken_up(
    house: Any, somebody: Any
) -> None:
    home = await house([somebody("a"), somebody("b"), somebody("c")])
    go_on = asyncio.Event()
    talked: Counter[str] = Counter()
    ended: list[str] = []

    async def talk_until_told(call: Ringing) -> None:
        talked[call.number] += 1
        await call.answer()
        await go_on.wait()
        await call.hang_up()

    async def short_talk(call: Ringing) -> None:
        talked[call.number] += 1
        await call.answer()
        await asyncio.sleep(1.0)
        ended.append(call.number)
        await call.hang_up()

    await home.phone("a", talk_until_told)
    await home.start_controller()
    talking = await home.call("13800000001", Stay(90))

    async def is_talking() -> bool:
        return talked["13800000001"] == 1

    await home.until(is_talking, what="the first call talks")
    waiting = await home.call("13800000002", Stay(90))

    async def is_waiting() -> bool:
        return any(c.number == "13800000002" and c.waiting_since for c in await home.calls())

    await home.until(is_waiting, what="the second call waits")

    await home.kill_controller()
    await home.phone("b", short_talk)
    # The plain queue takes who waits, and whoever comes now.
    missed = await home.call("13800000003", Stay(90))
    for call in (waiting, missed):
        result = await call.finished()
        assert result.ok, result
    assert sorted(ended) == ["13800000002", "13800000003"]

    await home.start_controller()
    taken = {call.number: call for call in await home.calls()}
    assert taken["13800000001"].ended_at is None
    # A person who talks is not rung, a free one is.
    fresh = await home.call("13800000004", Stay(20))
    assert (await fresh.finished()).ok
    go_on.set()
    assert (await talking.finished()).ok

    calls = {call.number: call for call in await home.ended(4)}
    assert {n: c.outcome for n, c in calls.items()} == dict.fromkeys(
        [f"1380000000{n}" for n in (1, 2, 3, 4)], "answered"
    )
    assert calls["13800000001"].agent_id == "a"
    assert [calls[f"1380000000{n}"].agent_id for n in (2, 3, 4)] == ["b", "b", "b"]
    assert calls["13800000003"].controller_away
    assert talked == Counter({f"1380000000{n}": 1 for n in (1, 2, 3, 4)})
    await home.one_ticket_each(list(calls.values()))
    assert [offer.ended_at for offer in await home.offers() if offer.ended_at is None] == []


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


async def test_a_second_controller_stands_by_and_takes_over(house: Any, somebody: Any) -> None:
    home = await house([somebody("a")])

    async def answer(call: Ringing) -> None:
        await call.answer()
        await asyncio.sleep(0.3)
        await call.hang_up()

    await home.phone("a", answer)
    await home.start_controller()
    first, home.process = home.process, None
    second = asyncio.create_task(home.start_controller())
    for number in ("13800000001", "13800000002"):
        assert (await (await home.call(number, Stay(30))).finished()).ok
        await asyncio.sleep(1.5)  # the person's wrap-up; the second has started by now
    assert not second.done(), "two serve one Asterisk"
    first.kill()
    await first.wait()
    await second
    assert (await (await home.call("13800000003", Stay(30))).finished()).ok
    calls = await home.ended(3)
    assert [call.outcome for call in calls] == ["answered"] * 3
    assert [offer.outcome for offer in await home.offers()] == ["answered"] * 3
    await home.one_ticket_each(calls)


async def test_who_asks_a_controller_that_hangs_is_served_by_the_plain_queue_at_once(
    house: Any, somebody: Any
) -> None:
    home = await house([somebody("a")])
    answered = asyncio.Event()

    async def answer(call: Ringing) -> None:
        await call.answer()
        answered.set()
        await asyncio.sleep(0.3)
        await call.hang_up()

    await home.phone("a", answer)
    await home.start_controller()
    home.process.send_signal(signal.SIGSTOP)
    begun = time.monotonic()
    try:
        call = await home.call("13800000001", Stay(30))
        async with asyncio.timeout(20):
            await answered.wait()
        waited = time.monotonic() - begun
        assert (await call.finished()).ok
    finally:
        home.process.send_signal(signal.SIGCONT)
    assert waited < 3.5
    print("WAITED", waited)
    (call,) = await home.ended(1)
    assert (call.outcome, call.agent_id) == ("answered", "a")
    await home.one_ticket_each([call])


async def test_a_controller_that_hangs_is_asked_by_nobody_once_its_heartbeat_is_stale(
    house: Any, somebody: Any
) -> None:
    home = await house([somebody("a")])

    async def answer(call: Ringing) -> None:
        await call.answer()
        await asyncio.sleep(0.3)
        await call.hang_up()

    await home.phone("a", answer)
    await home.start_controller()

    async def age() -> float:
        shown = await asyncio.to_thread(home.asterisk.console, "dialplan show globals")
        beats = re.findall(r"HL_HEARTBEAT=(\d+)", shown)
        return time.time() - int(beats[0]) if beats else -1.0

    async def beats() -> bool:
        return await age() >= 0

    async def stale() -> bool:
        return await age() > 5

    await home.until(beats, 10, "a first heartbeat")
    home.process.send_signal(signal.SIGSTOP)
    try:
        await home.until(stale, 20, "the heartbeat is stale")
        # The kernel would still take the question, and nobody would answer it.
        assert (await (await home.call("13800000001", Stay(30))).finished()).ok
    finally:
        home.process.send_signal(signal.SIGCONT)
    (call,) = await home.ended(1)
    assert (call.outcome, call.agent_id) == ("answered", "a")
    await home.one_ticket_each([call])
