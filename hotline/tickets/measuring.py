"""How quick the lists and a ticket's page are on the database as it is."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import quantiles

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.casework import Card, Case, CaseFilter, Order, by_id, count, events, find
from hotline.clock import Clock
from hotline.store import Database


async def measure(
    database: Database, clock: Clock, rounds: int = 40, seed: int = 1
) -> Mapping[str, Mapping[str, float]]:
    """Return the median and the 95th percentile of each kind of list, in milliseconds.

    Values to filter by are drawn from cases that exist; each question opens a session of its
    own, as a request does.
    """
    chance = random.Random(seed)  # noqa: S311 - a repeatable choice of what to measure
    times: dict[str, list[float]] = defaultdict(list)
    for case in await _some_cases(database, rounds, chance):
        questions: dict[str, _List | _Page] = {**_questions(case)}
        for name, question in (questions | {"a ticket's page": _Page(case.id)}).items():
            begin = clock.monotonic()
            async with database.read() as session:
                await question.ask(session, clock.now())
            times[name].append((clock.monotonic() - begin) * 1000)
    return {name: _figures(found) for name, found in times.items() if len(found) > 1}


async def _some_cases(database: Database, rounds: int, chance: random.Random) -> list[Case]:
    async with database.read() as session:
        last = await session.scalar(select(func.max(Case.id))) or 0
        wanted = [chance.randint(1, last) for _ in range(rounds)] if last else []
        found = [await session.get(Case, case_id) for case_id in wanted]
    return [case for case in found if case is not None]


def _figures(times: list[float]) -> Mapping[str, float]:
    cuts = quantiles(times, n=20)
    return {"p50_ms": round(cuts[9], 2), "p95_ms": round(cuts[18], 2)}


@dataclass(frozen=True)
class _List:
    wanted: CaseFilter
    order: Order = Order.NEWEST
    pages: int = 1
    counted: bool = True

    async def ask(self, session: AsyncSession, now: datetime) -> None:
        after: str | None = None
        for _ in range(self.pages):
            page = await find(session, self.wanted, now=now, order=self.order, after=after)
            after = page.after
            if after is None:
                break
        if self.counted:
            await count(session, self.wanted, now=now)


@dataclass(frozen=True)
class _Page:
    case_id: int

    async def ask(self, session: AsyncSession, now: datetime) -> None:
        del now
        await by_id(session, self.case_id)
        await events(session, self.case_id)


def _questions(case: Case) -> Mapping[str, _List]:
    topics, places = (case.topic or "",), (case.place or "",)
    people = (case.assignee_id or "",)
    opened, number, name = case.opened_at, case.caller_number or "", case.caller_name or ""
    day = timedelta(days=1)
    lists = {
        "newest": CaseFilter(services=(case.service,)),
        "state": CaseFilter(states=("handling",)),
        "two states": CaseFilter(states=("handling", "dispatched")),
        "topic": CaseFilter(topics=topics),
        "two topics": CaseFilter(topics=(*topics, "other")),
        "place": CaseFilter(places=places),
        "assignee": CaseFilter(assignees=people),
        "assignee, open": CaseFilter(assignees=people, open_only=True),
        "topic and place": CaseFilter(topics=topics, places=places),
        "topic, place, assignee": CaseFilter(topics=topics, places=places, assignees=people),
        "rare topic and state": CaseFilter(topics=("other",), states=("suspended",)),
        "open": CaseFilter(open_only=True),
        "open at a place": CaseFilter(open_only=True, places=places),
        "urgent": CaseFilter(urgencies=("urgent",)),
        "dissatisfied": CaseFilter(satisfaction=3),
        "dissatisfied at a place": CaseFilter(satisfaction=3, places=places),
        "week": CaseFilter(opened_from=opened, opened_until=opened + 7 * day),
        "topic in a month": CaseFilter(
            topics=topics, opened_from=opened, opened_until=opened + 30 * day
        ),
        "unassigned": CaseFilter(unassigned=True),
        "red cards": CaseFilter(card=Card.RED),
        "number": CaseFilter(text=case.number),
        "caller's number": CaseFilter(text=number),
        "last four digits": CaseFilter(text=number[-4:]),
        "name": CaseFilter(text=name),
        "surname": CaseFilter(text=name[:1]),
        "surname at a place": CaseFilter(text=name[:1], places=places),
    }
    return {
        **{label: _List(wanted) for label, wanted in lists.items()},
        "tenth page": _List(CaseFilter(topics=topics), pages=10, counted=False),
        "due first": _List(CaseFilter(), Order.DUE),
        "yellow at a place": _List(CaseFilter(card=Card.YELLOW, places=places), Order.DUE),
    }
