"""Review through the pages: drawn, heard, graded, compared, objected to, decided; learned from."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from sqlalchemy import func, select, update

import hotline.store.schema  # noqa: F401 - knows every package's tables
from agents.routes import section as agents_section
from hotline.calls.tables import CallTable, Outcome
from hotline.casework import Case
from hotline.clock import ManualClock
from hotline.jobs import Queue, Worker
from hotline.jobs.feeding import Feeder
from hotline.store import Database, append
from hotline.tickets import CallFacts, shipped
from hotline.web.context import SETTINGS
from hotline.web.permissions import Role
from hotline.web.section import Section
from hotline.web.tables import AuditEntry
from knowledge_base.tables import AnsweredQuestionRow
from transcripts.audio import parse, wav
from transcripts.review import agreement, appeals, draws, forms, jobs, vocabulary
from transcripts.review.rules import load_rules
from transcripts.review.tables import (
    AgreementTable,
    AppealTable,
    DrawRunTable,
    DrawTable,
    FormTable,
    GradeTable,
    JudgementTable,
    ResultTable,
    TaskTable,
)
from transcripts.routes import section as transcripts_section
from transcripts.scoring.scorecard import load_scorecard
from transcripts.scoring.tables import FindingRow, Score
from transcripts.tables import RecordingState, RecordingTable, TranscriptTable, TurnTable

ITEMS = [item.id for item in load_scorecard().items]
RULES = load_rules().model_copy(update={"new_lawyer_calls": 0})


@pytest.fixture
def sections() -> list[Section]:
    return [agents_section, transcripts_section]


@pytest.fixture
def talk(database: Database, clock: ManualClock) -> Callable[..., Awaitable[str]]:
    """Return a function that makes an answered call with ticket, transcript and score."""

    async def make(call_id: str, agent: str = "wang", **more: Any) -> str:
        now = clock.now()
        async with database.write() as session:
            session.add(
                CallTable(
                    id=call_id,
                    number="13812345678",
                    topic="wages",
                    menu_path=["1"],
                    started_at=now,
                    waiting_since=now,
                    answered_at=now,
                    ended_at=now,
                    agent_id=agent,
                    outcome=Outcome.ANSWERED,
                    satisfaction=more.get("satisfaction"),
                )
            )
            await session.flush()
            facts = CallFacts(call_id, "13812345678", now, topic="wages")
            await shipped().open_for_call(session, facts, now)
            await shipped().call_ended(session, call_id, Outcome.ANSWERED, now, agent_id=agent)
            session.add(_recording(call_id, now))
            session.add(_score(call_id, now))
        return call_id

    return make


def _recording(call_id: str, now: Any) -> RecordingTable:
    return RecordingTable(
        call_id=call_id,
        caller_path=None,
        agent_path=None,
        seconds=60,
        state=RecordingState.TRANSCRIBED,
        created_at=now,
    )


def _score(call_id: str, now: Any) -> Score:
    items = [
        {
            "id": item.id,
            "title": item.title,
            "weight": item.weight,
            "legal": item.legal,
            "points": item.weight,
            "applies": True,
            "judged": True,
            "words": "",
        }
        for item in load_scorecard().items
    ]
    finding = FindingRow(
        item="basis",
        kind="citation",
        verdict="right",
        fault=False,
        confidence=0.9,
        at_second=12.0,
        until_second=15.0,
        leg="agent",
        sentence="根据劳动争议调解仲裁法第二十七条",
        card="labour-arbitration",
        subject="",
        article="《劳动争议调解仲裁法》第二十七条",
        heard="",
        expected="",
        critical=False,
        words="依据正确",
    )
    return Score(
        call_id=call_id,
        transcript_id=None,
        latest=True,
        scorecard="12348",
        scorecard_version=2,
        law_date=now.date(),
        topic="wages",
        card="labour-arbitration",
        card_confidence=0.9,
        total=100.0,
        judged_share=1.0,
        accuracy=1.0,
        legal_ok=True,
        veto=None,
        faults=0,
        needs_person=False,
        why_person="",
        items=items,
        risks=[],
        created_at=now,
        findings=[finding],
    )


async def drawn(database: Database, clock: ManualClock, *, double: float = 0.0) -> None:
    """Draw everything up to now at random."""
    rules = RULES.model_copy(update={"random_share": 1.0, "double_blind_share": double})
    now = clock.now()
    async with database.write() as session:
        run = await draws.draw_period(
            session,
            now - timedelta(days=1),
            now + timedelta(seconds=1),
            rules=rules,
            now=now,
            seed="s",
        )
        assert run is not None


async def graded(browser: Any, call_id: str, purpose: str = "", **marks: str) -> Any:
    query = f"?purpose={purpose}" if purpose else ""
    page = await browser.get(f"/review/{call_id}{query}")
    form = re.search(r'name="form" value="(\d+)"', page.text)
    assert form, page.text[:2000]
    data = {f"item-{item}": "0" for item in ITEMS} | {"form": form.group(1), "note": "讲得清楚"}
    return await browser.post(f"/review/{call_id}/grade{query}", data | marks)


async def test_the_next_call_stands_first_with_the_reason_why_it_was_drawn(
    signed_in: Any, talk: Any, database: Database, clock: ManualClock
) -> None:
    await talk("1.1")
    await talk("1.2", satisfaction=3)
    await drawn(database, clock)
    async with database.write() as session:
        calls = await draws.candidates.ended_between(
            session, clock.now() - timedelta(days=1), clock.now() + timedelta(1), firsts=0
        )
        assert await draws.watch(session, calls, RULES, clock.now()) == 1
        assert await draws.watch(session, calls, RULES, clock.now()) == 0
    page = (await (await signed_in("mei", Role.REVIEWER)).get("/review")).text
    assert page.index("来电人不满意") < page.index("随机抽中", page.index("之后"))
    assert page.index("/review/1.2") < page.index("/review/1.1")


async def test_a_call_in_both_samples_is_heard_once_and_counts_as_random(
    signed_in: Any, talk: Any, database: Database, clock: ManualClock
) -> None:
    await talk("1.1", satisfaction=3)
    await drawn(database, clock)
    async with database.write() as session:
        found = await draws.candidates.of_call(session, "1.1", firsts=0)
        assert found
        await draws.watch(session, [found], RULES, clock.now())
    answer = await graded(await signed_in("mei", Role.REVIEWER), "1.1")
    assert answer.to == "/review"
    async with database.read() as session:
        samples = set(await session.scalars(select(DrawTable.sample)))
        result = await session.get_one(ResultTable, "1.1")
        tasks = await session.scalar(select(func.count()).select_from(TaskTable))
    assert samples == {"random", "risk"}
    assert (result.sample, tasks) == ("random", 1)


async def test_a_grade_is_never_overwritten_and_only_one_a_reviewer_form_and_call(
    signed_in: Any, talk: Any, database: Database, clock: ManualClock
) -> None:
    await talk("1.1")
    await drawn(database, clock)
    mei = await signed_in("mei", Role.REVIEWER)
    assert (await graded(mei, "1.1", basis="2", **{"item-basis": "2"})).status == 303
    assert (await mei.post("/review/1.1/grade", {"form": "1"})).status == 403
    page = (await mei.get("/review/1.1")).text
    assert "data-grade" not in page
    assert "讲得清楚" in page
    async with database.read() as session:
        grade = (await session.scalars(select(GradeTable))).one()
    assert grade.levels["basis"] == 2
    assert not grade.legal_ok


async def test_an_incomplete_form_is_refused_and_keeps_the_task(
    signed_in: Any, talk: Any, database: Database, clock: ManualClock
) -> None:
    await talk("1.1")
    await drawn(database, clock)
    mei = await signed_in("mei", Role.REVIEWER)
    refused = await graded(mei, "1.1", **{"item-basis": "na"})
    assert refused.status in {400, 422}
    assert "总是适用" in refused.text
    assert (await graded(mei, "1.1", **{"item-legal_aid": "na"})).status == 303


async def test_a_reviewer_who_answered_the_call_may_not_grade_it(
    signed_in: Any, talk: Any, database: Database, clock: ManualClock
) -> None:
    await talk("1.1", agent="mei")
    await drawn(database, clock)
    mei = await signed_in("mei", Role.REVIEWER, Role.LAWYER, agent_id="mei")
    assert "/review/1.1" not in (await mei.get("/review")).text
    assert "不能由您来评" in (await mei.get("/review/1.1")).text
    assert (await mei.post("/review/1.1/comments", {"words": "x", "at_second": "1"})).status == 403


async def test_findings_are_judged_words_mended_and_remarks_stand_at_their_second(
    signed_in: Any, talk: Any, database: Database, clock: ManualClock
) -> None:
    await talk("1.1")
    await drawn(database, clock)
    async with database.write() as session:
        recording = (await session.scalars(select(RecordingTable))).one()
        session.add(
            TranscriptTable(
                recording_id=recording.id,
                engine="vosk",
                model="m",
                model_description="",
                seconds_taken=1,
                created_at=clock.now(),
                turns=[
                    TurnTable(
                        position=0,
                        leg="agent",
                        start=12.0,
                        end=15.0,
                        text="我叫王小明仲裁时效依年",
                        said="",
                        confidence=0.6,
                        words=[],
                    )
                ],
            )
        )
    mei = await signed_in("mei", Role.REVIEWER)
    page = (await mei.get("/review/1.1")).text
    finding = re.search(r"/findings/(\d+)", page)
    turn = re.search(r"/turns/(\d+)", page)
    assert finding
    assert turn
    address = f"/review/1.1/findings/{finding.group(1)}"
    assert (await mei.post(address, {"verdict": "change"})).status in {400, 422}
    for verdict in ("confirm", "reject"):
        assert (await mei.post(address, {"verdict": verdict})).status == 303
    said = {"said": "我叫王小明仲裁时效一年"}
    assert (await mei.post(f"/review/1.1/turns/{turn.group(1)}", said)).status == 303
    remark = {"at_second": "1:15", "words": "这里应当提示举证"}
    assert (await mei.post("/review/1.1/comments", remark)).status == 303
    after = (await mei.get("/review/1.1")).text
    assert "仲裁时效一年" in after
    assert "机器听成：我叫王小明仲裁时效依年" in after
    assert 'data-seek="75.0"' in after
    async with database.read() as session:
        assert (await session.scalars(select(JudgementTable.verdict))).all() == ["reject"]
        assert (await session.scalars(select(TurnTable.text))).one() == "我叫王小明仲裁时效依年"
        assert await vocabulary.lines(session) == ["我叫", "仲裁时效一年"]


async def test_a_confirmed_answer_is_learned_from_without_personal_data(
    signed_in: Any, talk: Any, database: Database, clock: ManualClock
) -> None:
    await talk("1.1")
    await talk("1.2")
    await drawn(database, clock)
    mei = await signed_in("mei", Role.REVIEWER)
    learn = {
        "learn": "1",
        "question": "我叫王小明，公司欠薪，仲裁时效多久？",
        "articles": "《劳动争议调解仲裁法》第二十七条\n劳动合同法 第三十条",
    }
    await graded(mei, "1.1", **learn)
    await graded(mei, "1.2", **(learn | {"item-basis": "3"}))
    async with database.read() as session:
        row = (await session.scalars(select(AnsweredQuestionRow))).one()
    assert row.question == "我叫【姓名】，公司欠薪，仲裁时效多久？"
    assert row.articles == [["劳动争议调解仲裁法", "27"], ["劳动合同法", "30"]]
    assert (row.topic, row.confirmed_by) == ("wages", "mei")


@pytest.mark.each_database
async def test_blind_reviewers_see_neither_machine_nor_each_other_and_an_expert_decides(
    signed_in: Any, talk: Any, database: Database, clock: ManualClock
) -> None:
    await talk("1.1")
    await drawn(database, clock, double=1.0)
    mei = await signed_in("mei", Role.REVIEWER)
    page = (await mei.get("/review/1.1")).text
    assert "双盲期间不显示" in page
    assert "data-findings" not in page
    assert "机器：" not in page
    async with database.read() as session:
        number = await session.scalar(select(Case.number).where(Case.call_id == "1.1"))
    # Neither the ticket's page, nor the list, nor another address tells what is hidden here.
    for address in (f"/tickets/{number}", "/review/1.1?purpose=appeal"):
        told = (await mei.get(address)).text
        assert "双盲期间不显示" in told
        assert "依据正确" not in told
    assert "双盲评分期间不显示" in (await mei.get("/tickets")).text
    await graded(mei, "1.1", note="第一位的意见")
    assert "依据正确" in (await mei.get(f"/tickets/{number}")).text
    assert "/review/1.1" not in (await mei.get("/review")).text
    tao = await signed_in("tao", Role.REVIEWER)
    for address in ("/review/1.1", "/review/1.1?purpose=arbitration"):
        assert "第一位的意见" not in (await tao.get(address)).text
    await graded(tao, "1.1", **{"item-basis": "3"})
    async with database.read() as session:
        first = await session.get_one(ResultTable, "1.1")
        assert first.total == 100
    assert "/review/1.1" not in (await tao.get("/review?tab=arbitration")).text
    expert = await signed_in("lin", Role.SUPERVISOR)
    listed = (await expert.get("/review?tab=arbitration")).text
    assert "两次评分不一致" in listed
    calibration = (await expert.get("/review/calibration")).text
    assert "双盲 1 对，其中 1 对相差较大" in calibration
    assert "全部做到 / 没有做到" in calibration
    assert (await graded(expert, "1.1", "arbitration", **{"item-basis": "3"})).status == 303
    async with database.read() as session:
        decided = await session.get_one(ResultTable, "1.1", populate_existing=True)
        assert (decided.total, decided.legal_ok) == (82, False)
        assert await session.scalar(select(func.count()).select_from(GradeTable)) == 3


async def test_a_lawyer_objects_in_time_and_another_reviewer_answers(
    signed_in: Any, talk: Any, database: Database, clock: ManualClock
) -> None:
    await talk("1.1")
    await drawn(database, clock)
    mei = await signed_in("mei", Role.REVIEWER)
    await graded(mei, "1.1", **{"item-opening": "3"})
    wang = await signed_in("wang", Role.LAWYER, agent_id="wang")
    other = await signed_in("chen", Role.LAWYER, agent_id="chen")
    mine = (await wang.get("/review/mine")).text
    link = re.search(r"/review/mine/(\d+)", mine)
    assert link
    assert (await other.get(link.group(0))).status == 404
    assert "mei" not in (await wang.get(link.group(0))).text
    assert (await wang.post(f"{link.group(0)}/appeal", {"words": " "})).status in {400, 422}
    assert (await wang.post(f"{link.group(0)}/appeal", {"words": "开头语说了"})).status == 303
    assert (await wang.post(f"{link.group(0)}/appeal", {"words": "再说"})).status == 409
    assert "/review/1.1" not in (await mei.get("/review?tab=appeals")).text
    tao = await signed_in("tao", Role.REVIEWER)
    assert "律师申诉" in (await tao.get("/review?tab=appeals")).text
    assert "开头语说了" in (await tao.get("/review/1.1?purpose=appeal")).text
    await graded(tao, "1.1", "appeal")
    async with database.read() as session:
        assert (await session.get_one(ResultTable, "1.1")).total == 100
        appeal = (await session.scalars(select(AppealTable))).one()
        assert appeal.answer_id is not None
    assert "已答复" in (await wang.get(link.group(0))).text


async def test_an_appeal_after_five_working_days_is_too_late(
    signed_in: Any, talk: Any, database: Database, clock: ManualClock
) -> None:
    await talk("1.1")
    await drawn(database, clock)
    await graded(await signed_in("mei", Role.REVIEWER), "1.1")
    # Graded on Tuesday 2026-11-24: the fifth working day after it is Tuesday 12-01.
    until = appeals.deadline(clock.now(), RULES)
    assert f"{until:%m-%d}" == "12-01"
    clock.advance((until - clock.now()).total_seconds() + 1)
    wang = await signed_in("wang", Role.LAWYER, agent_id="wang")
    link = re.search(r"/review/mine/(\d+)", (await wang.get("/review/mine")).text)
    assert link
    assert "截止" in (await wang.get(link.group(0))).text
    late = await wang.post(f"{link.group(0)}/appeal", {"words": "迟了"})
    assert (late.status, "申诉期限" in late.text) == (409, True)


async def test_the_original_is_for_those_who_work_on_the_call_and_the_export_is_redacted(
    signed_in: Any, talk: Any, database: Database, clock: ManualClock, app: Any
) -> None:
    await talk("1.1")
    folder = app[SETTINGS].recordings
    folder.mkdir(parents=True, exist_ok=True)
    loud = np.full(16_000, 900, dtype=np.int16)
    for leg in ("caller", "agent"):
        (folder / f"{leg}.wav").write_bytes(wav([loud], 8_000))
    text = "我叫张建国电话13800138000"
    async with database.write() as session:
        row = (await session.scalars(select(RecordingTable))).one()
        row.caller_path, row.agent_path = "caller.wav", "agent.wav"
        turn = TurnTable(
            position=0,
            leg="caller",
            start=0.0,
            end=1.0,
            text=text,
            said=text,
            confidence=0.9,
            words=[{"text": text, "start": 0.0, "end": 1.0}],
        )
        session.add(
            TranscriptTable(
                recording_id=row.id,
                engine="vosk",
                model="m",
                model_description="",
                seconds_taken=1,
                created_at=clock.now(),
                turns=[turn],
            )
        )
        number = await session.scalar(select(Case.number).where(Case.call_id == "1.1"))
    bureau = await signed_in("lin", Role.BUREAU)
    mei = await signed_in("mei", Role.REVIEWER)
    for who, seen in ((bureau, "我叫【姓名】电话【电话】"), (mei, text)):
        panel = (await who.get(f"/tickets/{number}/panels/recording")).text
        assert seen in panel
        assert (text in panel) == (who is mei)
    for path, who, first in (
        ("/calls/1.1/recording.wav", mei, 900),
        ("/calls/1.1/recording.wav", bureau, 0),
        ("/calls/1.1/redacted.wav", bureau, 0),
    ):
        async with who.session.get(who.server.make_url(path)) as answer:
            caller = parse(await answer.read())[0].samples
        assert caller[4_000] == first
        assert caller[15_000] == 900
    exported = await bureau.get("/calls/1.1/redacted.txt")
    assert "我叫【姓名】电话【电话】" in exported.text
    wang = await signed_in("wang", Role.LAWYER, agent_id="wang")
    assert (await wang.get("/calls/1.1/redacted.txt")).status == 403
    async with database.read() as session:
        looks = await session.execute(
            select(AuditEntry.user_name, AuditEntry.action).where(AuditEntry.subject_id == number)
        )
        assert {tuple(row) for row in looks} >= {
            ("lin", "transcript.export"),
            ("lin", "recording.export"),
            ("mei", "recording.listen"),
        }


async def test_a_new_form_closes_the_older_which_stays(
    database: Database, clock: ManualClock
) -> None:
    card = load_scorecard()
    async with database.write() as session:
        old = await forms.current(session, card, RULES, clock.now())
        same = await forms.current(session, card, RULES, clock.now())
        newer = card.model_copy(update={"people_vetoes": {"rude": "粗鲁"}, "version": 3})
        new = await forms.current(session, newer, RULES, clock.now())
        again = await forms.form_by_id(session, old.id)
        rows = {row.id: row for row in await session.scalars(select(FormTable))}
    assert old == same == again
    assert new.id != old.id
    assert rows[old.id].closed_at is not None
    assert rows[new.id].closed_at is None


async def test_a_period_is_drawn_once_and_its_seed_is_kept(
    talk: Any, database: Database, clock: ManualClock
) -> None:
    for number in range(30):
        await talk(f"1.{number}")
    since, until = draws.last_period(clock.now() + timedelta(days=7), 7)
    assert since <= clock.now() < until
    clock.advance(7 * 86400)
    await draws.draw_due(database, clock, seed=lambda: "seed")
    await draws.draw_due(database, clock, seed=lambda: "another")
    async with database.read() as session:
        run = (await session.scalars(select(DrawRunTable))).one()
        random = await session.scalar(
            select(func.count()).select_from(DrawTable).where(DrawTable.sample == "random")
        )
    assert (run.seed, run.calls, run.drawn) == ("seed", 30, 2)
    assert random == 2


@pytest.mark.each_database
async def test_what_the_machine_scored_is_watched_and_a_grade_renews_the_agreement(
    signed_in: Any, talk: Any, database: Database, clock: ManualClock
) -> None:
    await talk("1.1", satisfaction=3)
    queue = Queue(database, clock)
    feeder = Feeder(queue, jobs.RULES)
    worker = Worker(queue, jobs.handlers(database, clock), "w")
    async with database.write() as session:
        append(session, "score.ready", "1.1", {}, clock.now())
    await feeder.feed()
    await worker.run_one()
    async with database.write() as session:
        draw = (await session.scalars(select(DrawTable))).one()
        assert (draw.sample, draw.reasons[0]) == ("risk", "dissatisfied")
        await session.execute(update(DrawTable).values(sample="random"))
    await graded(await signed_in("mei", Role.REVIEWER), "1.1")
    await feeder.feed()
    while await worker.run_one():
        pass
    async with database.read() as session:
        rows = {row.subject: row for row in await session.scalars(select(AgreementTable))}
        assert rows["basis"].pairs == 1
        assert rows["basis"].kappa == 1
        assert await agreement.hints(session) == frozenset()
