"""Keeps who cites what, and finds it again for the page of an article."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import String, and_, cast, delete, exists, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.casework.tables import Case
from hotline.clock import Clock
from hotline.jobs import Handler, Job
from hotline.jobs.feeding import NewJob, Rule
from hotline.store import Database, Outbox
from hotline.tickets.visibility import Reach, visible
from knowledge_base.citations import LawNames, default_names, parse
from knowledge_base.cited.tables import StatuteCitation
from knowledge_base.library import Article
from knowledge_base.library.names import plain_name

CITE = "cite_ticket"
TICKET, CALL = "ticket", "call"
MOST_SHOWN = 30
_FIELDS = ("statutes", "answer", "result")
"""Fields of a ticket in which a person cites."""


def _of_ticket(row: Outbox) -> Iterable[NewJob]:
    if row.payload.get("service") == TICKET:
        yield NewJob(CITE, {"case": row.key}, key=f"{CITE}:{row.key}:{row.id}")


RULES: Mapping[str, Rule] = {"case.moved": _of_ticket}
"""For the feeder of :mod:`hotline.jobs.feeding`: a ticket was written on."""


def cited_in(text: str, names: LawNames | None = None) -> frozenset[tuple[str, str]]:
    """Return the laws and article numbers that a text cites.

    A law that is known by no other name counts by the name that was written.
    """
    found = parse(text, names or default_names())
    laws = ((one.law or plain_name(one.said.strip()), str(one.number)) for one in found)
    return frozenset((law, number) for law, number in laws if law)


async def remember(
    session: AsyncSession,
    source: str,
    reference: str,
    articles: Iterable[tuple[str, str]],
    now: datetime,
) -> None:
    """Replace what a ticket or a call cites, in the caller's transaction."""
    await session.execute(
        delete(StatuteCitation).where(
            StatuteCitation.source == source, StatuteCitation.reference == reference
        )
    )
    rows = [
        {"law": law, "number": number, "source": source, "reference": reference, "at": now}
        for law, number in sorted(set(articles))
    ]
    if rows:
        await session.execute(insert(StatuteCitation), rows)


class TicketReader:
    """Handles ``cite_ticket``: reads what a ticket's text cites."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def __call__(self, job: Job) -> None:
        """Read the ticket of ``job.payload["case"]``; one that is gone cites nothing."""
        async with self._database.write() as session:
            case = await session.get(Case, int(job.payload["case"]))
            if case is None or case.service != "ticket":
                return
            text = "\n".join(_words(case.data.get(field)) for field in _FIELDS)
            await remember(session, TICKET, str(case.id), cited_in(text), self._clock.now())


def _words(value: Any) -> str:
    return value if isinstance(value, str) else ""


def handlers(database: Database, clock: Clock) -> dict[str, Handler]:
    """Return what a worker needs."""
    return {CITE: TicketReader(database, clock)}


async def citing_tickets(session: AsyncSession, article: Article, reach: Reach) -> Sequence[Case]:
    """Return the tickets whose text or whose call cites an article, the newest first."""
    same = and_(
        StatuteCitation.law == article.law.name, StatuteCitation.number == str(article.number)
    )
    written = exists().where(
        same,
        StatuteCitation.source == TICKET,
        StatuteCitation.reference == cast(Case.id, String),
    )
    spoken = exists().where(
        same, StatuteCitation.source == CALL, StatuteCitation.reference == Case.call_id
    )
    query = (
        select(Case)
        .where(Case.service == "ticket", or_(written, spoken), visible(reach))
        .order_by(Case.opened_at.desc())
        .limit(MOST_SHOWN)
    )
    return (await session.scalars(query)).all()
