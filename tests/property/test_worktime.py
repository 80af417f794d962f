"""Laws of working time that hold for every calendar, hours and moment."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from hotline.clock import CHINA
from hotline.worktime import Calendar, DayKind, Hours, Season, Span, Week, WorkTime, load_calendar

YEAR_2026 = load_calendar()
DAYS = st.dates(date(2026, 1, 1), date(2027, 12, 31))
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(CHINA))  # noqa: DTZ001


@st.composite
def day_spans(draw: st.DrawFn) -> tuple[Span, ...]:
    cuts = sorted(draw(st.sets(st.integers(0, 1_440), max_size=6)))
    return tuple(Span(a, b) for a, b in zip(cuts[::2], cuts[1::2], strict=False))


WEEKS = st.builds(
    Week, day_spans(), day_spans(), day_spans(), st.dictionaries(st.integers(0, 6), day_spans())
)
MONTH_DAYS = st.dates(date(2024, 1, 1), date(2024, 12, 31)).map(lambda d: (d.month, d.day))
HOURS = st.builds(
    Hours,
    WEEKS,
    st.lists(st.builds(Season, MONTH_DAYS, MONTH_DAYS, WEEKS), max_size=2).map(tuple),
    st.dictionaries(DAYS, day_spans(), max_size=4),
)
CALENDARS = st.one_of(
    st.just(YEAR_2026),
    st.builds(
        Calendar,
        st.dictionaries(DAYS, st.just("假日"), max_size=20),
        st.dictionaries(DAYS.filter(lambda d: d.weekday() >= 5), st.just("假日"), max_size=9),
    ),
)
WORK_TIMES = st.builds(WorkTime, CALENDARS, HOURS)


@given(CALENDARS, DAYS, st.integers(-40, 40).filter(bool))
def test_counting_undoes_adding(calendar: Calendar, day: date, count: int) -> None:
    reached = calendar.add_workdays(day, count)
    assert calendar.is_workday(reached)
    if count > 0:
        assert calendar.workdays_between(day, reached) == count
    else:
        assert calendar.workdays_between(reached, day) == -count + calendar.is_workday(day) - 1


@given(CALENDARS, DAYS, st.integers(1, 20), st.integers(1, 20))
def test_adding_in_two_steps_is_adding_once(
    calendar: Calendar, day: date, first: int, second: int
) -> None:
    once = calendar.add_workdays(day, first + second)
    assert calendar.add_workdays(calendar.add_workdays(day, first), second) == once


@given(WORK_TIMES, MOMENTS, MOMENTS, MOMENTS)
def test_working_time_adds_up(work: WorkTime, a: datetime, b: datetime, c: datetime) -> None:
    assert work.working_time(a, b) + work.working_time(b, c) == work.working_time(a, c)
    assert abs(work.working_time(a, b)) <= abs(b.astimezone(UTC) - a.astimezone(UTC))


@given(
    WORK_TIMES.filter(lambda work: work.hours.usual.spans(DayKind.WORKDAY, 0) != ()),
    MOMENTS,
    st.timedeltas(timedelta(0), timedelta(hours=60)),
)
def test_the_time_added_has_passed_at_the_end(
    work: WorkTime, start: datetime, amount: timedelta
) -> None:
    end = work.add_working_time(start, amount)
    assert work.working_time(start, end) == amount


@given(WORK_TIMES, MOMENTS)
def test_it_is_open_at_the_next_opening_and_shut_until_then(
    work: WorkTime, moment: datetime
) -> None:
    opening = work.next_opening(moment)
    if opening is None:
        assert not work.is_open(moment)
        return
    assert opening >= moment
    assert work.is_open(opening)
    assert work.is_open(moment) is (opening == moment)
    assert work.working_time(moment, opening) == timedelta(0)


@given(WORK_TIMES, MOMENTS, st.integers(0, 15), st.integers(0, 15))
def test_more_working_days_never_end_sooner(
    work: WorkTime, moment: datetime, fewer: int, more: int
) -> None:
    fewer, more = sorted((fewer, more))
    assert work.deadline(moment, fewer) <= work.deadline(moment, more)
    assert work.deadline(moment, 1) > moment
    assert work.calendar.is_workday((work.deadline(moment, more) - timedelta(minutes=1)).date())
