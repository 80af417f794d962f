"""What the wallboard shows, read in one go and put into values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from agents.tables import AgentTable, PresenceTable
from hotline.calls.tables import ANSWERED_OUTCOMES, CallTable, Outcome
from hotline.clock import CHINA
from hotline.routing.people import AgentKind, Presence
from hotline.routing.tables import OfferTable

LONG_WAIT = timedelta(seconds=30)
VERY_LONG_WAIT = timedelta(seconds=60)
"""Our own marks for "look at this"; the standard's 15 s is met or missed by then."""

SLOT = timedelta(minutes=30)

_ORDER = {
    Presence.BUSY: 0,
    Presence.READY: 1,
    Presence.WRAPUP: 2,
    Presence.PAUSED: 3,
    Presence.OFFLINE: 4,
}


@dataclass(frozen=True)
class Waiting:
    """One caller in the waiting room."""

    call_id: str
    number: str
    topic: str
    place: str
    since: datetime


@dataclass(frozen=True)
class Person:
    """One lawyer or station and what they are doing."""

    id: str
    name: str
    kind: str
    state: Presence
    ringing: bool
    since: datetime | None
    reason: str
    reachable: bool
    topic: str
    """Of the call that they are talking on."""


@dataclass(frozen=True)
class Line:
    """The callers who wait for one topic."""

    topic: str
    count: int
    since: datetime


@dataclass(frozen=True)
class Slot:
    """Half an hour of the day: how its calls ended."""

    start: datetime
    answered: int
    lost: int
    """Waited and were not answered."""
    other: int

    @property
    def total(self) -> int:
        """All calls that began in it."""
        return self.answered + self.lost + self.other


@dataclass(frozen=True)
class Wall:
    """All of it."""

    now: datetime
    waiting: tuple[Waiting, ...]
    in_menu: int
    talking: int
    people: tuple[Person, ...]

    @property
    def longest(self) -> datetime | None:
        """Since when the longest waiting caller waits."""
        return self.waiting[0].since if self.waiting else None

    @property
    def lines(self) -> list[Line]:
        """The waiting callers by topic, the longest waiting line first."""
        first: dict[str, datetime] = {}
        for caller in self.waiting:
            first.setdefault(caller.topic, caller.since)
        counts = Counter(caller.topic for caller in self.waiting)
        return [Line(topic, counts[topic], since) for topic, since in first.items()]

    @property
    def states(self) -> list[tuple[Presence, int]]:
        """How many lawyers are in each state."""
        counts = Counter(p.state for p in self.people if p.kind == AgentKind.LAWYER)
        return [(state, counts[state]) for state in _ORDER]

    def of_kind(self, kind: str) -> list[Person]:
        """The people of one kind, in the order of staff numbers: nobody jumps about."""
        return [person for person in self.people if person.kind == kind]


def day_of(now: datetime) -> tuple[datetime, datetime]:
    """Return the beginning and the end of the day in China that ``now`` lies in."""
    start = datetime.combine(now.astimezone(CHINA).date(), time(), CHINA)
    return start, start + timedelta(days=1)


async def read(session: AsyncSession, now: datetime) -> Wall:
    """Read who waits, talks and may answer."""
    running = list(
        await session.scalars(
            select(CallTable)
            .where(CallTable.ended_at.is_(None), CallTable.started_at > now - timedelta(hours=12))
            .order_by(CallTable.waiting_since)
        )
    )
    topics = {call.agent_id: call.topic for call in running if call.agent_id}
    waiting = [c for c in running if c.waiting_since and not c.answered_at and not c.outcome]
    return Wall(
        now=now,
        waiting=tuple(
            Waiting(c.id, c.number, c.topic, c.place, c.waiting_since)
            for c in waiting
            if c.waiting_since
        ),
        in_menu=sum(1 for c in running if not c.waiting_since and not c.answered_at),
        talking=sum(1 for c in running if c.answered_at and not c.talk_ended_at),
        people=tuple(await _people(session, topics)),
    )


async def _people(session: AsyncSession, topics: Mapping[str, str]) -> Sequence[Person]:
    rows = await session.execute(
        select(AgentTable, PresenceTable)
        .outerjoin(PresenceTable, PresenceTable.agent_id == AgentTable.id)
        .where(AgentTable.active)
        .order_by(AgentTable.staff_no)
    )
    ringing = set(
        await session.scalars(select(OfferTable.agent_id).where(OfferTable.ended_at.is_(None)))
    )
    return [
        Person(
            id=agent.id,
            name=agent.name,
            kind=agent.kind,
            state=Presence(presence.state) if presence else Presence.OFFLINE,
            ringing=agent.id in ringing,
            since=presence.since if presence else None,
            reason=presence.reason if presence else "",
            reachable=presence.reachable if presence else True,
            topic=topics.get(agent.id, ""),
        )
        for agent, presence in rows
    ]


async def slots(session: AsyncSession, since: datetime, until: datetime) -> list[Slot]:
    """Count the calls of each half-hour between two times."""
    rows = await session.execute(
        select(
            CallTable.started_at, CallTable.outcome, CallTable.waiting_since, CallTable.answered_at
        ).where(CallTable.started_at >= since, CallTable.started_at < until)
    )
    counts: Counter[tuple[int, str]] = Counter()
    for started, outcome, waiting, answered in rows:
        counts[int((started - since) / SLOT), _kind(outcome, waiting, answered)] += 1
    return [
        Slot(
            since + SLOT * number,
            counts[number, "answered"],
            counts[number, "lost"],
            counts[number, "other"],
        )
        for number in range(int((until - since) / SLOT))
    ]


def _kind(outcome: str | None, waiting: datetime | None, answered: datetime | None) -> str:
    if answered is not None or outcome in ANSWERED_OUTCOMES:
        return "answered"
    lost = outcome in {Outcome.ABANDONED, Outcome.VOICEMAIL, Outcome.CALLBACK, Outcome.FAILED}
    return "lost" if lost and waiting is not None else "other"
