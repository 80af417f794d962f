"""From a call's ticket to a case of another service, with what is known carried over (转办)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from hotline.casework import Actor, Case, Desk, Service, by_id, children, engine
from hotline.casework.fields import FieldType
from hotline.casework.rows import view
from hotline.casework.services import Services
from hotline.errors import ConflictError, ForbiddenError, NotFoundError
from hotline.tickets.birth import SERVICE

ACTION: Final = "refer"
CHOICE: Final = "refer_to"
"""The ticket's own act and field; a bureau may rename neither without losing the buttons."""


def destinations(services: Services, actor: Actor) -> Sequence[Service]:
    """Return the services that ``actor`` may open from a ticket: those that it names, then others.

    A bureau's own service stands here as soon as its file is there and takes applications.
    """
    ticket = services.by_code.get(SERVICE)
    named = list(ticket.field_by_name[CHOICE].options) if ticket and _names(ticket) else []
    others = [s.code for s in services.by_code.values() if s.catalogue.online]
    codes = dict.fromkeys([*named, *others])
    found = [services.by_code[c] for c in codes if c in services.by_code and c != SERVICE]
    return [s for s in found if engine.may_act(s.opened_by, None, actor)]


async def open_from_ticket(
    desk: Desk,
    session: AsyncSession,
    ticket_id: int,
    service_code: str,
    *,
    actor: Actor,
    now: datetime,
    submission: str | None = None,
) -> Case:
    """Open a case of ``service_code`` from a ticket; the same submission again opens no other.

    Raises:
        NotFoundError: there is no such ticket or service.
        ForbiddenError: ``actor`` may not open one.
        ConflictError: the ticket is over, or a case of this service was opened from it already.
    """
    ticket = await by_id(session, ticket_id)
    service = next((s for s in destinations(desk.services, actor) if s.code == service_code), None)
    if service is None:
        raise ForbiddenError("您不能转办这项服务，或没有这项服务")
    before = await children(session, ticket_id)
    again = next((c for c in before if c.service == service_code), None)
    if again is not None:
        if submission is not None and again.submission == submission:
            return again
        raise ConflictError(f"这张工单已经转过{service.name}，编号 {again.number}")
    ways = {t.action for t in await desk.available(session, ticket, actor)}
    if ACTION not in ways:
        raise ConflictError("这张工单现在不能转办：已经归档、合并或撤销，或不由您办理")
    definition = await desk.definition(session, ticket)
    if _names(definition) and service_code in definition.field_by_name[CHOICE].options:
        await desk.act(
            session,
            ticket_id,
            ACTION,
            {CHOICE: service_code},
            actor=actor,
            now=now,
            submission=submission,
        )
        known = {c.id for c in before}
        opened = [c for c in await children(session, ticket_id) if c.id not in known]
        made = next((c for c in opened if c.service == service_code), None)
        if made is None:
            raise NotFoundError(f"工单的流程没有开出{service.name}，请检查服务文件的 refer")
        return made
    return await desk.open(
        session,
        service_code,
        _carried(service, ticket),
        actor=actor,
        now=now,
        channel=ticket.channel,
        parent=ticket,
        submission=submission,
        complete=False,
    )


def _names(ticket: Service) -> bool:
    field = ticket.field_by_name.get(CHOICE)
    return field is not None and field.type is FieldType.CHOICE


def _carried(service: Service, ticket: Case) -> dict[str, object]:
    """Return what both forms ask for."""
    values = view(ticket).values
    return {
        field.name: values[field.name]
        for field in service.fields
        if field.opening and values.get(field.name) is not None
    }
