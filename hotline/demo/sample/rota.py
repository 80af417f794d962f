"""The made-up county's rota: last week and this one, with a gap, a leave and a swap."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from agents.rota.plan import Week
from agents.rota.requests import Kind, State
from agents.rota.tables import AttendanceTable, RequestTable, ShiftTable

MORNING, AFTERNOON, NOON = (8.5, 12.0), (14.0, 17.5), (12.0, 14.0)
_PATTERN = (
    ("wang", "3", "MTWRF", MORNING),
    ("wang", "3", "TR", AFTERNOON),
    ("li", "4", "MTWRF", AFTERNOON),
    ("li", "4", "MW", MORNING),
    ("chen", "1", "MTWRF", MORNING),
    ("chen", "1", "TF", AFTERNOON),
    ("zhao", "2", "TWRF", MORNING),
    ("zhao", "2", "MW", AFTERNOON),
    ("liu", "6", "MTR", AFTERNOON),
    ("liu", "6", "WF", MORNING),
    ("sun", "3", "MWF", AFTERNOON),
    ("abdu", "5", "MTWRF", AFTERNOON),
    ("ouyang", "", "MTWRF", NOON),
    ("he", "2", "TR", AFTERNOON),
    ("guo", "6", "MTR", MORNING),
    ("abdu", "1", "S", MORNING),
)
"""Who sits where on which days, with the conflicts that a rota has."""

_DAYS = "MTWRFSU"


async def make(session: AsyncSession, now: datetime) -> None:
    """Fill last week and this one."""
    this = Week.of(now)
    for week in (this.shifted(-1), this):
        for agent_id, seat, days, (begins, ends) in _PATTERN:
            for day in days:
                midnight = week.start + timedelta(days=_DAYS.index(day))
                shift = ShiftTable(
                    agent_id=agent_id,
                    starts_at=midnight + timedelta(hours=begins),
                    ends_at=midnight + timedelta(hours=ends),
                    seat=seat,
                    changed_at=week.start - timedelta(days=3),
                    changed_by="banzhang",
                )
                session.add(shift)
                await session.flush()
                if shift.starts_at < now:
                    session.add(_attended(shift, now, late=agent_id == "guo", gone=day == "R"))
    await _ask(session, this, now)


def _attended(shift: ShiftTable, now: datetime, *, late: bool, gone: bool) -> AttendanceTable:
    if late and gone:
        return AttendanceTable(shift_id=shift.id, looked_at=min(now, shift.ends_at))
    came = shift.starts_at + timedelta(minutes=17 if late else -4)
    came = max(came, shift.starts_at)
    until = min(now, shift.ends_at)
    return AttendanceTable(
        shift_id=shift.id,
        first_seen_at=came,
        last_seen_at=until,
        looked_at=until,
        seconds=max(0.0, (until - came).total_seconds()),
    )


async def _ask(session: AsyncSession, week: Week, now: datetime) -> None:
    thursday = week.start + timedelta(days=3)
    own = await _shift(session, "wang", thursday + timedelta(hours=14))
    theirs = await _shift(session, "sun", thursday + timedelta(days=1, hours=14))
    session.add_all(
        [
            RequestTable(
                kind=Kind.SWAP,
                agent_id="wang",
                starts_at=own.starts_at,
                ends_at=own.ends_at,
                shift_id=own.id,
                other_agent_id="sun",
                other_shift_id=theirs.id,
                reason="周四下午开庭",
                state=State.AGREED,
                asked_at=now - timedelta(hours=20),
                agreed_at=now - timedelta(hours=3),
            ),
            RequestTable(
                kind=Kind.LEAVE,
                agent_id="liu",
                starts_at=week.start + timedelta(days=3),
                ends_at=week.start + timedelta(days=5),
                reason="年休假",
                state=State.APPROVED,
                asked_at=now - timedelta(days=6),
                decided_at=now - timedelta(days=5),
                decided_by="林秀英",
            ),
            RequestTable(
                kind=Kind.LEAVE,
                agent_id="chen",
                starts_at=week.start + timedelta(days=10, hours=8),
                ends_at=week.start + timedelta(days=10, hours=18),
                reason="参加业务培训",
                state=State.AGREED,
                asked_at=now - timedelta(minutes=35),
            ),
        ]
    )


async def _shift(session: AsyncSession, agent_id: str, start: datetime) -> ShiftTable:
    found = await session.scalar(
        select(ShiftTable).where(ShiftTable.agent_id == agent_id, ShiftTable.starts_at == start)
    )
    if found is None:
        raise LookupError(f"{agent_id} has no shift at {start}")
    return found
