"""A seat's own figures of the day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import hotline.store.schema  # noqa: F401 - knows every package's tables
from agents.moments.tables import PresencePastTable
from agents.pages.seat_day import own_day
from hotline.calls.tables import CallTable
from hotline.routing.people import Presence
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


async def test_the_day_adds_up_the_time_in_each_state(database: Database) -> None:
    midnight = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)

    def change(minutes: float, state: str, reason: str = "", who: str = "wang") -> object:
        return PresencePastTable(
            agent_id=who, at=midnight + timedelta(minutes=minutes), state=state, reason=reason
        )

    async with database.write() as session:
        session.add_all(
            [
                # A state that began yesterday counts from midnight on.
                change(-60, "ready"),
                change(10, "busy"),
                change(15, "wrapup"),
                change(17, "paused", "用餐"),
                change(47, "paused", "会议"),
                change(52, "ready"),
                change(112, "offline"),
                change(20, "ready", who="li"),
            ]
        )
    async with database.read() as session:
        times = (await own_day(session, "wang", midnight + timedelta(hours=9))).times
        early = (await own_day(session, "wang", midnight + timedelta(minutes=16))).times
    minutes = {state.value: seconds / 60 for state, seconds in times.seconds.items()}
    assert minutes == {"ready": 70, "busy": 5, "wrapup": 2, "paused": 35, "offline": 428}
    assert list(times.pauses.items()) == [("用餐", 1800), ("会议", 300)]
    assert times.signed_in == 112 * 60
    assert times.occupancy.value == 7 / 77
    # What is not over counts so far.
    assert early.of(Presence.WRAPUP) == 60
