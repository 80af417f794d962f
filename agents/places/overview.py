"""The tree of places with what is in order and what is missing, as the overview shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from agents.places.reading import station_of
from agents.places.tables import PlaceDetailTable, PlaceStaffTable
from agents.tables import OrganisationKind, OrganisationTable
from hotline.casework import Case
from hotline.casework.services import Services
from hotline.public.stations import is_open
from hotline.worktime import WorkTime

FEWEST_STAFF: Final = 3
"""专（兼）职工作人员不少于 3 人 (charter 一.1)."""

KINDS: Final[Mapping[str, str]] = {
    OrganisationKind.DISTRICT: "公共法律服务中心",
    OrganisationKind.TOWNSHIP: "公共法律服务站",
    OrganisationKind.VILLAGE: "公共法律服务室",
    OrganisationKind.INSTITUTION: "其他机构",
}


@dataclass(frozen=True)
class Place:
    """One place as the overview shows it."""

    row: OrganisationTable
    detail: PlaceDetailTable | None
    staff: tuple[PlaceStaffTable, ...]
    advisers: tuple[str, ...]
    """Names of those who cover it (a service with ``coverage``)."""
    open_now: bool
    below: tuple[Place, ...] = ()

    @property
    def counts(self) -> bool:
        """Whether the charter's rules hold for it: an institution is nobody's station."""
        return self.row.kind != OrganisationKind.INSTITUTION

    @property
    def lacks(self) -> list[str]:
        """What is missing, in words."""
        if not self.counts:
            return []
        found = []
        if len(self.staff) < FEWEST_STAFF:
            found.append(f"人员 {len(self.staff)} 人，不足 {FEWEST_STAFF} 人")
        if not self.row.phone:
            found.append("没有电话")
        if self.row.kind == OrganisationKind.VILLAGE and not self.advisers:
            found.append("没有法律顾问")
        return found

    def all(self) -> list[Place]:
        """Return the place and all below it."""
        return [self, *(place for child in self.below for place in child.all())]


@dataclass(frozen=True)
class Summary:
    """The figures above the overview; each with its whole."""

    stations: int
    villages: int
    short_staffed: int
    counted: int
    covered: int
    without_phone: int


async def read(
    session: AsyncSession, services: Services, worktime: WorkTime, now: datetime
) -> list[Place]:
    """Return the places that stand at the top, each with those below it."""
    rows = list(await session.scalars(select(OrganisationTable).order_by(OrganisationTable.id)))
    details = {d.organisation_id: d for d in await session.scalars(select(PlaceDetailTable))}
    staff: dict[int, list[PlaceStaffTable]] = {}
    for person in await session.scalars(select(PlaceStaffTable).order_by(PlaceStaffTable.id)):
        staff.setdefault(person.organisation_id, []).append(person)
    advisers = await _advisers(session, services)
    known = {row.id for row in rows}
    below: dict[int | None, list[OrganisationTable]] = {}
    for row in rows:
        below.setdefault(row.parent_id if row.parent_id in known else None, []).append(row)

    def place(row: OrganisationTable) -> Place:
        return Place(
            row=row,
            detail=details.get(row.id),
            staff=tuple(staff.get(row.id, ())),
            advisers=tuple(advisers.get(row.code, ())),
            open_now=is_open(station_of(row, None), worktime, now),
            below=tuple(place(child) for child in below.get(row.id, ())),
        )

    return [place(row) for row in below.get(None, ())]


def summary(places: Sequence[Place]) -> Summary:
    """Count what the overview's figures tell."""
    every = [p for place in places for p in place.all() if p.counts]
    villages = [p for p in every if p.row.kind == OrganisationKind.VILLAGE]
    return Summary(
        stations=sum(p.row.kind == OrganisationKind.TOWNSHIP for p in every),
        villages=len(villages),
        short_staffed=sum(len(p.staff) < FEWEST_STAFF for p in every),
        counted=len(every),
        covered=sum(bool(p.advisers) for p in villages),
        without_phone=sum(not p.row.phone for p in every),
    )


async def _advisers(session: AsyncSession, services: Services) -> dict[str, list[str]]:
    """Return who covers each place, by the first service whose file asks for coverage."""
    service = next(
        (
            s
            for s in sorted(services.by_code.values(), key=lambda s: s.digits)
            if s.pages.coverage is not None and s.pages.coverage.advises
        ),
        None,
    )
    if service is None or service.pages.coverage is None:
        return {}
    wanted = service.pages.coverage
    rows = await session.scalars(
        select(Case).where(
            Case.service == service.code,
            Case.state.in_(wanted.states),
            Case.place.is_not(None),
        )
    )
    found: dict[str, list[str]] = {}
    for row in rows:
        name = str(row.data.get(wanted.who or "") or "") or row.number
        found.setdefault(str(row.place), []).append(name)
    return found
