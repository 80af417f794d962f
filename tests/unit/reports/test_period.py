from datetime import UTC, date, datetime

import pytest

from agents.reports.period import Kind, last_whole, period_of, read_day
from hotline.errors import InvalidInputError


def test_a_month_begins_and_ends_at_midnight_in_china() -> None:
    month = period_of(Kind.MONTH, date(2026, 2, 14))
    assert month.since == datetime(2026, 1, 31, 16, tzinfo=UTC)
    assert month.until == datetime(2026, 2, 28, 16, tzinfo=UTC)
    assert (month.days, month.words) == (28, "2026年2月")


def test_a_week_begins_on_monday_and_is_numbered_across_the_new_year() -> None:
    week = period_of(Kind.WEEK, date(2027, 1, 1))
    assert (week.first, week.last) == (date(2026, 12, 28), date(2027, 1, 3))
    assert week.words == "2026年第53周（12月28日至1月3日）"


@pytest.mark.parametrize("kind", list(Kind))
def test_periods_follow_each_other_without_a_gap(kind: Kind) -> None:
    one = period_of(kind, date(2026, 2, 28))
    assert one.before().until == one.since
    assert one.after().since == one.until
    assert one.before().after() == one


def test_the_newest_whole_period_is_over_in_china_not_in_london() -> None:
    just_after_midnight_in_china = datetime(2026, 10, 31, 16, 1, tzinfo=UTC)
    assert last_whole(Kind.DAY, just_after_midnight_in_china).first == date(2026, 10, 31)
    assert last_whole(Kind.MONTH, just_after_midnight_in_china).words == "2026年10月"


def test_days_are_read_as_people_write_them() -> None:
    assert read_day("2026-11") == date(2026, 11, 1)
    assert read_day("2026-11-24") == date(2026, 11, 24)
    for wrong in ("2026-13", "24.11.2026", "", "2026-11-31"):
        with pytest.raises(InvalidInputError, match="不是日期"):
            read_day(wrong)
