from datetime import date

import pytest

from hotline.worktime import Calendar, DayKind, load_calendar


@pytest.fixture(scope="module")
def china() -> Calendar:
    return load_calendar()


@pytest.mark.parametrize(
    ("day", "kind", "name"),
    [
        (date(2026, 10, 1), DayKind.HOLIDAY, "国庆节"),
        (date(2026, 10, 7), DayKind.HOLIDAY, "国庆节"),
        (date(2026, 10, 8), DayKind.WORKDAY, "工作日"),
        (date(2026, 10, 10), DayKind.MAKE_UP, "国庆节调休上班"),
        (date(2026, 10, 11), DayKind.WEEKEND, "周末"),
        (date(2026, 2, 14), DayKind.MAKE_UP, "春节调休上班"),
        (date(2026, 2, 15), DayKind.HOLIDAY, "春节"),
        (date(2031, 10, 1), DayKind.WORKDAY, "工作日"),  # no data: the weekday decides
    ],
)
def test_a_date_is_what_the_notice_says(
    china: Calendar, day: date, kind: DayKind, name: str
) -> None:
    assert (china.kind(day), china.name(day)) == (kind, name)


def test_the_year_2026_has_the_published_number_of_days_off_and_made_up(china: Calendar) -> None:
    off = [day for day in china.holidays if day.year == 2026]
    worked = [day for day in china.make_up if day.year == 2026]
    assert len(off) == 3 + 9 + 3 + 5 + 3 + 3 + 7
    assert len(worked) == 6


def test_five_working_days_from_before_the_national_day_pass_the_whole_holiday(
    china: Calendar,
) -> None:
    # 8, 9 October, the made-up Saturday 10, then 12, 13.
    assert china.add_workdays(date(2026, 9, 30), 5) == date(2026, 10, 13)


def test_working_days_are_counted_backwards_too(china: Calendar) -> None:
    assert china.add_workdays(date(2026, 10, 13), -5) == date(2026, 9, 30)
    assert china.workdays_between(date(2026, 10, 13), date(2026, 9, 30)) == -5


def test_a_deadline_that_reaches_an_unpublished_year_is_provisional(china: Calendar) -> None:
    assert not china.is_provisional(date(2026, 3, 1), date(2026, 12, 31))
    assert china.is_provisional(date(2026, 12, 30), date(2027, 1, 4))


def test_next_years_missing_notice_is_told_from_december_on(china: Calendar) -> None:
    assert china.gaps(date(2026, 11, 24)) == []
    (gap,) = china.gaps(date(2026, 12, 1))
    assert "2027" in gap
    assert "calendar/2027.yaml" in gap


def test_this_years_missing_notice_is_always_told() -> None:
    assert "2026" in Calendar().gaps(date(2026, 3, 1))[0]


def test_a_calendar_without_working_days_is_an_error_not_an_endless_search() -> None:
    nothing = Calendar({date.fromordinal(n): "" for n in range(738_000, 760_000)})
    with pytest.raises(OverflowError):
        nothing.add_workdays(date.fromordinal(738_500), 1)
