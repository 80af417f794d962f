"""Appointments (预约): a time is held in somebody's calendar, and nobody is booked twice.

A calendar is counted in quarters of an hour, each a row whose key is calendar and moment: two
bookings that overlap want the same row, and the database lets only one have it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.casework.definition import Booking, Service
from hotline.casework.rows import view
from hotline.casework.tables import CalendarMark, Case
from hotline.clock import CHINA
from hotline.errors import InvalidInputError
from hotline.worktime import WorkTime

QUARTER: Final = timedelta(minutes=15)


@dataclass(frozen=True)
class Slot:
    """One time of a calendar. ``case_number`` is what it is taken by; none: it is free."""

    at: datetime
    case_number: str | None = None


def whose(booking: Booking, values: Mapping[str, Any]) -> str | None:
    """Return the calendar that a case's appointment stands in."""
    name = next((name for name in booking.of if values.get(name)), None)
    return None if name is None else f"{name}:{values[name]}"


def quarters(at: datetime, minutes: int) -> list[datetime]:
    """Return the quarters that an appointment touches."""
    start = at.replace(minute=at.minute - at.minute % 15, second=0, microsecond=0)
    found = []
    while start < at + timedelta(minutes=minutes):
        found.append(start)
        start += QUARTER
    return found


async def keep(session: AsyncSession, service: Service, case: Case) -> None:
    """Hold the case's time in the calendar, or free it, in ``session``'s transaction.

    Raises:
        InvalidInputError: somebody else has that time; ``details["errors"]`` names the field.
    """
    booking = service.booking
    if booking is None:
        return
    await session.execute(delete(CalendarMark).where(CalendarMark.case_id == case.id))
    values = view(case).values
    calendar, text = whose(booking, values), values.get(booking.at)
    if case.state not in booking.states or calendar is None or not text:
        return
    wanted = quarters(datetime.fromisoformat(str(text)), booking.minutes)
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    made = await session.execute(
        insert(CalendarMark)
        .values([{"whose": calendar, "at": at, "case_id": case.id} for at in wanted])
        .on_conflict_do_nothing()
        .returning(CalendarMark.at)
    )
    if len(made.all()) < len(wanted):
        reason = "这个时间已经有预约，请换一个时间"
        raise InvalidInputError(reason, field=booking.at, errors={booking.at: reason})


async def day(
    session: AsyncSession, booking: Booking, calendar: str, on: date, worktime: WorkTime
) -> Sequence[Slot]:
    """Return the slots of one day's office hours in a calendar, taken or free."""
    begin = datetime.combine(on, time(), CHINA)
    rows = await session.execute(
        select(CalendarMark.at, Case.number)
        .join(Case, Case.id == CalendarMark.case_id)
        .where(
            CalendarMark.whose == calendar,
            CalendarMark.at >= begin,
            CalendarMark.at < begin + timedelta(days=1),
        )
    )
    taken = {row[0].astimezone(CHINA): row[1] for row in rows}
    found, length = [], timedelta(minutes=booking.minutes)
    for span in worktime.hours.spans(on, worktime.calendar):
        at, end = begin + timedelta(minutes=span.start), begin + timedelta(minutes=span.end)
        while at + length <= end:
            numbers = [taken[q] for q in quarters(at, booking.minutes) if q in taken]
            found.append(Slot(at, numbers[0] if numbers else None))
            at += length
    return found
