"""Every service that we ship is walked along every way, and every deadline is kept and missed.

The walker fills forms by itself, so that a bureau's own service could be walked in the same way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import product
from typing import Any

import pytest

from hotline.casework import SYSTEM_ACTOR, Actor, Service, Transition, engine, services
from hotline.casework.clocks import Signal
from hotline.casework.conditions import Condition
from hotline.casework.definition import StateKind
from hotline.casework.fields import FieldType, FormField
from hotline.errors import HotlineError

CODES = sorted(services.load().by_code)
MOST_TRIES = 400
SAMPLES: dict[FieldType, list[Any]] = {
    FieldType.TEXT: ["张三"],
    FieldType.LONG_TEXT: ["经过"],
    FieldType.BOOLEAN: [True, False],
    FieldType.INTEGER: [5, 0],
    FieldType.DECIMAL: ["4"],
    FieldType.MONEY: ["1200"],
    FieldType.DATE: ["2026-12-15"],
    FieldType.DATETIME: ["2026-12-15 09:30"],
    FieldType.PHONE: ["13900001111"],
    FieldType.ID_NUMBER: ["11010519491231002X"],
    FieldType.CODE: ["chengguan"],
}

Walks = Callable[..., Any]


def samples(field: FormField) -> list[Any]:
    if field.options:
        return list(field.options)
    if field.pattern:
        return ["2611241000018"]
    if field.type is FieldType.INTEGER and field.least:
        return [int(field.least)]
    return SAMPLES[field.type]


def mentioned(*conditions: Condition | None) -> set[str]:
    return {name for condition in conditions if condition for name in condition.fields()}


def forms(fields: list[FormField], wanted: set[str]) -> Iterator[dict[str, Any]]:
    """Filled forms: the fields that something depends on vary, the others are filled once."""
    varied = [f for f in fields if f.name in wanted]
    fixed = {f.name: samples(f)[0] for f in fields if f.name not in wanted}
    for number, values in enumerate(product(*(samples(f) for f in varied))):
        if number == MOST_TRIES:
            return
        yield fixed | dict(zip((f.name for f in varied), values, strict=True))


def actors(transition: Transition, facets: dict[str, Any]) -> Iterator[Actor]:
    """Somebody for each kind of who may act; each act by another person."""
    person = f"{transition.action}-person"
    for who in transition.who:
        match who:
            case "system":
                yield SYSTEM_ACTOR
            case "applicant":
                yield Actor("", is_applicant=True)
            case "assignee":
                yield Actor(str(facets.get("assignee_id")))
            case "organisation":
                yield Actor(person, frozenset(), str(facets.get("organisation_id")))
            case role:
                yield Actor(person, frozenset({role}))


def taken(walk: Any, transition: Transition) -> Iterator[Any]:
    """The walk after each way that ``transition`` can go from here, one for each target."""
    fields = engine.asked_fields(walk.service, transition)
    conditions = [transition.when, *(t.when for t in transition.to), *(f.when for f in fields)]
    conditions += [child.when for child in transition.effects.open_]
    reached: set[str] = set()
    for given in forms(fields, mentioned(*conditions)):
        for actor in actors(transition, dict(walk.case.facets)):
            try:
                further = replace(walk, history=list(walk.history))
                further.do(transition.action, actor, note="原因", **given)
            except HotlineError:
                continue
            if further.state not in reached:
                reached.add(further.state)
                yield further
            break


def openings(walk: Walks, code: str) -> Iterator[Any]:
    service: Service = walk(code).service
    fields = [f for f in service.fields if f.opening]
    conditions = [t.when for t in service.transitions] + [f.when for f in fields]
    for who in service.opened_by:
        if who in {"system", "applicant"}:
            continue
        for given in forms(fields, mentioned(*conditions)):
            road = walk(code)
            try:
                road.open(
                    Actor("opener", frozenset({who})), {"organisation_id": "chengguan"}, **given
                )
            except HotlineError:
                continue
            yield road
        return


def explored(walk: Walks, code: str) -> tuple[dict[str, Any], set[tuple[str, str]]]:
    """A walk to each state, and every (action, target) that was taken."""
    roads: dict[tuple[str, frozenset[Any]], Any] = {}
    done: set[tuple[str, str]] = set()
    waiting = list(openings(walk, code))
    asked = mentioned(
        *(t.when for t in waiting[0].service.transitions),
        *(x.when for t in waiting[0].service.transitions for x in t.to),
    )
    while waiting:
        road = waiting.pop(0)
        kept = frozenset((n, str(road.case.values.get(n))) for n in asked)
        if (road.state, kept) in roads:
            continue
        roads[road.state, kept] = road
        for transition in road.service.transitions_from(road.state):
            for further in taken(road, transition):
                done.add((transition.action, further.state))
                waiting.append(further)
    first: dict[str, Any] = {}
    for (state, _), road in roads.items():
        first.setdefault(state, road)
    return first, done


@pytest.mark.parametrize("code", CODES)
def test_every_state_is_come_to_and_every_way_is_gone(walk: Walks, code: str) -> None:
    roads, done = explored(walk, code)
    service: Service = walk(code).service
    assert set(roads) == set(service.states)
    wanted = {
        (t.action, target.state)
        for t in service.transitions
        for target in t.to
        if target.state not in {"=", "<"}
    }
    assert wanted - done == set()
    assert {t.action for t in service.transitions} == {action for action, _ in done}
    for state, road in roads.items():
        assert road.outcome.closed is (service.states[state].kind is StateKind.END)


@pytest.mark.parametrize("code", CODES)
def test_every_deadline_is_kept_and_missed(walk: Walks, code: str) -> None:
    roads, _ = explored(walk, code)
    service: Service = walk(code).service
    for name, clock in service.clocks.items():
        running = [
            road
            for state in clock.runs_in
            if (road := roads[state]).case.clocks.get(name) and road.clock(name).ticking
        ]
        if not running:
            # The channel or a date decides; its own test walks it.
            assert any(rule.when for rule in clock.limits) or clock.counted_from, name
            continue
        road = running[0]
        due = road.clock(name).due
        assert road.clock(name).warn <= due <= road.clock(name).red

        late = replace(road, history=list(road.history))
        late.go_to(road.clock(name).red + timedelta(minutes=1))
        told = [signal for clock_name, signal in late.signals() if clock_name == name]
        assert told[:2] == [Signal.YELLOW, Signal.DUE]
        if clock.when_missed is None:
            assert told[2:] == [Signal.RED]

        for moment, missed in ((due - timedelta(minutes=1), False), (due, False), (late.now, True)):
            if moment < road.now:
                continue
            there = replace(road, history=list(road.history))
            there.go_to(moment)
            for further in leaving(there, set(clock.runs_in) | set(clock.paused_in)):
                assert further.clock(name).missed is missed, (name, moment)
                break


def leaving(road: Any, states: set[str]) -> Iterator[Any]:
    for transition in road.service.transitions_from(road.state):
        for further in taken(road, transition):
            if further.state not in states:
                yield further


def test_notices_and_documents_never_show_an_unknown_place(walk: Walks) -> None:
    for code in CODES:
        roads, _ = explored(walk, code)
        for road in roads.values():
            texts = [notice.text for notice in road.outcome.notices]
            texts += [document.text for document in road.outcome.documents]
            assert not any("{" in text for text in texts)
