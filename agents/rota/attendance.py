"""Late and absent (迟到、缺勤), from presence: looked at once a minute while shifts run."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

import structlog
from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from agents.rota import reading
from agents.rota.plan import Shift
from agents.rota.tables import AttendanceTable
from agents.tables import PresenceTable
from hotline.clock import Clock
from hotline.errors import HotlineError
from hotline.routing.people import Presence
from hotline.store import Database

LOOK_SECONDS = 60.0
GAP = timedelta(seconds=150)
"""Looks further apart than this say nothing about the time between them."""

log = structlog.get_logger(__name__)


class Mark(StrEnum):
    """How somebody kept a shift."""

    COMING = "coming"
    """It has not begun."""
    PRESENT = "present"
    LATE = "late"
    ABSENT = "absent"
    """Begun, or over, without anybody signed in."""
    UNKNOWN = "unknown"
    """Nobody looked: the workers were down."""


MARK_WORDS = {
    Mark.COMING: ("未开始", ""),
    Mark.PRESENT: ("到岗", "good"),
    Mark.LATE: ("迟到", "warn"),
    Mark.ABSENT: ("缺勤", "bad"),
    Mark.UNKNOWN: ("未记录", ""),
}


def mark(shift: Shift, kept: AttendanceTable | None, now: datetime, late: timedelta) -> Mark:
    """Judge one shift. Someone who is not there yet is absent only after the grace of ``late``."""
    if now < shift.start + late and (kept is None or kept.first_seen_at is None):
        return Mark.COMING
    if kept is None:
        return Mark.UNKNOWN
    if kept.first_seen_at is None:
        return Mark.ABSENT
    return Mark.LATE if kept.first_seen_at - shift.start > late else Mark.PRESENT


async def of(session: AsyncSession, shifts: Sequence[Shift]) -> Mapping[int, AttendanceTable]:
    """Return what is known of shifts, by id."""
    rows = await session.scalars(
        select(AttendanceTable).where(AttendanceTable.shift_id.in_([s.id for s in shifts]))
    )
    return {row.shift_id: row for row in rows}


async def look(session: AsyncSession, now: datetime) -> int:
    """Note who of those on duty is signed in; return how many shifts run."""
    running = await reading.shifts(session, now, now + timedelta(microseconds=1))
    if not running:
        return 0
    states = {
        row.agent_id: row.state
        for row in await session.execute(
            select(PresenceTable.agent_id, PresenceTable.state).where(
                PresenceTable.agent_id.in_({s.agent_id for s in running})
            )
        )
    }
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    await session.execute(
        insert(AttendanceTable)
        .values([{"shift_id": s.id, "looked_at": now, "seconds": 0.0} for s in running])
        .on_conflict_do_nothing()
    )
    rows = await session.scalars(
        select(AttendanceTable)
        .where(AttendanceTable.shift_id.in_([s.id for s in running]))
        .with_for_update()
    )
    by_id = {row.shift_id: row for row in rows}
    for shift in running:
        row = by_id[shift.id]
        if states.get(shift.agent_id, Presence.OFFLINE) != Presence.OFFLINE:
            _seen(row, now)
        row.looked_at = now
    return len(running)


def _seen(row: AttendanceTable, now: datetime) -> None:
    row.first_seen_at = row.first_seen_at or now
    # Several workers may look: each counts only what passed since anybody looked last.
    if row.last_seen_at is not None and row.last_seen_at == row.looked_at:
        passed = now - row.last_seen_at
        if timedelta(0) < passed <= GAP:
            row.seconds += passed.total_seconds()
    row.last_seen_at = now


async def keep_looking(database: Database, clock: Clock) -> None:
    """Look once a minute until cancelled."""
    while True:
        try:
            async with database.write() as session:
                await look(session, clock.now())
        except HotlineError as error:
            log.warning("attendance will be looked at again", reason=error.message)
        except Exception:
            # One look that fails must not end the ones after it.
            log.exception("attendance will be looked at again")
        await asyncio.sleep(LOOK_SECONDS)
