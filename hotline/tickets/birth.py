"""A ticket (工单) is born when a call ends its menu, or, for a call that nobody saw, by reconcile.

One call leaves exactly one ticket, however often and by however many it is reported.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.casework import SYSTEM_ACTOR, Case, CaseEvent, Desk, Service, engine, numbers
from hotline.casework.rows import columns
from hotline.casework.views import Outcome
from hotline.store import append

BATCH = 500
"""Calls written in one statement; both databases limit the parameters of one."""

SERVICE = "ticket"


@dataclass(frozen=True)
class CallFacts:
    """What is known of a call when its ticket is born. Empty text means not known."""

    call_id: str
    number: str
    started_at: datetime
    language: str = ""
    topic: str = ""
    place: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    """More values for the ticket's form (such as ``number_place``)."""


async def open_tickets(
    desk: Desk, session: AsyncSession, facts: Sequence[CallFacts], now: datetime
) -> dict[str, int]:
    """Make the tickets of many calls in ``session``'s transaction; calls with one keep it.

    Returns:
        The ticket's id by call id, for every call in ``facts``.
    """
    service, version = await desk.current(session, SERVICE, now)
    found: dict[str, int] = {}
    for some in _batches(list({f.call_id: f for f in facts}.values())):
        found |= await _Birth(desk, service, version, now).give(session, some)
    return found


@dataclass(frozen=True)
class _Birth:
    desk: Desk
    service: Service
    version: str
    now: datetime

    async def give(self, session: AsyncSession, facts: Sequence[CallFacts]) -> dict[str, int]:
        """Return the tickets of all ``facts``, making those that are missing."""
        calls = [f.call_id for f in facts]
        known = await _tickets(session, calls)
        if len(known) == len(calls):
            return known
        # To take no number makes others who open tickets wait all the same, so the second look
        # sees all of theirs.
        beginning = numbers.prefix(self.now, self.service.digits)
        await numbers.reserve(session, beginning, 0)
        known = await _tickets(session, calls)
        fresh = [f for f in facts if f.call_id not in known]
        if not fresh:
            return known
        taken = await numbers.reserve(session, beginning, len(fresh))
        given = [numbers.number(beginning, running) for running in taken]
        born = [
            (f, number, self._outcome(f, number)) for f, number in zip(fresh, given, strict=True)
        ]
        await session.execute(insert(Case), [self._row(f, n, outcome) for f, n, outcome in born])
        ids = await _tickets(session, [f.call_id for f in fresh])
        await self._tell(session, ids, (outcome for _, _, outcome in born))
        return known | ids

    def _outcome(self, facts: CallFacts, number: str) -> Outcome:
        form = {"topic": facts.topic, "place": facts.place, **facts.data}
        return engine.open_case(
            self.service,
            number,
            {name: value for name, value in form.items() if name in self.service.field_by_name},
            {
                "caller_number": facts.number or None,
                "language": facts.language or None,
                "channel": "call",
                "urgency": "normal",
                "confidential": False,
            },
            actor=SYSTEM_ACTOR,
            now=self.now,
            worktime=self.desk.worktime,
            complete=False,
        )

    def _row(self, facts: CallFacts, number: str, outcome: Outcome) -> dict[str, Any]:
        return {
            "number": number,
            "service": SERVICE,
            "service_version": self.version,
            "call_id": facts.call_id,
            "opened_at": self.now,
            **columns(outcome),
        }

    async def _tell(
        self, session: AsyncSession, ids: Mapping[str, int], outcomes: Iterable[Outcome]
    ) -> None:
        events = []
        for (call_id, case_id), outcome in zip(ids.items(), outcomes, strict=True):
            state = outcome.case.state
            events.append(
                {
                    "case_id": case_id,
                    "at": self.now,
                    "actor": SYSTEM_ACTOR.id,
                    "action": outcome.action,
                    "to_state": state,
                    "data": dict(outcome.changed),
                }
            )
            payload = {
                "service": SERVICE,
                "number": outcome.case.number,
                "call_id": call_id,
                "action": outcome.action,
                "from": None,
                "to": state,
            }
            append(session, "case.opened", str(case_id), payload, self.now)
        await session.execute(insert(CaseEvent), events)


async def _tickets(session: AsyncSession, call_ids: Sequence[str]) -> dict[str, int]:
    """Return the tickets that calls have, in the order of the calls."""
    rows = await session.execute(select(Case.call_id, Case.id).where(Case.call_id.in_(call_ids)))
    found = {call_id: case_id for call_id, case_id in rows if call_id is not None}
    return {call_id: found[call_id] for call_id in call_ids if call_id in found}


def _batches(facts: Sequence[CallFacts]) -> Iterator[Sequence[CallFacts]]:
    for start in range(0, len(facts), BATCH):
        yield facts[start : start + BATCH]
