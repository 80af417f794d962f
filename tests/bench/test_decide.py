"""A decision among 2,000 who wait and 1,000 who may answer, and how its cost grows."""

from __future__ import annotations

from hotline.bench import deciding


def test_2000_waiting_and_1000_people_within_five_milliseconds() -> None:
    assert deciding.cost(1000, 2000).p99_ms <= 5.0


def test_the_cost_grows_no_faster_than_n_log_n() -> None:
    costs = [deciding.cost(people, 2 * people) for people in (125, 500, 2000)]
    # A machine shared with others blurs it.
    assert deciding.exponent(costs) <= deciding.log_exponent(costs) + 0.1
