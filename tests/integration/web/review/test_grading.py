"""How a call is graded: findings judged, words mended, blind pairs, and what is learned of it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import func, select, update

from hotline.casework import Case
from hotline.clock import ManualClock
from hotline.store import Database
from hotline.web.permissions import Role
from knowledge_base.tables import AnsweredQuestionRow
from tests.integration.web.review.reviewing import RULES, drawn, graded, written
from transcripts.review import forms, vocabulary
from transcripts.review.tables import (
    FormTable,
    GradeTable,
    JudgementTable,
    ResultTable,
)
from transcripts.scoring.scorecard import load_scorecard
from transcripts.tables import RecordingTable, TurnTable


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
        turn = TurnTable(
            position=0,
            leg="agent",
            start=12.0,
            end=15.0,
            text="我叫王小明仲裁时效依年",
            said="",
            confidence=0.6,
            words=[],
        )
        session.add(written(recording, clock, turn))
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
    async with database.write() as session:
        await session.execute(update(Case).where(Case.call_id == "1.1").values(call_id=None))
    calibration = (await expert.get("/review/calibration")).text
    assert "双盲 1 对" in calibration
    assert "这些双盲复评看不到明细" in calibration


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
