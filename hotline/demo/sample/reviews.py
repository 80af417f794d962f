"""Review in the made-up county: calls drawn, some graded, two who differ, one who objects."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.calls.tables import CallTable
from hotline.casework import Case
from hotline.demo.sample.talks import DIVORCE, TRAFFIC, WAGES
from hotline.web.permissions import Role
from hotline.web.tables import User
from hotline.web.viewer import Viewer
from transcripts.review import agreement, appeals, candidates, draws, forms, grading, vocabulary
from transcripts.review.forms import Form, Marks
from transcripts.review.rules import load_rules
from transcripts.review.tables import CommentTable, ResultTable, TaskTable
from transcripts.scoring.scorecard import load_scorecard
from transcripts.scoring.tables import FindingRow, Score
from transcripts.tables import RecordingTable, TranscriptTable, TurnTable

GRADERS = ("zhijian", "zhijian2")
_NOTES = (
    "法条准确，语言通俗。建议先复述一遍来电人的诉求，再给结论。",
    "时效讲错会让来电人错过期限，务必核对《劳动争议调解仲裁法》第二十七条。",
    "对情绪激动的来电人安抚到位；可以再告知所需材料清单。",
    "",
)
_ALIKE = 0.85
"""How often two look at an item alike."""
_WRONG = (
    ("wrong_fact", "仲裁时效说错：应为一年", "《劳动争议调解仲裁法》第二十七条"),
    ("wrong_fact", "试用期上限说错：应为六个月", "《劳动合同法》第十九条"),
    ("wrong_article", "引用经济补偿的条文有误", "《劳动合同法》第四十七条"),
    ("not_in_force", "引用的司法解释已经废止", "《民法典》第一千零七十九条"),
    ("wrong_fact", "利率上限说错：应为合同成立时一年期 LPR 四倍", "民间借贷司法解释 第二十五条"),
)


async def review(session: AsyncSession, now: datetime) -> None:
    """Draw what is due and grade the older half of it."""
    chance = random.Random(5)  # noqa: S311 - made-up data, not secrets
    rules = load_rules().model_copy(update={"new_lawyer_calls": 0, "double_blind_share": 0.35})
    since, until = now - timedelta(days=5), now - timedelta(days=1)
    await draws.draw_period(session, since, until, rules=rules, now=now, seed="12348")
    calls = await candidates.ended_between(session, since, now, firsts=0)
    await draws.watch(session, calls, rules, now)
    form = await forms.current(session, load_scorecard(), rules, now - timedelta(days=30))
    reviewers = [await _viewer(session, account) for account in GRADERS]
    tasks = list(
        await session.scalars(
            select(TaskTable)
            .join(CallTable, CallTable.id == TaskTable.call_id)
            .where(CallTable.ended_at < until)
            .order_by(TaskTable.purpose, TaskTable.id)
        )
    )
    for number, task in enumerate(tasks):
        who = reviewers[(number + (task.purpose == "second")) % 2]
        if task.purpose == "second":
            first = (await grading.of_call(session, task.call_id))[0].reviewer_id
            who = next(one for one in reviewers if one.user_id != first)
        before = (await grading.of_call(session, task.call_id))[:1]
        marks = _marks(chance, form, [one.levels for one in before])
        if not before:
            session.add(_score(chance, task.call_id, form, marks, at=until))
            await session.flush()
        at = until + timedelta(minutes=7 * number % 900)
        note = chance.choice(_NOTES)
        await grading.submit(session, who, task, form=form, marks=marks, note=note, now=at)
    await _wages(session, reviewers[0], form, now)
    await agreement.renew(session, rules, now)


async def _viewer(session: AsyncSession, account: str) -> Viewer:
    user = (await session.scalars(select(User).where(User.account == account))).one()
    return Viewer(user.id, account, user.name, frozenset({Role.REVIEWER}), None, None, 0)


def _marks(chance: random.Random, form: Form, before: Sequence[Mapping[str, Any]]) -> Marks:
    """Grade a call; who comes second mostly sees it alike."""
    levels: dict[str, int | None] = {}
    for item in form.items:
        level = chance.choices(range(len(form.levels)), [0.76, 0.16, 0.05, 0.03])[0]
        known = before[0].get(item.id) if before else None
        levels[item.id] = known if known is not None and chance.random() < _ALIKE else level
    if chance.random() < 0.3 and not before:
        levels["legal_aid"] = None
    return Marks(levels, frozenset({"promised_outcome"} if chance.random() < 0.02 else ()))


def _score(chance: random.Random, call_id: str, form: Form, marks: Marks, *, at: datetime) -> Score:
    """Return a machine's pre-screen that mostly agrees with the person, on one item seldom."""
    items: list[dict[str, Any]] = []
    for item in form.items:
        judged = item.id != "ticket"
        share = form.share(marks, item.id)
        alike = chance.random() < (0.3 if item.id == "manner" else _ALIKE)
        told = share if alike and share is not None else chance.choice([1.0, 0.75, 0.4])
        items.append(
            {
                "id": item.id,
                "title": item.title,
                "weight": item.weight,
                "legal": item.legal,
                "points": round(item.weight * told, 2) if judged else None,
                "applies": share is not None,
                "judged": judged and share is not None,
                "hint": False,
                "words": "",
            }
        )
    right = all(one["points"] == one["weight"] for one in items if one["legal"])
    score = Score(
        call_id=call_id,
        transcript_id=None,
        latest=True,
        scorecard=form.code,
        scorecard_version=form.version,
        law_date=at.date(),
        topic=None,
        card=None,
        card_confidence=0.86,
        total=form.total(marks),
        judged_share=0.9,
        accuracy=1.0 if right else 0.7,
        legal_ok=right,
        veto=None,
        faults=0 if right else 1,
        needs_person=False,
        why_person="",
        items=items,
        risks=[],
        created_at=at,
    )
    if not right:
        kind, words, article = chance.choice(_WRONG)
        score.findings = [_finding(kind, words, article)]
    return score


def _finding(kind: str, words: str, article: str) -> FindingRow:
    return FindingRow(
        item="basis",
        kind=kind,
        verdict="wrong",
        fault=True,
        confidence=0.9,
        at_second=41.0,
        until_second=46.0,
        leg="agent",
        sentence="",
        card="",
        subject="",
        article=article,
        heard="",
        expected="",
        critical=False,
        words=words,
    )


async def _wages(session: AsyncSession, reviewer: Viewer, form: Form, now: datetime) -> None:
    """Grade two of today's talks with remarks; the lawyer objects to one of the grades."""
    for title, level, words in (
        (TRAFFIC.title, 1, "伤残鉴定的时点讲得清楚。"),
        (DIVORCE.title, 0, "分居满一年的条件引用准确，孩子意愿的年龄也对。"),
    ):
        task = await _task(session, title)
        if task is None:
            continue
        session.add(
            CommentTable(
                call_id=task.call_id,
                reviewer_id=reviewer.user_id,
                reviewer_name=reviewer.name,
                at_second=14.0,
                words=words,
                made_at=now - timedelta(hours=1),
            )
        )
        levels: dict[str, int | None] = dict.fromkeys((item.id for item in form.items), 0)
        levels["complete"] = level
        grade = await grading.submit(
            session,
            reviewer,
            task,
            form=form,
            marks=Marks(levels),
            note=_NOTES[0],
            now=now - timedelta(minutes=50),
        )
        result = await session.get(ResultTable, task.call_id)
        if level and grade.agent_id and result is not None:
            await appeals.appeal(
                session,
                grade.agent_id,
                grade.id,
                "“答复完整”一项：来电人没有问管辖，通话里也说了可以向法院起诉，不应扣分。",
                rules=load_rules(),
                now=now - timedelta(minutes=20),
            )
    task = await _task(session, WAGES.title)
    turn = await session.scalar(
        select(TurnTable)
        .join(TranscriptTable, TranscriptTable.id == TurnTable.transcript_id)
        .join(RecordingTable, RecordingTable.id == TranscriptTable.recording_id)
        .where(RecordingTable.call_id == (task.call_id if task else ""), TurnTable.position == 3)
    )
    if task is not None and turn is not None:
        said = "一万八千六，有记工本，微信里他也认账了。"
        await vocabulary.correct(session, task.call_id, turn.id, said, by=reviewer.user_id, now=now)


async def _task(session: AsyncSession, title: str) -> TaskTable | None:
    """Return the open task on the oldest call with a title; draw it where it was not drawn."""
    case = await session.scalar(select(Case).where(Case.title == title).order_by(Case.id).limit(1))
    if case is None or case.call_id is None:
        return None
    known = await session.scalar(
        select(TaskTable).where(TaskTable.call_id == case.call_id, TaskTable.done_at.is_(None))
    )
    if known is not None:
        return known
    task = TaskTable(
        call_id=case.call_id,
        purpose="first",
        blind=False,
        rank=70,
        reasons=["random"],
        not_by=[],
        made_at=case.opened_at,
        due_at=None,
        taken_by=None,
        taken_at=None,
        done_at=None,
    )
    session.add(task)
    await session.flush()
    return task
