"""What the people did on the made-up day, so that its past moments can be looked at."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from agents.moments.tables import PresencePastTable
from agents.tables import PresenceTable
from hotline.calls.tables import CallTable
from hotline.clock import CHINA
from hotline.demo.sample import people
from hotline.routing.people import Presence

RINGS, FILLS = timedelta(seconds=4), timedelta(seconds=55)
BEGIN, MEAL, MEAL_ENDS = time(8, 24), time(11, 45), time(12, 20)

Change = tuple[datetime, Presence, str, str | None]


async def remember(session: AsyncSession, now: datetime) -> None:
    """Write the changes of the day up to what everybody does at ``now``."""
    today = now.astimezone(CHINA).date()
    morning = datetime.combine(today, BEGIN, CHINA)
    calls = defaultdict(list)
    for call in await session.scalars(
        select(CallTable)
        .where(CallTable.answered_at > morning, CallTable.ended_at.is_not(None))
        .order_by(CallTable.answered_at)
    ):
        calls[call.agent_id].append(call)
    present = {row.agent_id: row for row in await session.scalars(select(PresenceTable))}
    for number, person in enumerate((*people.LAWYERS, *people.STATIONS)):
        row = present[person.id]
        if row.since < morning:
            continue
        start = morning + timedelta(seconds=97 * number)
        meal = Presence.PAUSED if number % 3 else Presence.READY
        changes = [
            (start, Presence.READY, "", None),
            (_at(start, MEAL), meal, "就餐" if meal is Presence.PAUSED else "", None),
            (_at(start, MEAL_ENDS), Presence.READY, "", None),
            *_talks(calls[person.id]),
        ]
        changes = [change for change in changes if change[0] < row.since]
        changes.append((row.since, Presence(row.state), row.reason, None))
        session.add_all(
            PresencePastTable(
                agent_id=person.id,
                at=at,
                state=state,
                reason=reason,
                call_id=call_id,
                reachable=row.reachable,
            )
            for at, state, reason, call_id in sorted(changes, key=lambda change: change[0])
        )


def _talks(calls: list[CallTable]) -> Iterator[Change]:
    """Yield the way of each talk; those that the made-up day lays over another are left out."""
    free: datetime | None = None
    for call in calls:
        answered, ended = call.answered_at, call.ended_at
        if answered is None or ended is None or (free is not None and answered - RINGS < free):
            continue
        free = ended + FILLS
        yield answered - RINGS, Presence.BUSY, "", call.id
        yield ended, Presence.WRAPUP, "", call.id
        yield free, Presence.READY, "", None


def _at(start: datetime, moment: time) -> datetime:
    """Return a time of the day, people being a little apart from each other."""
    apart = timedelta(minutes=start.minute, seconds=start.second) / 2
    return datetime.combine(start.date(), moment, CHINA) + apart
