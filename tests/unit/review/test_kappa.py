from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transcripts.review.kappa import cohen, weighted, words

grades = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=40)


def test_cohen_s_own_kind_of_example() -> None:
    # 20 both yes, 5 and 10 apart, 15 both no: po = .7, pe = .5, κ = .4
    pairs = [(True, True)] * 20 + [(True, False)] * 5 + [(False, True)] * 10 + [(False, False)] * 15
    assert cohen(pairs) == pytest.approx(0.4)


def test_a_small_difference_of_grade_costs_less_than_a_large_one() -> None:
    base = [(0, 0), (1, 1), (2, 2), (3, 3)] * 3
    near, far = weighted([*base, (0, 1)], 4), weighted([*base, (0, 3)], 4)
    assert near is not None
    assert far is not None
    assert 1 > near > far > 0
    # By hand: apart 1/13; by chance 421/169, from the marginals 4,3,3,3 and 3,4,3,3.
    assert near == pytest.approx(1 - (1 / 13) / (421 / 169))


def test_two_values_weighted_are_cohen_s_own() -> None:
    pairs = [(0, 0)] * 7 + [(0, 1)] * 2 + [(1, 0)] * 3 + [(1, 1)] * 5
    assert weighted(pairs, 2) == pytest.approx(cohen(pairs))


@given(grades)
def test_kappa_is_symmetric_and_one_only_for_those_who_never_differ(
    pairs: list[tuple[int, int]],
) -> None:
    swapped = [(other, one) for one, other in pairs]
    for measure in (cohen, lambda p: weighted(p, 4)):
        value = measure(pairs)
        assert value == pytest.approx(measure(swapped))
        assert value is not None
        assert -1 - 1e-9 <= value <= 1
        assert (value == 1) == all(one == other for one, other in pairs)


def test_nothing_is_measured_from_nothing_and_grades_off_the_scale_are_refused() -> None:
    assert cohen([]) is None
    assert weighted([], 4) is None
    assert weighted([(1, 1)], 4) == 1.0
    with pytest.raises(ValueError, match="0 to 3"):
        weighted([(0, 4)], 4)
    assert (words(None), words(0.85), words(0.1)) == ("尚无数据", "几乎一致", "很低")
