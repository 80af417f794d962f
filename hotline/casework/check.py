"""Whether the parts of a service file fit together, each mistake with its file and line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from hotline.casework import wording
from hotline.casework.conditions import Condition
from hotline.casework.definition import (
    APPLICANT,
    ASSIGNEE,
    BACK,
    FACETS,
    ORGANISATION,
    SPECIAL,
    STAY,
    SYSTEM,
    Booking,
    ChildCase,
    Clock,
    Effects,
    Limit,
    OwnChoice,
    Service,
    StateKind,
    Transition,
)
from hotline.casework.engine import MAY_FACETS
from hotline.casework.fields import FieldType
from hotline.casework.graph import Graph
from hotline.casework.tariffs import Tariff
from hotline.configfiles import Document, Place, Problem

_NO_STATE = "没有“{}”这个状态"
_NO_ACTION = "没有“{}”这个动作"
_NO_CLOCK = "没有“{}”这个期限"
_NO_FIELD = "表单里没有“{}”这个字段"
_TOLD = frozenset({APPLICANT, ASSIGNEE, ORGANISATION})


@dataclass(frozen=True)
class Surroundings:
    """What a service may refer to outside its own file."""

    roles: Mapping[str, str]
    services: frozenset[str] = frozenset()
    tariffs: Mapping[str, Tariff] = field(default_factory=dict)
    has_calendar: bool = True
    """Whether the calendar of working days has any year."""


@dataclass(frozen=True)
class Checker:
    """Checks one service against its file and its surroundings."""

    service: Service
    document: Document
    around: Surroundings

    def problems(self) -> list[Problem]:
        """Return every mistake, in the order of the file."""
        found = [
            self.document.problem(place, message)
            for part in (
                self._head(),
                self._fields(),
                self._states(),
                self._transitions(),
                self._effects(("opening",), self.service.opening),
                self._clocks(),
                self._documents(),
                self._evaluation(),
                self._subsidy(),
                self._booking(),
                self._pages(),
                self._reckoned(),
            )
            for place, message in part
        ]
        return sorted(found, key=lambda problem: problem.line)

    def _head(self) -> Iterator[tuple[Place, str]]:
        service = self.service
        if service.code != self.document.file.stem:
            yield ("code",), f"code 应与文件名一致：{self.document.file.stem}"
        if service.start not in service.states:
            yield ("start",), self._no_state(service.start)
        yield from self._who(("opened_by",), service.opened_by)
        yield from self._who(("seen_by",), service.seen_by)
        actions = {t.action for t in service.transitions}
        for outcome, action in service.call_outcomes.items():
            yield from _unknown(("call_outcomes", outcome), (action,), actions, _NO_ACTION)

    def _fields(self) -> Iterator[tuple[Place, str]]:
        names = Counter(f.name for f in self.service.fields)
        for position, form_field in enumerate(self.service.fields):
            place: Place = ("fields", position)
            if names[form_field.name] > 1:
                yield (*place, "name"), f"字段“{form_field.name}”写了两次"
            yield from self._condition((*place, "when"), form_field.when)

    def _states(self) -> Iterator[tuple[Place, str]]:
        graph = Graph.of(self.service)
        reached = graph.reached_from(self.service.start)
        ends = {c for c, s in self.service.states.items() if s.kind is StateKind.END}
        if not ends:
            yield ("states",), "没有结束状态（kind: end）"
        finished = graph.leading_to(ends)
        for code, state in self.service.states.items():
            if code not in reached and self.service.start in self.service.states:
                yield ("states", code), f"状态“{state.name}”从起点走不到"
            elif code not in finished and ends:
                yield ("states", code), f"状态“{state.name}”走不到任何结束状态（死路）"

    def _transitions(self) -> Iterator[tuple[Place, str]]:
        service = self.service
        actions = {t.action for t in service.transitions}
        for position, transition in enumerate(service.transitions):
            place: Place = ("transitions", position)
            yield from _unknown((*place, "from"), transition.from_, service.states, _NO_STATE)
            yield from self._targets(place, transition)
            yield from self._who((*place, "who"), transition.who)
            yield from self._condition((*place, "when"), transition.when)
            for key, names in (("asks", transition.asks), ("requires", transition.requires)):
                yield from _unknown((*place, key), names, service.field_by_name, _NO_FIELD)
            yield from _unknown((*place, "not_by"), transition.not_by, actions, _NO_ACTION)
            yield from self._effects((*place, "effects"), transition.effects)
        yield from self._ambiguous()

    def _targets(self, place: Place, transition: Transition) -> Iterator[tuple[Place, str]]:
        states = self.service.states
        for number, target in enumerate(transition.to):
            here = (*place, "to", number, "state")
            if target.state == BACK:
                for state in transition.from_:
                    if state in states and states[state].kind is not StateKind.PAUSED:
                        yield here, "只有暂停状态（kind: paused）才能用“<”回到原处"
            elif target.state != STAY and target.state not in states:
                yield here, self._no_state(target.state)
            yield from self._condition((*place, "to", number, "when"), target.when)
            if target.when is None and number < len(transition.to) - 1:
                yield here, "后面的去向永远轮不到：这一条没有条件"

    def _ambiguous(self) -> Iterator[tuple[Place, str]]:
        seen: set[tuple[str, str]] = set()
        for position, transition in enumerate(self.service.transitions):
            if transition.when is not None:
                continue
            for state in transition.from_:
                if (transition.action, state) in seen:
                    yield (
                        ("transitions", position),
                        f"从“{state}”出发的“{transition.action}”写了两次，请加条件区分",
                    )
                seen.add((transition.action, state))

    def _effects(self, place: Place, effects: Effects) -> Iterator[tuple[Place, str]]:
        service = self.service
        for name, value in effects.set_.items():
            if name not in service.field_by_name and name not in MAY_FACETS:
                yield (*place, "set", name), f"没有“{name}”这个字段"
            yield from self._option((*place, "set", name), name, value)
        for number, notice in enumerate(effects.tell):
            here = (*place, "tell", number)
            role = notice.whom.removeprefix("role:")
            if notice.whom not in _TOLD and (role == notice.whom or role not in self.around.roles):
                yield (*here, "whom"), f"不知道要告诉谁：“{notice.whom}”"
            yield from self._text((*here, "text"), notice.text)
            yield from self._condition((*here, "when"), notice.when)
        here = (*place, "print")
        yield from _unknown(here, effects.print_, service.documents, "没有“{}”这个文书")
        for number, extension in enumerate(effects.extend):
            here = (*place, "extend", number)
            yield from _unknown(here, (extension.clock,), service.clocks, _NO_CLOCK)
        yield from _unknown((*place, "restart"), effects.restart, service.clocks, _NO_CLOCK)
        yield from self._children((*place, "open"), effects.open_)

    def _children(self, place: Place, children: Iterable[ChildCase]) -> Iterator[tuple[Place, str]]:
        for number, child in enumerate(children):
            here = (*place, number)
            if child.service not in self.around.services:
                yield (*here, "service"), f"没有“{child.service}”这项服务"
            for there, name in child.carry.items():
                yield from self._known((*here, "carry", there), name)
            yield from self._condition((*here, "when"), child.when)

    def _clocks(self) -> Iterator[tuple[Place, str]]:
        for name, clock in self.service.clocks.items():
            place: Place = ("clocks", name)
            for key, states in (("runs_in", clock.runs_in), ("paused_in", clock.paused_in)):
                yield from _unknown((*place, key), states, self.service.states, _NO_STATE)
            for number, rule in enumerate(clock.limits):
                yield from self._condition((*place, "limits", number, "when"), rule.when)
            limits = (*(rule.limit for rule in clock.limits), clock.warn, clock.red)
            if not self.around.has_calendar and any(map(_needs_calendar, limits)):
                yield place, f"期限“{clock.name}”按日计算，但还没有工作日历（config/calendar）"
            if clock.counted_from is not None:
                counted = self.service.field_by_name.get(clock.counted_from)
                if counted is None or counted.type not in {FieldType.DATE, FieldType.DATETIME}:
                    yield (*place, "counted_from"), f"“{clock.counted_from}”不是日期字段"
            yield from self._missed(place, clock)

    def _missed(self, place: Place, clock: Clock) -> Iterator[tuple[Place, str]]:
        if clock.when_missed is None:
            return
        for state in clock.runs_in:
            ways = [
                t for t in self.service.transitions_from(state) if t.action == clock.when_missed
            ]
            if not any(SYSTEM in t.who for t in ways):
                yield (
                    (*place, "when_missed"),
                    f"系统在“{state}”状态下不能“{clock.when_missed}”（who 里要有 system）",
                )

    def _documents(self) -> Iterator[tuple[Place, str]]:
        for name, form in self.service.documents.items():
            yield from self._text(("documents", name, "text"), form.text)

    def _evaluation(self) -> Iterator[tuple[Place, str]]:
        if (evaluation := self.service.evaluation) is not None:
            place = ("evaluation", "states")
            yield from _unknown(place, evaluation.states, self.service.states, _NO_STATE)

    def _subsidy(self) -> Iterator[tuple[Place, str]]:
        service, subsidy = self.service, self.service.subsidy
        if subsidy is None:
            return
        yield from _unknown(("subsidy", "states"), subsidy.states, service.states, _NO_STATE)
        yield from self._condition(("subsidy", "unless"), subsidy.unless)
        actions = {t.action for t in service.transitions}
        yield from _unknown(("subsidy", "approvals"), subsidy.approvals, actions, _NO_ACTION)
        tariff = self.around.tariffs.get(subsidy.tariff)
        if tariff is None:
            yield ("subsidy", "tariff"), f"没有“{subsidy.tariff}”这个补贴标准（config/tariffs）"
            return
        known = set.intersection(*(set(version.factors) for version in tariff.versions))
        missing = f"“{tariff.name}”里没有系数“{{}}”"
        yield from _unknown(("subsidy", "factors"), subsidy.factors, known, missing)

    def _booking(self) -> Iterator[tuple[Place, str]]:
        booking = self.service.booking
        if booking is None:
            return
        yield from self._dated(("booking", "at"), booking.at)
        for number, name in enumerate(booking.of):
            yield from self._known(("booking", "of", number), name)
        yield from _unknown(("booking", "states"), booking.states, self.service.states, _NO_STATE)
        if (own := booking.applicants) is not None:
            yield from self._own_choice(booking, own)

    def _own_choice(self, booking: Booking, own: OwnChoice) -> Iterator[tuple[Place, str]]:
        place: Place = ("booking", "applicants")
        service = self.service
        yield from _unknown(
            (*place, "instead_of"), own.instead_of, service.field_by_name, _NO_FIELD
        )
        if own.of not in booking.of:
            yield (*place, "of"), f"“{own.of}”不在 booking 的 of 里"
        ways = [t for t in service.transitions_from(service.start) if t.action == own.action]
        here = (*place, "action")
        if not any(APPLICANT in way.who for way in ways):
            yield (
                here,
                f"申请人登记后不能“{own.action}”（从 {service.start} 出发，who 写 applicant）",
            )
        for way in ways:
            for name in {booking.at, own.of} - {*way.asks, *way.requires}:
                yield here, f"“{own.action}”的 requires 里要有“{name}”"
            after = {service.start if t.state == STAY else t.state for t in way.to}
            if not after <= set(booking.states):
                yield here, f"“{own.action}”以后的状态要写在 booking 的 states 里"

        if own.cancel is not None and not any(
            t.action == own.cancel and APPLICANT in t.who for t in service.transitions
        ):
            yield (*place, "cancel"), f"申请人没有“{own.cancel}”这个动作（who 写 applicant）"

    def _pages(self) -> Iterator[tuple[Place, str]]:
        pages, states = self.service.pages, self.service.states
        named: list[tuple[Place, str]] = [
            (("pages", "columns", number), name) for number, name in enumerate(pages.columns)
        ]
        for title, names in pages.sections.items():
            named += [(("pages", "sections", title, n), name) for n, name in enumerate(names)]
        if pages.lanes is not None:
            named.append((("pages", "lanes"), pages.lanes))
        if pages.calendar is not None:
            yield from self._dated(("pages", "calendar"), pages.calendar)
        if (totals := pages.totals) is not None:
            named += [(("pages", "totals", "sums"), name) for name in totals.sums]
            named += [(("pages", "totals", "by"), name) for name in totals.by]
            yield from self._dated(("pages", "totals", "dated"), totals.dated)
            yield from _unknown(("pages", "totals", "states"), totals.states, states, _NO_STATE)
        if (coverage := pages.coverage) is not None:
            here: Place = ("pages", "coverage", "states")
            yield from _unknown(here, coverage.states, states, _NO_STATE)
            if coverage.who is not None:
                named.append((("pages", "coverage", "who"), coverage.who))
            if "place" not in self.service.field_by_name:
                yield ("pages", "coverage"), "覆盖情况按地区统计，表单里要有 place 字段"
        if pages.hot:
            named.append((("pages", "hot"), "topic"))
        for place, name in named:
            yield from self._known(place, name)

    def _reckoned(self) -> Iterator[tuple[Place, str]]:
        reckoned = self.service.pages.reckoned
        if reckoned is None:
            return
        place: Place = ("pages", "reckoned")
        for key in ("indicator", "place", "target", "keeps"):
            yield from self._known((*place, key), getattr(reckoned, key))
        for key in ("since", "until"):
            yield from self._dated((*place, key), getattr(reckoned, key))
        ways = {t.action for t in self.service.transitions}
        yield from _unknown((*place, "when"), reckoned.when, ways, _NO_ACTION)

    def _dated(self, place: Place, name: str) -> Iterator[tuple[Place, str]]:
        found = self.service.field_by_name.get(name)
        if found is None or found.type not in {FieldType.DATE, FieldType.DATETIME}:
            yield place, f"“{name}”不是日期字段"

    def _who(self, place: Place, names: Iterable[str]) -> Iterator[tuple[Place, str]]:
        for number, name in enumerate(names):
            if name not in self.around.roles and name not in SPECIAL:
                known = "、".join((*self.around.roles, *SPECIAL))
                yield (*place, number), f"没有“{name}”这个角色；可用：{known}"

    def _condition(self, place: Place, condition: Condition | None) -> Iterator[tuple[Place, str]]:
        if condition is None:
            return
        for name in condition.fields():
            yield from self._known(place, name)
        for name, value in _compared(condition):
            yield from self._option(place, name, value)

    def _known(self, place: Place, name: str) -> Iterator[tuple[Place, str]]:
        if name not in self.service.field_by_name and name not in FACETS:
            yield place, f"没有“{name}”这个字段"

    def _option(self, place: Place, name: str, value: object) -> Iterator[tuple[Place, str]]:
        found = self.service.field_by_name.get(name)
        if found is None or value is None:
            return
        if found.options and value not in found.options:
            yield place, f"“{found.label}”没有“{value}”这个选项；可用：{'、'.join(found.options)}"
        elif (found.type is FieldType.BOOLEAN) != isinstance(value, bool):
            yield place, f"“{found.label}”与 {value!r} 的类型不同"

    def _text(self, place: Place, text: str) -> Iterator[tuple[Place, str]]:
        for name in wording.named_places(text):
            if (
                name not in wording.CASE_PLACES
                and name not in FACETS
                and name not in self.service.field_by_name
            ):
                yield place, f"文字里的 {{{name}}} 不知道是什么"

    def _no_state(self, state: str) -> str:
        return f"没有“{state}”这个状态；可用：{'、'.join(self.service.states)}"


def _unknown(
    place: Place, names: Iterable[str], known: Container[str], message: str
) -> Iterator[tuple[Place, str]]:
    for number, name in enumerate(names):
        if name not in known:
            yield (*place, number), message.format(name)


def _needs_calendar(limit: Limit) -> bool:
    return limit.unit in {"working_days", "days", "months"}


def _compared(condition: Condition) -> Iterator[tuple[str, object]]:
    if condition.field is not None:
        for value in (condition.is_, *(condition.in_ or ())):
            if value is not None:
                yield condition.field, value
    parts = (*(condition.all_ or ()), *(condition.any_ or ()))
    for part in (*parts, *((condition.not_,) if condition.not_ else ())):
        yield from _compared(part)
