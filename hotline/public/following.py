"""Following a case with its number and code: what is shown, and to whom nothing is.

A wrong code, a number that doesn't exist and a stolen number without its code get one and the same
answer, after the same work. What staff wrote for themselves is never shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.casework import Case, Codes, Desk, Transition, engine, events, numbers
from hotline.casework.clocks import Running
from hotline.casework.definition import Service, StateKind
from hotline.casework.fields import FormField
from hotline.casework.rows import view
from hotline.casework.windows import windows
from hotline.errors import NotFoundError
from hotline.messages import TextMessageTable
from hotline.public import limits, papers
from hotline.public.intake import APPLICANT_ACTOR
from hotline.public.tables import PaperTable
from hotline.store import Database

OWN_CLOCKS: Final = frozenset({"limitation", "appointment"})
"""Deadlines that are the applicant's own or a date agreed with them, not the bureau's promise."""


class NotYoursError(NotFoundError):
    """编号或查询码不对。请核对短信或回执上的编号和 6 位查询码；忘了查询码请拨打 12348。"""

    error_id = "number-or-code"


@dataclass(frozen=True)
class Step:
    """A state that the applicant was in, from when."""

    at: datetime
    words: str


@dataclass(frozen=True)
class Told:
    """A notice to the applicant."""

    at: datetime
    words: str


@dataclass(frozen=True)
class Promise:
    """A deadline of the bureau's that runs."""

    name: str
    due: datetime
    basis: str
    paused: bool
    late: bool


@dataclass(frozen=True)
class Appointment:
    """A time that is held for the applicant."""

    label: str
    words: str
    at: datetime
    place: str
    """Code of the place; empty where only a person is named."""


@dataclass(frozen=True)
class Progress:
    """All that who has number and code is shown of a case."""

    number: str
    service: Service
    state: str
    over: bool
    opened_at: datetime
    title: str
    steps: Sequence[Step]
    told: Sequence[Told]
    promises: Sequence[Promise]
    papers: Sequence[PaperTable]
    acts: Sequence[Transition]
    """What the applicant may do now, evaluation apart."""
    may_evaluate: bool
    satisfaction: int | None
    appointment: Appointment | None = None


def normal(number: str, code: str) -> tuple[str, str]:
    """Return what was typed without spaces, hyphens and full-width digits."""
    table = str.maketrans("０１２３４５６７８９", "0123456789", " -－　\t\r\n")
    return number.translate(table)[:40], code.translate(table)[:40]


async def admit(database: Database, codes: Codes, number: str, code: str, now: datetime) -> Case:
    """Return the case whose number and code these are.

    Raises:
        NotYoursError: they are not; the answer tells nothing else.
        TooManyError: the number's code was guessed wrongly too often.
    """
    number, code = normal(number, code)
    async with database.read() as session:
        await limits.check_guesses(session, number, now)
        case = await session.scalar(select(Case).where(Case.number == number))
    right = codes.right(number, code) & numbers.is_valid(number)
    if case is None or not right:
        async with database.write() as session:
            await limits.count_guess(session, number, now)
        raise NotYoursError
    return case


async def progress(desk: Desk, session: AsyncSession, case: Case, now: datetime) -> Progress:
    """Return what the applicant is shown of a case."""
    service = await desk.definition(session, case)
    state = service.states[case.state]
    may_evaluate = evaluable(service, case)
    return Progress(
        number=case.number,
        service=service,
        state=state.public or state.name,
        over=state.kind is StateKind.END,
        opened_at=case.opened_at,
        title=case.title or "",
        steps=await _steps(session, service, case),
        told=await _told(session, case.id),
        promises=list(_promises(service, case, now)),
        papers=await papers.of_case(session, case.id),
        acts=await applicant_acts(desk, session, case, service),
        may_evaluate=may_evaluate,
        satisfaction=case.satisfaction,
        appointment=appointment(service, case),
    )


def appointment(service: Service, case: Case) -> Appointment | None:
    """Return the appointment that the case holds now."""
    booking, values = service.booking, view(case).values
    if booking is None or case.state not in booking.states or not values.get(booking.at):
        return None
    at = service.field_by_name[booking.at]
    own = booking.applicants.of if booking.applicants is not None else ""
    moment = datetime.fromisoformat(str(values[booking.at]))
    return Appointment(at.label, at.words(values[booking.at]), moment, str(values.get(own) or ""))


async def applicant_acts(
    desk: Desk, session: AsyncSession, case: Case, service: Service
) -> list[Transition]:
    """Return what the applicant may do now, without the evaluation, which has its own page."""
    found = await desk.available(session, case, APPLICANT_ACTOR)
    found = [t for t in found if not is_evaluation(service, t)]
    if any(takes_time(service, t) for t in found) and not await windows(session, service):
        return [t for t in found if not takes_time(service, t)]
    return found


def takes_time(service: Service, transition: Transition) -> bool:
    """Whether an act is the applicant's taking of a time."""
    own = service.booking.applicants if service.booking is not None else None
    return own is not None and transition.action == own.action


def act_fields(service: Service, transition: Transition) -> list[FormField]:
    """Return the fields of an act that an applicant fills in: those that are theirs."""
    return [f for f in engine.asked_fields(service, transition) if f.public]


def is_evaluation(service: Service, transition: Transition) -> bool:
    """Whether an act is the applicant's evaluation."""
    if service.evaluation is None:
        return False
    questions = {question.name for question in service.evaluation.questions}
    asked = {*transition.asks, *transition.requires}
    return bool(asked) and asked <= questions


def evaluable(service: Service, case: Case) -> bool:
    """Whether the case waits for its applicant's evaluation; each is evaluated once."""
    return (
        service.evaluation is not None
        and case.state in service.evaluation.states
        and case.satisfaction is None
    )


async def _steps(session: AsyncSession, service: Service, case: Case) -> list[Step]:
    found: list[Step] = []
    for event in await events(session, case.id):
        state = service.states.get(event.to_state)
        if state is None:
            continue
        words = state.public or state.name
        # Several states may read the same outside (办理, 退单待审: 正在办理).
        if not found or found[-1].words != words:
            found.append(Step(event.at, words))
    return found


async def _told(session: AsyncSession, case_id: int) -> list[Told]:
    query = select(TextMessageTable).where(TextMessageTable.case_id == case_id)
    rows = await session.scalars(query.order_by(TextMessageTable.id))
    return [Told(row.created_at, row.words) for row in rows]


def _promises(service: Service, case: Case, now: datetime) -> Sequence[Promise]:
    records: Mapping[str, Any] = case.clocks
    found = []
    for name, record in records.items():
        clock, run = service.clocks.get(name), Running.from_json(record)
        if clock is None or run.ended is not None or name in OWN_CLOCKS:
            continue
        late = run.paused is None and run.due < now
        found.append(Promise(clock.name, run.due, clock.basis, run.paused is not None, late))
    return sorted(found, key=lambda promise: promise.due)
