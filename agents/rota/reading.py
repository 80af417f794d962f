"""Reads shifts, people and leave from the database as the rota's values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from agents.rota.plan import Leave, Person, Shift, spoken
from agents.rota.tables import RequestTable, ShiftTable
from agents.tables import AgentTable
from hotline.routing.people import AgentKind

Spans = tuple[tuple[datetime, datetime], ...]


def shift_of(row: ShiftTable) -> Shift:
    """Return a row as a value."""
    return Shift(row.id, row.agent_id, row.starts_at, row.ends_at, row.seat)


async def shifts(
    session: AsyncSession, start: datetime, end: datetime, agent_id: str | None = None
) -> list[Shift]:
    """Return the shifts of which some moment lies between two times, in order."""
    query = select(ShiftTable).where(ShiftTable.starts_at < end, ShiftTable.ends_at > start)
    if agent_id is not None:
        query = query.where(ShiftTable.agent_id == agent_id)
    rows = await session.scalars(query.order_by(ShiftTable.starts_at, ShiftTable.id))
    return [shift_of(row) for row in rows]


async def revisions(session: AsyncSession, shift_ids: Iterable[int]) -> dict[int, int]:
    """Return how often shifts were changed, by id."""
    rows = await session.execute(
        select(ShiftTable.id, ShiftTable.revision).where(ShiftTable.id.in_(sorted(shift_ids)))
    )
    return {row.id: row.revision for row in rows}


async def people(session: AsyncSession, also: Iterable[str] = ()) -> dict[str, Person]:
    """Return the lawyers by id in the order of staff numbers, active ones and ``also``."""
    rows = await session.scalars(
        select(AgentTable)
        .where(
            AgentTable.kind == AgentKind.LAWYER,
            AgentTable.active | AgentTable.id.in_(sorted(set(also))),
        )
        .order_by(AgentTable.staff_no)
    )
    return {
        row.id: Person(
            row.id,
            row.name,
            row.staff_no,
            {topic: int(level) for topic, level in row.skills.items()},
            frozenset(row.languages),
            row.active,
        )
        for row in rows
    }


async def told(session: AsyncSession, subject_ids: Sequence[str]) -> dict[str, str]:
    """Return what the audit's rows of the rota are about: a person, or a shift that is there."""
    people = await session.execute(select(AgentTable.id, AgentTable.name))
    names = {person.id: person.name for person in people}
    numbers = [int(one) for one in subject_ids if one.isdecimal()]
    rows = await session.scalars(select(ShiftTable).where(ShiftTable.id.in_(numbers)))
    shifts = {
        str(row.id): f"{names.get(row.agent_id, row.agent_id)} {spoken(row.starts_at, row.ends_at)}"
        for row in rows
    }
    return {one: names[one] for one in subject_ids if one in names} | shifts


async def leaves(session: AsyncSession, start: datetime, end: datetime) -> list[Leave]:
    """Return the approved leave of which some moment lies between two times."""
    rows = await session.scalars(
        select(RequestTable).where(
            RequestTable.kind == "leave",
            RequestTable.state == "approved",
            RequestTable.starts_at < end,
            RequestTable.ends_at > start,
        )
    )
    return [Leave(row.agent_id, row.starts_at, row.ends_at) for row in rows]


async def duties(
    session: AsyncSession, agent_ids: Sequence[str], now: datetime, rota_days: int, early: timedelta
) -> Mapping[str, Spans]:
    """Return when those who have a rota are on duty, around ``now``.

    Who has had no shift for ``rota_days`` and has none to come is not named: such a lawyer is
    offered calls by presence alone. Leave that is approved ends the duty, even where nobody has
    taken the shift out yet.
    """
    rows = await session.execute(
        select(ShiftTable.agent_id)
        .where(
            ShiftTable.agent_id.in_(agent_ids),
            ShiftTable.ends_at > now - timedelta(days=rota_days),
        )
        .distinct()
    )
    found: dict[str, list[tuple[datetime, datetime]]] = {row[0]: [] for row in rows}
    if not found:
        return {}
    near = now - timedelta(days=1), now + timedelta(days=1)
    away = await leaves(session, *near)
    for shift in await shifts(session, *near):
        if shift.agent_id in found and not any(
            leave.agent_id == shift.agent_id and shift.overlaps(leave.start, leave.end)
            for leave in away
        ):
            found[shift.agent_id].append((shift.start - early, shift.end))
    return {agent_id: tuple(spans) for agent_id, spans in found.items()}
