"""A ticket (工单) is born when a call ends its menu, or, for a call that nobody saw, by reconcile.

One call leaves exactly one ticket, however often and by however many it is reported.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.casework import numbers, versions
from hotline.casework.tables import Case, CaseEvent
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


async def open_for_call(session: AsyncSession, facts: CallFacts, now: datetime) -> int:
    """Return the id of the call's ticket; make it if the call has none yet."""
    return (await open_for_calls(session, [facts], now))[facts.call_id]


async def open_for_calls(
    session: AsyncSession, facts: Sequence[CallFacts], now: datetime
) -> dict[str, int]:
    """Make the tickets of many calls in ``session``'s transaction; calls with one keep it.

    Returns:
        The ticket's id by call id, for every call in ``facts``.
    """
    version = await versions.record(session, SERVICE, {"code": SERVICE}, now)
    found: dict[str, int] = {}
    for some in _batches(list({f.call_id: f for f in facts}.values())):
        found |= await _open(session, some, version, now)
    return found


async def _open(
    session: AsyncSession, facts: Sequence[CallFacts], version: str, now: datetime
) -> dict[str, int]:
    known = await _tickets(session, [f.call_id for f in facts])
    if all(f.call_id in known for f in facts):
        return known
    beginning = numbers.prefix(now, "10")
    # Taking numbers makes others who open tickets wait, so the second look sees all of theirs.
    taken = await numbers.reserve(session, beginning, len(facts) - len(known))
    known = await _tickets(session, [f.call_id for f in facts])
    fresh = [f for f in facts if f.call_id not in known]
    if not fresh:
        return known
    await session.execute(
        insert(Case),
        [
            _row(f, numbers.number(beginning, n), version, now)
            for f, n in zip(fresh, taken, strict=False)
        ],
    )
    born = await _tickets(session, [f.call_id for f in fresh])
    await session.execute(
        insert(CaseEvent),
        [
            {
                "case_id": case_id,
                "at": now,
                "actor": "system",
                "action": "open",
                "to_state": "accepted",
                "data": {},
            }
            for case_id in born.values()
        ],
    )
    for call_id, case_id in born.items():
        append(session, "case.opened", str(case_id), {"service": SERVICE, "call_id": call_id}, now)
    return known | born


def _row(facts: CallFacts, number: str, version: str, now: datetime) -> dict[str, Any]:
    return {
        "number": number,
        "code": numbers.access_code(),
        "service": SERVICE,
        "service_version": version,
        "state": "accepted",
        "data": dict(facts.data),
        "clocks": {},
        "call_id": facts.call_id,
        "caller_number": facts.number or None,
        "caller_reversed": facts.number[::-1] or None,
        "language": facts.language or None,
        "topic": facts.topic or None,
        "place": facts.place or None,
        "opened_at": now,
    }


async def _tickets(session: AsyncSession, call_ids: Sequence[str]) -> dict[str, int]:
    rows = await session.execute(select(Case.call_id, Case.id).where(Case.call_id.in_(call_ids)))
    return {call_id: case_id for call_id, case_id in rows if call_id is not None}


def _batches(facts: Sequence[CallFacts]) -> Iterator[Sequence[CallFacts]]:
    for start in range(0, len(facts), BATCH):
        yield facts[start : start + BATCH]
