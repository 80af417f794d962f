from datetime import UTC, date, datetime, timedelta

import pytest

from hotline.clock import CHINA
from hotline.worktime import ALWAYS, Hours, Season, Span, Week, WorkTime, load, spans

OFFICE = Hours(Week(workdays=spans(["08:30-12:00", "14:00-17:30"])))


def at(month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=CHINA)


@pytest.fixture(scope="module")
def office() -> WorkTime:
    return WorkTime(load().calendar, OFFICE)


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        (at(11, 24, 8, 29), False),
        (at(11, 24, 8, 30), True),
        (at(11, 24, 12, 0), False),
        (at(11, 24, 13, 0), False),
        (at(11, 24, 17, 29), True),
        (at(11, 28, 10), False),  # Saturday
        (at(10, 10, 10), True),  # made-up Saturday
        (at(10, 2, 10), False),  # holiday on a Friday
    ],
)
def test_the_office_is_open_in_its_spans_only(
    office: WorkTime, moment: datetime, is_open: bool
) -> None:
    assert office.is_open(moment) is is_open
    assert office.is_open(moment.astimezone(UTC)) is is_open


def test_working_time_skips_lunch_nights_and_holidays(office: WorkTime) -> None:
    assert office.working_time(at(11, 24, 11), at(11, 24, 15)) == timedelta(hours=2)
    assert office.working_time(at(9, 30, 16, 30), at(10, 8, 9, 30)) == timedelta(hours=2)
    assert office.working_time(at(11, 24, 15), at(11, 24, 11)) == -timedelta(hours=2)


def test_an_hour_given_before_lunch_ends_after_it(office: WorkTime) -> None:
    assert office.add_working_time(at(11, 24, 11, 30), timedelta(hours=1)) == at(11, 24, 14, 30)


def test_a_deadline_is_the_close_of_business_of_the_last_working_day(office: WorkTime) -> None:
    assert office.deadline(at(11, 24, 9), 1) == at(11, 25, 17, 30)
    assert office.deadline(at(11, 27, 9), 1) == at(11, 30, 17, 30)
    assert office.deadline(at(11, 28, 9), 0) == at(11, 30, 17, 30)


def test_without_business_hours_the_day_ends_at_midnight(office: WorkTime) -> None:
    always = WorkTime(office.calendar, ALWAYS)
    assert always.deadline(at(11, 24, 9), 1) == at(11, 26)


def test_a_moment_late_in_the_utc_day_belongs_to_the_next_day_in_china(office: WorkTime) -> None:
    assert office.deadline(datetime(2026, 11, 24, 17, tzinfo=UTC), 1) == at(11, 26, 17, 30)


def test_a_period_of_days_that_ends_on_a_holiday_moves_behind_it(office: WorkTime) -> None:
    assert office.deadline_in_days(at(9, 21), 10) == at(10, 8, 17, 30)


def test_a_period_of_months_ends_on_the_same_day_or_the_months_last(office: WorkTime) -> None:
    assert office.deadline_in_months(at(1, 30), 1).date() == date(2026, 2, 28)
    assert office.deadline_in_months(at(6, 15), 6).date() == date(2026, 12, 15)


def test_what_never_opens_has_no_opening(office: WorkTime) -> None:
    shut = WorkTime(office.calendar, Hours())
    assert shut.next_opening(at(11, 24)) is None
    assert shut.hours.never_open
    with pytest.raises(OverflowError):
        shut.add_working_time(at(11, 24), timedelta(minutes=1))


def test_a_season_and_a_single_day_win_over_the_usual_week(office: WorkTime) -> None:
    summer = Season((6, 1), (9, 30), Week(workdays=spans(["08:00-12:00"])))
    hours = Hours(OFFICE.usual, (summer,), {date(2026, 7, 4): spans(["10:00-11:00"])})
    assert hours.spans(date(2026, 7, 3), office.calendar) == (Span(480, 720),)
    assert hours.spans(date(2026, 7, 4), office.calendar) == (Span(600, 660),)
    assert len(hours.spans(date(2026, 10, 9), office.calendar)) == 2


def test_a_season_may_pass_the_new_year() -> None:
    winter = Season((11, 1), (2, 28), Week())
    assert winter.holds(date(2026, 12, 31))
    assert winter.holds(date(2027, 1, 1))
    assert not winter.holds(date(2027, 3, 1))


@pytest.mark.parametrize("text", ["8", "12:00-08:00", "08:30-08:30", "08:61-09:00", "25:00-26:00"])
def test_a_wrong_span_is_told_in_chinese(text: str) -> None:
    with pytest.raises(ValueError, match="时段"):
        Span.parse(text)


def test_overlapping_spans_are_refused() -> None:
    with pytest.raises(ValueError, match="重叠"):
        spans(["08:00-12:00", "11:00-13:00"])
