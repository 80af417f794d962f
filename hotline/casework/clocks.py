"""Deadlines of a case: start, pause, resume, extend, meet or miss. Pure.

A clock's record is kept with the case as JSON; :class:`Running` is the same, typed. Moments at
which something is to be told (yellow, due, red) are worked out when a clock starts or changes, so
that a list needs no calendar.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, Self

from hotline.casework.definition import Clock, Limit
from hotline.clock import CHINA
from hotline.worktime import WorkTime

_MOMENT = timedelta(seconds=1)
"""A deadline at 24:00 belongs to the day that it ends, not to the one that begins."""

_LATE_SHARE = 0.8
"""Of a period too short for its yellow card (an hour, where the card comes a day before), the
share after which it is shown. A date that is near already is told at once."""


class Signal(StrEnum):
    """What a running deadline calls for, in the order in which it happens."""

    YELLOW = "yellow"
    DUE = "due"
    RED = "red"


@dataclass(frozen=True)
class Running:
    """One run of one clock."""

    started: datetime
    due: datetime
    warn: datetime
    red: datetime
    unit: str = "days"
    """What it counts: a field of :class:`Limit`."""
    rule: int = 0
    """Which of the clock's limits applies."""
    paused: datetime | None = None
    ended: datetime | None = None
    told: Signal | None = None
    extended: int = 0

    @property
    def ticking(self) -> bool:
        """Whether time counts."""
        return self.ended is None and self.paused is None

    @property
    def missed(self) -> bool:
        """Whether it ended after its deadline."""
        return self.ended is not None and self.ended > self.due

    def next_signal(self) -> tuple[datetime, Signal] | None:
        """Return when what is to be told next; ``None`` where nothing is."""
        if not self.ticking:
            return None
        order = list(Signal)
        left = order[order.index(self.told) + 1 :] if self.told else order
        moments = {Signal.YELLOW: self.warn, Signal.DUE: self.due, Signal.RED: self.red}
        return (moments[left[0]], left[0]) if left else None

    def as_json(self) -> dict[str, Any]:
        """Return the record that is kept."""
        times = {
            name: moment.isoformat()
            for name in ("started", "due", "warn", "red", "paused", "ended")
            if (moment := getattr(self, name)) is not None
        }
        return {
            **times,
            "unit": self.unit,
            "rule": self.rule,
            "told": self.told,
            "extended": self.extended,
            "missed": self.missed,
        }

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Self:
        """Read a kept record."""
        times: dict[str, Any] = {
            name: datetime.fromisoformat(record[name])
            for name in ("started", "due", "warn", "red", "paused", "ended")
            if name in record
        }
        told = Signal(record["told"]) if record.get("told") else None
        return cls(
            **times,
            unit=record.get("unit", "days"),
            rule=record.get("rule", 0),
            told=told,
            extended=record.get("extended", 0),
        )


Clocks = Mapping[str, Running]


def add(moment: datetime, limit: Limit, worktime: WorkTime) -> datetime:
    """Return the end of ``limit`` counted from ``moment``."""
    if limit.working_days is not None:
        return worktime.deadline(moment, limit.working_days)
    if limit.days is not None:
        return worktime.deadline_in_days(moment, limit.days)
    if limit.months is not None:
        return worktime.deadline_in_months(moment, limit.months)
    return moment + timedelta(minutes=limit.minutes or 0, hours=limit.hours or 0)


def start(
    clock: Clock, now: datetime, values: Mapping[str, Any], worktime: WorkTime
) -> Running | None:
    """Return a new run, or ``None`` where no limit applies or the date counted from is missing."""
    number = _rule(clock, values)
    if number is None:
        return None
    counted = now
    if clock.counted_from is not None:
        given = values.get(clock.counted_from)
        if not given:
            return None
        counted = _moment(str(given))
    limit = clock.limits[number].limit
    run = _dated(clock, now, add(counted, limit, worktime), limit.unit, worktime)
    return replace(run, rule=number)


def _rule(clock: Clock, values: Mapping[str, Any]) -> int | None:
    fitting = (n for n, r in enumerate(clock.limits) if r.when is None or r.when.holds(values))
    return next(fitting, None)


def pause(run: Running, now: datetime) -> Running:
    """Stop the counting for a while."""
    return replace(run, paused=now) if run.ticking else run


def resume(clock: Clock, run: Running, now: datetime, worktime: WorkTime) -> Running:
    """Go on counting: the deadline moves by as much as was paused, in the unit that it counts.

    Days are counted whole: a pause within one day moves nothing.
    """
    if run.paused is None or run.ended is not None:
        return run
    paused, resumed = (moment.astimezone(CHINA) for moment in (run.paused, now))
    if run.unit == "working_days":
        missed = worktime.calendar.workdays_between(paused.date(), resumed.date())
        due = worktime.deadline(run.due - _MOMENT, missed) if missed > 0 else run.due
    elif run.unit in {"minutes", "hours"}:
        due = run.due + (now - run.paused)
    else:
        days = (resumed.date() - paused.date()).days
        due = worktime.deadline_in_days(run.due - _MOMENT, days) if days > 0 else run.due
    moved = _dated(clock, run.started, due, run.unit, worktime)
    return replace(moved, rule=run.rule, extended=run.extended)


def extend(clock: Clock, run: Running, by: Limit, worktime: WorkTime) -> Running:
    """Move the deadline by ``by``; one that has passed is counted on from where it was."""
    due = add(run.due - _MOMENT, by, worktime)
    if by.minutes is not None or by.hours is not None:
        due = run.due + timedelta(minutes=by.minutes or 0, hours=by.hours or 0)
    fresh = _dated(clock, run.started, due, run.unit, worktime)
    return replace(fresh, rule=run.rule, paused=run.paused, extended=run.extended + 1)


def end(run: Running, now: datetime) -> Running:
    """End the run, met or missed."""
    return replace(run, ended=now) if run.ended is None else run


def move(
    definitions: Mapping[str, Clock],
    clocks: Clocks,
    state: str,
    values: Mapping[str, Any],
    *,
    now: datetime,
    worktime: WorkTime,
    restarted: Iterable[str] = (),
) -> dict[str, Running]:
    """Return every clock as it stands after the case has come to ``state``."""
    found: dict[str, Running] = {}
    for name, clock in definitions.items():
        run = clocks.get(name)
        if state in clock.runs_in:
            if name in restarted:
                run = start(clock, now, values, worktime)
            elif run is None or run.ended is not None:
                run = start(clock, now, values, worktime) or run
            elif (rule := _rule(clock, values)) is None:
                # What it waited for has been done.
                run = end(run, now)
            elif rule != run.rule:
                # It has become urgent, say: another limit, from now.
                run = start(clock, now, values, worktime)
            else:
                run = resume(clock, run, now, worktime)
        elif run is not None:
            run = pause(run, now) if state in clock.paused_in else end(run, now)
        if run is not None:
            found[name] = run
    return found


@dataclass(frozen=True)
class Face:
    """What a case shows of its clocks: the nearest deadline and when its cards appear."""

    warn_at: datetime | None = None
    due_at: datetime | None = None
    red_at: datetime | None = None
    signal_at: datetime | None = None
    """When somebody must be told something next."""


def face(clocks: Clocks) -> Face:
    """Return what to show and when to look again."""
    ticking = [run for run in clocks.values() if run.ticking]
    if not ticking:
        return Face()
    signals = [signal[0] for run in ticking if (signal := run.next_signal())]
    return Face(
        warn_at=min(run.warn for run in ticking),
        due_at=min(run.due for run in ticking),
        red_at=min(run.red for run in ticking),
        signal_at=min(signals, default=None),
    )


def _dated(
    clock: Clock, started: datetime, due: datetime, unit: str, worktime: WorkTime
) -> Running:
    warn = _before(due, clock.warn, worktime)
    if warn <= started < due and clock.counted_from is None:
        warn = started + (due - started) * _LATE_SHARE
    red = add(due - _MOMENT, clock.red, worktime)
    if clock.red.minutes is not None or clock.red.hours is not None:
        red += _MOMENT
    return Running(started=started, due=due, warn=min(warn, due), red=max(red, due), unit=unit)


def _before(due: datetime, limit: Limit, worktime: WorkTime) -> datetime:
    last = due - _MOMENT
    if limit.working_days is not None:
        return worktime.deadline(last, -limit.working_days) if limit.working_days else due
    if limit.days is not None:
        return due - timedelta(days=limit.days)
    if limit.months is not None:
        return due - timedelta(days=30 * limit.months)
    return due - timedelta(minutes=limit.minutes or 0, hours=limit.hours or 0)


def _moment(text: str) -> datetime:
    if len(text) == len("2026-10-01"):
        return datetime.combine(date.fromisoformat(text), time(), CHINA)
    return datetime.fromisoformat(text)
