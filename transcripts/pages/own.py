"""The lawyer's own reviews: what was wrong, what to do better, and how to object."""

from __future__ import annotations

from typing import Any

from aiohttp import web
from sqlalchemy import and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.casework import Case
from hotline.errors import NotFoundError
from hotline.web.context import CLOCK, DATABASE, on_record, viewer_of
from hotline.web.templating import flash, render
from hotline.web.viewer import Viewer
from transcripts.pages.reviews import topic_words
from transcripts.review import appeals, forms
from transcripts.review.grading import Purpose
from transcripts.review.rules import load_rules
from transcripts.review.tables import AppealTable, CommentTable, GradeTable, ResultTable

ROWS = 60


async def page(request: web.Request) -> web.StreamResponse:
    """List the grades that count for the viewer's own calls, newest first."""
    app, viewer = request.app, viewer_of(request)
    async with app[DATABASE].read() as session:
        rows = await session.execute(
            select(GradeTable, Case)
            .join(ResultTable, ResultTable.grade_id == GradeTable.id)
            .join(Case, and_(Case.call_id == GradeTable.call_id, Case.service == "ticket"))
            .where(GradeTable.agent_id == viewer.agent_id)
            .order_by(GradeTable.id.desc())
            .limit(ROWS)
        )
        graded = [(grade, case) for grade, case in rows]
        open_appeals = set(
            await session.scalars(
                select(AppealTable.call_id).where(
                    AppealTable.agent_id == viewer.agent_id, AppealTable.answer_id.is_(None)
                )
            )
        )
        count, mean, right = (
            await session.execute(
                select(
                    func.count(),
                    func.avg(ResultTable.total),
                    func.count().filter(ResultTable.legal_ok),
                )
                .join(GradeTable, GradeTable.id == ResultTable.grade_id)
                .join(Case, and_(Case.call_id == GradeTable.call_id, Case.service == "ticket"))
                .where(GradeTable.agent_id == viewer.agent_id)
            )
        ).one()
    return render(
        request,
        "transcripts/own.html",
        graded=graded,
        open_appeals=open_appeals,
        count=count,
        mean=mean,
        right=right,
        topic=topic_words,
        purposes=Purpose,
    )


async def one(request: web.Request) -> web.StreamResponse:
    """Show one grade of an own call: items, remarks, coaching, and the way to object."""
    app, viewer = request.app, viewer_of(request)
    async with app[DATABASE].read() as session:
        grade, case = await _own(session, viewer, int(request.match_info["grade"]))
        values = await _told(session, grade)
    rules = load_rules()
    return render(
        request,
        "transcripts/own_grade.html",
        **values,
        grade=grade,
        case=case,
        topic=topic_words,
        purposes=Purpose,
        rules=rules,
        deadline=appeals.deadline(grade.made_at, rules),
        words="",
    )


async def appeal(request: web.Request) -> web.StreamResponse:
    """Object to a grade."""
    app, viewer, data = request.app, viewer_of(request), await request.post()
    grade_id = int(request.match_info["grade"])
    async with app[DATABASE].write() as session:
        grade, case = await _own(session, viewer, grade_id)
        await appeals.appeal(
            session,
            viewer.agent_id or "",
            grade.id,
            str(data.get("words", "")),
            rules=load_rules(),
            now=app[CLOCK].now(),
        )
        on_record(request, session, "review.appeal", "ticket", case.number)
    flash(request, "申诉已提交，由另一位质检员重评；结果会显示在本页。")
    raise web.HTTPSeeOther(f"/review/mine/{grade_id}")


async def _own(session: AsyncSession, viewer: Viewer, grade_id: int) -> tuple[GradeTable, Case]:
    row = (
        await session.execute(
            select(GradeTable, Case)
            .join(Case, and_(Case.call_id == GradeTable.call_id, Case.service == "ticket"))
            .where(GradeTable.id == grade_id, GradeTable.agent_id == viewer.agent_id)
        )
    ).first()
    if row is None or viewer.agent_id is None:
        raise NotFoundError("没有找到这次评分，或者不是您接的电话。")
    return row[0], row[1]


async def _told(session: AsyncSession, grade: GradeTable) -> dict[str, Any]:
    result = await session.get(ResultTable, grade.call_id)
    return {
        "form": await forms.form_by_id(session, grade.form_id),
        "counts": result is not None and result.grade_id == grade.id,
        "result": result,
        "comments": list(
            await session.scalars(
                select(CommentTable)
                .where(
                    CommentTable.call_id == grade.call_id,
                    CommentTable.reviewer_id == grade.reviewer_id,
                )
                .order_by(CommentTable.at_second)
            )
        ),
        "appeal": await session.scalar(
            select(AppealTable).where(AppealTable.call_id == grade.call_id)
        ),
    }
