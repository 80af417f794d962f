"""What callers are told while they wait: it never rises without a stated reason."""

from __future__ import annotations

import random
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from hotline.routing.waiting.announcing import Announcement, Seen, Told, Why, announce
from hotline.routing.waiting.forecast import LONG, STEPS, Range, rounded, within

moments = st.builds(
    Seen,
    now=st.just(0.0),
    ahead=st.integers(0, 60),
    people=st.integers(0, 40),
    pace=st.floats(30, 1200),
    urgent=st.booleans(),
    callback=st.booleans(),
)


def told_in_turn(seen: list[Seen], every: float = 30.0) -> list[tuple[Seen, Announcement]]:
    told: Told | None = None
    heard = []
    for number, one in enumerate(seen):
        moment = Seen(number * every, one.ahead, one.people, one.pace, one.urgent, one.callback)
        said, told = announce(told, moment)
        heard.append((moment, said))
    return heard


@given(st.lists(moments, min_size=2, max_size=12))
def test_no_figure_rises_without_its_reason(seen: list[Seen]) -> None:
    for (_, before), (_, after) in pairwise(told_in_turn(seen)):
        rises = (
            after.ahead > before.ahead
            or after.range.most > before.range.most
            or after.range.least > before.range.least
        )
        if rises:
            assert after.why is not None
        if after.same:
            assert (after.ahead, after.range, after.why) == (before.ahead, before.range, None)


@given(st.lists(moments, min_size=2, max_size=12))
def test_each_reason_is_true(seen: list[Seen]) -> None:
    heard = told_in_turn(seen)
    for (earlier, before), (now, after) in pairwise(heard):
        match after.why:
            case Why.URGENT:
                assert now.urgent
            case Why.CALLBACK:
                assert now.callback
                assert not now.urgent
            case Why.FEWER:
                assert now.people < earlier.people
            case Why.LONGER:
                assert now.now >= before.range.most * 60
            case None:
                pass


@given(st.lists(moments, min_size=1, max_size=12))
def test_nobody_is_told_to_be_further_ahead_than_they_are_at_first(seen: list[Seen]) -> None:
    now, said = told_in_turn(seen)[0]
    assert said.ahead == now.ahead
    assert said.range == within(now.ahead, now.people, now.pace)


@given(st.integers(0, 200), st.integers(1, 200), st.floats(10, 3000))
def test_a_range_is_one_that_is_said_and_lies_in_order(
    ahead: int, people: int, pace: float
) -> None:
    found = within(ahead, people, pace)
    assert 0 <= found.least <= found.most <= LONG
    assert found.least in STEPS
    assert found.most in {*STEPS, LONG}


@given(st.integers(0, 100), st.integers(1, 100), st.floats(10, 3000))
def test_more_callers_ahead_never_shorten_the_range(ahead: int, people: int, pace: float) -> None:
    nearer, further = within(ahead, people, pace), within(ahead + 1, people, pace)
    assert further.most >= nearer.most
    assert further.least >= nearer.least


def test_ranges_are_rounded_outwards() -> None:
    assert rounded(0.4, 0.9) == Range(0, 1)
    assert rounded(2.9, 4.1) == Range(2, 5)
    assert rounded(12, 29) == Range(10, 30)
    assert rounded(35, 50) == Range(30, LONG)


def test_nobody_on_duty_is_told_as_a_long_wait() -> None:
    assert within(0, 0, 400) == Range(LONG, LONG)


def test_a_range_holds_for_four_waits_of_five() -> None:
    chance = random.Random(5)
    pace, people = 420.0, 6
    for ahead in (0, 2, 5, 12, 20):
        low = high = 0
        found = within(ahead, people, pace)
        for _ in range(2000):
            minutes = sum(chance.expovariate(people / pace) for _ in range(ahead + 1)) / 60
            low += minutes < found.least
            high += minutes > found.most
        assert high <= 2000 * 0.12, ahead
        assert low <= 2000 * 0.12, ahead
