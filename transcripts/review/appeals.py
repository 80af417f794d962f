"""Appeals (申诉): a lawyer's objection to a grade of an own call, in time, to another reviewer."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline import worktime
from hotline.errors import ConflictError, InvalidInputError, NotFoundError
from hotline.store import append
from transcripts.review.grading import Purpose, of_call
from transcripts.review.rules import ReviewRules
from transcripts.review.tables import AppealTable, GradeTable, ResultTable, TaskTable

LONGEST = 2000


class AppealLateError(ConflictError):
    """申诉期限已过。"""

    error_id = "appeal-late"


class AppealedAlreadyError(ConflictError):
    """这次评分已经申诉过，结果见本页。"""

    error_id = "appealed-already"


def deadline(graded_at: datetime, rules: ReviewRules) -> datetime:
    """Return until when a grade can be appealed against: the end of the n-th working day."""
    return worktime.load().deadline(graded_at, rules.appeal_workdays)


async def appeal(
    session: AsyncSession,
    agent_id: str,
    grade_id: int,
    words: str,
    *,
    rules: ReviewRules,
    now: datetime,
) -> AppealTable:
    """Object to the grade that counts for an own call; another reviewer will grade it again.

    Raises:
        NotFoundError: no such grade of an own call that counts.
        InvalidInputError: no words.
        AppealLateError, AppealedAlreadyError: too late, or a second time.
    """
    words = words.strip()[:LONGEST]
    if not words:
        raise InvalidInputError("请写明申诉理由：哪一项评得不对，依据是什么。", field="words")
    grade = await session.get(GradeTable, grade_id)
    result = await session.get(ResultTable, grade.call_id) if grade else None
    if grade is None or grade.agent_id != agent_id or result is None or result.grade_id != grade_id:
        raise NotFoundError("没有找到这次评分。")
    known = await session.scalar(select(AppealTable.id).where(AppealTable.call_id == grade.call_id))
    if known is not None or grade.purpose == Purpose.ARBITRATION:
        raise AppealedAlreadyError
    if now > (until := deadline(grade.made_at, rules)):
        raise AppealLateError(f"申诉期限到 {until:%Y-%m-%d} 为止，已经过了。", until=until)
    made = AppealTable(
        grade_id=grade_id,
        call_id=grade.call_id,
        agent_id=agent_id,
        words=words,
        made_at=now,
        answer_id=None,
    )
    graders = sorted({one.reviewer_id for one in await of_call(session, grade.call_id)})
    session.add(made)
    session.add(
        TaskTable(
            call_id=grade.call_id,
            purpose=Purpose.APPEAL,
            blind=False,
            rank=1,
            reasons=[],
            not_by=graders,
            made_at=now,
            due_at=deadline(now, rules),
            taken_by=None,
            taken_at=None,
            done_at=None,
        )
    )
    await session.flush()
    append(session, "review.appealed", grade.call_id, {"appeal": made.id}, now)
    return made
