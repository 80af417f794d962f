"""What the rota brings about: calls on duty, lateness, the own calendar."""

from __future__ import annotations

import re
from typing import Any

import icalendar
from sqlalchemy import select

from agents.people import DatabasePeople
from agents.rota import attendance
from agents.rota.requests import State
from agents.rota.tables import RequestTable
from agents.tables import PresenceTable
from hotline.clock import ManualClock
from hotline.routing.people import Presence
from hotline.store import Database
from hotline.web.permissions import Role
from tests.integration.web.rota.shifts import add, at


async def test_the_calendar_opens_for_its_address_alone(
    supervisor: Any, signed_in: Any, browser: Any, database: Database
) -> None:
    await add(supervisor, "wang", 26, "08:30-12:00", "1")
    await add(supervisor, "li", 27, "08:30-12:00")
    wang = await signed_in("wang", Role.LAWYER, agent_id="wang")

    async def address() -> str:
        found = re.search(
            r'value="http[^"]*(/rota/feed/[^"]+)"', (await wang.get("/rota/mine")).text
        )
        assert found
        return found.group(1)

    first = await address()
    stranger = browser()
    answer = await stranger.get(first)
    assert answer.headers["Content-Type"].startswith("text/calendar")
    (event,) = icalendar.Calendar.from_ical(answer.text).walk("VEVENT")
    assert event["summary"] == "12348 值班（1 号席）"
    assert (event.decoded("dtstart"), event.decoded("dtend")) == (at(26, 8.5), at(26, 12))
    forged = first.replace("/wang.", "/li.")
    assert (await stranger.get(forged)).status == 404
    await wang.post("/rota/feed/renew")
    assert (await stranger.get(first)).status == 404
    assert (await stranger.get(await address())).status == 200


async def test_lateness_and_absence_are_seen_from_presence(
    supervisor: Any, database: Database, clock: ManualClock
) -> None:
    for name in ("wang", "li", "abdu"):
        await add(supervisor, name, 24, "10:30-12:00")
    await presence(database, wang=Presence.READY, li=Presence.OFFLINE, abdu=Presence.OFFLINE)
    async with database.write() as session:
        assert await attendance.look(session, clock.now()) == 0
    for minute in range(30, 120):
        if minute == 42:
            await presence(database, li=Presence.READY)
        clock.advance(60 if minute > 30 else 30 * 60)
        async with database.write() as session:
            await attendance.look(session, clock.now())
    page = (await supervisor.get("/rota/attendance")).text
    rows = {row: re.sub(r"<[^>]+>", " ", row) for row in page.split("<tr>")}
    told = {
        name: next(t for t in rows.values() if name in t) for name in ("王晓梅", "李建国", "阿卜杜")
    }
    assert "到岗" in told["王晓梅"]
    assert "1:29:00" in told["王晓梅"]
    assert "迟到" in told["李建国"]
    assert "10:42:00" in told["李建国"]
    assert "缺勤" in told["阿卜杜"]


async def test_calls_are_offered_on_duty_and_to_those_without_a_rota(
    supervisor: Any, database: Database, clock: ManualClock, tmp_path: Any, monkeypatch: Any
) -> None:
    await add(supervisor, "wang", 24, "10:30-12:00")
    people = DatabasePeople(database, clock)

    async def offered() -> set[str]:
        return {a.id for a in (await people.load()).agents if a.is_open(clock.now())}

    # 10:00: Wang's shift begins in half an hour; ten minutes before it she may be rung.
    assert await offered() == {"li", "abdu"}
    clock.advance(20 * 60)
    assert await offered() == {"wang", "li", "abdu"}
    clock.advance(100 * 60)
    assert await offered() == {"li", "abdu"}
    (tmp_path / "rota.yaml").write_text("duty: presence\n")
    monkeypatch.setenv("HOTLINE_CONFIG", str(tmp_path))
    assert await offered() == {"wang", "li", "abdu"}
    # A mistake in the file keeps the rules that were.
    (tmp_path / "rota.yaml").write_text("duty: nonsense\n")
    assert await offered() == {"wang", "li", "abdu"}


async def test_leave_takes_a_lawyer_off_the_line(
    supervisor: Any, database: Database, clock: ManualClock
) -> None:
    await add(supervisor, "wang", 24, "09:00-12:00")
    people = DatabasePeople(database, clock)
    assert any(a.id == "wang" and a.is_open(clock.now()) for a in (await people.load()).agents)
    async with database.write() as session:
        session.add(
            RequestTable(
                kind="leave",
                agent_id="wang",
                starts_at=at(24, 8),
                ends_at=at(24, 18),
                state=State.APPROVED,
                asked_at=clock.now(),
            )
        )
    assert not any(a.id == "wang" and a.is_open(clock.now()) for a in (await people.load()).agents)


async def presence(database: Database, **states: Presence) -> None:
    async with database.write() as session:
        for row in await session.scalars(select(PresenceTable)):
            row.state = states.get(row.agent_id, row.state)
