"""Deadlines under any pause and extension: time is never lost and never given away."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from hotline.casework import clocks
from hotline.casework.definition import Clock, Limit
from hotline.clock import CHINA
from hotline.worktime import Calendar, WorkTime

HOLIDAYS = {date(2026, 10, day): "国庆节" for day in range(1, 8)}
WORKTIME = WorkTime(Calendar(HOLIDAYS, {date(2026, 10, 10): "国庆节"}, frozenset({2026, 2027})))

moments = st.datetimes(datetime(2026, 9, 1), datetime(2026, 11, 30)).map(  # noqa: DTZ001
    lambda moment: moment.replace(tzinfo=CHINA)
)
limits = st.one_of(
    st.integers(1, 20).map(lambda n: Limit(working_days=n)),
    st.integers(1, 45).map(lambda n: Limit(days=n)),
    st.integers(1, 72).map(lambda n: Limit(hours=n)),
    st.integers(1, 3).map(lambda n: Limit(months=n)),
)
spans = st.timedeltas(timedelta(0), timedelta(days=40))


def clock(limit: Limit) -> Clock:
    return Clock.model_validate(
        {"name": "期限", "limits": [{"limit": limit.model_dump()}], "runs_in": ["a"], "basis": "x"}
    )


def begun(limit: Limit, now: datetime) -> clocks.Running:
    run = clocks.start(clock(limit), now, {}, WORKTIME)
    assert run is not None
    return run


@given(limits, moments)
def test_cards_come_in_their_order(limit: Limit, now: datetime) -> None:
    run = begun(limit, now)
    assert now <= run.warn <= run.due <= run.red
    assert clocks.Running.from_json(run.as_json()) == run


@given(limits, moments, spans, spans)
def test_a_pause_moves_the_deadline_by_what_was_paused_and_no_more(
    limit: Limit, now: datetime, before: timedelta, length: timedelta
) -> None:
    run = begun(limit, now)
    paused = clocks.pause(run, now + before)
    resumed = clocks.resume(clock(limit), paused, now + before + length, WORKTIME)
    assert resumed.due >= run.due
    assert resumed.paused is None
    # Whole days are counted, and a last day off moves on: at most the longest holiday more.
    assert resumed.due - run.due <= length + timedelta(days=12)
    assert clocks.pause(paused, now + before + length) == paused
    if not length:
        assert resumed.due == run.due


@given(limits, moments, st.integers(1, 15))
def test_an_extension_only_lengthens_and_is_counted(limit: Limit, now: datetime, days: int) -> None:
    run = begun(limit, now)
    longer = clocks.extend(clock(limit), run, Limit(working_days=days), WORKTIME)
    assert longer.due > run.due
    assert longer.extended == run.extended + 1


@given(limits, moments, spans)
def test_met_or_missed_is_decided_when_it_ends(
    limit: Limit, now: datetime, later: timedelta
) -> None:
    run = begun(limit, now)
    ended = clocks.end(run, now + later)
    assert ended.missed is (now + later > run.due)
    assert clocks.end(ended, now + later * 2) == ended
    assert ended.next_signal() is None
