"""The applicant opens a case: from a form of the page, a message, or a program's request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from hotline.casework import Actor, Case, Desk, windows
from hotline.casework.desk import was_done
from hotline.casework.fields import FormField, clean
from hotline.casework.windows import Choice
from hotline.errors import InvalidInputError
from hotline.public import catalogue, forms
from hotline.public.forms import Lists

APPLICANT_ACTOR: Final = Actor("applicant", is_applicant=True, name="申请人")


@dataclass(frozen=True)
class Request:
    """What an applicant asks for. ``submission`` is its one-time mark."""

    service: str
    given: Mapping[str, Any]
    submission: str
    channel: str = "web"
    facets: Mapping[str, Any] | None = None
    choice: Choice | None = None
    """The time of an appointment that is taken along with the application."""


async def submit(
    desk: Desk, session: AsyncSession, asked: Request, lists: Lists, now: datetime
) -> Case:
    """Open the case; the same submission again returns the case that it made.

    Raises:
        NotFoundError: the public cannot apply for such a service.
        ForbiddenError: the service takes no applications here.
        InvalidInputError: the form is not right; ``details["errors"]`` says where.
    """
    service = catalogue.get_online(desk.services, asked.service)
    fields = forms.opening_fields(service)
    given = dict(asked.given)
    facets = dict(asked.facets or {})
    wrong = forms.check_lists(fields, given, lists)
    try:
        contact = clean([forms.CONTACT], {forms.CONTACT.name: given.get(forms.CONTACT.name)}, {})
    except InvalidInputError as error:
        wrong |= forms.problems_of(error)
    else:
        if contact.get(forms.CONTACT.name):
            # Whom the workflow's notices go to.
            facets["caller_number"] = contact[forms.CONTACT.name]
    if not forms.has_contact(fields):
        given.pop(forms.CONTACT.name, None)
    try:
        clean(fields, given, {})
    except InvalidInputError as error:
        wrong = forms.problems_of(error) | wrong
    if wrong:
        raise _refused(fields, wrong)
    case = await desk.open(
        session,
        service.code,
        given,
        actor=APPLICANT_ACTOR,
        now=now,
        channel=asked.channel,
        facets=facets,
        submission=asked.submission,
    )
    if asked.choice is None:
        return case
    return await take_time(desk, session, case, asked.choice, submission=asked.submission, now=now)


async def take_time(
    desk: Desk,
    session: AsyncSession,
    case: Case,
    choice: Choice,
    *,
    submission: str | None,
    now: datetime,
    reason: str = "",
) -> Case:
    """Take the time that an applicant chose, and let go the one that the case had.

    Raises:
        InvalidInputError: it is not offered, or somebody was quicker.
    """
    service = await desk.definition(session, case)
    own = service.booking.applicants if service.booking is not None else None
    if own is None:
        raise InvalidInputError(f"“{service.name}”的时间由工作人员安排，不能自己选")
    if submission is not None and await was_done(session, case.id, submission):
        return case
    await windows.check_choice(session, service, choice, desk.worktime, now)
    return await desk.act(
        session,
        case.id,
        own.action,
        choice.given(service),
        actor=APPLICANT_ACTOR,
        now=now,
        note=reason,
        submission=submission,
    )


async def give_time_back(
    desk: Desk,
    session: AsyncSession,
    case: Case,
    reason: str,
    *,
    submission: str | None,
    now: datetime,
) -> Case:
    """Cancel what an applicant has an appointment for.

    Raises:
        InvalidInputError: the service lets no applicant do so.
        ConflictError: the case is past it.
    """
    service = await desk.definition(session, case)
    own = service.booking.applicants if service.booking is not None else None
    if own is None or own.cancel is None:
        raise InvalidInputError(f"“{service.name}”不能在这里取消，请拨打热线")
    return await desk.act(
        session,
        case.id,
        own.cancel,
        actor=APPLICANT_ACTOR,
        now=now,
        note=reason,
        submission=submission,
    )


def _refused(fields: Sequence[FormField], wrong: Mapping[str, str]) -> InvalidInputError:
    """Return a refusal that tells all that is wrong at once."""
    errors = dict(wrong)
    labels = {field.name: field.label for field in (forms.CONTACT, *fields)}
    told = "；".join(f"{labels.get(name, name)}：{reason}" for name, reason in errors.items())
    return InvalidInputError(f"请改正后再提交。{told}", field=next(iter(errors)), errors=errors)
