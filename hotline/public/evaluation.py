"""The applicant's evaluation (评价) of a case: by the link of a message or with number and code."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from hotline.casework import SYSTEM_ACTOR, Case, Desk, set_facets
from hotline.casework.definition import Question, Service
from hotline.errors import ConflictError, InvalidInputError
from hotline.public import following
from hotline.public.intake import APPLICANT_ACTOR

DISSATISFIED: Final = 3


def questions(service: Service) -> tuple[Question, ...]:
    """Return what the applicant is asked."""
    return service.evaluation.questions if service.evaluation is not None else ()


def answers(service: Service, form: Mapping[str, Any]) -> dict[str, int]:
    """Return the answers that were chosen.

    Raises:
        InvalidInputError: satisfaction, or another first question, was not answered.
    """
    found: dict[str, int] = {}
    errors: dict[str, str] = {}
    for place, question in enumerate(questions(service)):
        given = str(form.get(question.name, ""))
        if given.isascii() and given.isdigit() and int(given) in question.options:
            found[question.name] = int(given)
        elif given or place == 0:
            errors[question.name] = "请选择一项"
    if errors:
        raise InvalidInputError("请选择一项后再提交", field=next(iter(errors)), errors=errors)
    return found


async def evaluate(
    desk: Desk, session: AsyncSession, case: Case, chosen: Mapping[str, int], now: datetime
) -> None:
    """Put the applicant's answers on the case; who is dissatisfied is followed up (回访).

    Raises:
        ConflictError: the case was evaluated already, or cannot be yet.
    """
    service = await desk.definition(session, case)
    if case.satisfaction is not None:
        raise ConflictError("这个办件已经评价过了，谢谢您。")
    if not following.evaluable(service, case):
        raise ConflictError("这个办件还没有办结，办结后可以评价。")
    ways = await desk.available(session, case, APPLICANT_ACTOR)
    act = next((t for t in ways if following.is_evaluation(service, t)), None)
    if act is not None:
        given = {name: str(value) for name, value in chosen.items()}
        await desk.act(session, case.id, act.action, given, actor=APPLICANT_ACTOR, now=now)
        return
    await set_facets(
        session,
        case.id,
        now,
        actor=APPLICANT_ACTOR.id,
        satisfaction=chosen.get("satisfaction"),
        solved=chosen.get("solved"),
    )
    if chosen.get("satisfaction") == DISSATISFIED:
        await _follow_up(desk, session, case, service, now)


async def _follow_up(
    desk: Desk, session: AsyncSession, case: Case, service: Service, now: datetime
) -> None:
    action = service.call_outcomes.get("dissatisfied")
    ways = await desk.available(session, case, SYSTEM_ACTOR)
    if action is not None and any(t.action == action for t in ways):
        note = "网上评价不满意"
        await desk.act(session, case.id, action, actor=SYSTEM_ACTOR, now=now, note=note)
