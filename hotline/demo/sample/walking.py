"""Walking a made-up case: who acts, what is done, how long after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from hotline.casework import Actor, Case
from hotline.tickets import shipped

BUREAU = Actor("banzhang", frozenset({"bureau"}), name="林秀英")
STATION = Actor("qingshi", frozenset({"station"}), "qingshi", name="周明")
APPLICANT = Actor("applicant", is_applicant=True)


@dataclass(frozen=True)
class Done:
    """One act: by whom, what, how long after the one before."""

    by: Actor
    action: str
    after: timedelta = timedelta(hours=2)
    given: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""


def person(code: str, *roles: str) -> Actor:
    """Return a person with roles; a lawyer where none is named."""
    return Actor(code, frozenset(roles or ("lawyer",)))


async def walk(
    session: AsyncSession,
    service: str,
    given: Mapping[str, Any],
    began: datetime,
    acts: Sequence[Done],
    *,
    by: Actor,
) -> Case:
    """Open a case and do one act after another to it."""
    desk = shipped().desk
    phone = given.get("phone")
    fields = desk.services.get(service).field_by_name
    organisation = given.get("organisation_id")
    facets = {"organisation_id": organisation} if organisation else {}
    if phone:
        facets["caller_number"] = phone
    case = await desk.open(
        session,
        service,
        {k: v for k, v in given.items() if k in fields and fields[k].opening},
        actor=by,
        now=began,
        facets=facets,
    )
    moment = began
    for done in acts:
        moment += done.after
        await desk.act(
            session, case.id, done.action, done.given, actor=done.by, now=moment, note=done.note
        )
    return case
