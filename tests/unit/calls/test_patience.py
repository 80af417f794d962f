import math
import random

import pytest

from hotline.calls.patience import Patience, Wait, estimate


def test_the_curve_is_that_of_the_textbook() -> None:
    # Five callers: gave up at 10 and 30, answered at 20, gave up at 40, answered at 50.
    waits = [Wait(10, True), Wait(20, False), Wait(30, True), Wait(40, True), Wait(50, False)]
    found = estimate(waits, least=1)
    assert found is not None
    assert found.times == (10, 30, 40)
    assert found.survival == pytest.approx((4 / 5, 4 / 5 * 2 / 3, 4 / 5 * 2 / 3 / 2))
    assert found.survives(29) == pytest.approx(0.8)


def test_who_is_answered_at_the_moment_another_gives_up_was_still_waiting() -> None:
    found = estimate([Wait(10, True), Wait(10, False)], least=1)
    assert found is not None
    assert found.survival == (0.5,)


def test_patience_is_found_again_though_most_callers_are_answered_before_it_ends() -> None:
    chance, waits = random.Random(3), []
    for _ in range(20_000):
        patience, answered = chance.expovariate(1 / 120), chance.expovariate(1 / 15)
        waits.append(Wait(min(patience, answered), gave_up=patience < answered))
    found = estimate(waits)
    assert found is not None
    assert found.mean == pytest.approx(120, rel=0.1)


def test_too_few_abandons_tell_nothing() -> None:
    assert estimate([Wait(5, True)] * 3 + [Wait(9, False)] * 500) is None
    assert estimate([]) is None


def test_what_is_drawn_has_the_mean_and_respects_what_is_known() -> None:
    chance = random.Random(5)
    found = estimate([Wait(10, True), Wait(20, False), Wait(30, True), Wait(60, True)], least=1)
    assert found is not None
    drawn = [found.draw(chance) for _ in range(20_000)]
    assert sum(drawn) / len(drawn) == pytest.approx(found.mean, rel=0.03)
    assert min(found.draw(chance, after=25) for _ in range(500)) >= 25
    assert math.isfinite(max(found.draw(chance, after=500) for _ in range(100)))


def test_an_assumed_patience_is_exponential() -> None:
    assert Patience(120).mean == 120
    assert Patience(120).survives(120) == pytest.approx(math.exp(-1))


def test_callers_who_waited_equally_long_may_be_counted() -> None:
    waits = [Wait(10, True), Wait(10, True), Wait(10, False), Wait(30, True), Wait(40, False)]
    counted = [Wait(10, True, 2), Wait(10, False), Wait(30, True), Wait(40, False)]
    assert estimate(counted, least=1) == estimate(waits, least=1)
