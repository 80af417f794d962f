"""Facets: the facts beside the form that lists are filtered by, set by what observes the case.

They don't count as a change of the case (``revision`` stays), so that a score arriving in the
background never refuses the form that a lawyer is filling in.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, TypedDict, Unpack

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.casework.queries import by_id
from hotline.casework.tables import Case, CaseEvent
from hotline.errors import NotFoundError
from hotline.store import append

SYSTEM: Final = "system"
"""Who acts where no person does."""


class Facets(TypedDict, total=False):
    """What may be set. ``None`` clears it."""

    title: str | None
    caller_name: str | None
    language: str | None
    topic: str | None
    place: str | None
    organisation_id: str | None
    assignee_id: str | None
    person_id: str | None
    urgency: str
    confidential: bool
    satisfaction: int | None
    solved: int | None
    score: float | None


async def set_facets(
    session: AsyncSession,
    case_id: int,
    now: datetime,
    *,
    actor: str = SYSTEM,
    **facets: Unpack[Facets],
) -> bool:
    """Set facets of a case, tell of it, and keep an event; return whether anything changed.

    Raises:
        NotFoundError: there is no such case.
    """
    case = await by_id(session, case_id)
    changed: dict[str, Any] = {
        name: value for name, value in facets.items() if getattr(case, name) != value
    }
    if not changed:
        return False
    for name, value in changed.items():
        setattr(case, name, value)
    session.add(
        CaseEvent(
            case_id=case.id,
            at=now,
            actor=actor,
            action="facets",
            from_state=case.state,
            to_state=case.state,
            data=changed,
        )
    )
    append(
        session,
        "case.facets",
        str(case.id),
        {"service": case.service, "call_id": case.call_id, "changed": sorted(changed)},
        now,
    )
    return True


async def case_of_call(session: AsyncSession, call_id: str) -> Case:
    """Return the case that was born from a call.

    Raises:
        NotFoundError: the call has none (yet).
    """
    found = await session.scalar(select(Case).where(Case.call_id == call_id))
    if found is None:
        raise NotFoundError("这通电话还没有工单", call_id=call_id)
    return found
