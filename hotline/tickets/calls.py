"""What happens to a call's ticket while the call goes on and after it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from hotline import worktime
from hotline.casework import SYSTEM_ACTOR, Case, Desk, case_of_call, services, set_facets
from hotline.casework.mending import mended
from hotline.store import Database
from hotline.tickets.birth import CallFacts, open_tickets

DISSATISFIED: Final = 3
"""The third key of the survey: 不满意."""


class TicketDesk:
    """Opens tickets for calls and lets calls move them. Sessions come from ``Database.write``."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    async def open_for_call(self, session: AsyncSession, facts: CallFacts, now: datetime) -> int:
        """Return the id of the call's ticket; make it if the call has none yet."""
        return (await self.open_for_calls(session, [facts], now))[facts.call_id]

    async def open_for_calls(
        self, session: AsyncSession, facts: Sequence[CallFacts], now: datetime
    ) -> dict[str, int]:
        """Make the tickets of many calls in one transaction; calls with one keep it.

        Returns:
            The ticket's id by call id, for every call in ``facts``.
        """
        return await open_tickets(self.desk, session, facts, now)

    async def call_ended(
        self,
        session: AsyncSession,
        call_id: str,
        outcome: str,
        now: datetime,
        *,
        agent_id: str | None = None,
        facets: Mapping[str, Any] | None = None,
    ) -> Case:
        """Move the call's ticket as the call's outcome asks (``call_outcomes`` in the service).

        A ticket that a person has moved on meanwhile stays where they put it.

        Args:
            session: the transaction.
            call_id: the call.
            outcome: a value of :class:`hotline.calls.tables.Outcome`.
            now: the time.
            agent_id: who talked with the caller; becomes the ticket's person.
            facets: what the call has taught meanwhile (topic, place…).

        Raises:
            NotFoundError: the call has no ticket.
        """
        case = await case_of_call(session, call_id)
        known = {name: value for name, value in (facets or {}).items() if value}
        if agent_id is not None:
            known["assignee_id"] = agent_id
        await self._follow(session, case, outcome, now)
        await set_facets(session, case.id, now, **known)
        return case

    async def survey_answered(
        self,
        session: AsyncSession,
        call_id: str,
        now: datetime,
        *,
        satisfaction: int | None = None,
        solved: int | None = None,
    ) -> Case:
        """Put the caller's keys on the ticket; a dissatisfied caller is called back (回访).

        Raises:
            NotFoundError: the call has no ticket.
        """
        case = await case_of_call(session, call_id)
        if satisfaction is not None:
            await set_facets(session, case.id, now, satisfaction=satisfaction)
        if solved is not None:
            await set_facets(session, case.id, now, solved=solved)
        if satisfaction == DISSATISFIED:
            await self._follow(session, case, "dissatisfied", now)
        return case

    async def _follow(self, session: AsyncSession, case: Case, outcome: str, now: datetime) -> None:
        action = (await self.desk.definition(session, case)).call_outcomes.get(outcome)
        ways = await self.desk.available(session, case, SYSTEM_ACTOR)
        if any(transition.action == action for transition in ways):
            note = f"电话结束：{outcome}"
            await self.desk.act(
                session, case.id, str(action), actor=SYSTEM_ACTOR, now=now, note=note
            )


@cache
def shipped() -> TicketDesk:
    """Return a desk of the installation's own configuration, read once."""
    return TicketDesk(Desk(services.load(), worktime.load()))


async def open_for_call(
    session: AsyncSession, facts: CallFacts, now: datetime, desk: TicketDesk | None = None
) -> int:
    """Return the id of the call's ticket; make it if the call has none yet."""
    return await (desk or shipped()).open_for_call(session, facts, now)


async def open_for_calls(
    session: AsyncSession,
    facts: Sequence[CallFacts],
    now: datetime,
    desk: TicketDesk | None = None,
) -> dict[str, int]:
    """Make the tickets of many calls in one transaction: see :class:`TicketDesk`."""
    return await (desk or shipped()).open_for_calls(session, facts, now)


async def mend(database: Database, now: datetime) -> None:
    """Let services whose file is broken go on by their last good version, in this process."""
    desk = shipped().desk
    desk.services = await mended(database, desk.services, now)
