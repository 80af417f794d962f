"""How one figure stands between two days: for targets that are set by their code.

Codes are those of :mod:`agents.reports.measures`, and for any service ``closed_SERVICE``,
``on_time_SERVICE``, ``covered_SERVICE`` and ``sum_SERVICE__FIELD``. No service is named here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from agents.reports import counting
from agents.reports.building import Count
from agents.reports.counting import Scope
from agents.reports.measures import Basis, measures
from agents.reports.period import Kind, Period
from agents.reports.values import Value, as_number, fraction_in_words, in_words
from agents.tables import OrganisationTable
from hotline.calls.proportion import Proportion
from hotline.casework import Case
from hotline.casework.definition import Service
from hotline.casework.services import Services
from hotline.documents.content import Form

FEWER_IS_BETTER: Final = frozenset({"overdue", "returned", "wait", "p95_wait"})


@dataclass(frozen=True)
class Standing:
    """One figure with what it means."""

    code: str
    name: str
    form: Form
    value: Value
    definition: str
    target: float | None = None
    """In the figure's own unit; of shares from 0 to 1."""

    @property
    def number(self) -> str:
        """The figure alone: ``90.0%``."""
        return in_words(self.value, self.form)

    @property
    def made_of(self) -> str:
        """What a share is made of: ``9 / 10``; empty for others."""
        return fraction_in_words(self.value)

    @property
    def words(self) -> str:
        """The figure as it is kept: ``90.0%（9 / 10）``."""
        return self.number + (f"（{self.made_of}）" if self.made_of else "")

    @property
    def target_words(self) -> str:
        """The target as it is read."""
        sign = "不多于" if self.code in FEWER_IS_BETTER else "不少于"
        return "" if self.target is None else f"{sign} {in_words(self.target, self.form)}"

    @property
    def met(self) -> bool | None:
        """Whether it is reached; ``None`` where there is nothing to judge."""
        number = as_number(self.value)
        if number is None or self.target is None:
            return None
        return number <= self.target if self.code in FEWER_IS_BETTER else number >= self.target


@dataclass(frozen=True)
class Asked:
    """Which figure, whose, from which day to which."""

    code: str
    scope: Scope
    first: date
    last: date
    target: Decimal | None = None


async def standing(
    session: AsyncSession,
    asked: Asked,
    services: Services,
    now: datetime,
    rates: Mapping[str, Count],
) -> Standing | None:
    """Return how the figure stands; ``None`` where the house does not count such a figure."""
    period = Period(Kind.YEAR, asked.first, asked.last)
    kind, _, rest = asked.code.partition("_")
    of_service = {"closed": _closed, "covered": _covered, "sum": _sum}.get(kind)
    code, _, field = rest.partition("__")
    if asked.code.startswith("on_time_"):
        of_service, code = _on_time, asked.code.removeprefix("on_time_")
    service = services.by_code.get(code)
    if of_service is not None and service is not None:
        found = await of_service(session, service, field, period, asked.scope)
    else:
        found = await _headline(session, asked, period, now, rates)
    if found is None:
        return None
    name, form, value, definition = found
    target = None
    if asked.target is not None:
        target = float(asked.target) / (100 if form is Form.PERCENT else 1)
    return Standing(asked.code, name, form, value, definition, target)


_Found = tuple[str, Form, Value, str]


async def _headline(
    session: AsyncSession,
    asked: Asked,
    period: Period,
    now: datetime,
    rates: Mapping[str, Count],
) -> _Found | None:
    wanted = {asked.code: rates[asked.code]} if asked.code in rates else {}
    others = {
        code: await count(session, period.since, period.until) for code, count in wanted.items()
    }
    # What another package counts is counted of the whole bureau alone.
    basis = Basis(
        await counting.calls(session, period, asked.scope),
        await counting.tickets(session, period, asked.scope, now),
        others if asked.scope.places is None else {},
    )
    found = next((one for one in measures(basis, basis, {}) if one.code == asked.code), None)
    return None if found is None else (found.name, found.form, found.value, found.definition)


async def _closed(
    session: AsyncSession, service: Service, field: str, period: Period, scope: Scope
) -> _Found:
    del field
    count = len(await _ended(session, service, period, scope))
    return f"{service.name}办结", Form.COUNT, count, f"时期内办结的“{service.name}”，含不予受理的。"


async def _on_time(
    session: AsyncSession, service: Service, field: str, period: Period, scope: Scope
) -> _Found:
    del field
    ended = await _ended(session, service, period, scope)
    kept = sum(not any(run.get("missed") for run in case.clocks.values()) for case in ended)
    words = f"各步都在期限内的 ÷ 时期内办结的“{service.name}”。期限按流程文件，含调休和暂停。"
    return f"{service.name}按期办结率", Form.PERCENT, Proportion(kept, len(ended)), words


async def _covered(
    session: AsyncSession, service: Service, field: str, period: Period, scope: Scope
) -> _Found | None:
    del field, period
    wanted = service.pages.coverage
    if wanted is None:
        return None
    every = await session.scalars(
        select(OrganisationTable.code).where(OrganisationTable.kind == wanted.level)
    )
    places = {code for code in every if scope.places is None or code in scope.places}
    there = await session.scalars(
        select(Case.place)
        .where(Case.service == service.code, Case.state.in_(wanted.states), Case.place.is_not(None))
        .distinct()
    )
    level = "村（社区）" if wanted.level == "village" else "乡镇（街道）"
    words = f"现在有“{service.name}”的{level} ÷ 全部{level}（站室一览）。"
    share = Proportion(len(places & set(there)), len(places))
    return f"{service.name}覆盖率", Form.PERCENT, share, words


async def _sum(
    session: AsyncSession, service: Service, field: str, period: Period, scope: Scope
) -> _Found | None:
    totals, summed = service.pages.totals, service.field_by_name.get(field)
    if totals is None or summed is None:
        return None
    rows = await session.scalars(
        select(Case.data).where(
            Case.service == service.code, Case.state.in_(totals.states), _of(scope)
        )
    )
    first, last = period.first.isoformat(), period.last.isoformat()
    total = sum(
        (
            Decimal(str(data.get(field) or 0))
            for data in rows
            if first <= str(data.get(totals.dated) or "")[:10] <= last
        ),
        Decimal(0),
    )
    states = "、".join(service.states[state].name for state in totals.states)
    dated = service.field_by_name[totals.dated].label
    words = f"“{service.name}”（{states}）的“{summed.label}”之和，按“{dated}”计入。"
    return f"{service.name}：{summed.label}", Form.DECIMAL, float(total), words


async def _ended(
    session: AsyncSession, service: Service, period: Period, scope: Scope
) -> list[Case]:
    rows = await session.scalars(
        select(Case).where(
            Case.service == service.code,
            Case.closed_at >= period.since,
            Case.closed_at < period.until,
            _of(scope),
        )
    )
    return list(rows)


def _of(scope: Scope) -> ColumnElement[bool]:
    if scope.places is None:
        return scope.cases()
    return or_(scope.cases(), Case.organisation_id.in_(scope.places))
