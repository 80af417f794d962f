"""What is due: cases that reached their state with all approvals, shifts that were kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from agents.rota.tables import AttendanceTable, ShiftTable
from agents.tables import AgentTable
from hotline.casework import Case, Service
from hotline.casework.services import Services
from hotline.casework.tariffs import Payment, Tariff, TariffGapError, payment, reckon
from hotline.clock import CHINA

DUTY = "duty"
"""The tariff of shifts on duty."""
NIGHT_FROM = 20
SATURDAY = 5


@dataclass(frozen=True)
class Due:
    """One payment that is due, not yet on a statement."""

    kind: str
    reference: str
    person_id: str
    about: str
    day: date
    payment: Payment


@dataclass(frozen=True)
class Gap:
    """What is due but cannot be reckoned: a tariff must be mended first."""

    about: str
    why: str


async def due(
    session: AsyncSession, services: Services, until: datetime, taken: Sequence[tuple[str, str]]
) -> tuple[list[Due], list[Gap]]:
    """Return what became due before ``until`` and is not among ``taken`` (kind and reference)."""
    found: list[Due] = []
    gaps: list[Gap] = []
    known = set(taken)
    async for one in _candidates(session, services, until):
        if (one.kind, one.reference) in known:
            continue
        try:
            paid = one.payment()
        except TariffGapError as error:
            gaps.append(Gap(one.about, error.message))
            continue
        if paid is not None and paid.amount > Decimal(0):
            found.append(Due(one.kind, one.reference, one.person_id, one.about, one.day, paid))
    return found, gaps


@dataclass(frozen=True)
class _Candidate:
    kind: str
    reference: str
    person_id: str
    about: str
    day: date
    service: Service | None
    tariff: Tariff
    values: Mapping[str, Any]

    def payment(self) -> Payment | None:
        if self.service is not None:
            return payment(self.service, self.tariff, self.values, self.day)
        return reckon(self.tariff, self.values, self.day)


async def _candidates(session: AsyncSession, services: Services, until: datetime) -> Any:
    for service in services.by_code.values():
        subsidy = service.subsidy
        tariff = services.tariffs.get(subsidy.tariff) if subsidy else None
        if subsidy is None or tariff is None:
            continue
        rows = await session.scalars(
            select(Case).where(
                Case.service == service.code,
                Case.state.in_(subsidy.states),
                Case.closed_at < until,
                Case.assignee_id.is_not(None),
            )
        )
        for case in rows:
            if _approved(case.acts, subsidy.approvals):
                yield _of_case(case, service, tariff)
    if (tariff := services.tariffs.get(DUTY)) is not None:
        for one in await _shifts(session, tariff, until):
            yield one


def _approved(acts: Mapping[str, Any], approvals: Sequence[str]) -> bool:
    """Whether every approval was given, each by another person."""
    people = [acts[name][0] for name in approvals if name in acts]
    return len(people) == len(approvals) == len(set(people))


def _of_case(case: Case, service: Service, tariff: Tariff) -> _Candidate:
    closed = case.closed_at or case.opened_at
    return _Candidate(
        kind="case",
        reference=case.number,
        person_id=case.assignee_id or "",
        about=f"{service.name} {case.number}",
        day=closed.astimezone(CHINA).date(),
        service=service,
        tariff=tariff,
        values=case.data,
    )


async def _shifts(session: AsyncSession, tariff: Tariff, until: datetime) -> list[_Candidate]:
    rows = await session.execute(
        select(ShiftTable, AttendanceTable.seconds)
        .join(AttendanceTable, AttendanceTable.shift_id == ShiftTable.id)
        .join(AgentTable, AgentTable.id == ShiftTable.agent_id)
        # Public officials draw no subsidy for duty.
        .where(ShiftTable.ends_at < until, ~AgentTable.official)
        .order_by(ShiftTable.starts_at)
    )
    return list(_of_shifts(rows.all(), tariff))


def _of_shifts(rows: Sequence[Any], tariff: Tariff) -> Iterator[_Candidate]:
    for shift, seconds in rows:
        start, end = shift.starts_at.astimezone(CHINA), shift.ends_at.astimezone(CHINA)
        hours = round(seconds / 3600, 2)
        yield _Candidate(
            kind="shift",
            reference=str(shift.id),
            person_id=shift.agent_id,
            about=f"值班 {start:%m-%d %H:%M} 至 {end:%H:%M}，核实在岗 {hours:g} 小时",
            day=start.date(),
            service=None,
            tariff=tariff,
            values={
                "hours": hours,
                "weekend": start.weekday() >= SATURDAY,
                "night": start.hour >= NIGHT_FROM,
            },
        )
