"""Grades: given once, compared, appealed against, decided; never changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.calls.tables import CallTable
from hotline.errors import ConflictError, ForbiddenError
from hotline.store import append
from hotline.web.viewer import Viewer
from transcripts.review.draws import sample_of
from transcripts.review.forms import Form, Marks
from transcripts.review.tables import AppealTable, GradeTable, ResultTable, TaskTable
from transcripts.scoring.tables import Score

POINTS_APART = 10.0
"""Totals that lie further apart than this are decided by an expert."""


class Purpose(StrEnum):
    """What a grade is given for; a later one decides over an earlier."""

    FIRST = "first"
    SECOND = "second"
    """The other half of a double-blind pair."""
    APPEAL = "appeal"
    ARBITRATION = "arbitration"
    """An expert decides between two grades."""

    @property
    def words(self) -> str:
        """What pages call it."""
        return _WORDS[self]


_WORDS = {
    Purpose.FIRST: "评分",
    Purpose.SECOND: "双盲复评",
    Purpose.APPEAL: "申诉复核",
    Purpose.ARBITRATION: "专家裁定",
}


class GradedAlreadyError(ConflictError):
    """您已经评过这通电话。评分提交后不能改；有异议请走申诉或者专家裁定。"""

    error_id = "graded-already"


class MayNotGradeError(ForbiddenError):
    """这通电话不能由您来评。"""

    error_id = "may-not-grade"


async def submit(
    session: AsyncSession,
    viewer: Viewer,
    task: TaskTable,
    *,
    form: Form,
    marks: Marks,
    note: str,
    now: datetime,
) -> GradeTable:
    """Keep a grade, let it count where it decides, and ask for what follows from it.

    Raises:
        GradeIncompleteError: the form is not filled in.
        GradedAlreadyError: this reviewer has graded the call by this form.
        MayNotGradeError: it is the reviewer's own call, or was graded by them before.
    """
    form.check(marks)
    call = await session.get(CallTable, task.call_id)
    refuse_interested(viewer, task, call)
    grade = GradeTable(
        call_id=task.call_id,
        agent_id=call.agent_id if call else None,
        form_id=form.id,
        reviewer_id=viewer.user_id,
        reviewer_name=viewer.name,
        purpose=task.purpose,
        blind=task.blind,
        levels=dict(marks.levels),
        vetoes=sorted(marks.vetoes),
        total=form.total(marks),
        legal_ok=form.legal_ok(marks),
        note=note,
        score_id=await session.scalar(
            select(Score.id).where(Score.call_id == task.call_id, Score.latest)
        ),
        made_at=now,
    )
    await _close(session, task, now)
    session.add(grade)
    try:
        await session.flush()
    except IntegrityError as error:
        raise GradedAlreadyError from error
    await _decide(session, grade, now)
    await _follow(session, grade, now)
    append(session, "review.graded", grade.call_id, {"grade": grade.id, "total": grade.total}, now)
    return grade


async def _close(session: AsyncSession, task: TaskTable, now: datetime) -> None:
    # Two windows of one reviewer, or two reviewers at once: the first takes it.
    done = await session.execute(
        update(TaskTable)
        .where(TaskTable.id == task.id, TaskTable.done_at.is_(None))
        .values(done_at=now)
        .returning(TaskTable.id)
    )
    if done.first() is None:
        raise GradedAlreadyError("这通电话刚刚由别人评完了，请看下一通。")


def refuse_interested(viewer: Viewer, task: TaskTable, call: CallTable | None) -> None:
    """Refuse who answered the call, and who graded it before.

    Raises:
        MayNotGradeError: says which.
    """
    if call is not None and viewer.agent_id is not None and viewer.agent_id == call.agent_id:
        raise MayNotGradeError("这是您自己接的电话，不能由您来评。")
    if viewer.user_id in task.not_by:
        raise MayNotGradeError("您评过这通电话，须由另一位质检员来评。")


async def _decide(session: AsyncSession, grade: GradeTable, now: datetime) -> None:
    result = await session.get(ResultTable, grade.call_id)
    if result is not None and grade.purpose == Purpose.SECOND:
        return
    values = {
        "grade_id": grade.id,
        "sample": await sample_of(session, grade.call_id),
        "total": grade.total,
        "legal_ok": grade.legal_ok,
        "veto": bool(grade.vetoes),
        "decided_at": now,
    }
    if result is None:
        session.add(ResultTable(call_id=grade.call_id, **values))
    else:
        for name, value in values.items():
            setattr(result, name, value)
    await session.flush()


async def _follow(session: AsyncSession, grade: GradeTable, now: datetime) -> None:
    """Keep who graded away from what is still to be done; ask an expert where two differ."""
    others = [one for one in await of_call(session, grade.call_id) if one.id != grade.id]
    graders = sorted({grade.reviewer_id, *(one.reviewer_id for one in others)})
    await session.execute(
        update(TaskTable)
        .where(TaskTable.call_id == grade.call_id, TaskTable.done_at.is_(None))
        .values(not_by=graders)
    )
    if grade.purpose == Purpose.APPEAL:
        appeal = await session.scalar(
            select(AppealTable)
            .where(AppealTable.call_id == grade.call_id, AppealTable.answer_id.is_(None))
            .order_by(AppealTable.id)
        )
        if appeal is not None:
            appeal.answer_id = grade.id
            others = [one for one in others if one.id == appeal.grade_id]
    if grade.purpose == Purpose.ARBITRATION or not any(differ(grade, one) for one in others):
        return
    known = await session.scalar(
        select(TaskTable.id).where(
            TaskTable.call_id == grade.call_id, TaskTable.purpose == Purpose.ARBITRATION
        )
    )
    if known is None:
        session.add(
            TaskTable(
                call_id=grade.call_id,
                purpose=Purpose.ARBITRATION,
                blind=False,
                rank=0,
                reasons=[],
                not_by=graders,
                made_at=now,
                due_at=None,
                taken_by=None,
                taken_at=None,
                done_at=None,
            )
        )


def differ(one: GradeTable, other: GradeTable) -> bool:
    """Whether two grades are too far apart to stand side by side."""
    return (
        one.legal_ok != other.legal_ok
        or set(one.vetoes) != set(other.vetoes)
        or abs(one.total - other.total) > POINTS_APART
    )


async def of_call(session: AsyncSession, call_id: str) -> Sequence[GradeTable]:
    """Return all grades of a call, oldest first."""
    return list(
        await session.scalars(
            select(GradeTable).where(GradeTable.call_id == call_id).order_by(GradeTable.id)
        )
    )
