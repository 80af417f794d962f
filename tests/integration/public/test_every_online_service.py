"""Every service that takes applications: asked for on the public page, worked to an end, followed.

The ways are those of the walker of ``tests/unit/casework``; what the applicant is shown at the end
is what the service's file says.
"""

from __future__ import annotations

from typing import Any

import pytest

from hotline.casework import SYSTEM_ACTOR, Actor, Desk, by_number, services
from hotline.casework.definition import StateKind
from hotline.clock import CHINA, ManualClock
from hotline.errors import HotlineError
from hotline.public import catalogue, forms
from hotline.public.face import Face
from hotline.public.intake import APPLICANT_ACTOR
from hotline.store import Database
from tests.unit.casework.conftest import Step, Walk
from tests.unit.casework.test_every_service import explored

ONLINE = [
    s.code
    for s in services.load().by_code.values()
    if catalogue.takes_applications(s) and s.code != "ticket"
]


def form_of(desk: Desk, code: str, opening: Step) -> dict[str, Any]:
    """Return what an applicant types: the public fields alone, as a browser sends them."""
    fields = forms.opening_fields(desk.services.get(code))
    typed = {f.name: opening.given.get(f.name) for f in fields}
    typed |= {"topic": "wages"} if "topic" in typed else {}
    typed |= {"place": "qingshi"} if "place" in typed else {}
    shown = {n: "true" if v is True else v for n, v in typed.items()}
    return {n: v for n, v in shown.items() if v not in {None, False, ""}}


async def worked(
    desk: Desk, database: Database, clock: ManualClock, number: str, steps: tuple[Step, ...]
) -> str:
    """Do the steps; return the state that was come to."""
    async with database.write() as session:
        case = await by_number(session, number)
        case.organisation_id = case.organisation_id or "chengguan"
        for step in steps:
            actor: Actor = step.actor
            if actor.is_applicant:
                actor = APPLICANT_ACTOR
            await desk.act(
                session,
                case.id,
                step.action,
                step.given,
                actor=SYSTEM_ACTOR if actor.id == SYSTEM_ACTOR.id else actor,
                now=clock.now(),
                note=step.note,
            )
        return case.state


@pytest.mark.parametrize("code", ONLINE)
async def test_an_application_is_worked_to_an_end_and_followed_by_number_and_code(
    code: str, *, visitor: Any, face: Face, desk: Desk, database: Database, clock: ManualClock
) -> None:
    service = desk.services.get(code)

    def walk(name: str, at: str = "") -> Walk:
        del at
        return Walk(desk.services.get(name), clock.now().astimezone(CHINA), desk.worktime)

    ends = []
    for state, road in explored(walk, code)[0].items():
        if service.states[state].kind is not StateKind.END:
            continue
        one = visitor()
        opening, *steps = road.steps
        typed = form_of(desk, code, opening)
        answer = await one.apply(f"/public/services/{code}/apply", typed)
        assert answer.status == 303, answer.text
        number = answer.to.rsplit("/", 1)[1]
        try:
            reached = await worked(desk, database, clock, number, tuple(steps))
        except HotlineError:
            continue  # this way begins with what only staff may fill in
        assert reached == state
        page = (await one.get(f"/public/cases/{number}")).text
        assert (service.states[state].public or service.states[state].name) in page
        other = visitor()
        code_of = face.codes.code(number)
        entered = await other.post("/public/follow", {"number": number, "code": code_of})
        assert entered.to == f"/public/cases/{number}"
        assert (await visitor().get(f"/public/cases/{number}")).text != page
        ends.append(state)
    assert ends, "no end was come to from the public page"
