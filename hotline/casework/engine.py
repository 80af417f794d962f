"""The workflow engine: what may be done to a case, and what follows when it is done. Pure.

A definition, a case and an act go in; the case's next state and everything that follows from it
come out. :mod:`hotline.casework.desk` keeps it in one transaction.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from hotline.casework import clocks as clockwork
from hotline.casework import wording
from hotline.casework.clocks import Running
from hotline.casework.conditions import is_filled
from hotline.casework.definition import (
    APPLICANT,
    ASSIGNEE,
    BACK,
    FACETS,
    ORGANISATION,
    STAY,
    SYSTEM,
    Effects,
    Service,
    StateKind,
    Transition,
)
from hotline.casework.fields import FormField, clean
from hotline.casework.views import Act, Actor, CaseView, Child, MadeDocument, Outcome, Told
from hotline.casework.wording import Naming, codes_itself
from hotline.errors import ConflictError, ForbiddenError, InvalidInputError
from hotline.worktime import WorkTime

MAY_FACETS = frozenset(FACETS) - {"caller_number", "channel"}
"""Facets that a form or an effect may fill."""


def may_act(who: tuple[str, ...], case: CaseView | None, actor: Actor) -> bool:
    """Whether ``actor`` is among ``who`` (roles and special names)."""
    facets = case.facets if case is not None else {}
    if actor.id == SYSTEM:
        return SYSTEM in who
    return bool(
        actor.roles & set(who)
        or (ASSIGNEE in who and actor.id == facets.get("assignee_id"))
        or (
            ORGANISATION in who
            and actor.organisation_id is not None
            and actor.organisation_id == facets.get("organisation_id")
        )
        or (APPLICANT in who and actor.is_applicant)
    )


def may_see(service: Service, case: CaseView, actor: Actor) -> bool:
    """Whether ``actor`` may look at the case at all."""
    if actor.is_applicant or actor.id == SYSTEM:
        return True
    return not service.seen_by or may_act(service.seen_by, case, actor)


def available(service: Service, case: CaseView, actor: Actor) -> list[Transition]:
    """Return what ``actor`` may do to the case now, in the file's order."""
    return [
        transition
        for transition in service.transitions_from(case.state)
        if _refusal(transition, case, actor) is None
    ]


def why_not(
    service: Service, case: CaseView, action: str, actor: Actor
) -> ForbiddenError | ConflictError | None:
    """Return why ``actor`` may not do ``action`` now; nothing: they may.

    Raises:
        ConflictError: the action doesn't exist in the case's state (somebody was quicker).
    """
    return _refusal(find_transition(service, case, action), case, actor)


def left_to_others(service: Service, case: CaseView, actor: Actor) -> list[Transition]:
    """Return what ``actor`` might do to the case, had they not done a step before (双人审批)."""
    return [
        transition
        for transition in service.transitions_from(case.state)
        if may_act(transition.who, case, actor) and _did_before(transition, case, actor)
    ]


def asked_fields(service: Service, transition: Transition) -> list[FormField]:
    """Return the fields that the act's form shows."""
    names = (*transition.asks, *(n for n in transition.requires if n not in transition.asks))
    return [service.field_by_name[name] for name in names if name in service.field_by_name]


def open_case(
    service: Service,
    number: str,
    given: Mapping[str, Any],
    facets: Mapping[str, Any],
    *,
    actor: Actor,
    now: datetime,
    worktime: WorkTime,
    complete: bool = True,
    naming: Naming = codes_itself,
) -> Outcome:
    """Return the first outcome of a new case.

    ``complete=False`` is for a case that is born before anyone filled in a form (a ticket when
    the menu ends): what is given is checked, what is missing is not.

    Raises:
        ForbiddenError: ``actor`` may not open one.
        InvalidInputError: the form is not right; ``details["errors"]`` says where.
    """
    if not may_act(service.opened_by, None, actor):
        raise ForbiddenError(f"您没有登记“{service.name}”的权限")
    fields = [f for f in service.fields if f.opening and (f.public or not actor.is_applicant)]
    if not complete:
        fields = [f.model_copy(update={"required": False}) for f in fields if f.name in given]
    changed = {k: v for k, v in clean(fields, given, facets).items() if v is not None}
    case = CaseView(number, service.start, {}, dict(facets))
    step = _Step(service, case, "open", service.start, changed, service.opening, naming)
    return step.outcome(actor, now, worktime)


def apply(
    service: Service,
    case: CaseView,
    action: str,
    given: Mapping[str, Any],
    *,
    actor: Actor,
    now: datetime,
    worktime: WorkTime,
    note: str = "",
    naming: Naming = codes_itself,
) -> Outcome:
    """Return what ``action`` makes of the case.

    Raises:
        ConflictError: the action doesn't exist in the case's state (somebody was quicker).
        ForbiddenError: ``actor`` may not do it.
        InvalidInputError: the form is not right; ``details["errors"]`` says where.
    """
    transition = find_transition(service, case, action)
    refusal = _refusal(transition, case, actor)
    if refusal is not None:
        raise refusal
    if transition.note and not note.strip():
        raise InvalidInputError(
            f"“{transition.name}”要写明原因", field="note", errors={"note": "请写明原因"}
        )
    fields = asked_fields(service, transition)
    changed = clean(fields, given, case.values, frozenset(transition.requires))
    values = {**case.values, **changed}
    target = next((t for t in transition.to if t.when is None or t.when.holds(values)), None)
    if target is None:
        raise InvalidInputError(f"按目前填写的内容不能“{transition.name}”，请检查表单")
    state = {STAY: case.state, BACK: case.before or service.start}.get(target.state, target.state)
    step = _Step(service, case, action, state, changed, transition.effects, naming)
    return step.outcome(actor, now, worktime)


def signal(
    service: Service, case: CaseView, now: datetime
) -> tuple[CaseView, str, clockwork.Signal] | None:
    """Return the case with its next due signal marked as told, the clock's name and the signal.

    ``None`` where nothing is to be told by ``now``.
    """
    waiting = [
        (*due, name)
        for name, run in case.clocks.items()
        if name in service.clocks and (due := run.next_signal()) is not None and due[0] <= now
    ]
    if not waiting:
        return None
    _, kind, name = min(waiting)
    told = replace(case.clocks[name], told=kind)
    return replace(case, clocks={**case.clocks, name: told}), name, kind


def find_transition(service: Service, case: CaseView, action: str) -> Transition:
    """Return the way called ``action`` from the case's state.

    Several transitions may share an action's name, from different states or under different
    conditions.

    Raises:
        ConflictError: there is none.
    """
    known = [t for t in service.transitions_from(case.state) if t.action == action]
    if not known:
        name = next((t.name for t in service.transitions if t.action == action), action)
        state = service.states[case.state].name
        raise ConflictError(f"办件现在是“{state}”状态，不能“{name}”；可能别人刚办过，请刷新")
    fitting = (t for t in known if t.when is None or t.when.holds(case.values))
    return next(fitting, known[0])


def _refusal(
    transition: Transition, case: CaseView, actor: Actor
) -> ForbiddenError | ConflictError | None:
    if not may_act(transition.who, case, actor):
        return ForbiddenError(f"您没有“{transition.name}”的权限")
    if transition.when is not None and not transition.when.holds(case.values):
        return ConflictError(f"这个办件目前不适用“{transition.name}”")
    done = case.acts.get(transition.action)
    if transition.times is not None and done is not None and done.times >= transition.times:
        return ConflictError(f"“{transition.name}”最多 {transition.times} 次，已经用完")
    if _did_before(transition, case, actor):
        return ForbiddenError(f"“{transition.name}”要由另一人办理，您已办过前一步")
    return None


def _did_before(transition: Transition, case: CaseView, actor: Actor) -> bool:
    return any(
        other in case.acts and case.acts[other].by == actor.id for other in transition.not_by
    )


@dataclass(frozen=True)
class _Step:
    """One case on its way to a state."""

    service: Service
    case: CaseView
    action: str
    state: str
    given: Mapping[str, Any]
    effects: Effects
    naming: Naming

    def outcome(self, actor: Actor, now: datetime, worktime: WorkTime) -> Outcome:
        """Return the case as it arrives, and everything that follows."""
        changed = {**self.given, **self.effects.set_}
        if self.effects.assign_actor and actor.id != SYSTEM and not actor.is_applicant:
            changed["assignee_id"] = actor.id
        fields = {k: v for k, v in changed.items() if k in self.service.field_by_name}
        data = {k: v for k, v in {**self.case.data, **fields}.items() if is_filled(v)}
        facets = {**self.case.facets, **{k: v for k, v in changed.items() if k in MAY_FACETS}}
        after = CaseView(
            number=self.case.number,
            state=self.state,
            data=data,
            facets=facets,
            clocks=self._clocks({**facets, **data}, changed, now, worktime),
            acts=self._acts(actor),
            before=self._before(),
        )
        return Outcome(
            action=self.action,
            from_state=None if self.action == "open" else self.case.state,
            case=after,
            closed=self.service.states[self.state].kind is StateKind.END,
            changed=changed,
            notices=tuple(self._notices(after)),
            documents=tuple(self._documents(after)),
            children=tuple(self._children(after)),
            parent_action=self.effects.parent,
        )

    def _clocks(
        self,
        values: Mapping[str, Any],
        changed: Mapping[str, Any],
        now: datetime,
        worktime: WorkTime,
    ) -> dict[str, Running]:
        redated = (n for n, clock in self.service.clocks.items() if clock.counted_from in changed)
        found = clockwork.move(
            self.service.clocks,
            self.case.clocks,
            self.state,
            values,
            now=now,
            worktime=worktime,
            restarted={*self.effects.restart, *redated},
        )
        for extension in self.effects.extend:
            run = found.get(extension.clock)
            if run is not None and run.ended is None:
                clock = self.service.clocks[extension.clock]
                found[extension.clock] = clockwork.extend(clock, run, extension.by, worktime)
        return found

    def _acts(self, actor: Actor) -> dict[str, Act]:
        known = self.case.acts.get(self.action)
        times = known.times if known is not None else 0
        return {**self.case.acts, self.action: Act(actor.id, times + 1)}

    def _before(self) -> str | None:
        states = self.service.states
        if states[self.state].kind is not StateKind.PAUSED:
            return None
        paused_already = states[self.case.state].kind is StateKind.PAUSED
        return self.case.before if paused_already else self.case.state

    def _notices(self, after: CaseView) -> Iterator[Told]:
        if not self.effects.tell:
            return
        words = wording.places(self.service, after, self.naming)
        for notice in self.effects.tell:
            if notice.when is None or notice.when.holds(after.values):
                yield Told(notice.whom, wording.fill(notice.text, words))

    def _documents(self, after: CaseView) -> Iterator[MadeDocument]:
        if not self.effects.print_:
            return
        words = wording.places(self.service, after, self.naming)
        for name in self.effects.print_:
            form = self.service.documents[name]
            yield MadeDocument(name, form.name, wording.fill(form.text, words))

    def _children(self, after: CaseView) -> Iterator[Child]:
        values = after.values
        for child in self.effects.open_:
            if child.when is None or child.when.holds(values):
                renamed = {there: values.get(here) for there, here in child.carry.items()}
                yield Child(child.service, {**values, **renamed})
