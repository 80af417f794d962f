"""The bureau's figures of quality: samples apart, intervals, files that open."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from aiohttp import ClientSession
from openpyxl import load_workbook

import hotline.store.schema  # noqa: F401 - knows every package's tables
from agents.routes import section as agents_section
from hotline.calls.tables import CallTable, Outcome
from hotline.clock import ManualClock
from hotline.store import Database
from hotline.web.permissions import Role
from hotline.web.section import Section
from knowledge_base.routes import section as knowledge_section
from transcripts.figures import reading
from transcripts.figures.counting import Call, count
from transcripts.figures.hints import hint_use
from transcripts.figures.reading import months
from transcripts.live.tables import HintRow
from transcripts.pages.quality import period_of
from transcripts.review.tables import (
    DrawRunTable,
    DrawTable,
    FormTable,
    GradeTable,
    JudgementTable,
    ResultTable,
)
from transcripts.routes import section as transcripts_section
from transcripts.scoring.tables import FindingRow, Score


@pytest.fixture
def sections() -> list[Section]:
    return [agents_section, knowledge_section, transcripts_section]


def call(agent: str = "wang", **more: Any) -> Call:
    known: Mapping[str, Any] = {
        "topic": "wages",
        "month": "2026-11",
        "satisfaction": None,
        "machine_ok": None,
        "sample": None,
        "total": None,
        "legal_ok": None,
        "veto": None,
    }
    return Call(agent, **{**known, **more})


def graded(sample: str, total: float, legal: bool = True, veto: bool = False) -> dict[str, Any]:
    return {"sample": sample, "total": total, "legal_ok": legal, "veto": veto}


def test_the_risk_sample_is_never_mixed_into_the_headline() -> None:
    calls = [
        (call(**graded("random", 90)), 9),
        (call(**graded("random", 0, legal=False, veto=True)), 1),
        (call(**graded("risk", 0, legal=False, veto=True)), 50),
    ]
    whole = count(calls, {}).whole
    assert whole.random.legal.numerator == 9
    assert whole.random.legal.denominator == 10
    assert whole.random.mean == 81
    assert whole.random.critical_free.value == 0.9
    assert whole.risk.legal.value == 0
    low, high = whole.random.legal.interval or (0, 0)
    # Wilson, 9 of 10: as in the literature, .596 … .982
    assert (round(low, 3), round(high, 3)) == (0.596, 0.982)


def test_a_graded_call_counts_for_as_many_calls_as_it_stands_for() -> None:
    # Of a hundred calls of one stratum five are graded, of the only call of another that one.
    calls = [
        (call(**graded("random", 90), weight=20.0), 5),
        (call("chen", **graded("random", 0, legal=False, veto=True), weight=1.0), 1),
    ]
    random = count(calls, {}).whole.random
    assert (random.legal.numerator, random.legal.denominator) == (5, 6)
    assert random.legal.value == pytest.approx(100 / 101)
    assert random.mean == pytest.approx(9000 / 101)
    assert random.legal.effective == pytest.approx(101**2 / (5 * 20**2 + 1))
    low, high = random.legal.interval or (0, 0)
    assert 0.55 < low < random.legal.value < high


@pytest.mark.each_database
async def test_a_stratum_weighs_as_much_as_it_has_calls(
    database: Database, clock: ManualClock, month: None
) -> None:
    now = clock.now()
    async with database.write() as session:
        run = DrawRunTable(
            since=now - timedelta(days=30),
            until=now,
            seed="s",
            share=0.05,
            calls=42,
            drawn=6,
            at=now,
        )
        session.add(run)
        await session.flush()
        # Of wang's 30 calls three were drawn and graded, of chen's 12 four, three of them graded.
        sizes = {"wang": (30, 3), "chen": (12, 4)}
        for number in range(6):
            agent = ("wang", "chen")[number % 2]
            session.add(
                DrawTable(
                    call_id=f"1.{number}",
                    sample="random",
                    reasons=["random"],
                    stratum=f"{agent}/wages",
                    size=sizes[agent][0],
                    taken=sizes[agent][1],
                    double=False,
                    run_id=run.id,
                    at=now,
                )
            )
    async with database.read() as session:
        read = await reading.calls(session, now - timedelta(days=30), now + timedelta(days=1))
    assert {one.agent_id: one.weight for one, _ in read if one.sample} == {"wang": 10, "chen": 4}
    assert count(read, {}).whole.random.legal.value == pytest.approx(12 / 42)


def test_satisfaction_has_its_response_rate_and_silence_is_no_answer() -> None:
    whole = count([(call(satisfaction=n), 1) for n in (1, 2, 3, None)], {}).whole
    assert (whole.satisfaction.numerator, whole.satisfaction.denominator) == (2, 3)
    assert whole.response.value == 0.75


def test_calls_are_grouped_by_lawyer_topic_station_and_month() -> None:
    calls = [
        (call("wang"), 2),
        (call("wang", topic="lease"), 1),
        (call("chen", month="2026-10"), 1),
    ]
    table = count(calls, {"wang": "qingshi"})
    assert list(table.by_agent) == ["wang", "chen"]
    assert set(table.by_topic) == {"wages", "lease"}
    assert {code: one.calls for code, one in table.by_station.items()} == {"qingshi": 3, "": 1}
    assert list(table.by_month) == ["2026-10", "2026-11"]


def test_a_month_begins_at_midnight_in_china() -> None:
    begins = months(datetime(2025, 12, 31, 16, tzinfo=UTC), datetime(2026, 2, 28, 16, tzinfo=UTC))
    assert [name for name, _ in begins] == ["2026-01", "2026-02"]
    assert begins[1][1] == datetime(2026, 1, 31, 16, tzinfo=UTC)


def test_a_period_that_cannot_be_read_is_these_three_months() -> None:
    today = date(2026, 1, 15)
    assert period_of("", "", today).words == "2025-11-01 至 2026-01-15"
    assert period_of("2026-02-30", "x", today).words == "2025-11-01 至 2026-01-15"
    assert period_of("2026-01-01", "2026-01-10", today).words == "2026-01-01 至 2026-01-10"
    assert period_of("2000-01-01", "2026-01-10", today).words == "2025-11-01 至 2026-01-10"


@pytest.fixture
async def month(database: Database, clock: ManualClock) -> None:
    """Twelve calls of two lawyers with faults, some graded."""
    now = clock.now()
    async with database.write() as session:
        form = FormTable(
            code="f",
            version=1,
            title="表",
            digest="d",
            content={
                "items": [{"id": "basis", "title": "法律依据", "weight": 18, "legal": True}],
                "vetoes": {},
                "levels": [{"share": 1, "words": "好"}, {"share": 0, "words": "没有"}],
            },
            opened_at=now,
            closed_at=None,
        )
        session.add(form)
        await session.flush()
        for number in range(12):
            at, agent = now - timedelta(days=number), ("wang", "chen")[number % 2]
            session.add(
                CallTable(
                    id=f"1.{number}",
                    number="13812345678",
                    topic="wages",
                    menu_path=[],
                    started_at=at,
                    answered_at=at,
                    ended_at=at,
                    agent_id=agent,
                    outcome=Outcome.ANSWERED,
                    satisfaction=1 if number % 3 else 3,
                )
            )
            finding = _fault("《劳动争议调解仲裁法》第二十七条")
            session.add(_score(f"1.{number}", at, finding, right=number > 3))
            if number <= 5:
                grade = GradeTable(
                    call_id=f"1.{number}",
                    agent_id=agent,
                    form_id=form.id,
                    reviewer_id=1,
                    reviewer_name="梅",
                    purpose="first",
                    blind=False,
                    levels={"basis": 1 if agent == "wang" else 0},
                    vetoes=[],
                    total=80,
                    legal_ok=agent == "chen",
                    note="",
                    score_id=None,
                    made_at=now,
                )
                session.add(grade)
                await session.flush()
                session.add(
                    ResultTable(
                        call_id=f"1.{number}",
                        grade_id=grade.id,
                        sample="random",
                        total=80,
                        legal_ok=agent == "chen",
                        veto=False,
                        decided_at=now,
                    )
                )
            if number == 0:
                await session.flush()
                session.add(
                    JudgementTable(
                        finding_id=finding.id,
                        call_id="1.0",
                        reviewer_id=1,
                        verdict="reject",
                        words="",
                        made_at=now,
                    )
                )


def _fault(article: str) -> FindingRow:
    return FindingRow(
        item="basis",
        kind="wrong_fact",
        verdict="wrong",
        fault=True,
        confidence=0.9,
        at_second=1.0,
        until_second=2.0,
        leg="agent",
        sentence="",
        card="labour-arbitration",
        subject="labour-arbitration/limit",
        article=article,
        heard="两年",
        expected="一年",
        critical=True,
        words="仲裁时效应为一年：“两年”",
    )


def _score(call_id: str, at: datetime, finding: FindingRow, *, right: bool) -> Score:
    return Score(
        call_id=call_id,
        transcript_id=None,
        latest=True,
        scorecard="f",
        scorecard_version=1,
        law_date=at.date(),
        topic="wages",
        card=None,
        total=90.0,
        accuracy=1.0,
        legal_ok=right,
        veto=None,
        why_person="",
        items=[],
        risks=[],
        created_at=at,
        findings=[] if right else [finding],
    )


@pytest.mark.each_database
async def test_the_page_tells_the_most_frequent_errors_and_whom_to_train(
    signed_in: Any, month: None
) -> None:
    bureau = await signed_in("lin", Role.BUREAU)
    page = (await bureau.get("/quality")).text
    assert "50.0%" in page
    assert "仲裁时效应为一年" in page
    # Four calls have it; a reviewer rejected one.
    assert '<td class="num">3' in page
    assert "法律依据，3 通平均得 0%" in page
    station = await signed_in("zhan", Role.STATION)
    assert (await station.get("/quality")).status == 403


async def test_the_files_hold_the_same_figures_and_charts(signed_in: Any, month: None) -> None:
    bureau = await signed_in("lin", Role.BUREAU)
    session: ClientSession = bureau.session
    async with session.get(bureau.server.make_url("/quality.xlsx")) as answer:
        assert "attachment" in answer.headers["Content-Disposition"]
        book = load_workbook(BytesIO(await answer.read()))
    assert book.sheetnames == [
        *("总体", "按月", "按律师", "按专题", "按站点", "常见法律差错", "培训建议"),
        *("提示使用（按要点卡）", "提示使用（按律师）"),
    ]
    assert len(book["按律师"]._charts) == 2
    rows = {row[0]: row for row in book["按律师"].iter_rows(values_only=True) if row[0]}
    assert rows["chen"][5] == 1
    assert rows["合计"][2] == 6
    async with session.get(bureau.server.make_url("/quality.pdf")) as answer:
        assert answer.content_type == "application/pdf"
        assert (await answer.read()).startswith(b"%PDF-")


@pytest.mark.each_database
async def test_the_editor_is_told_of_a_card_whose_hints_everybody_dismisses(
    signed_in: Any, database: Database, clock: ManualClock
) -> None:
    now = clock.now()
    async with database.write() as session:
        for number in range(8):
            useful = number % 2 == 0
            session.add(
                HintRow(
                    call_id=f"1.{number}",
                    agent_id="wang" if useful else "chen",
                    key="card:wages" if useful else "warning:wrong_fact:lease/term:二十年",
                    kind="card" if useful else "warning",
                    title="拖欠工资" if useful else "与要点卡不符",
                    words="",
                    article="",
                    points=[],
                    heard="",
                    expected="",
                    at_second=None,
                    shown_at=now,
                    seen_at=None if number == 0 else now,
                    used_at=now if number in {2, 4} else None,
                    used_how={2: "said", 4: "clicked"}.get(number, ""),
                    dismissed_at=None if useful else now,
                )
            )
    async with database.read() as session:
        found = await hint_use(
            session, now - timedelta(days=1), now + timedelta(days=1), {"lease": "房屋租赁"}
        )
    assert {one.code: (one.use.seen, one.use.used) for one in found.by_card} == {
        "wages": (3, 2),
        "lease": (4, 0),
    }
    assert [(one.code, one.title) for one in found.dismissed] == [("lease", "房屋租赁")]
    assert found.by_agent["wang"].use.value == pytest.approx(2 / 3)
    bureau = await signed_in("lin", Role.BUREAU)
    page = (await bureau.get("/knowledge/hints")).text
    assert "看到 4 次，关掉 4 次" in page
    assert "按律师" in page
    lawyer = await signed_in("wang", Role.LAWYER)
    assert "<h2>按律师</h2>" not in (await lawyer.get("/knowledge/hints")).text
