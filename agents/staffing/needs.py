"""How many lawyers each half-hour of the week needs (排班需求), from the calls that were.

Erlang A where the callers' patience is known, else Erlang C. Where skills are split, talks are not
exponential or a busy half-hour leaves its queue to the next, :mod:`agents.staffing.checking`
holds the result against a simulation.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import fmean

from agents.staffing.erlang import (
    Prospect,
    answered_within,
    erlang_a,
    erlang_c,
    people_needed,
)
from agents.staffing.traffic import DAY, Traffic, TrafficFileError
from hotline.calls.patience import Patience
from hotline.worktime.calendar import Calendar, DayKind

HALF_HOUR = 1800.0
A_DAY = int(DAY // HALF_HOUR)


@dataclass(frozen=True)
class Target:
    """What is asked for: ``share`` of all callers answered within ``seconds``.

    ``absence`` is the share of paid time that is not at the telephone: breaks, training, leave.
    """

    share: float = 0.8
    seconds: float = 15.0
    absence: float = 0.0


@dataclass(frozen=True)
class Need:
    """A half-hour of the week."""

    weekday: int
    """0 is Monday."""
    half_hour: int
    """0 begins at midnight, 47 at 23:30."""
    calls: float
    """Mean number of calls."""
    days: int
    """Days that the mean rests on."""
    handling: float
    """Mean talk and wrap-up in seconds."""
    prospect: Prospect
    rostered: int
    """People to put on the rota, absences included."""
    simulated: float | None = None
    """The share answered in time in the simulation."""

    @property
    def people(self) -> int:
        """People at the telephone."""
        return self.prospect.servers

    @property
    def begins(self) -> str:
        """``09:30``"""
        return f"{self.half_hour // 2:02d}:{self.half_hour % 2 * 30:02d}"


def ordinary_days(traffic: Traffic, calendar: Calendar) -> list[int]:
    """Return the days, counted from the origin, that are what their weekday usually is.

    Holidays and make-up days (调休) would make a Monday look like a Sunday; they are left out,
    unless there is nothing else.
    """
    days = range(int(traffic.calls[-1].at // DAY) + 1) if traffic.calls else range(0)
    if traffic.origin is None:
        first = int(traffic.calls[0].at // DAY) if traffic.calls else 0
        return list(days)[first:]
    usual = {DayKind.WORKDAY, DayKind.WEEKEND}
    found = [day for day in days if calendar.kind(_date(traffic, day)) in usual]
    return found or list(days)


@dataclass(frozen=True)
class History:
    """What needs rest on."""

    traffic: Traffic
    """Calls of whole days; at least one has a known talk."""
    days: tuple[int, ...]
    """The days to look at, see :func:`ordinary_days`."""
    patience: Patience | None
    """Of callers; ``None``: nobody gives up."""


def needs(history: History, target: Target, wrapup: float) -> list[Need]:
    """Return the need of each half-hour in which anybody called, by weekday and time.

    ``wrapup`` is the seconds after each talk.

    Raises:
        TrafficFileError: no talk is known.
    """
    traffic, days = history.traffic, history.days
    talks = [call.talk for call in traffic.calls if call.talk is not None]
    if not talks:
        raise TrafficFileError("话务里没有一通有通话时长（handling 列），无法测算人数")
    handling = fmean(talks) + wrapup
    looked_at = set(days)
    counted = Counter(weekday(traffic, day) for day in days)
    calls: Counter[tuple[int, int]] = Counter()
    for call in traffic.calls:
        day = int(call.at // DAY)
        if day in looked_at:
            calls[weekday(traffic, day), int(call.at % DAY // HALF_HOUR)] += 1
    found = []
    for (day, half_hour), count in sorted(calls.items()):
        mean = count / counted[day]
        prospect = people_needed(
            mean / HALF_HOUR * handling,
            handling,
            target=target.share,
            seconds=target.seconds,
            patience=history.patience.mean if history.patience else None,
        )
        found.append(
            Need(
                day,
                half_hour,
                mean,
                counted[day],
                handling,
                prospect,
                rostered(prospect.servers, target.absence),
            )
        )
    return found


def prospect_of(
    people: int, load: float, handling: float, seconds: float, patience: Patience | None
) -> Prospect:
    """Return what callers may expect with ``people``, where that is more than the least needed."""
    if patience is not None:
        return erlang_a(load, people, handling, patience.mean, seconds)
    waits = erlang_c(load, people)
    return Prospect(
        people,
        waits,
        0.0,
        answered_within(load, people, handling, seconds),
        waits * handling / (people - load),
        load / people,
    )


def rostered(people: int, absence: float) -> int:
    """Return how many to put on the rota for ``people`` to be there."""
    return math.ceil(people / (1 - absence) - 1e-9)


def weekday(traffic: Traffic, day: int) -> int:
    """Return the weekday of a day counted from the origin; without an origin 0 is a Monday."""
    return day % 7 if traffic.origin is None else _date(traffic, day).weekday()


def _date(traffic: Traffic, day: int) -> date:
    if traffic.origin is None:
        raise ValueError("traffic in seconds has no dates")
    return traffic.origin.date() + timedelta(days=day)
