"""Keeps what the file says; who is there and not in the file stays as they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from agents.directory.file import PeopleFile, PersonEntry, PlaceEntry
from agents.tables import AgentTable, OrganisationTable, PresenceTable
from hotline.errors import ConflictError
from hotline.routing.people import AgentKind, Presence, Wish


class StaffNumberTakenError(ConflictError):
    """工号已经属于别人。"""

    error_id = "staff-number-taken"


@dataclass(frozen=True)
class Kept:
    """What became of a file."""

    added: Sequence[str]
    changed: Sequence[str]
    others: Sequence[str]
    """Active people whom the file does not name."""


async def keep(session: AsyncSession, file: PeopleFile, trunk: str, now: datetime) -> Kept:
    """Write places and people down; ``trunk`` is the endpoint to the outside.

    Raises:
        StaffNumberTakenError: a staff number belongs to somebody whom the file does not name.
    """
    ids = await _places(session, file.places)
    rows = {row.id: row for row in await session.scalars(select(AgentTable))}
    named = {person.id for person in file.people}
    numbers = {row.staff_no: row for row in rows.values() if row.id not in named}
    added, changed = [], []
    for person in file.people:
        if (other := numbers.get(person.staff_no)) is not None:
            raise StaffNumberTakenError(
                f"工号 {person.staff_no} 已经属于{other.name}（{other.id}）"
            )
        row = rows.get(person.id)
        if row is None:
            row = AgentTable(id=person.id, staff_no=person.staff_no)
            added.append(person.name)
        _fill(row, person, ids, trunk)
        if person.id not in rows:
            session.add(row)
            await session.flush()
            if person.kind is not AgentKind.DISTRICT:
                session.add(_signed_out(person.id, now))
        elif session.is_modified(row):
            changed.append(person.name)
    await session.flush()
    others = [row.name for row in rows.values() if row.active and row.id not in named]
    return Kept(added, changed, sorted(others))


async def _places(session: AsyncSession, places: Sequence[PlaceEntry]) -> dict[str, int]:
    known = {row.code: row for row in await session.scalars(select(OrganisationTable))}
    for place in places:
        row = known.get(place.code)
        if row is None:
            row = known[place.code] = OrganisationTable(code=place.code)
            session.add(row)
        row.kind, row.name, row.numbers = place.kind.value, place.name, list(place.numbers)
        row.hours = {day: list(spans) for day, spans in place.hours.items()}
    await session.flush()
    for place in places:
        if place.parent:
            known[place.code].parent_id = known[place.parent].id
    return {code: row.id for code, row in known.items()}


def _fill(row: AgentTable, person: PersonEntry, ids: dict[str, int], trunk: str) -> None:
    outside = person.kind is AgentKind.DISTRICT
    own = f"PJSIP/{trunk if outside else person.id}"
    row.staff_no, row.name, row.kind = person.staff_no, person.name, person.kind.value
    row.organisation_id = ids.get(person.place)
    row.skills, row.languages = dict(person.skills), list(person.languages)
    row.mobile = person.number or person.mobile
    row.capacity, row.active = person.capacity, person.active
    # Who took calls in the browser or on the mobile keeps doing so.
    if row.endpoint is None or person.endpoint or outside:
        row.endpoint = person.endpoint or own


def _signed_out(agent_id: str, now: datetime) -> PresenceTable:
    return PresenceTable(
        agent_id=agent_id, state=Presence.OFFLINE.value, wish=Wish.OFFLINE.value, since=now
    )
