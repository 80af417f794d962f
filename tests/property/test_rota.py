"""The rota's conflicts, held against a count of half-hours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from agents.rota import workbook
from agents.rota.checks import conflicts, on_duty, shortages, stretches
from agents.rota.plan import Person, Shift, Week
from agents.rota.rules import HALF_HOUR, Rules, Seat

MONDAY = Week.of(datetime(2026, 11, 24, tzinfo=UTC)).start
SEATS = (Seat(code="1", name="1 号席"), Seat(code="2", name="2 号席", topics=("wages",)))
PEOPLE = {
    "wang": Person("wang", "王晓梅", "101", {"wages": 3}),
    "li": Person("li", "李建国", "102", {"marriage": 3}),
    "abdu": Person("abdu", "=阿卜杜热合曼", "0107"),
}


@st.composite
def rotas(draw: st.DrawFn) -> list[Shift]:
    found = []
    for number in range(draw(st.integers(0, 9))):
        begins = draw(st.integers(0, 7 * 48 - 1))
        # A shift of the file lies within one day.
        length = draw(st.integers(1, 48 - begins % 48))
        start = MONDAY + HALF_HOUR * begins
        seat = draw(st.sampled_from(["", "1", "2"]))
        agent = draw(st.sampled_from(sorted(PEOPLE)))
        found.append(Shift(number + 1, agent, start, start + HALF_HOUR * length, seat))
    return found


def slots(shift: Shift) -> set[int]:
    return set(
        range(int((shift.start - MONDAY) / HALF_HOUR), int((shift.end - MONDAY) / HALF_HOUR))
    )


@given(rotas())
def test_two_shifts_conflict_exactly_where_they_share_a_half_hour(rota: list[Shift]) -> None:
    found = conflicts(rota, PEOPLE, Rules(seats=SEATS))
    told = {(one.kind, one.shifts) for one in found if one.kind in {"person", "seat"}}
    expected = set()
    for first in rota:
        for second in rota:
            if first.id < second.id and slots(first) & slots(second):
                pair = frozenset({first.id, second.id})
                if first.agent_id == second.agent_id:
                    expected.add(("person", pair))
                if first.seat and first.seat == second.seat:
                    expected.add(("seat", pair))
    assert told == expected
    assert all(one.bad for one in found if one.kind in {"person", "seat"})
    assert all(one.words for one in found)


@given(rotas(), st.integers(0, 6), st.integers(1, 16))
def test_nobody_is_on_duty_longer_than_allowed_without_being_told(
    rota: list[Shift], pause: int, longest: int
) -> None:
    rules = Rules(seats=SEATS, break_minutes=30 * pause, longest_hours=longest / 2)
    found = conflicts(rota, PEOPLE, rules)
    told = {one.shifts for one in found if one.kind == "stretch"}
    for agent in PEOPLE:
        own = [s for s in rota if s.agent_id == agent]
        busy = set().union(*map(slots, own)) if own else set()
        # Walk through the week: a pause shorter than the break does not interrupt.
        last = None
        spans: list[list[int]] = []
        for slot in sorted(busy):
            if last is None or ((gap := slot - last - 1) > 0 and gap >= pause):
                spans.append([slot, slot])
            spans[-1][1] = last = slot
        expected = {
            frozenset(s.id for s in own if min(slots(s)) >= a and max(slots(s)) <= b)
            for a, b in spans
            if b - a + 1 > longest
        }
        assert {ids for ids in told if ids <= {s.id for s in own}} == expected


@given(rotas())
def test_stretches_hold_each_shift_once(rota: list[Shift]) -> None:
    runs = stretches([s for s in rota if s.agent_id == "wang"], timedelta(minutes=30))
    assert sorted(s.id for run in runs for s in run) == sorted(
        s.id for s in rota if s.agent_id == "wang"
    )


@given(
    rotas(),
    st.dictionaries(st.tuples(st.integers(0, 6), st.integers(0, 47)), st.integers(0, 3)),
)
def test_a_shortage_is_told_for_every_half_hour_that_lacks_people(
    rota: list[Shift], needs: dict[tuple[int, int], int]
) -> None:
    week = Week.of(MONDAY)
    found = shortages(rota, needs, week)
    for day in range(7):
        for half_hour in range(48):
            start = week.start + timedelta(days=day) + HALF_HOUR * half_hour
            there = len({s.agent_id for s in rota if int((start - MONDAY) / HALF_HOUR) in slots(s)})
            assert on_duty(rota, start, start + HALF_HOUR) == there
            lacking = on_duty(rota, start, start + HALF_HOUR) < needs.get((day, half_hour), 0)
            assert lacking == any(one.start <= start < one.end for one in found)


@given(rotas())
def test_a_rota_comes_back_from_its_workbook_as_it_was(rota: list[Shift]) -> None:
    rules = Rules(seats=SEATS)
    lines = workbook.read(workbook.write(rota, PEOPLE, rules), PEOPLE, rules)
    facts = [(s.agent_id, s.start, s.end, s.seat) for s in rota]
    back = [(x.shift.agent_id, x.shift.start, x.shift.end, x.shift.seat) for x in lines]
    assert sorted(back) == sorted(facts)
