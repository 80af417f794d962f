"""Case numbers: digits that a caller can key in, with a digit that catches slips."""

from __future__ import annotations

from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st

from hotline.casework import numbers
from hotline.clock import CHINA


def test_the_day_is_chinas() -> None:
    late = datetime(2026, 11, 24, 23, 30, tzinfo=CHINA)
    assert numbers.prefix(late, "10") == "26112410"


def test_more_than_9999_a_day_get_longer_numbers() -> None:
    assert len(numbers.number("26112410", 9999)) == 13
    assert len(numbers.number("26112410", 10000)) == 14
    assert numbers.is_valid(numbers.number("26112410", 123456))


@given(st.integers(1, 99_999), st.data())
def test_one_wrong_key_or_two_swapped_are_caught(running: int, data: st.DataObject) -> None:
    good = numbers.number("26112410", running)
    assert numbers.is_valid(good)
    position = data.draw(st.integers(0, len(good) - 1))
    other = data.draw(st.sampled_from([d for d in "0123456789" if d != good[position]]))
    assert not numbers.is_valid(good[:position] + other + good[position + 1 :])
    left, right = good[position - 1 : position + 1] if position else good[:2]
    swapped = good[: max(position - 1, 0)] + right + left + good[max(position, 1) + 1 :]
    # Luhn's known gap: 09 and 90.
    assert swapped == good or {left, right} == {"0", "9"} or not numbers.is_valid(swapped)


def test_what_is_no_number_is_refused() -> None:
    for text in ("", "abc", "２６１１２４１００００１８", "261124", "2611241000011"):
        assert not numbers.is_valid(text)
