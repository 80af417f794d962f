"""What a reviewer is to do next, and why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.calls.tables import CallTable
from hotline.casework import Case
from hotline.store import as_words
from hotline.tickets.visibility import Reach, visible
from hotline.web.viewer import Viewer
from transcripts.review.grading import Purpose
from transcripts.review.tables import GradeTable, TaskTable

HELD = timedelta(hours=2)
"""A call that somebody opened is theirs for so long; then others see it again."""
LONGEST = 200


@dataclass(frozen=True)
class Waiting:
    """One grading that the viewer may do."""

    task: TaskTable
    call: CallTable
    case: Case


async def waiting(
    session: AsyncSession,
    viewer: Viewer,
    reach: Reach,
    purposes: Iterable[Purpose],
    now: datetime,
) -> list[Waiting]:
    """Return what the viewer may grade now, the most urgent first."""
    rows = await session.execute(
        select(TaskTable, CallTable, Case)
        .join(CallTable, CallTable.id == as_words(TaskTable.call_id))
        .join(Case, and_(Case.call_id == TaskTable.call_id, Case.service == "ticket"))
        .where(
            TaskTable.done_at.is_(None),
            TaskTable.purpose.in_([purpose.value for purpose in purposes]),
            visible(reach),
        )
        .order_by(TaskTable.rank, TaskTable.id)
        .limit(LONGEST * 2)
    )
    found: dict[str, Waiting] = {}
    for task, call, case in rows:
        # Of a blind pair one person does one half, so one call is one line.
        if call.id not in found and open_to(viewer, task, call, now):
            found[call.id] = Waiting(task, call, case)
    return list(found.values())[:LONGEST]


def open_to(viewer: Viewer, task: TaskTable, call: CallTable, now: datetime) -> bool:
    """Whether the viewer may do a task: not their own call, not graded by them, not in hand."""
    if viewer.user_id in task.not_by:
        return False
    if viewer.agent_id is not None and viewer.agent_id == call.agent_id:
        return False
    held = task.taken_by is not None and task.taken_at is not None and now - task.taken_at < HELD
    return not held or task.taken_by == viewer.user_id


async def graded_by(
    session: AsyncSession, viewer: Viewer, limit: int = 50
) -> Sequence[tuple[GradeTable, Case]]:
    """Return the viewer's newest grades with their tickets."""
    rows = await session.execute(
        select(GradeTable, Case)
        .join(Case, and_(Case.call_id == GradeTable.call_id, Case.service == "ticket"))
        .where(GradeTable.reviewer_id == viewer.user_id)
        .order_by(GradeTable.id.desc())
        .limit(limit)
    )
    return [(grade, case) for grade, case in rows]
