"""A seat's own figures of the day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import hotline.store.schema  # noqa: F401 - knows every package's tables
from agents.pages.seat_day import own_day
from hotline.calls.tables import CallTable
from hotline.routing.tables import OfferOutcome, OfferTable
from hotline.store import Database

NOW = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)


def talk(name: str, at: datetime, seconds: int | None, satisfaction: int | None) -> CallTable:
    ended = at + timedelta(seconds=seconds) if seconds is not None else None
    return CallTable(
        id=name,
        number="",
        menu_path=[],
        started_at=at,
        answered_at=at,
        talk_ended_at=ended,
        ended_at=ended,
        agent_id="wang",
        satisfaction=satisfaction,
    )


def offer(name: str, outcome: OfferOutcome) -> OfferTable:
    return OfferTable(
        id=name,
        call_id=name,
        agent_id="wang",
        made_at=NOW,
        ended_at=NOW,
        outcome=outcome.value,
        reason_code="skilled",
        words="",
        detail={},
    )


async def test_the_day_counts_talks_misses_and_yesterdays_ratings(database: Database) -> None:
    async with database.write() as session:
        session.add_all(
            [
                talk("1", NOW, 60, 3),
                talk("2", NOW, 120, None),
                talk("running", NOW, None, None),
                talk("old-1", NOW - timedelta(days=2), 30, 1),
                talk("old-2", NOW - timedelta(days=3), 30, 3),
                talk("older", NOW - timedelta(days=40), 30, 1),
            ]
        )
        outcomes = [OfferOutcome.ANSWERED] * 4
        outcomes += [OfferOutcome.MISSED, OfferOutcome.REFUSED, OfferOutcome.CANCELLED]
        session.add_all([offer(f"o{n}", outcome) for n, outcome in enumerate(outcomes)])
    async with database.read() as session:
        day = await own_day(session, "wang", NOW)
    # Four answered, one of them handed on; who hung up first was not missed.
    assert (day.answered, day.missed) == (4, 2)
    assert (day.talk, day.average_talk) == (180, 90)
    # The rating of today is not shown to whom it is about before tomorrow.
    assert (day.content, day.rated, day.satisfaction) == (1, 2, 0.5)
