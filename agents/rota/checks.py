"""What is wrong with a rota, told in words. Pure: shifts, people and rules in, conflicts out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise

from agents.rota.plan import Leave, Person, Shift, Week, hours, spoken
from agents.rota.rules import HALF_HOUR, Rules
from hotline.clock import CHINA


@dataclass(frozen=True)
class Conflict:
    """One thing that cannot be (``bad``) or should not be (``warn``)."""

    kind: str
    """``person``, ``seat``, ``leave``, ``inactive``; ``stretch``, ``day``, ``week``, ``rest``,
    ``topic``, ``language``."""
    words: str
    shifts: frozenset[int]
    bad: bool = False


@dataclass(frozen=True)
class Shortage:
    """Half-hours in a row with fewer people than the forecast asks for."""

    start: datetime
    end: datetime
    missing: int
    """At the worst."""

    @property
    def words(self) -> str:
        """Told to whoever makes the rota."""
        return f"{spoken(self.start, self.end)}：按预测还差 {self.missing} 人"


def conflicts(
    shifts: Sequence[Shift],
    people: Mapping[str, Person],
    rules: Rules,
    leaves: Sequence[Leave] = (),
    *,
    topic: Callable[[str], str] = str,
    language: Callable[[str], str] = str,
) -> list[Conflict]:
    """Return all conflicts, what cannot be before what should not be.

    Args:
        shifts: of the time looked at and, for rest and stretches, of the days around it.
        people: by id.
        rules: the bureau's.
        leaves: approved ones.
        topic: names a topic.
        language: names a language.
    """
    found: list[Conflict] = []
    by_person: dict[str, list[Shift]] = defaultdict(list)
    by_seat: dict[str, list[Shift]] = defaultdict(list)
    for shift in sorted(shifts, key=lambda s: (s.start, s.id)):
        by_person[shift.agent_id].append(shift)
        if shift.seat:
            by_seat[shift.seat].append(shift)
    for agent_id, own in by_person.items():
        person = people.get(agent_id) or Person(agent_id, agent_id, active=False)
        found += _twice(own, "person", f"{person.name}同一时间排了两班")
        if not person.active:
            found.append(
                Conflict(
                    "inactive",
                    f"{person.name}已停用，请换人",
                    frozenset(s.id for s in own),
                    bad=True,
                )
            )
        away = [leave for leave in leaves if leave.agent_id == agent_id]
        found += _on_leave(person, own, away)
        found += _too_long(person, own, rules)
        found += _too_soon(person, own, rules)
        found += _unfit(person, own, rules, topic, language)
    for seat, taken in by_seat.items():
        found += _twice(taken, "seat", f"{rules.seat_name(seat)}同一时间排了两人")
    return sorted(found, key=lambda one: not one.bad)


def _twice(own: Sequence[Shift], kind: str, words: str) -> Iterable[Conflict]:
    """Find all pairs that overlap; ``own`` is sorted by start."""
    running: list[Shift] = []
    for shift in own:
        running = [s for s in running if s.end > shift.start]
        for other in running:
            start, end = shift.start, min(shift.end, other.end)
            told = f"{words}：{spoken(start, end)}"
            yield Conflict(kind, told, frozenset({shift.id, other.id}), bad=True)
        running.append(shift)


def _on_leave(person: Person, own: Sequence[Shift], away: Sequence[Leave]) -> Iterable[Conflict]:
    for shift in own:
        if any(shift.overlaps(leave.start, leave.end) for leave in away):
            told = f"{person.name}已请假，{spoken(shift.start, shift.end)}这一班请换人"
            yield Conflict("leave", told, frozenset({shift.id}), bad=True)


def _too_long(person: Person, own: Sequence[Shift], rules: Rules) -> Iterable[Conflict]:
    for run in stretches(own, timedelta(minutes=rules.break_minutes)):
        length = max(s.end for s in run) - run[0].start
        if length > timedelta(hours=rules.longest_hours):
            told = (
                f"{person.name}连续在岗 {hours(length)}，超过 {hours(rules.longest_hours)}："
                f"{spoken(run[0].start, max(s.end for s in run))}，中间请安排休息"
            )
            yield Conflict("stretch", told, frozenset(s.id for s in run))
    for kind, limit, words, key in (
        ("day", rules.day_hours, "一天", _day),
        ("week", rules.week_hours, "一周", lambda s: Week.of(s.start).monday),
    ):
        spans: dict[date, list[Shift]] = defaultdict(list)
        for shift in own:
            spans[key(shift)].append(shift)
        for day, members in spans.items():
            total = _sum(members)
            if total > timedelta(hours=limit):
                when = f"{day.month}月{day.day}日" + ("起的" if kind == "week" else "")
                told = f"{person.name}{when}{words}共 {hours(total)}，超过 {hours(limit)}"
                yield Conflict(kind, told, frozenset(s.id for s in members))


def _too_soon(person: Person, own: Sequence[Shift], rules: Rules) -> Iterable[Conflict]:
    least = timedelta(hours=rules.rest_hours)
    for before, after in pairwise(own):
        pause = after.start - before.end
        if _day(after) > _day(before) and pause < least:
            told = (
                f"{person.name}下班后只休息 {hours(max(pause, timedelta(0)))}就上"
                f"{spoken(after.start, after.end)}的班，少于 {hours(least)}"
            )
            yield Conflict("rest", told, frozenset({before.id, after.id}))


def _unfit(
    person: Person,
    own: Sequence[Shift],
    rules: Rules,
    topic: Callable[[str], str],
    language: Callable[[str], str],
) -> Iterable[Conflict]:
    for shift in own:
        seat = rules.seats_by_code.get(shift.seat)
        if seat is None:
            continue
        when = spoken(shift.start, shift.end)
        if seat.topics and not set(seat.topics) & set(person.skills):
            wanted = "、".join(map(topic, seat.topics))
            told = f"{person.name}没有{seat.name}要求的专长（{wanted}）：{when}"
            yield Conflict("topic", told, frozenset({shift.id}))
        missing = [one for one in seat.languages if one not in person.languages]
        if missing:
            wanted = "、".join(map(language, missing))
            told = f"{person.name}不会{seat.name}要求的语言（{wanted}）：{when}"
            yield Conflict("language", told, frozenset({shift.id}))


def stretches(own: Sequence[Shift], pause: timedelta) -> list[list[Shift]]:
    """Return one person's shifts in runs without a pause of at least ``pause`` between them."""
    runs: list[list[Shift]] = []
    until: datetime | None = None
    for shift in sorted(own, key=lambda s: s.start):
        gap = shift.start - until if until is not None else None
        if until is None or gap is None or (gap > timedelta(0) and gap >= pause):
            runs.append([shift])
            until = shift.end
        else:
            runs[-1].append(shift)
            until = max(until, shift.end)
    return runs


def on_duty(shifts: Iterable[Shift], start: datetime, end: datetime) -> int:
    """Return how many different people are on duty during all of a time."""
    return len({s.agent_id for s in shifts if s.start <= start and s.end >= end})


def shortages(
    shifts: Sequence[Shift], needs: Mapping[tuple[int, int], int], week: Week
) -> list[Shortage]:
    """Return when a week has fewer people than needed.

    ``needs`` maps weekday (0 is Monday) and half-hour (0 is midnight) to people.
    """
    found: list[Shortage] = []
    for day in range(7):
        for half_hour in range(48):
            start = week.start + timedelta(days=day) + HALF_HOUR * half_hour
            missing = needs.get((day, half_hour), 0) - on_duty(shifts, start, start + HALF_HOUR)
            if missing <= 0:
                continue
            if found and found[-1].end == start:
                found[-1] = Shortage(
                    found[-1].start, start + HALF_HOUR, max(missing, found[-1].missing)
                )
            else:
                found.append(Shortage(start, start + HALF_HOUR, missing))
    return found


def _day(shift: Shift) -> date:
    return shift.start.astimezone(CHINA).date()


def _sum(shifts: Iterable[Shift]) -> timedelta:
    return sum((s.length for s in shifts), timedelta())
