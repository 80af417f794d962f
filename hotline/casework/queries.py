"""Lists of cases: filters, an order, and pages that are found by key, never by counting rows."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.casework.tables import Case, CaseDocument, CaseEvent
from hotline.errors import InvalidInputError, NotFoundError

PAGE = 50
LARGEST_PAGE = 500
COUNTED_TO = 1000
"""A count stops here ("1000+"): nobody reads further, and counting a million rows is slow."""

FEWEST_DIGITS = 3
"""Fewer digits of a number than this fit too many cases to be of use."""
MOST_BY_TEXT = 5000
"""The newest cases that a text is looked for among those beginning with it."""

_LAST = "\U0010ffff"


class Card(StrEnum):
    """A deadline's colour."""

    YELLOW = "yellow"
    """Due soon (one working day before, unless the service says otherwise)."""
    DUE = "due"
    """The deadline has passed."""
    RED = "red"
    """Overdue for long (one working day, unless the service says otherwise)."""


_REACHED: Mapping[Card, ColumnElement[datetime | None]] = {
    Card.YELLOW: Case.warn_at.expression,
    Card.DUE: Case.due_at.expression,
    Card.RED: Case.red_at.expression,
}


class Order(StrEnum):
    """The order of a list."""

    NEWEST = "newest"
    OLDEST = "oldest"
    DUE = "due"
    """The most urgent deadline first; cases without a deadline are left out."""


@dataclass(frozen=True)
class CaseFilter:
    """What a list shows; an empty field asks nothing. Times are aware; ``until`` is exclusive."""

    services: Sequence[str] = ("ticket",)
    states: Sequence[str] = ()
    topics: Sequence[str] = ()
    places: Sequence[str] = ()
    organisations: Sequence[str] = ()
    assignees: Sequence[str] = ()
    unassigned: bool = False
    urgencies: Sequence[str] = ()
    card: Card | None = None
    open_only: bool = False
    opened_from: datetime | None = None
    opened_until: datetime | None = None
    satisfaction: int | None = None
    person_id: str | None = None
    parent_id: int | None = None
    text: str = ""
    """The beginning of a case number, of a caller's number or name, or a number's last digits."""


@dataclass(frozen=True)
class CasePage:
    """One page of a list."""

    cases: tuple[Case, ...]
    after: str | None
    """Ask for the next page with it; ``None`` on the last page."""


async def find(
    session: AsyncSession,
    wanted: CaseFilter,
    *,
    now: datetime,
    order: Order = Order.NEWEST,
    after: str | None = None,
    limit: int = PAGE,
    visible: ColumnElement[bool] | None = None,
) -> CasePage:
    """Return a page of the cases that ``wanted`` asks for, of those that are ``visible``.

    Raises:
        InvalidInputError: ``after`` was not given by an earlier page.
    """
    limit = max(1, min(limit, LARGEST_PAGE))
    conditions = [*_conditions(wanted, now), *(() if visible is None else (visible,))]
    query = _ordered(select(Case).where(*conditions), order, after)
    rows = list(await session.scalars(query.limit(limit + 1)))
    more = len(rows) > limit
    rows = rows[:limit]
    return CasePage(tuple(rows), _mark(rows[-1], order) if more else None)


async def count(
    session: AsyncSession,
    wanted: CaseFilter,
    *,
    now: datetime,
    visible: ColumnElement[bool] | None = None,
) -> int:
    """Return how many cases ``wanted`` asks for, at most :data:`COUNTED_TO`."""
    conditions = [*_conditions(wanted, now), *(() if visible is None else (visible,))]
    some = select(Case.id).where(*conditions).limit(COUNTED_TO).subquery()
    return await session.scalar(select(func.count()).select_from(some)) or 0


async def by_number(session: AsyncSession, number: str) -> Case:
    """Return the case with that number.

    Raises:
        NotFoundError: there is none.
    """
    found = await session.scalar(select(Case).where(Case.number == number))
    if found is None:
        raise NotFoundError(f"没有编号为 {number} 的办件，请核对后再查", number=number)
    return found


async def by_id(session: AsyncSession, case_id: int) -> Case:
    """Return one case.

    Raises:
        NotFoundError: there is none.
    """
    found = await session.get(Case, case_id)
    if found is None:
        raise NotFoundError("没有这个办件", case_id=case_id)
    return found


async def events(session: AsyncSession, case_id: int) -> Sequence[CaseEvent]:
    """Return what was done to a case, oldest first."""
    query = select(CaseEvent).where(CaseEvent.case_id == case_id).order_by(CaseEvent.id)
    return (await session.scalars(query)).all()


async def children(session: AsyncSession, case_id: int) -> Sequence[Case]:
    """Return the cases that were opened from this one."""
    query = select(Case).where(Case.parent_id == case_id).order_by(Case.id)
    return (await session.scalars(query)).all()


async def documents(session: AsyncSession, case_id: int) -> Sequence[CaseDocument]:
    """Return the documents that were made out in a case, oldest first."""
    query = select(CaseDocument).where(CaseDocument.case_id == case_id).order_by(CaseDocument.id)
    return (await session.scalars(query)).all()


def card(case: Case, now: datetime) -> Card | None:
    """Return the colour of the case's nearest deadline."""
    if case.red_at is not None and case.red_at <= now:
        return Card.RED
    if case.due_at is not None and case.due_at <= now:
        return Card.DUE
    if case.warn_at is not None and case.warn_at <= now:
        return Card.YELLOW
    return None


def _conditions(wanted: CaseFilter, now: datetime) -> list[ColumnElement[bool]]:
    lists: Sequence[tuple[Any, Sequence[Any]]] = (
        (Case.service, wanted.services),
        (Case.state, wanted.states),
        (Case.topic, wanted.topics),
        (Case.place, wanted.places),
        (Case.organisation_id, wanted.organisations),
        (Case.assignee_id, wanted.assignees),
        (Case.urgency, wanted.urgencies),
        (Case.satisfaction, _given(wanted.satisfaction)),
        (Case.person_id, _given(wanted.person_id)),
        (Case.parent_id, _given(wanted.parent_id)),
    )
    # Equality where one value is asked for, so that the index also gives the order.
    found: list[ColumnElement[bool]] = [
        column == values[0] if len(values) == 1 else column.in_(values)
        for column, values in lists
        if values
    ]
    if wanted.unassigned:
        found.append(Case.assignee_id.is_(None))
    if wanted.open_only:
        found.append(Case.closed_at.is_(None))
    if wanted.opened_from is not None:
        found.append(Case.opened_at >= wanted.opened_from)
    if wanted.opened_until is not None:
        found.append(Case.opened_at < wanted.opened_until)
    if wanted.card is not None:
        found.append(_REACHED[wanted.card] <= now)
    if text := wanted.text.strip():
        found.append(_text(text))
    return found


def _given(value: object) -> Sequence[Any]:
    return () if value is None else (value,)


def _text(text: str) -> ColumnElement[bool]:
    begins = [_begins(Case.number, text)]
    if text.isascii() and text.lstrip("+").isdigit():
        if len(text) < FEWEST_DIGITS:
            raise InvalidInputError(f"按号码查找请至少输入 {FEWEST_DIGITS} 位数字", field="text")
        begins += [_begins(Case.caller_number, text), _begins(Case.caller_reversed, text[::-1])]
    else:
        begins.append(_begins(Case.caller_name, text))
    # Index walks joined; a plain OR of columns makes the planners read the whole table.
    walks = [
        select(Case.id).where(walk).order_by(Case.id.desc()).limit(MOST_BY_TEXT).subquery()
        for walk in begins
    ]
    first, *others = (select(walk.c.id) for walk in walks)
    return Case.id.in_(first.union_all(*others))


def _begins(column: Any, text: str) -> ColumnElement[bool]:
    return and_(column >= text, column < text + _LAST)


def _ordered(query: Select[Case], order: Order, after: str | None) -> Select[Case]:
    key = tuple_(Case.due_at if order is Order.DUE else Case.opened_at, Case.id)
    if order is Order.DUE:
        query = query.where(Case.due_at.is_not(None))
    if after is not None:
        mark = _read_mark(after, order)
        query = query.where(key < mark if order is Order.NEWEST else key > mark)
    columns = (Case.due_at if order is Order.DUE else Case.opened_at, Case.id)
    return query.order_by(*(c.desc() if order is Order.NEWEST else c.asc() for c in columns))


def _mark(case: Case, order: Order) -> str:
    at = case.due_at if order is Order.DUE else case.opened_at
    text = json.dumps([order, at.astimezone(UTC).isoformat() if at else None, case.id])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read_mark(after: str, order: Order) -> tuple[datetime, int]:
    try:
        padded = after + "=" * (-len(after) % 4)
        kind, at, case_id = json.loads(base64.urlsafe_b64decode(padded.encode()))
        when = datetime.fromisoformat(at)
    except (ValueError, TypeError, binascii.Error) as error:
        raise InvalidInputError("翻页标记无效，请回到第一页") from error
    if kind != order or not isinstance(case_id, int) or when.tzinfo is None:
        raise InvalidInputError("翻页标记无效，请回到第一页")
    return when, case_id
