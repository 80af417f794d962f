import math

import pytest

from agents.reports.surge import Rule, at_least, surges

RULE = Rule(chance=0.001, times=1.5, least=5)


@pytest.mark.parametrize(("count", "expected"), [(0, 3.0), (4, 3.0), (12, 3.0), (3, 10.0)])
def test_the_tail_is_the_sum_of_poissons_distribution(count: int, expected: float) -> None:
    below = sum(math.exp(-expected) * expected**n / math.factorial(n) for n in range(count))
    assert at_least(count, expected) == pytest.approx(1 - below, abs=1e-9)


def test_a_tail_too_small_to_subtract_is_still_told() -> None:
    assert 0 < at_least(500, 100.0) < 1e-100


def test_sixty_instead_of_thirty_stands_out_and_three_instead_of_one_does_not() -> None:
    earlier = [{"wages": 31, "lease": 1}, {"wages": 29, "lease": 1}]
    found = surges({"wages": 60, "lease": 3}, earlier, RULE)
    assert [surge.key for surge in found] == ["wages"]
    assert found[0].expected == pytest.approx(30.25)
    assert found[0].times == pytest.approx(60 / 30.25)


def test_what_is_new_stands_out_once_there_is_enough_of_it() -> None:
    earlier = [{"wages": 30}, {"wages": 30}]
    assert surges({"wages": 30, "fraud": 4}, earlier, RULE) == []
    assert [s.key for s in surges({"wages": 30, "fraud": 12}, earlier, RULE)] == ["fraud"]


def test_many_calls_a_little_above_are_no_surge() -> None:
    assert surges({"wages": 1200}, [{"wages": 1000}], RULE) == []


def test_without_a_past_nothing_stands_out() -> None:
    assert surges({"wages": 500}, [], RULE) == []
