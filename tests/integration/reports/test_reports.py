"""A report is the same on both databases, and can be checked by hand."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from io import BytesIO

import pytest
from openpyxl import load_workbook
from sqlalchemy import insert

from agents.moments.tables import PresencePastTable
from agents.reports import files, settings
from agents.reports.building import build
from agents.reports.counting import EVERYTHING, Scope
from agents.reports.formats import Format
from agents.reports.period import Kind, period_of
from agents.reports.values import Report, fraction_in_words
from agents.tables import AgentTable
from hotline.calls.proportion import Proportion
from hotline.calls.tables import CallTable, Outcome
from hotline.casework import Case, CaseEvent, services, versions
from hotline.casework.versions import Version
from hotline.clock import ManualClock
from hotline.routing.tables import OfferTable
from hotline.store import Database

pytestmark = pytest.mark.each_database

MONDAY = datetime(2026, 11, 16, 2, 0, tzinfo=UTC)
WEEK = period_of(Kind.WEEK, date(2026, 11, 16))


def call(
    number: int,
    at: datetime = MONDAY,
    *,
    waited: float | None = 8,
    topic: str = "wages",
    agent: str = "wang",
    rating: int | None = None,
    place: str = "qingshi",
) -> dict[str, object]:
    """A call that was answered after ``waited`` seconds, or given up after 40."""
    answered = at + timedelta(seconds=waited) if waited is not None else None
    return {
        "id": f"{at.timestamp():.0f}.{number}",
        "number": "13800000000",
        "topic": topic,
        "place": place,
        "started_at": at,
        "waiting_since": at,
        "answered_at": answered,
        "talk_ended_at": answered + timedelta(minutes=5) if answered else None,
        "ended_at": at + timedelta(minutes=6) if answered else at + timedelta(seconds=40),
        "agent_id": agent if answered else None,
        "outcome": Outcome.ANSWERED if answered else Outcome.ABANDONED,
        "satisfaction": rating,
        "solved": None,
    }


async def keep_calls(database: Database, calls: Sequence[dict[str, object]]) -> None:
    async with database.write() as session:
        await session.execute(insert(CallTable), list(calls))


async def report(database: Database, clock: ManualClock, scope: Scope = EVERYTHING) -> Report:
    async with database.read() as session:
        return await build(session, WEEK, clock.now(), settings.load(), rates={}, scope=scope)


async def test_each_figure_tells_what_it_is_made_of(database: Database, clock: ManualClock) -> None:
    early = [call(n, waited=8, rating=1) for n in range(7)]
    late = [call(n, waited=30) for n in range(7, 9)]
    lost = [call(9, waited=None)]
    last_week = [call(n, MONDAY - timedelta(days=7), waited=8) for n in range(4)]
    await keep_calls(database, [*early, *late, *lost, *last_week])

    found = {one.code: one for one in (await report(database, clock)).measures}

    assert found["connect"].value == Proportion(9, 10)
    assert fraction_in_words(found["connect"].value) == "9 / 10"
    assert found["connect"].met is False
    assert found["connect"].change == pytest.approx(-0.1)
    assert found["within_15s"].value == Proportion(7, 10)
    assert found["satisfaction"].value == Proportion(7, 7)
    assert found["response"].value == Proportion(7, 9)
    assert found["p95_wait"].value == 30
    assert all(one.definition for one in found.values())


async def test_a_topic_that_rose_is_told_and_its_share_of_places_is_not(
    database: Database, clock: ManualClock
) -> None:
    calls = [call(n, topic="wages") for n in range(30)]
    for back in range(1, 5):
        then = MONDAY - timedelta(days=7 * back)
        calls += [call(n, then, topic="wages" if n < 5 else "lease") for n in range(28)]
    await keep_calls(database, calls)

    table = (await report(database, clock)).table("surges")

    assert [(row[0], row[1], row[2]) for row in table.rows] == [("专题", "劳动报酬", 30)]


async def test_a_station_sees_its_own_places_and_no_appraisal(
    database: Database, clock: ManualClock
) -> None:
    await keep_calls(database, [call(1), call(2, place="liuhe"), call(3, place="liuhe")])

    own = await report(database, clock, Scope(frozenset({"liuhe"}), "柳河站"))

    assert {one.code: one.value for one in own.measures}["calls"] == 2
    assert "people" not in {table.code for table in own.tables}


async def test_tickets_are_late_by_their_own_clocks(database: Database, clock: ManualClock) -> None:
    async with database.write() as session:
        version = await versions.record(
            session, Version.of(services.load().get("ticket")), clock.now()
        )
        for number, missed in enumerate((False, False, True)):
            case = Case(
                number=f"26111610000{number}",
                service="ticket",
                service_version=version,
                state="archived",
                data={},
                clocks={"reply": {"missed": missed}},
                acts={} if missed else {"record_followup": ["sun", 1]},
                assignee_id="wang",
                opened_at=MONDAY,
                closed_at=MONDAY + timedelta(days=2),
                place="qingshi",
                score=80.0 + number,
            )
            session.add(case)
            await session.flush()
            if missed:
                session.add(
                    CaseEvent(
                        case_id=case.id,
                        at=MONDAY,
                        actor="qingshi",
                        action="return_ticket",
                        to_state="returned",
                        data={"return_cause": "wrong_place"},
                    )
                )
    found = await report(database, clock)
    values = {one.code: one.value for one in found.measures}
    assert values["on_time"] == Proportion(2, 3)
    assert values["followed"] == Proportion(2, 3)
    assert values["score"] == pytest.approx(81.0)
    assert found.table("returns").rows == (("不在本辖区", 1),)


async def test_the_appraisal_counts_offers_and_what_was_missed(
    database: Database, clock: ManualClock
) -> None:
    await keep_calls(database, [call(1, rating=3), call(2, waited=20)])
    async with database.write() as session:
        session.add(
            AgentTable(id="wang", staff_no="001", name="王敏", kind="lawyer", endpoint="PJSIP/wang")
        )
        for number, outcome in enumerate(("answered", "answered", "missed")):
            session.add(
                OfferTable(
                    id=f"o{number}",
                    call_id=f"c{number}",
                    agent_id="wang",
                    made_at=MONDAY,
                    ended_at=MONDAY,
                    outcome=outcome,
                    reason_code="idle",
                    words="",
                    detail={},
                )
            )
    row = (await report(database, clock)).table("people").rows[0]
    assert row[:5] == ("王敏", 3, 1, 2, Proportion(1, 2))
    assert row[8] == 1


async def test_the_time_in_each_state_is_told_with_the_reasons_of_pauses(
    database: Database, clock: ManualClock
) -> None:
    async with database.write() as session:
        session.add(
            AgentTable(id="wang", staff_no="001", name="王敏", kind="lawyer", endpoint="PJSIP/wang")
        )
        changes = ((0, "ready", ""), (10, "busy", ""), (30, "paused", "用餐"), (60, "offline", ""))
        session.add_all(
            PresencePastTable(
                agent_id="wang", at=MONDAY + timedelta(minutes=at), state=state, reason=reason
            )
            for at, state, reason in changes
        )
    found = (await report(database, clock)).table("states")
    assert found.rows == (
        ("王敏", 3600.0, 600.0, 1200.0, 0.0, 1800.0, Proportion(1200, 1800), "用餐 30:00"),
    )
    station = await report(database, clock, Scope(frozenset({"liuhe"}), "柳河站"))
    assert "states" not in {table.code for table in station.tables}


async def test_all_files_hold_the_same_figures(database: Database, clock: ManualClock) -> None:
    await keep_calls(database, [call(n) for n in range(12)])
    made = await report(database, clock)

    book = load_workbook(BytesIO(files.write(made, Format.XLSX)))
    values = json.loads(files.write(made, Format.JSON))
    text = files.write(made, Format.TEXT).decode()

    assert book.sheetnames[0] == "主要指标"
    topics = [row for row in book["按专题"].iter_rows(values_only=True) if row[0] == "劳动报酬"]
    assert topics[0][1] == 12
    assert values["tables"]["topics"]["rows"][0][:2] == ["劳动报酬", 12]
    assert values["measures"]["connect"]["value"]["denominator"] == 12
    assert "接通率：100.0%　12 / 12" in text
    assert files.write(made, Format.PDF).startswith(b"%PDF-")


async def test_what_needs_somebody_now_is_counted_whatever_the_period(
    database: Database, clock: ManualClock
) -> None:
    now, day = clock.now(), timedelta(days=1)
    running = {"limitation": {"started": now.isoformat()}}
    async with database.write() as session:
        version = await versions.record(session, Version.of(services.load().get("ticket")), now)
        for number, (urgency, due, clocks) in enumerate(
            (("emergency", now - 2 * day, {}), ("normal", now + day, running))
        ):
            session.add(
                Case(
                    number=f"26112410000{number}",
                    service="ticket",
                    service_version=version,
                    state="handling",
                    data={},
                    clocks=clocks,
                    urgency=urgency,
                    opened_at=now - 5 * day,
                    warn_at=due - day,
                    due_at=due,
                    red_at=due + day,
                )
            )
    found = {row[0]: row[1] for row in (await report(database, clock)).table("risks").rows}
    assert found["紧急和特急未办结"] == 1
    assert found["当事人时效将届满（7 日内）"] == 1
    assert found["严重超期（红牌）"] == 1
    assert found["已到期"] == 0
