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
from hotline.casework.views import CaseView
from hotline.clock import CHINA
from hotline.errors import InvalidInputError
from hotline.worktime import Span, WorkTime

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


def calendars(booking: Booking, case: CaseView) -> list[str]:
    """Return every calendar that a case's appointment stands in.

    A time that an applicant took in a place's window stays taken there when a person is named
    for it: else the window would offer it again, and nobody might be left to keep it.
    """
    found = [calendar] if (calendar := whose(booking, case.values)) is not None else []
    own = booking.applicants
    if own is not None and own.action in case.acts and case.values.get(own.of):
        found.append(f"{own.of}:{case.values[own.of]}")
    return list(dict.fromkeys(found))


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
    seen = view(case)
    held, text = calendars(booking, seen), seen.values.get(booking.at)
    if case.state not in booking.states or not held or not text:
        return
    moments = quarters(datetime.fromisoformat(str(text)), booking.minutes)
    wanted = [(calendar, at) for calendar in held for at in moments]
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    made = await session.execute(
        insert(CalendarMark)
        .values([{"whose": calendar, "at": at, "case_id": case.id} for calendar, at in wanted])
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
    marks = await taken(session, calendar, begin, begin + timedelta(days=1))
    return slots(booking, on, worktime.hours.spans(on, worktime.calendar), marks)


async def taken(
    session: AsyncSession, calendar: str, since: datetime, until: datetime
) -> Mapping[datetime, str]:
    """Return the quarters of a calendar that are taken, with the number of the case."""
    rows = await session.execute(
        select(CalendarMark.at, Case.number)
        .join(Case, Case.id == CalendarMark.case_id)
        .where(CalendarMark.whose == calendar, CalendarMark.at >= since, CalendarMark.at < until)
    )
    return {row[0].astimezone(CHINA): row[1] for row in rows}


def slots(
    booking: Booking, on: date, spans: Sequence[Span], marks: Mapping[datetime, str]
) -> list[Slot]:
    """Return the times of one day, one after another within each span."""
    found, length = [], timedelta(minutes=booking.minutes)
    begin = datetime.combine(on, time(), CHINA)
    for span in spans:
        at, end = begin + timedelta(minutes=span.start), begin + timedelta(minutes=span.end)
        while at + length <= end:
            numbers = [marks[q] for q in quarters(at, booking.minutes) if q in marks]
            found.append(Slot(at, numbers[0] if numbers else None))
            at += length
    return found
