"""Scenes of who is chosen, and who is not."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from agents.alarms.tables import AlarmTable
from agents.alarms.watch import Watch
from agents.callers import blocking
from hotline.calls.tables import CallTable
from hotline.clock import SystemClock
from hotline.sipp import Ringing, Stay
from tests.acceptance.routing.home import Home
from tests.acceptance.waiting.calling_back import listens, ticket_of
from tests.acceptance.waiting.policy import POLICY


async def a_mobile_counts_as_answered_only_by_a_key(home: Home) -> None:
    async def takes(call: Ringing) -> None:
        await call.answer()
        await asyncio.sleep(1.0)
        await call.press("1")
        await asyncio.sleep(2.0)
        await call.hang_up()

    number = "13800000301"
    home.outside.answers |= {"13900000301": listens, "13900000302": takes}
    await home.call(number, Stay(60))
    call = await home.over(number, "answered")
    shown = {*home.outside.rung["13900000301"], *home.outside.rung["13900000302"]}
    assert shown == {"12348"}, "the lawyer's own telephone shows the hotline"
    offers = [(o.agent_id, o.outcome) for o in await home.offered("box03", "l03")]
    assert offers == [("box03", "refused"), ("l03", "answered")]
    assert call.answered_at is not None
    assert call.talk_ended_at is not None
    talk = (call.talk_ended_at - call.answered_at).total_seconds()
    assert 1.0 < talk < 5.0, "the talk begins with the key"


async def another_districts_centre_takes_over_by_a_key(home: Home) -> None:
    async def takes(call: Ringing) -> None:
        await call.answer()
        await asyncio.sleep(1.0)
        await call.press("1")
        await asyncio.sleep(1.0)
        await call.hang_up()

    number = "13800000501"
    home.outside.answers["13900000501"] = takes
    await home.call(number, Stay(60))
    call = await home.over(number, "answered")
    assert call.agent_id == "qing"
    words = "".join(await home.words(call.id))
    assert "没有综合律师在岗，转邻近区县中心；青山区公共法律服务中心空闲" in words
    assert "青山区公共法律服务中心接听" in words


async def another_districts_lawyer_takes_over_at_the_own_desk(home: Home) -> None:
    number = "13800000601"
    await home.talks("he06")
    await home.call(number, Stay(60))
    call = await home.over(number, "answered")
    assert call.agent_id == "he06"
    words = "".join(await home.words(call.id))
    assert "转邻近区县中心；林县何平律师空闲" in words
    assert "林县何平律师接听" in words


async def a_new_policy_serves_who_waits_and_a_broken_one_changes_nothing(home: Home) -> None:
    number = "13800000801"
    await home.talks("he08")
    await home.call(number, Stay(60))

    async def waits() -> bool:
        return any(c.number == number and c.waiting_since for c in await home.calls())

    await home.until(waits, 20, "the caller waits")
    broken = POLICY.replace("ring_seconds: 4", "ring_seconds: 很久")
    home.policy.write_text(broken, encoding="utf-8")

    log = home.settings.home / "controller.log"

    async def told() -> bool:
        lines = (await asyncio.to_thread(log.read_text)).splitlines()
        refused = [line for line in lines if "routing policy refused; the old one stays" in line]
        return any("routing.yaml:3:" in line and "应为数字" in line for line in refused)

    await home.until(told, 10, "the mistake is told with its line")

    async def on_the_wall() -> bool:
        await Watch(home.database, SystemClock()).look()
        query = select(AlarmTable.words).where(AlarmTable.key == "config:routing.yaml")
        async with home.database.read() as session:
            words = await session.scalar(query.where(AlarmTable.cleared_at.is_(None))) or ""
        return "第 3 行 ring_seconds：应为数字" in words and "起的策略派话" in words

    await home.until(on_the_wall, 10, "the supervisor sees the mistake and what holds")
    better = "ladders:\n  s08: [{after: 0, to: districts, district: heshan}]"
    home.policy.write_text(POLICY.replace("ladders:", better), encoding="utf-8")
    call = await home.over(number, "answered")
    assert call.agent_id == "he08"


async def who_was_not_helped_comes_first_and_to_the_same_lawyer(home: Home) -> None:
    number, now = "13800000901", datetime.now(UTC)
    earlier = {"started_at": now - timedelta(days=2), "answered_at": now - timedelta(days=2)}
    async with home.database.write() as session:
        session.add(
            CallTable(
                id="1.901",
                number=number,
                agent_id="l09b",
                outcome="abandoned_menu",
                solved=2,
                ended_at=now - timedelta(days=2),
                **earlier,
            )
        )
    await home.talks("l09a")
    await home.talks("l09b")
    await home.call(number, Stay(30))
    call = await home.over(number, "answered")
    assert (call.agent_id, call.priority) == ("l09b", "repeat")
    words = await home.words(call.id)
    assert "优先类别：未解决再次来电" in words
    assert any("上次由人员09b律师接听，现在空闲，优先转回" in word for word in words)


async def who_misses_twice_is_paused_with_the_reason_until_ready_again(home: Home) -> None:
    async def rings(call: Ringing) -> None:
        call.ring()
        await call.ended

    await home.answers("l10", rings)
    callers = [await home.call(f"1380000100{n}", Stay(60)) for n in (1, 2)]

    async def paused() -> bool:
        row = await home.presence("l10")
        return row is not None and (row.state, row.reason) == ("paused", "连续漏接 2 次")

    await home.until(paused, 30, "paused with the reason")
    assert [o.outcome for o in await home.offered("l10")] == ["missed", "missed"]
    await home.talks("l10")
    await home.sign_in(["l10"])
    await home.call("13800001003", Stay(30))
    await home.over("13800001003", "answered")
    for caller in callers:
        await caller.kill()


BLOCKED = "13800001101"


async def a_blocked_number_is_turned_away_until_somebody_else_lifts_the_block(home: Home) -> None:
    await home.talks("l11")
    await home.reads("list=HL_BLOCKED")
    await home.call(BLOCKED, Stay(30))
    call = await home.over(BLOCKED, "refused")
    assert "号码在拦截名单内：反复辱骂律师" in await home.words(call.id)
    assert await ticket_of(home, call), "a supervisor finds what was turned away"
    assert call.hangup_cause == 21
    assert call.ended_at is not None
    heard = (call.ended_at - call.started_at).total_seconds()
    assert heard >= 0.25, "the caller hears the sentence out"
    assert home.rung["l11"] == []
    async with home.database.write() as session:
        now = datetime.now(UTC)
        (shown,) = await blocking.blocks(session, now)
        assert (shown.refused, shown.waits_for_review) == (1, True)
        await blocking.review(session, BLOCKED, keep=False, note="着急", by="zhou", now=now)

    async def listed() -> bool:
        shown = await asyncio.to_thread(home.asterisk.console, "database show HL_BLOCKED")
        return BLOCKED in shown

    async def lifted() -> bool:
        return not await listed()

    await home.until(lifted, 15, "Asterisk turns them away no more")
    await home.call(BLOCKED, Stay(30))
    assert (await home.over(BLOCKED, "answered")).agent_id == "l11"


async def block(home: Home) -> None:
    """Block a number before the controller comes up."""
    now = datetime.now(UTC)
    async with home.database.write() as session:
        await blocking.block(session, BLOCKED, "反复辱骂律师", 7, by="demo", now=now)


async def the_station_of_the_callers_place_has_as_many_calls_as_lines(home: Home) -> None:
    gate = asyncio.Event()

    async def answers(call: Ringing) -> None:
        await call.answer()
        await gate.wait()
        await call.hang_up()

    numbers = [f"1380000120{n}" for n in (1, 2, 3)]
    await home.answers("st12", answers)
    for number in numbers:
        await home.call(number, Stay(60))

    async def both() -> bool:
        return len(home.rung["st12"]) == 2

    await home.until(both, 20, "two at once")
    await asyncio.sleep(2.0)
    assert await both(), "a third call for two lines"
    gate.set()
    calls = [await home.over(number, "station") for number in numbers]
    assert {call.place for call in calls} == {"p12"}


async def wrap_up_belongs_to_the_person_whatever_the_topic(home: Home) -> None:
    first, second = "13800001301", "13800001401"
    gate = asyncio.Event()

    async def answers(call: Ringing) -> None:
        await call.answer()
        if call.number == first:
            await gate.wait()
        await call.hang_up()

    await home.answers("l13", answers)
    await home.call(first, Stay(60))

    async def talks() -> bool:
        return home.rung["l13"] == [first]

    await home.until(talks, 20, "the first talk")
    await home.call(second, Stay(60))
    await asyncio.sleep(2.0)
    gate.set()
    before, after = [await home.over(number, "answered") for number in (first, second)]
    assert before.talk_ended_at is not None
    assert after.answered_at is not None
    assert (after.answered_at - before.talk_ended_at).total_seconds() >= 2.0


async def who_speaks_the_callers_dialect_answers_until_it_takes_too_long(home: Home) -> None:
    first, second = "13800001501", "13800001502"
    gate = asyncio.Event()

    async def answers(call: Ringing) -> None:
        await call.answer()
        await gate.wait()
        await call.hang_up()

    await home.talks("l15a")
    await home.answers("l15b", answers)
    await home.call(first, Stay(60))

    async def talks() -> bool:
        return home.rung["l15b"] == [first]

    await home.until(talks, 20, "the dialect's lawyer talks")
    await home.call(second, Stay(60))
    late = await home.over(second, "answered")
    assert late.agent_id == "l15a"
    assert late.answered_at is not None
    assert late.waiting_since is not None
    assert (late.answered_at - late.waiting_since).total_seconds() >= 2.9
    gate.set()


async def a_station_that_is_closed_is_offered_nothing(home: Home) -> None:
    number = "13800001701"
    await home.talks("st17")
    await home.call(number, Stay(5))
    await home.over(number, "voicemail")
    assert home.rung["st17"] == []
