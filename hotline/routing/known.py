"""What is known of a caller's number before a lawyer hears it: earlier calls, tickets, blocks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from hotline.calls.live import Call
from hotline.calls.tables import CallTable
from hotline.casework.tables import Case
from hotline.routing.tables import BlockedCallerTable
from hotline.store import Database

REPEAT = "repeat"
"""The priority class of somebody whose last call did not solve the matter."""

UNSOLVED, DISSATISFIED = 2, 3

TICKET = "ticket"
GROUPS = {"minor": "minor", "elderly": "elderly", "migrant": "migrant"}
"""Special groups (特殊群体) of a ticket that have a priority class."""
AGES = {"minor": "minor", "senior": "elderly"}
"""The same of its age bands (年龄段)."""


@dataclass(frozen=True, slots=True)
class Known:
    """What earlier calls from a number, and their tickets, tell."""

    last_agent: str = ""
    classes: tuple[str, ...] = ()
    """Priority classes that the caller belongs to."""


@dataclass(slots=True)
class Knowledge:
    """What is kept fresh beside the calls."""

    topics: Mapping[str, str] = field(default_factory=dict)
    """Topic code to name."""
    places: Mapping[str, str] = field(default_factory=dict)
    """Beginning of a number to the code of its place."""
    blocked: Mapping[str, str] = field(default_factory=dict)
    """Number to why it is turned away."""
    callers: dict[str, Known] = field(default_factory=dict)
    """By number, for calls that go on."""
    unknown: set[str] = field(default_factory=set)
    """Numbers to be looked up."""
    open_calls: dict[str, Call] = field(default_factory=dict)
    """Calls that an earlier life of the controller kept without an end."""
    open_offers: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Rows of offers that an earlier life of the controller left open, by id."""


async def look_up(
    database: Database, numbers: Sequence[str], now: datetime, days: int, group_days: int = 0
) -> dict[str, Known]:
    """Return what calls of the last ``days`` and tickets of the last ``group_days`` tell."""
    calls = await _calls(database, numbers, now, days) if numbers and days > 0 else {}
    groups = await _groups(database, numbers, now, group_days) if numbers and group_days else {}
    return {
        number: Known(
            calls.get(number, Known()).last_agent,
            (*calls.get(number, Known()).classes, *groups.get(number, ())),
        )
        for number in {*calls, *groups}
    }


async def _calls(
    database: Database, numbers: Sequence[str], now: datetime, days: int
) -> dict[str, Known]:
    query = (
        select(CallTable.number, CallTable.agent_id, CallTable.solved, CallTable.satisfaction)
        .where(
            CallTable.number.in_(numbers),
            CallTable.started_at > now - timedelta(days=days),
            CallTable.agent_id.is_not(None),
            CallTable.ended_at.is_not(None),
        )
        .order_by(CallTable.started_at)
    )
    async with database.read() as session:
        rows = await session.execute(query)
    # Ordered by time: the last call of a number is what stays.
    return {
        number: Known(
            agent_id or "", (REPEAT,) if solved == UNSOLVED or rated == DISSATISFIED else ()
        )
        for number, agent_id, solved, rated in rows
    }


async def _groups(
    database: Database, numbers: Sequence[str], now: datetime, days: int
) -> dict[str, tuple[str, ...]]:
    """Return the classes by what a person wrote down last: who mends a mistake is believed."""
    query = (
        select(Case.caller_number, Case.data["special_group"], Case.data["age_band"])
        .where(
            Case.service == TICKET,
            Case.caller_number.in_(numbers),
            Case.opened_at > now - timedelta(days=days),
        )
        .order_by(Case.opened_at)
    )
    async with database.read() as session:
        rows = await session.execute(query)
    return {str(number): classes_of(groups, age) for number, groups, age in rows if groups or age}


def classes_of(groups: object, age: object) -> tuple[str, ...]:
    """Return the priority classes of a ticket's special groups and age band."""
    named = [GROUPS[g] for g in groups if g in GROUPS] if isinstance(groups, list) else []
    if isinstance(age, str) and age in AGES:
        named.append(AGES[age])
    return tuple(dict.fromkeys(named))


async def blocked(database: Database, now: datetime) -> Mapping[str, str]:
    """Return the numbers that are blocked now, each with the reason."""
    query = select(BlockedCallerTable.number, BlockedCallerTable.reason).where(
        BlockedCallerTable.since <= now, BlockedCallerTable.until > now
    )
    async with database.read() as session:
        return {row.number: row.reason for row in await session.execute(query)}
