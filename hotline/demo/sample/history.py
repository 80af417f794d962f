"""The weeks before the made-up day: calls alone, so that months and forecasts have a past."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.calls.tables import CallTable, Outcome
from hotline.clock import CHINA
from hotline.demo.sample import people

WEEKS = 12
A_DAY, AT_WEEKENDS = 172, 61
_TOPICS = {
    "wages": 20,
    "marriage": 16,
    "lending": 14,
    "traffic": 9,
    "labour_contract": 9,
    "lease": 7,
    "inheritance": 6,
    "consumer": 6,
    "work_injury": 5,
    "property": 4,
    "neighbour": 3,
    "administrative": 2,
}
_HOURS = (1, 1, 1, 1, 1, 1, 2, 6, 22, 30, 28, 18, 8, 12, 24, 26, 22, 14, 6, 5, 4, 3, 2, 1)
WAGES_ROSE = timedelta(days=16)
"""Before the day: since then far more people call about wages, and a report says so."""


async def remember(session: AsyncSession, now: datetime, seed: int = 12348) -> None:
    """Write the calls of the weeks that ended yesterday."""
    chance = random.Random(seed)  # noqa: S311 - made-up data, not secrets
    today = datetime.combine(now.astimezone(CHINA).date(), time(), CHINA)
    rows = [
        row
        for back in range(1, WEEKS * 7 + 1)
        for row in _day(chance, today - timedelta(days=back), recent=back < WAGES_ROSE.days)
    ]
    await session.execute(insert(CallTable), rows)


def _day(chance: random.Random, day: datetime, *, recent: bool) -> Iterator[dict[str, Any]]:
    mean = A_DAY if day.weekday() < 5 else AT_WEEKENDS
    for number in range(max(3, round(chance.gauss(mean, mean**0.5)))):
        hour = chance.choices(range(24), _HOURS)[0]
        start = day + timedelta(hours=hour, seconds=chance.uniform(0, 3600))
        yield _call(chance, start, number, recent=recent)


def _call(chance: random.Random, start: datetime, number: int, *, recent: bool) -> dict[str, Any]:
    topics = {**_TOPICS, "wages": _TOPICS["wages"] * 3} if recent else _TOPICS
    topic = chance.choices(list(topics), list(topics.values()))[0]
    able = [one.id for one in people.LAWYERS if topic in one.skills]
    outcome = chance.choices(
        [Outcome.ANSWERED, Outcome.STATION, Outcome.ABANDONED, Outcome.ABANDONED_MENU],
        [84, 6, 5, 5],
    )[0]
    reached = outcome in {Outcome.ANSWERED, Outcome.STATION}
    waiting = start + timedelta(seconds=chance.uniform(6, 14))
    waited = timedelta(seconds=min(90.0, 2 + chance.expovariate(1 / 8.0)))
    talk = timedelta(seconds=max(40.0, chance.gauss(400, 130)))
    rated = reached and chance.random() < 0.6
    ended = waiting + waited + (talk if reached else timedelta(0))
    return {
        "id": f"{int(start.timestamp())}.h{number}",
        "number": f"1{chance.choice('35789')}{chance.randrange(10**8, 10**9)}",
        "topic": topic,
        "place": chance.choice(list(people.TOWNSHIPS)),
        "started_at": start,
        "menu_done_at": waiting if outcome != Outcome.ABANDONED_MENU else None,
        "waiting_since": waiting if outcome != Outcome.ABANDONED_MENU else None,
        "answered_at": waiting + waited if reached else None,
        "talk_ended_at": ended if reached else None,
        "ended_at": ended,
        "agent_id": (
            "qingshi"
            if outcome is Outcome.STATION
            else chance.choice(able or [people.LAWYERS[0].id])
        )
        if reached
        else None,
        "outcome": outcome.value,
        "satisfaction": chance.choices([1, 2, 3], [86, 10, 4])[0] if rated else None,
        "solved": chance.choices([1, 2], [8, 1])[0] if rated and chance.random() < 0.8 else None,
    }
