"""What a blind reviewer may not know yet: the machine's view of a call, and other people's."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.calls.tables import CallTable
from hotline.web.viewer import Viewer
from transcripts.pages.access import REVIEW
from transcripts.review.drawing import Reason, reason_words
from transcripts.review.grading import Purpose
from transcripts.review.rules import ReviewRules
from transcripts.review.tables import TaskTable

_OF_THE_MACHINE = {Reason.RULE_HIT, Reason.LOW_CONFIDENCE}


async def blind_calls(
    session: AsyncSession, viewer: Viewer, call_ids: Iterable[str]
) -> frozenset[str]:
    """Return those calls which this viewer may still have to grade blindly.

    A task is nobody's until it is opened, so it is open to every reviewer who has not graded the
    call and did not answer it.
    """
    if not viewer.may(REVIEW):
        return frozenset()
    # Few are open at a time: cheaper than asking for thousands of calls by name. Not joined to the
    # calls: their ids and the tasks' are collated otherwise, and PostgreSQL would read every call.
    wanted = frozenset(call_ids)
    open_tasks = await session.scalars(
        select(TaskTable).where(
            TaskTable.blind,
            TaskTable.purpose.in_([Purpose.FIRST.value, Purpose.SECOND.value]),
            TaskTable.done_at.is_(None),
        )
    )
    tasks = [
        task for task in open_tasks if task.call_id in wanted and viewer.user_id not in task.not_by
    ]
    own = await _answered(session, viewer, [task.call_id for task in tasks])
    return frozenset(task.call_id for task in tasks) - own


async def _answered(
    session: AsyncSession, viewer: Viewer, call_ids: Sequence[str]
) -> frozenset[str]:
    """Return those calls which the viewer answered."""
    if not call_ids or viewer.agent_id is None:
        return frozenset()
    query = select(CallTable.id).where(
        CallTable.id.in_(call_ids), CallTable.agent_id == viewer.agent_id
    )
    return frozenset(await session.scalars(query))


async def is_blind(session: AsyncSession, viewer: Viewer, call_id: str) -> bool:
    """Whether this viewer may still have to grade the call blindly."""
    return call_id in await blind_calls(session, viewer, [call_id])


def told_reasons(task: TaskTable, rules: ReviewRules) -> str:
    """Say why a call was drawn, to a blind reviewer without what the machine made of it."""
    reasons: Sequence[str] = task.reasons
    if task.blind:
        reasons = [one for one in reasons if one not in _OF_THE_MACHINE]
    return reason_words(reasons, rules)
