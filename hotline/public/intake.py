"""The applicant opens a case: from a form of the page, a message, or a program's request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from hotline.casework import Actor, Case, Desk
from hotline.casework.fields import FormField, clean
from hotline.errors import ForbiddenError, InvalidInputError
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


async def submit(
    desk: Desk, session: AsyncSession, asked: Request, lists: Lists, now: datetime
) -> Case:
    """Open the case; the same submission again returns the case that it made.

    Raises:
        NotFoundError: the public cannot apply for such a service.
        ForbiddenError: the service takes no applications here.
        InvalidInputError: the form is not right; ``details["errors"]`` says where.
    """
    service = catalogue.get(desk.services, asked.service)
    if not catalogue.takes_applications(service):
        raise ForbiddenError(f"“{service.name}”不在网上受理，请到{service.catalogue.counter}办理")
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
    if wrong:
        raise _refused(fields, given, wrong)
    return await desk.open(
        session,
        service.code,
        given,
        actor=APPLICANT_ACTOR,
        now=now,
        channel=asked.channel,
        facets=facets,
        submission=asked.submission,
    )


def _refused(
    fields: Sequence[FormField], given: Mapping[str, Any], wrong: Mapping[str, str]
) -> InvalidInputError:
    """Return a refusal that tells all that is wrong at once."""
    errors = dict(wrong)
    try:
        clean(fields, given, {})
    except InvalidInputError as error:
        errors = forms.problems_of(error) | errors
    labels = {field.name: field.label for field in (forms.CONTACT, *fields)}
    told = "；".join(f"{labels.get(name, name)}：{reason}" for name, reason in errors.items())
    return InvalidInputError(f"请改正后再提交。{told}", field=next(iter(errors)), errors=errors)
