"""Scenes of telephones, stations and trunks that go and come back."""

from __future__ import annotations

import asyncio

from sqlalchemy import select

from agents.alarms.tables import AlarmTable
from agents.alarms.watch import Watch
from agents.pages import wall
from hotline.calls.tables import CallBackTable, CallTable
from hotline.clock import SystemClock
from hotline.routing.people import Presence
from hotline.routing.tables import TrunkTable
from hotline.sipp import Ringing, Stay
from tests.acceptance.routing.home import Home

CALLED_BACK = "13800002801"


async def on_the_wall(home: Home, name: str, *, reachable: bool) -> None:
    """Wait until the supervisor's wall shows that a telephone answers, or does not."""

    async def shown() -> bool:
        async with home.database.read() as session:
            people = (await wall.read(session, SystemClock().now())).people
        return any(p.id == name and p.reachable == reachable for p in people)

    await home.until(shown, 20, f"the wall shows {name}: {reachable=}")


async def alarm(home: Home, kind: str) -> str:
    """Return the words of an alarm on the wall."""
    await Watch(home.database, SystemClock()).look()
    query = select(AlarmTable.words).where(AlarmTable.kind == kind, AlarmTable.cleared_at.is_(None))
    async with home.database.read() as session:
        return str(await session.scalar(query))


async def a_telephone_that_is_switched_off_is_left_alone_until_it_is_on_again(home: Home) -> None:
    first, second = "13800002101", "13800002102"
    await home.talks("l21a")
    await home.talks("l21b")
    await on_the_wall(home, "l21a", reachable=True)
    home.phones["l21a"].off = True
    await on_the_wall(home, "l21a", reachable=False)
    assert "人员21a" in await alarm(home, "unreachable")
    await home.call(first, Stay(30))
    call = await home.over(first, "answered")
    assert call.agent_id == "l21b"
    words = await home.words(call.id)
    assert "借贷担保专长律师的话机不通，转能答借贷担保的律师；人员21b律师空闲" in words
    home.phones["l21a"].off = False
    await on_the_wall(home, "l21a", reachable=True)
    await home.call(second, Stay(30))
    assert (await home.over(second, "answered")).agent_id == "l21a"


async def who_waits_is_served_as_soon_as_a_telephone_registers_again(home: Home) -> None:
    number = "13800002201"
    await home.talks("l22")
    await on_the_wall(home, "l22", reachable=True)
    await home.phones["l22"].register(0)
    await on_the_wall(home, "l22", reachable=False)
    await home.call(number, Stay(30))

    async def waits() -> bool:
        return any(c.number == number and c.waiting_since for c in await home.calls())

    await home.until(waits, 20, "the caller waits")
    assert await home.offered("l22") == []
    await home.phones["l22"].register(300)
    assert (await home.over(number, "answered")).agent_id == "l22"
    await on_the_wall(home, "l22", reachable=True)


async def a_telephone_that_fails_twice_is_left_alone_for_a_while(home: Home) -> None:
    async def fails_twice(call: Ringing) -> None:
        if len(home.rung["l23"]) < 3:
            call.reject("503 Service Unavailable")
            return
        await call.answer()
        await call.hang_up()

    first, second = "13800002301", "13800002302"
    await home.answers("l23", fails_twice)
    await home.talks("l23b")
    await home.call(first, Stay(60))
    await on_the_wall(home, "l23", reachable=False)
    call = await home.over(first, "answered")
    assert call.agent_id == "l23b", "goes on at once, and not after a minute"
    await on_the_wall(home, "l23", reachable=True)
    await home.call(second, Stay(60))
    assert (await home.over(second, "answered")).agent_id == "l23"
    offers = await home.offered("l23")
    assert [o.outcome for o in offers] == ["unreachable", "unreachable", "answered"]
    assert offers[1].ended_at is not None
    assert (offers[2].made_at - offers[1].ended_at).total_seconds() >= 3.9
    words = await home.words(call.id)
    assert "人员23律师话机不通，换下一位" in words
    assert "人员23律师话机连续 2 次不通，4 秒内不再派话，换下一位" in words
    assert any("的话机不通，转" in word and "人员23b律师空闲" in word for word in words)


async def a_station_whose_line_is_away_is_passed_over_until_it_is_back(home: Home) -> None:
    first, second = "13800002401", "13800002402"
    await home.talks("st24")
    await home.talks("st25")
    await on_the_wall(home, "st24", reachable=True)
    home.phones["st24"].off = True
    await on_the_wall(home, "st24", reachable=False)
    await home.call(first, Stay(30))
    call = await home.over(first, "station")
    assert (call.agent_id, call.place) == ("st25", "p24")
    words = await home.words(call.id)
    assert "本乡镇服务站的话机不通，转其他乡镇服务站；廿五镇服务站空闲最久" in words
    home.phones["st24"].off = False
    await on_the_wall(home, "st24", reachable=True)
    await home.call(second, Stay(30))
    assert (await home.over(second, "station")).agent_id == "st24"


async def nobody_is_called_through_a_trunk_that_is_away(home: Home) -> None:
    async def takes(call: Ringing) -> None:
        await call.answer()
        await asyncio.sleep(0.8)  # nobody presses a key before they have heard why
        await call.press("1")
        await call.ended

    async def takes_and_talks(call: Ringing) -> None:
        await call.answer()
        await asyncio.sleep(0.8)
        await call.press("1")
        await asyncio.sleep(0.5)
        await call.hang_up()

    async def trunk(*, reachable: bool) -> None:
        async def told() -> bool:
            async with home.database.read() as session:
                row = await session.get(TrunkTable, "trunk")
            return row is not None and row.reachable == reachable

        await home.until(told, 20, f"the trunk: {reachable=}")

    mobile, centre, back = "13800002501", "13800002601", CALLED_BACK
    home.outside.answers |= {
        "13900000025": takes_and_talks,
        "13900000026": takes_and_talks,
        back: takes,
    }
    assert home.outside.phone is not None
    await home.talks("l28")
    await trunk(reachable=True)
    home.outside.phone.off = True
    await trunk(reachable=False)
    assert "中继 trunk 没有应答" in await alarm(home, "trunk")
    await home.call(mobile, Stay(60))
    await home.call(centre, Stay(60))
    await home.call_and_hang_up(back, after=7.5)
    await home.over(back, "abandoned")
    await home.sign_in(["l28"])

    async def due() -> bool:
        query = select(CallBackTable).where(CallBackTable.number == back)
        async with home.database.read() as session:
            return await session.scalar(query) is not None

    await home.until(due, 20, "the call-back is written down")

    async def is_ready() -> bool:
        presence = await home.presence("l28")
        return presence is not None and presence.state == Presence.READY

    await home.until(is_ready, 20, "the lawyer is free for the call-back")
    assert await home.offered("l25", "qing", "l28") == [], "offered through a trunk that is away"
    home.outside.phone.off = False
    await trunk(reachable=True)
    calls: list[CallTable] = [await home.over(n, "answered") for n in (mobile, centre)]
    assert [call.agent_id for call in calls] == ["l25", "qing"]
    assert (await home.back(back)).outcome == "answered"
