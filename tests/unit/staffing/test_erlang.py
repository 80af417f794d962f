import heapq
import random

import pytest

from agents.staffing.erlang import (
    StaffingInputError,
    answered_within,
    erlang_a,
    erlang_b,
    erlang_c,
    people_needed,
)


@pytest.mark.parametrize(
    ("servers", "blocked", "load"),
    [
        (1, 0.01, 0.0101),
        (5, 0.01, 1.361),
        (10, 0.01, 4.461),
        (20, 0.01, 12.03),
        (100, 0.01, 84.06),
        (10, 0.05, 6.216),
        (20, 0.1, 17.61),
        (50, 0.02, 40.26),
        (100, 0.1, 104.1),
    ],
)
def test_blocking_is_that_of_the_published_erlang_b_table(
    servers: int, blocked: float, load: float
) -> None:
    assert erlang_b(load, servers) == pytest.approx(blocked, rel=2e-3)


def test_the_textbook_call_centre_of_ten_erlangs_needs_fourteen_people() -> None:
    # 200 calls an hour of 180 s, 80 % within 20 s: the usual worked example of Erlang C.
    needed = people_needed(10, 180, target=0.8, seconds=20)
    assert needed.servers == 14
    assert needed.waits == pytest.approx(0.174, abs=5e-4)
    assert needed.within == pytest.approx(0.888, abs=5e-4)
    assert needed.mean_wait == pytest.approx(7.8, abs=0.05)
    assert needed.occupancy == pytest.approx(0.714, abs=5e-4)


def test_one_server_waits_as_often_as_it_is_busy() -> None:
    assert erlang_c(0.7, 1) == pytest.approx(0.7)


def test_an_overloaded_queue_without_patience_answers_nobody_in_time() -> None:
    assert erlang_c(5, 5) == 1.0
    assert answered_within(5, 5, 180, 15) == 0.0


@pytest.mark.parametrize(
    ("load", "servers", "patience"), [(10, 10, 60), (10, 12, 300), (3, 2, 120), (0.5, 1, 30)]
)
def test_erlang_a_agrees_with_a_simulated_queue_of_impatient_callers(
    load: float, servers: int, patience: float
) -> None:
    expected = simulated(load, servers, handling=180, patience=patience, seconds=20)
    found = erlang_a(load, servers, 180, patience, 20)
    assert (found.waits, found.abandons, found.within) == pytest.approx(expected[:3], abs=0.01)
    assert found.mean_wait == pytest.approx(expected[3], rel=0.05)


def simulated(
    load: float, servers: int, handling: float, patience: float, seconds: float
) -> tuple[float, float, float, float]:
    chance, now, calls = random.Random(1), 0.0, 100_000
    free_at = [0.0] * servers
    waits = abandons = within = 0
    waited = 0.0
    for _ in range(calls):
        now += chance.expovariate(load / handling)
        limit = chance.expovariate(1 / patience)
        wait = max(0.0, free_at[0] - now)
        waits += wait > 0
        waited += min(wait, limit)
        if wait > limit:
            abandons += 1
            continue
        heapq.heapreplace(free_at, now + wait + chance.expovariate(1 / handling))
        within += wait <= seconds
    return waits / calls, abandons / calls, within / calls, waited / calls


def test_endless_patience_is_erlang_c() -> None:
    assert erlang_a(10, 14, 180, 1e9, 20).within == pytest.approx(
        answered_within(10, 14, 180, 20), abs=1e-6
    )


def test_nobody_calls_so_nobody_is_needed() -> None:
    assert people_needed(0, 180, target=0.9, seconds=15).servers == 0


def test_nobody_on_duty_means_that_everybody_gives_up() -> None:
    nobody = erlang_a(5, 0, 180, 60, 15)
    assert (nobody.abandons, nobody.within) == (pytest.approx(1.0), pytest.approx(0.0))


def test_impatient_callers_need_fewer_people_for_the_same_target() -> None:
    patient = people_needed(20, 300, target=0.9, seconds=15).servers
    impatient = people_needed(20, 300, target=0.9, seconds=15, patience=60).servers
    assert impatient < patient


@pytest.mark.parametrize("load", [-1, float("nan"), float("inf")])
def test_what_is_no_load_is_refused(load: float) -> None:
    with pytest.raises(StaffingInputError):
        people_needed(load, 180, target=0.8, seconds=15)
    with pytest.raises(StaffingInputError):
        erlang_b(load, 3)
