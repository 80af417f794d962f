"""The week as the page draws it: people × half-hours, the forecast above. Pure.

The Content-Security-Policy allows no ``style=``; places are therefore classes (``at-3 for-7``)
that ``rota.css`` turns into columns, and the demand is a drawing of the server.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from agents.rota.attendance import Mark
from agents.rota.checks import on_duty
from agents.rota.demand import Needs
from agents.rota.plan import WEEKDAYS, Leave, Person, Shift, Week
from agents.rota.rules import HALF_HOUR, Rules
from hotline.clock import CHINA

DAY = 48
WORKING_DAY = (16, 36)
"""8:00 to 18:00 is always shown; more where anybody is on duty, or where all is asked for."""


@dataclass(frozen=True)
class Block:
    """A shift on one day's track."""

    shift: Shift
    at: int
    """First half-hour, counted from the window's first."""
    length: int
    begins: str
    ends: str
    seat: str
    kind: str
    """``bad``, ``warn`` or nothing: what is wrong with it."""
    mark: Mark | None


@dataclass(frozen=True)
class Track:
    """One person's day."""

    day: date
    blocks: tuple[Block, ...]
    away: bool
    today: bool


@dataclass(frozen=True)
class Row:
    """One person's week."""

    person: Person
    tracks: tuple[Track, ...]
    total: timedelta


@dataclass(frozen=True)
class Level:
    """One half-hour of the demand curve, in percent of the picture."""

    x: float
    width: float
    need: float
    have: float
    short: bool
    words: str


@dataclass(frozen=True)
class DayHead:
    """The head of one day's column."""

    day: date
    name: str
    note: str
    """Holiday or make-up day."""
    today: bool
    levels: tuple[Level, ...]


@dataclass(frozen=True)
class Drawing:
    """The whole table."""

    first: int
    wide: int
    heads: tuple[DayHead, ...]
    rows: tuple[Row, ...]
    top: int
    """The highest figure of the demand curve."""


@dataclass(frozen=True)
class Facts:
    """What is drawn."""

    week: Week
    today: date
    shifts: Sequence[Shift]
    people: Sequence[Person]
    leaves: Sequence[Leave]
    needs: Needs
    kinds: Mapping[int, str]
    """What is wrong with a shift, by its id."""
    marks: Mapping[int, Mark]
    notes: Mapping[date, str]
    whole_day: bool = False


def draw(facts: Facts, rules: Rules) -> Drawing:
    """Draw a week."""
    first, last = _window(facts)
    width = last - first
    counts = [
        [on_duty(facts.shifts, *_slot(day, n)) for n in range(first, last)]
        for day in facts.week.days
    ]
    needed = [
        [facts.needs.get((weekday, n), 0) for n in range(first, last)] for weekday in range(7)
    ]
    top = max([1, *(max(c) for c in counts), *(max(c) for c in needed)])
    heads = tuple(
        DayHead(
            day,
            WEEKDAYS[number],
            facts.notes.get(day, ""),
            day == facts.today,
            _levels(needed[number], counts[number], top, first),
        )
        for number, day in enumerate(facts.week.days)
    )
    by_person: dict[str, list[Shift]] = defaultdict(list)
    for shift in facts.shifts:
        by_person[shift.agent_id].append(shift)
    rows = tuple(
        Row(
            person,
            tuple(
                _track(
                    day, person.id, by_person[person.id], facts, window=(first, last), rules=rules
                )
                for day in facts.week.days
            ),
            sum((s.length for s in by_person[person.id]), timedelta()),
        )
        for person in facts.people
    )
    return Drawing(first, width, heads, rows, top)


def _window(facts: Facts) -> tuple[int, int]:
    if facts.whole_day:
        return 0, DAY
    first, last = WORKING_DAY
    for shift in facts.shifts:
        start, end = shift.start.astimezone(CHINA), shift.end.astimezone(CHINA)
        if end.date() != start.date() and end.time() != time():
            return 0, DAY
        first = min(first, _half_hour(start))
        last = max(last, _half_hour(end) or DAY)
    # Whole hours, so that the hours' lines stand right.
    return first - first % 2, last + last % 2


def _half_hour(local: datetime) -> int:
    return local.hour * 2 + local.minute // 30


def _slot(day: date, half_hour: int) -> tuple[datetime, datetime]:
    start = datetime.combine(day, time(), CHINA) + HALF_HOUR * half_hour
    return start, start + HALF_HOUR


def _levels(
    needed: Sequence[int], counts: Sequence[int], top: int, first: int
) -> tuple[Level, ...]:
    step = 100 / len(needed)
    return tuple(
        Level(
            round(step * n, 2),
            round(step, 2),
            round(100 * need / top, 2),
            round(100 * have / top, 2),
            have < need,
            f"{(first + n) // 2:02d}:{(first + n) % 2 * 30:02d} 需要 {need} 人，已排 {have} 人",
        )
        for n, (need, have) in enumerate(zip(needed, counts, strict=True))
    )


def _track(
    day: date,
    agent_id: str,
    own: Sequence[Shift],
    facts: Facts,
    *,
    window: tuple[int, int],
    rules: Rules,
) -> Track:
    start = datetime.combine(day, time(), CHINA)
    end = start + timedelta(days=1)
    away = any(
        leave.agent_id == agent_id and leave.start < end and start < leave.end
        for leave in facts.leaves
    )
    blocks = [_block(s, start, window, facts, rules) for s in own if s.overlaps(start, end)]
    return Track(day, tuple(blocks), away, day == facts.today)


def _block(
    shift: Shift, midnight: datetime, window: tuple[int, int], facts: Facts, rules: Rules
) -> Block:
    begins = max(shift.start, midnight)
    ends = min(shift.end, midnight + timedelta(days=1))
    at = max(window[0], int((begins - midnight) / HALF_HOUR)) - window[0]
    until = min(window[1], int((ends - midnight) / HALF_HOUR)) - window[0]
    local = ends.astimezone(CHINA)
    return Block(
        shift,
        at,
        max(1, until - at),
        f"{begins.astimezone(CHINA):%H:%M}",
        "24:00" if local.time() == time() else f"{local:%H:%M}",
        rules.seat_name(shift.seat) if shift.seat else "",
        facts.kinds.get(shift.id, ""),
        facts.marks.get(shift.id),
    )


def fitting(people: Collection[Person], topic: str, language: str) -> list[Person]:
    """Return those who know a topic and speak a language; empty words mean any."""
    return [
        person
        for person in people
        if (not topic or topic in person.skills) and (not language or language in person.languages)
    ]
