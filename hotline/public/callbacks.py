"""Requests to be called back (请回电): what the page writes down for whoever calls."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from hotline.calls.tables import Asked
from hotline.casework import SYSTEM_ACTOR, Case, Desk
from hotline.public.catalogue import TICKET
from hotline.public.forms import Lists
from hotline.public.intake import Request, submit
from hotline.routing.waiting import book
from hotline.routing.waiting.agenda import AFTERNOON, MORNING, Entry


@dataclass(frozen=True)
class CallbackRequest:
    """Who wants to be called, when, about what."""

    number: str
    window: str
    title: str
    name: str = ""
    place: str = ""
    submission: str = ""
    part: str = ""
    """``morning`` or ``afternoon``; anything else: whenever we are open."""


class CallbackBook(Protocol):
    """Takes requests to be called back."""

    async def request(
        self, session: AsyncSession, asked: CallbackRequest, lists: Lists, now: datetime
    ) -> Case:
        """Write the request down; the same ``submission`` again is the same request."""
        ...


class TicketCallbacks:
    """Keeps each request as a ticket that waits for its call-back (待回拨), with its clock.

    The controller dials it (:mod:`hotline.routing.waiting`); of a number that is to be called
    already, the ticket is left to whoever calls.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def request(
        self, session: AsyncSession, asked: CallbackRequest, lists: Lists, now: datetime
    ) -> Case:
        """Open the ticket and leave it for the call-back."""
        given = {
            "title": asked.title or "网上请求回电",
            "caller_name": asked.name,
            "callback_window": asked.window,
            "place": asked.place,
            "phone": asked.number,
        }
        case = await submit(
            self._desk, session, Request(TICKET, given, asked.submission), lists, now
        )
        ways = await self._desk.available(session, case, SYSTEM_ACTOR)
        if case.state == "accepted" and any(t.action == "leave_for_callback" for t in ways):
            await self._desk.act(
                session, case.id, "leave_for_callback", actor=SYSTEM_ACTOR, now=now
            )
        await book.register(
            session,
            Entry(
                id=f"w{case.id}",
                number=asked.number,
                asked=Asked.WEB,
                since=now,
                due_at=now,
                created_at=now,
                case_id=case.id,
                place=asked.place,
                day_part=asked.part if asked.part in {MORNING, AFTERNOON} else "",
            ),
        )
        return case
