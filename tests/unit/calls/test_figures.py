from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from hotline.calls.figures import (
    AT_ONCE,
    BLOCKED,
    IN_MENU,
    NOT_OFFERED,
    RUNNING,
    CallFacts,
    count,
)
from hotline.calls.proportion import Proportion
from hotline.calls.tables import Outcome

START = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def answered(waited: float = 10, talked: float = 100, rating: int | None = None) -> CallFacts:
    return CallFacts(
        Outcome.ANSWERED, START, after(waited), after(waited + talked), satisfaction=rating
    )


def abandoned(waited: float) -> CallFacts:
    return CallFacts(Outcome.ABANDONED, START, None, after(waited))


def test_connect_rate_is_answered_of_offered() -> None:
    figures = count([answered(), answered(), answered(), abandoned(20)])
    assert figures.connect == Proportion(3, 4)
    assert figures.connect.value == 0.75


def test_what_was_never_offered_to_a_person_is_left_out_by_reason() -> None:
    figures = count(
        [
            answered(),
            CallFacts(Outcome.ABANDONED_MENU, None, None, after(3)),
            CallFacts(Outcome.REFUSED, None, None, after(1)),
            CallFacts(Outcome.VOICEMAIL, None, None, after(60)),
            CallFacts(None, START, None, None),
            abandoned(4.9),
        ]
    )
    assert figures.calls == 6
    assert (figures.connect.numerator, figures.connect.denominator) == (1, 1)
    assert figures.connect.excluded == {
        IN_MENU: 1,
        BLOCKED: 1,
        NOT_OFFERED: 1,
        RUNNING: 1,
        AT_ONCE: 1,
    }


def test_an_abandon_of_five_seconds_counts_against_us() -> None:
    assert count([abandoned(5)]).connect == Proportion(0, 1)


def test_a_caller_who_waited_and_left_a_message_was_not_answered() -> None:
    waited = CallFacts(Outcome.VOICEMAIL, START, None, after(90))
    assert count([waited]).connect == Proportion(0, 1)


def test_a_station_answers_like_a_lawyer() -> None:
    assert count([CallFacts(Outcome.STATION, START, after(8), after(90))]).connect.value == 1


def test_a_talk_that_still_goes_on_is_answered() -> None:
    assert count([CallFacts(None, START, after(3), None)]).connect == Proportion(1, 1)


def test_fifteen_seconds_are_still_in_time() -> None:
    figures = count([answered(15), answered(15.1), abandoned(30)])
    assert figures.within_15s == Proportion(1, 3)


def test_satisfaction_stands_on_the_rated_and_shows_who_answered() -> None:
    figures = count([answered(rating=r) for r in (1, 1, 2, 3, None, None, None, None)])
    assert figures.response == Proportion(4, 8)
    assert figures.satisfaction == Proportion(3, 4)
    assert figures.ratings == {1: 2, 2: 1, 3: 1}


def test_no_calls_make_no_rates() -> None:
    figures = count([])
    assert figures.connect.value is None
    assert figures.connect.interval is None
    assert figures.average_wait is None


def test_means_are_of_those_answered() -> None:
    figures = count([answered(10, 100), answered(20, 200), abandoned(500)])
    assert figures.average_wait == 15
    assert figures.average_talk == 150


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [
        # Wilson intervals as printed in Brown, Cai, DasGupta (2001) and by R's prop.test
        # without continuity correction.
        (0, 10, 0.0, 0.2775),
        (10, 10, 0.7225, 1.0),
        (15, 148, 0.0624, 0.1605),
        (81, 263, 0.2553, 0.3662),
    ],
)
def test_wilson_interval(hits: int, of: int, low: float, high: float) -> None:
    interval = Proportion(hits, of).interval
    assert interval is not None
    assert interval == pytest.approx((low, high), abs=5e-5)


def test_more_hits_than_tries_is_refused() -> None:
    with pytest.raises(ValueError, match="no share"):
        Proportion(3, 2)
