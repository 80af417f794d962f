"""Whatever two appointments want: if they overlap, they want the same quarter of an hour."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from hotline.casework.booking import QUARTER, quarters
from hotline.clock import CHINA

DAY = datetime(2026, 11, 25, tzinfo=CHINA)
MOMENTS = st.integers(0, 24 * 60 - 1).map(lambda minutes: DAY + timedelta(minutes=minutes))
LENGTHS = st.integers(15, 480)


@given(MOMENTS, LENGTHS, MOMENTS, LENGTHS)
def test_appointments_that_overlap_want_the_same_quarter(
    first: datetime, length: int, second: datetime, other: int
) -> None:
    overlap = first < second + timedelta(minutes=other) and second < first + timedelta(
        minutes=length
    )
    if overlap:
        assert set(quarters(first, length)) & set(quarters(second, other))


@given(MOMENTS, LENGTHS)
def test_an_appointment_takes_no_quarter_that_it_does_not_touch(at: datetime, length: int) -> None:
    for quarter in quarters(at, length):
        assert quarter < at + timedelta(minutes=length)
        assert quarter + QUARTER > at
        assert quarter.minute % 15 == 0
