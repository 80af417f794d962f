"""The rows of call-backs: what the agenda decided, written down; what others asked for, read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, exists, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from hotline.calls import reconcile
from hotline.calls.live import Call
from hotline.calls.tables import Asked, CallBackOutcome, CallBackTable, CallTable, Outcome
from hotline.casework.tables import Case
from hotline.clock import CHINA
from hotline.routing.waiting.agenda import Closed, Entry
from hotline.store import append

TRIED, CLOSED = "callback.tried", "callback.closed"
"""Topics of the outbox."""

WAITS_FOR_CALL = frozenset({"accepted", "callback"})
"""States of a ticket that still wants its call-back; in any other somebody dealt with it."""

_LOOK_BACK = timedelta(hours=12)
_SETTLED = timedelta(seconds=30)
"""Calls that ended longer ago than this and left no call-back were missed by the agenda."""

_FIELDS = tuple(Entry.__dataclass_fields__)


@dataclass(frozen=True, slots=True)
class News:
    """A newer state of an entry, with its sentence; ``closed`` where it is the last one."""

    entry: Entry
    words: str
    closed: Closed | None = None


async def register(session: AsyncSession, entry: Entry) -> bool:
    """Write an entry down; ``False`` where it is there or its number has an open one."""
    values = {**_row(entry), "words": entry.words()}
    statement = _insert(session)(CallBackTable).values(values)
    found = await session.execute(statement.on_conflict_do_nothing().returning(CallBackTable.id))
    return found.scalar_one_or_none() is not None


def _insert(session: AsyncSession) -> Any:
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    return sqlite.insert if is_sqlite else postgresql.insert


async def open_entries(session: AsyncSession) -> list[Entry]:
    """Return every call-back that is not closed."""
    rows = await session.scalars(select(CallBackTable).where(CallBackTable.closed_at.is_(None)))
    return [_entry(row) for row in rows]


async def begin(session: AsyncSession, entry: Entry, call: Call, now: datetime) -> Closed | None:
    """Write down that a try begins and give it the ticket; a reason not to dial comes back.

    The try's call is written down with it: a crash must not make it a call that nobody knows.
    """
    row = await session.get(CallBackTable, entry.id)
    if row is None or row.closed_at is not None:
        return Closed(CallBackOutcome.CANCELLED, "回拨已取消")
    case = None if entry.own_ticket else await _case(session, entry)
    if case is not None:
        if case.confidential:
            words = "工单已标为保密，不自动回拨；请先确认来电人方便"
            return Closed(CallBackOutcome.CONFIDENTIAL, words)
        if case.state not in WAITS_FOR_CALL:
            return Closed(CallBackOutcome.HANDLED, "工单已由人处理，不再回拨")
        # The ticket goes with the talk: its recording and its score belong to the newest call.
        case.call_id = entry.try_call
        row.case_id = case.id
    row.tries, row.try_call, row.dialling = entry.tries, entry.try_call, True
    row.words = f"第 {entry.tries} 次回拨，{now.astimezone(CHINA):%H:%M}"
    await session.execute(_insert(session)(CallTable).values(**call.row()).on_conflict_do_nothing())
    return None


async def note(session: AsyncSession, news: News, now: datetime) -> None:
    """Write down what a try, or the whole call-back, came to; told once."""
    entry, closed = news.entry, news.closed
    values: dict[str, Any] = {"words": news.words, "dialling": False}
    if closed is not None:
        values |= {"closed_at": now, "outcome": closed.outcome.value}
    else:
        values |= {"due_at": entry.due_at, "since": entry.since}
    changed = await session.execute(
        update(CallBackTable)
        .where(CallBackTable.id == entry.id, CallBackTable.closed_at.is_(None))
        .values(**values)
        .returning(CallBackTable.case_id)
    )
    row = changed.one_or_none()
    if row is None:
        return
    payload = {
        "call_id": entry.call_id,
        "case_id": row.case_id,
        "try_call": entry.try_call,
        "tries": entry.tries,
        "outcome": closed.outcome.value if closed is not None else None,
        "words": news.words,
    }
    append(session, CLOSED if closed is not None else TRIED, entry.id, payload, now)


async def ended_calls(session: AsyncSession, call_ids: Sequence[str]) -> list[Call]:
    """Return those of the calls that are over."""
    rows = await session.scalars(
        select(CallTable).where(CallTable.id.in_(call_ids), CallTable.ended_at.is_not(None))
    )
    return [reconcile.from_row(row) for row in rows]


async def overlooked(session: AsyncSession, now: datetime) -> list[Call]:
    """Return calls that may want a call-back and left none: the controller was away or crashed.

    A number that was talked with since, or has had a call-back since, is left alone.
    """
    later = aliased(CallTable)
    talked = exists().where(
        later.number == CallTable.number, later.answered_at > CallTable.ended_at
    )
    called_back = exists().where(
        or_(
            CallBackTable.call_id == CallTable.id,
            and_(
                CallBackTable.number == CallTable.number,
                or_(
                    CallBackTable.closed_at.is_(None),
                    CallBackTable.closed_at > CallTable.ended_at,
                ),
            ),
        )
    )
    wanting = (Outcome.CALLBACK, Outcome.VOICEMAIL, Outcome.ABANDONED, Outcome.ABANDONED_MENU)
    rows = await session.scalars(
        select(CallTable)
        .where(
            CallTable.outcome.in_([outcome.value for outcome in wanting]),
            CallTable.callback_id.is_(None),
            CallTable.number != "",
            CallTable.ended_at > now - _LOOK_BACK,
            CallTable.ended_at < now - _SETTLED,
            ~talked,
            ~called_back,
        )
        .order_by(CallTable.ended_at)
    )
    return [reconcile.from_row(row) for row in rows]


async def _case(session: AsyncSession, entry: Entry) -> Case | None:
    if entry.case_id is not None:
        return await session.get(Case, entry.case_id)
    earlier = [f"{entry.id}-{number}" for number in range(1, entry.tries)]
    if entry.call_id and entry.asked is not Asked.MENU:
        earlier.append(entry.call_id)
    return await session.scalar(select(Case).where(Case.call_id.in_(earlier)).limit(1))


def _row(entry: Entry) -> dict[str, Any]:
    values = {name: getattr(entry, name) for name in _FIELDS}
    return {**values, "asked": entry.asked.value}


def _entry(row: CallBackTable) -> Entry:
    values = {name: getattr(row, name) for name in _FIELDS}
    return replace(Entry(**values), asked=Asked(row.asked))
