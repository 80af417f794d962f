"""A walker that takes a case through a service by the pure engine, under a clock it holds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from hotline.casework import SYSTEM_ACTOR, Actor, Service, engine, services
from hotline.casework.clocks import Running, Signal
from hotline.casework.views import CaseView, Outcome
from hotline.clock import CHINA
from hotline.worktime import Calendar, WorkTime

NATIONAL_DAY = {date(2026, 10, day): "国庆节" for day in range(1, 8)}
CALENDAR = Calendar(
    holidays=NATIONAL_DAY,
    make_up={date(2026, 10, 10): "国庆节"},
    known=frozenset({2026, 2027}),
)


def staff(name: str, *roles: str, organisation: str | None = None) -> Actor:
    return Actor(name, frozenset(roles), organisation)


@dataclass(frozen=True)
class Step:
    """One thing that was done on a walk."""

    action: str
    actor: Actor
    note: str
    given: dict[str, Any]


@dataclass
class Walk:
    """One case on its way; times are China's."""

    service: Service
    now: datetime
    worktime: WorkTime
    outcome: Outcome | None = None
    history: list[str] = field(default_factory=list)
    steps: tuple[Step, ...] = ()
    """What was done, so that it can be done again elsewhere."""

    @property
    def case(self) -> CaseView:
        assert self.outcome is not None
        return self.outcome.case

    @property
    def state(self) -> str:
        return self.case.state

    def open(
        self, actor: Actor = SYSTEM_ACTOR, facets: dict[str, Any] | None = None, **given: Any
    ) -> Outcome:
        self.outcome = engine.open_case(
            self.service,
            "2611241000018",
            given,
            {"caller_number": "13900001111", "channel": "call", **(facets or {})},
            actor=actor,
            now=self.now,
            worktime=self.worktime,
            complete=actor is not SYSTEM_ACTOR,
        )
        self.history.append(self.state)
        self.steps = (Step("open", actor, "", given),)
        return self.outcome

    def do(self, action: str, actor: Actor, note: str = "", **given: Any) -> Outcome:
        self.outcome = engine.apply(
            self.service,
            self.case,
            action,
            given,
            actor=actor,
            now=self.now,
            worktime=self.worktime,
            note=note,
        )
        self.history.append(self.state)
        self.steps += (Step(action, actor, note, given),)
        return self.outcome

    def may(self, actor: Actor) -> list[str]:
        return [t.action for t in engine.available(self.service, self.case, actor)]

    def clock(self, name: str) -> Running:
        return self.case.clocks[name]

    def pass_time(self, **amount: float) -> None:
        self.now += timedelta(**amount)

    def go_to(self, moment: datetime) -> None:
        assert moment >= self.now
        self.now = moment

    def due(self, name: str) -> str:
        """The last day of a deadline, as a calendar shows it."""
        return f"{self.clock(name).due.astimezone(CHINA) - timedelta(seconds=1):%Y-%m-%d}"

    def signals(self) -> list[tuple[str, Signal]]:
        """What the clocks tell by now; a missed deadline's action is done."""
        told = []
        while (found := engine.signal(self.service, self.case, self.now)) is not None:
            case, name, kind = found
            assert self.outcome is not None
            self.outcome = Outcome("signal", case.state, case, closed=False, changed={})
            told.append((name, kind))
            missed = self.service.clocks[name].when_missed
            if kind is Signal.DUE and missed in self.may(SYSTEM_ACTOR):
                assert missed is not None
                self.do(missed, SYSTEM_ACTOR, note="期限已过")
        return told


@pytest.fixture(scope="session")
def shipped() -> services.Services:
    """The services that we ship; all of them must be right."""
    found = services.load()
    assert [str(problem) for problem in found.problems] == []
    return found


@pytest.fixture
def worktime() -> WorkTime:
    """Weekdays, National Day's week, and the make-up Saturday after it; days end at 24:00."""
    return WorkTime(CALENDAR)


@pytest.fixture
def walk(shipped: services.Services, worktime: WorkTime) -> Callable[..., Walk]:
    """Return a function that begins a walk: ``walk("ticket", "2026-11-24 10:00")``."""

    def begin(code: str, at: str = "2026-11-24 10:00") -> Walk:
        now = datetime.fromisoformat(at).replace(tzinfo=CHINA)
        return Walk(shipped.get(code), now, worktime)

    return begin
