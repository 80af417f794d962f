"""One call under review: hear it, mend its words, judge the machine's findings, grade it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.calls.tables import CallTable
from hotline.casework import Case
from hotline.errors import InvalidInputError
from hotline.web import headers
from hotline.web.context import AUDIT, CLOCK, DATABASE, address_of, directory, viewer_of
from hotline.web.reach import ticket
from hotline.web.templating import render
from hotline.web.viewer import Viewer
from transcripts.pages import listen, panels
from transcripts.pages.access import ARBITRATE
from transcripts.pages.blind import is_blind, told_reasons
from transcripts.pages.reviews import topic_words
from transcripts.redaction import redact
from transcripts.review import forms, grading, vocabulary
from transcripts.review.agreement import hints
from transcripts.review.grading import MayNotGradeError, Purpose
from transcripts.review.rules import load_rules
from transcripts.review.tables import (
    AppealTable,
    CommentTable,
    JudgementTable,
    TaskTable,
)
from transcripts.scoring.findings import KIND_WORDS, VETO_WORDS
from transcripts.scoring.scorecard import load_scorecard
from transcripts.scoring.tables import FindingRow, Score


@dataclass(frozen=True)
class Opened:
    """A call that the viewer may look at, with what is to be done."""

    case: Case
    call: CallTable
    task: TaskTable | None
    """None: there is nothing for this viewer to grade."""
    refused: str = ""
    """Why the viewer may not grade, where a task waits."""


async def opened(request: web.Request, session: AsyncSession) -> Opened:
    """Find the call and the viewer's task on it.

    Raises:
        NotFoundError: there is no such call, or it is out of the viewer's reach.
    """
    app, viewer = request.app, viewer_of(request)
    case = await ticket(app, session, viewer, call_id=request.match_info["call_id"])
    call = await session.get_one(CallTable, case.call_id)
    wanted = request.query.get("purpose", "")
    purposes = [wanted] if wanted in set(Purpose) else [Purpose.FIRST, Purpose.SECOND]
    refused = ""
    tasks = await session.scalars(
        select(TaskTable)
        .where(
            TaskTable.call_id == call.id,
            TaskTable.purpose.in_(purposes),
            TaskTable.done_at.is_(None),
        )
        .order_by(TaskTable.id)
    )
    for task in tasks:
        if task.purpose == Purpose.ARBITRATION and not viewer.may(ARBITRATE):
            refused = "这通电话由专家裁定。"
            continue
        try:
            grading.refuse_interested(viewer, task, call)
        except MayNotGradeError as error:
            refused = error.message
            continue
        return Opened(case, call, task)
    return Opened(case, call, None, refused)


async def page(request: web.Request) -> web.StreamResponse:
    """Show a call with all that is needed to grade it, or what it was graded."""
    app, viewer, now = request.app, viewer_of(request), request.app[CLOCK].now()
    rules = load_rules()
    async with app[DATABASE].write() as session:
        found = await opened(request, session)
        if found.task is not None:
            found.task.taken_by, found.task.taken_at = viewer.user_id, now
        form = await forms.current(session, load_scorecard(), rules, now)
        heard = await _heard(app, session, found.call.id)
        values = {
            **heard,
            **await _judged(session, viewer, found, heard["score"]),
            "hint_subjects": await hints(session),
            "names": await directory(app, session),
        }
        await app[AUDIT].look(
            session,
            viewer,
            "transcript.read",
            "ticket",
            found.case.number,
            address=address_of(request),
        )
    nonce = secrets.token_urlsafe(12)
    marks = [{"at": one.at_second, "bad": False} for one in values["comments"]] + [
        {"at": one.at_second, "bad": True}
        for one in values["findings"]
        if one.fault and one.at_second is not None
    ]
    response = render(
        request,
        "transcripts/review.html",
        **values,
        case=found.case,
        call=found.call,
        task=found.task,
        refused=found.refused,
        form=form,
        rules=rules,
        topic=topic_words,
        why=lambda task: told_reasons(task, rules),
        kinds=KIND_WORDS,
        veto_words=VETO_WORDS,
        purposes=Purpose,
        disclaimer=panels.DISCLAIMER,
        nonce=nonce,
        marks=marks,
        question=redact(found.case.title or str(found.case.data.get("details") or "")),
    )
    # The waveform's library writes one style element into its own shadow root.
    response.headers["Content-Security-Policy"] = headers.POLICY.replace(
        "style-src 'self'", f"style-src 'self' 'nonce-{nonce}'"
    )
    return response


async def _heard(app: web.Application, session: AsyncSession, call_id: str) -> dict[str, Any]:
    """Read sound, words and the machine's view of a call."""
    row = await listen.of_call(session, call_id)
    player = await panels.player(app, row) if row is not None else {}
    transcript = await panels.newest(session, row) if row is not None else None
    score = await panels.score_of(session, call_id)
    corrections = await vocabulary.of_call(session, call_id)
    return {
        "recording": row,
        "sound": player.get("sound"),
        "sound_problem": player.get("problem", ""),
        "legs": player.get("legs", []),
        "peaks": player.get("peaks", []),
        "transcript": transcript,
        "turns": [
            (turn, list(panels.shown_words(turn)), corrections.get(turn.id))
            for turn in (transcript.turns if transcript else [])
        ],
        "leg_names": panels.LEGS,
        "score": score,
    }


async def _judged(
    session: AsyncSession, viewer: Viewer, found: Opened, score: Score | None
) -> dict[str, Any]:
    """Read what people made of the call so far, as far as this viewer may know it."""
    call_id, task = found.call.id, found.task
    mine = await session.scalars(
        select(JudgementTable).where(
            JudgementTable.call_id == call_id, JudgementTable.reviewer_id == viewer.user_id
        )
    )
    comments = select(CommentTable).where(CommentTable.call_id == call_id)
    # Who grades for the first time, or blindly, sees neither the other's grade nor remarks,
    # by whatever address the page was opened.
    blind = await is_blind(session, viewer, call_id)
    alone = blind or (task is not None and task.purpose in {Purpose.FIRST, Purpose.SECOND})
    if alone:
        comments = comments.where(CommentTable.reviewer_id == viewer.user_id)
    grades = [] if alone else list(await grading.of_call(session, call_id))
    findings = sorted(score.findings, key=panels.rank) if score else []
    return {
        "findings": [] if blind else findings,
        "blind": blind,
        "judgements": {one.finding_id: one for one in mine},
        "comments": list(await session.scalars(comments.order_by(CommentTable.at_second))),
        "grades": grades,
        "grade_forms": {
            grade.form_id: await forms.form_by_id(session, grade.form_id) for grade in grades
        },
        "appeal": await session.scalar(
            select(AppealTable).where(AppealTable.call_id == call_id).order_by(AppealTable.id)
        )
        if not alone
        else None,
    }


VERDICTS = {"confirm": "属实", "change": "改判", "reject": "不属实"}


async def judge(request: web.Request) -> web.StreamResponse:
    """Keep what the reviewer thinks of one finding; until the grade is given it may change."""
    app, viewer, data = request.app, viewer_of(request), await request.post()
    verdict, words = str(data.get("verdict", "")), str(data.get("words", "")).strip()[:500]
    if verdict not in VERDICTS:
        raise InvalidInputError("请选择属实、改判或者不属实。", field="verdict")
    if verdict == "change" and not words:
        raise InvalidInputError("改判请写明应为什么。", field="words")
    async with app[DATABASE].write() as session:
        found = await _in_hand(request, session)
        finding = await session.scalar(
            select(FindingRow)
            .join(Score, Score.id == FindingRow.score_id)
            .where(
                FindingRow.id == int(request.match_info["finding"]), Score.call_id == found.call.id
            )
        )
        if finding is None or found.task is None or found.task.blind:
            raise InvalidInputError("这条机器结论不能改，请刷新页面。")
        row = await session.scalar(
            select(JudgementTable).where(
                JudgementTable.finding_id == finding.id,
                JudgementTable.reviewer_id == viewer.user_id,
            )
        )
        now = app[CLOCK].now()
        if row is None:
            row = JudgementTable(
                finding_id=finding.id,
                call_id=found.call.id,
                reviewer_id=viewer.user_id,
                verdict=verdict,
                words=words,
                made_at=now,
            )
            session.add(row)
        else:
            row.verdict, row.words, row.made_at = verdict, words, now
    return _back(request, f"#finding-{request.match_info['finding']}")


async def comment(request: web.Request) -> web.StreamResponse:
    """Keep a remark at a second of the recording."""
    app, viewer, data = request.app, viewer_of(request), await request.post()
    words = str(data.get("words", "")).strip()[:1000]
    at = _second(str(data.get("at_second", "")))
    if not words:
        raise InvalidInputError("请写下批注。", field="words")
    async with app[DATABASE].write() as session:
        found = await _in_hand(request, session)
        session.add(
            CommentTable(
                call_id=found.call.id,
                reviewer_id=viewer.user_id,
                reviewer_name=viewer.name,
                at_second=at,
                words=words,
                made_at=app[CLOCK].now(),
            )
        )
    return _back(request, "#comments")


def _second(text: str) -> float:
    """Read ``75``, ``75.5`` or ``1:15`` as seconds."""
    minutes, colon, seconds = text.strip().rpartition(":")
    try:
        at = (int(minutes) * 60 if colon else 0) + float(seconds)
    except ValueError as error:
        raise InvalidInputError("时间请写成 1:15 或者秒数。", field="at_second") from error
    if not 0 <= at < 86400:
        raise InvalidInputError("时间超出了录音。", field="at_second")
    return round(at, 1)


async def correct(request: web.Request) -> web.StreamResponse:
    """Keep how a turn was really said."""
    app, viewer, data = request.app, viewer_of(request), await request.post()
    turn = int(request.match_info["turn"])
    async with app[DATABASE].write() as session:
        found = await _in_hand(request, session)
        await vocabulary.correct(
            session,
            found.call.id,
            turn,
            str(data.get("said", "")),
            by=viewer.user_id,
            now=app[CLOCK].now(),
        )
    return _back(request, f"#turn-{turn}")


async def _in_hand(request: web.Request, session: AsyncSession) -> Opened:
    """Return the call while the viewer is grading it.

    Raises:
        MayNotGradeError: the viewer has nothing to grade here (any more).
    """
    found = await opened(request, session)
    if found.task is None:
        raise MayNotGradeError(found.refused or "这通电话已经评完，不能再改。")
    return found


def _back(request: web.Request, mark: str) -> web.StreamResponse:
    purpose = request.query.get("purpose", "")
    query = f"?purpose={purpose}" if purpose in set(Purpose) else ""
    raise web.HTTPSeeOther(f"/review/{request.match_info['call_id']}{query}{mark}")
