"""What a report needs, read from the database: calls one by one, tickets counted by it.

A month has tens of thousands of calls, whose figures are counted in one place
(:mod:`hotline.calls.figures`); of tickets there may be a million, so the database counts them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from agents.reports.period import Period
from hotline.calls import figures
from hotline.calls.figures import CallFacts, CallFigures
from hotline.calls.tables import CallTable
from hotline.casework import Case, CaseEvent
from hotline.clock import CHINA
from hotline.routing.tables import OfferOutcome, OfferTable

TICKET = "ticket"
_MISSED = (OfferOutcome.MISSED, OfferOutcome.REFUSED)


@dataclass(frozen=True)
class Scope:
    """Whose figures: of the places named, or of all."""

    places: frozenset[str] | None = None
    name: str = "全部"

    def calls(self) -> ColumnElement[bool]:
        """Return the condition on calls."""
        return true() if self.places is None else CallTable.place.in_(self.places)

    def cases(self) -> ColumnElement[bool]:
        """Return the condition on cases."""
        return true() if self.places is None else Case.place.in_(self.places)


EVERYTHING = Scope()


@dataclass(frozen=True)
class CallRow:
    """One call, as far as reports group it."""

    facts: CallFacts
    started_at: datetime
    topic: str
    place: str
    agent_id: str | None


@dataclass(frozen=True)
class Tickets:
    """The counts of tickets in a period."""

    opened: int
    closed: int
    replied: int
    """Closed tickets that were dispatched, so that a reply was due."""
    late: int
    """Of these, after their deadline."""
    followed: int
    """Closed tickets whose caller was called back and asked (回访)."""
    overdue: int
    """Open now and past their deadline."""
    events: Mapping[str, int]
    """How often each action was done."""
    scored: int
    mean_score: float | None


@dataclass(frozen=True)
class Person:
    """What one person's tickets and offers came to, beside the calls."""

    offers: int = 0
    missed: int = 0
    closed: int = 0
    late: int = 0
    returned: int = 0
    mean_score: float | None = None


@dataclass(frozen=True)
class Calls:
    """The calls of a period, counted in any way."""

    rows: tuple[CallRow, ...]

    @property
    def figures(self) -> CallFigures:
        """The figures of all of them."""
        return figures.count(row.facts for row in self.rows)

    def by(self, key: Callable[[CallRow], str | None]) -> dict[str, Calls]:
        """Return them in groups; who has no key is left out."""
        groups: dict[str, list[CallRow]] = defaultdict(list)
        for row in self.rows:
            if (value := key(row)) is not None:
                groups[value].append(row)
        return {value: Calls(tuple(rows)) for value, rows in groups.items()}

    @property
    def p95_wait(self) -> float | None:
        """So many seconds 95 % of those who were answered waited at most."""
        waits = sorted(
            (row.facts.answered_at - row.facts.waiting_since).total_seconds()
            for row in self.rows
            if row.facts.answered_at and row.facts.waiting_since
        )
        return waits[max(0, -(-len(waits) * 95 // 100) - 1)] if waits else None


async def calls(session: AsyncSession, period: Period, scope: Scope) -> Calls:
    """Read the calls that began in the period."""
    rows = await session.execute(
        select(
            CallTable.outcome,
            CallTable.waiting_since,
            CallTable.answered_at,
            # The talk ends before the survey does.
            func.coalesce(
                CallTable.talk_ended_at, CallTable.ended_at, type_=CallTable.ended_at.type
            ),
            CallTable.satisfaction,
            CallTable.solved,
            CallTable.callback_id.is_not(None),
            CallTable.started_at,
            CallTable.topic,
            CallTable.place,
            CallTable.agent_id,
        ).where(
            CallTable.started_at >= period.since,
            CallTable.started_at < period.until,
            scope.calls(),
        )
    )
    return Calls(
        tuple(
            CallRow(CallFacts(*row[:7]), started, topic, place, agent)
            for *row, started, topic, place, agent in rows
        )
    )


async def call_counts(
    session: AsyncSession, period: Period, scope: Scope
) -> tuple[Counter[str], Counter[str]]:
    """Count the calls of a period by topic and by place."""
    by_topic: Counter[str] = Counter()
    by_place: Counter[str] = Counter()
    rows = await session.execute(
        select(CallTable.topic, CallTable.place, func.count())
        .where(
            CallTable.started_at >= period.since,
            CallTable.started_at < period.until,
            scope.calls(),
        )
        .group_by(CallTable.topic, CallTable.place)
    )
    for topic, place, count in rows:
        by_topic[topic] += count
        by_place[place] += count
    return by_topic, by_place


async def tickets(session: AsyncSession, period: Period, scope: Scope, now: datetime) -> Tickets:
    """Count the tickets that were opened, closed, late, returned in the period."""
    of_scope = (Case.service == TICKET, scope.cases())
    opened = await _count(session, *of_scope, *_within(Case.opened_at, period))
    closed = (*of_scope, *_within(Case.closed_at, period))
    ended = (await session.execute(select(Case.clocks, Case.acts).where(*closed))).all()
    clocks = [row[0] for row in ended]
    replies = [record["reply"] for record in clocks if "reply" in record]
    scored, mean = (
        await session.execute(
            select(func.count(Case.score), func.avg(Case.score)).where(
                *of_scope, *_within(Case.opened_at, period)
            )
        )
    ).one()
    return Tickets(
        opened=opened,
        closed=len(clocks),
        replied=len(replies),
        late=sum(1 for reply in replies if reply.get("missed")),
        followed=sum(1 for row in ended if "record_followup" in row[1]),
        overdue=await _count(session, *of_scope, Case.closed_at.is_(None), Case.due_at <= now),
        events=await _events(session, period, scope),
        scored=scored,
        mean_score=float(mean) if mean is not None else None,
    )


async def risks(session: AsyncSession, scope: Scope, now: datetime) -> list[tuple[str, int]]:
    """Count what somebody should look at now, whatever the period."""
    running = (Case.service == TICKET, Case.closed_at.is_(None), scope.cases())
    near = await session.scalars(
        select(Case.clocks).where(*running, Case.warn_at <= now, Case.due_at > now)
    )
    limitation = sum(1 for clocks in near if "ended" not in clocks.get("limitation", {"ended": 1}))
    return [
        ("紧急和特急未办结", await _count(session, *running, Case.urgency != "normal")),
        ("当事人时效将届满（7 日内）", limitation),
        ("将到期（黄牌）", await _count(session, *running, Case.warn_at <= now, Case.due_at > now)),
        ("已到期", await _count(session, *running, Case.due_at <= now, Case.red_at > now)),
        ("严重超期（红牌）", await _count(session, *running, Case.red_at <= now)),
        ("不满意待重办", await _count(session, *running, Case.state == "redo")),
        ("退单、异议、延期待审", await _count(session, *running, Case.state.in_(_WAITING))),
        ("待回拨", await _count(session, *running, Case.state == "callback")),
    ]


_WAITING = ("returned", "objection", "extension")


async def return_causes(session: AsyncSession, period: Period, scope: Scope) -> Counter[str]:
    """Count the causes for which tickets were sent back."""
    rows = await session.scalars(
        select(CaseEvent.data)
        .join(Case, Case.id == CaseEvent.case_id)
        .where(
            CaseEvent.action == "return_ticket",
            *_within(CaseEvent.at, period),
            Case.service == TICKET,
            scope.cases(),
        )
    )
    return Counter(str(data.get("return_cause") or "other") for data in rows)


async def services(
    session: AsyncSession, period: Period, scope: Scope
) -> dict[str, tuple[int, int, int]]:
    """Count, by service other than the ticket: opened and closed in the period, open now."""
    found: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for place, conditions in enumerate(
        (
            _within(Case.opened_at, period),
            _within(Case.closed_at, period),
            (Case.closed_at.is_(None),),
        )
    ):
        rows = await session.execute(
            select(Case.service, func.count())
            .where(Case.service != TICKET, *conditions, scope.cases())
            .group_by(Case.service)
        )
        for service, count in rows:
            found[service][place] = count
    return {service: (row[0], row[1], row[2]) for service, row in found.items()}


async def people(session: AsyncSession, period: Period) -> dict[str, Person]:
    """Count offers and tickets of each person in the period."""
    offers: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for agent, outcome, count in await session.execute(
        select(OfferTable.agent_id, OfferTable.outcome, func.count())
        .where(*_within(OfferTable.made_at, period))
        .group_by(OfferTable.agent_id, OfferTable.outcome)
    ):
        offers[agent][0] += count
        offers[agent][1] += count if outcome in _MISSED else 0
    closed: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for agent, clocks in await session.execute(
        select(Case.assignee_id, Case.clocks).where(
            Case.service == TICKET, *_within(Case.closed_at, period), Case.assignee_id.is_not(None)
        )
    ):
        closed[agent][0] += 1
        closed[agent][1] += 1 if any(clock.get("missed") for clock in clocks.values()) else 0
    scores = await session.execute(
        select(Case.assignee_id, func.avg(Case.score))
        .where(Case.service == TICKET, *_within(Case.opened_at, period), Case.score.is_not(None))
        .group_by(Case.assignee_id)
    )
    means: dict[str | None, float] = {agent: float(mean) for agent, mean in scores}
    returned = await session.execute(
        select(CaseEvent.actor, func.count())
        .where(CaseEvent.action == "return_ticket", *_within(CaseEvent.at, period))
        .group_by(CaseEvent.actor)
    )
    sent_back: dict[str, int] = {row[0]: row[1] for row in returned}
    return {
        agent: Person(
            offers=offers[agent][0],
            missed=offers[agent][1],
            closed=closed[agent][0],
            late=closed[agent][1],
            returned=sent_back.get(agent, 0),
            mean_score=means.get(agent),
        )
        for agent in {*offers, *closed, *(a for a in means if a), *sent_back}
    }


def day_of(row: CallRow) -> str:
    """Return the day in China on which a call began, as ``2026-11-24``."""
    return row.started_at.astimezone(CHINA).date().isoformat()


def hour_of(row: CallRow) -> str:
    """Return the hour of the day in which a call began, as ``09``."""
    return f"{row.started_at.astimezone(CHINA):%H}"


async def _events(session: AsyncSession, period: Period, scope: Scope) -> dict[str, int]:
    rows = await session.execute(
        select(CaseEvent.action, func.count())
        .join(Case, Case.id == CaseEvent.case_id)
        .where(
            CaseEvent.action.in_(_COUNTED),
            *_within(CaseEvent.at, period),
            Case.service == TICKET,
            scope.cases(),
        )
        .group_by(CaseEvent.action)
    )
    return {row[0]: row[1] for row in rows}


_COUNTED = (
    *("return_ticket", "ask_extension", "grant_extension", "supervise", "record_followup"),
    *("follow_up", "not_reached", "exclude_evaluation"),
)


async def _count(session: AsyncSession, *conditions: ColumnElement[bool]) -> int:
    return await session.scalar(select(func.count()).select_from(Case).where(*conditions)) or 0


def _within(column: Any, period: Period) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return column >= period.since, column < period.until
