"""Appointments (预约): a time is held in somebody's calendar, and nobody is booked twice.

A calendar is counted in quarters of an hour, each a row whose key is calendar and moment: two
bookings that overlap want the same row, and the database lets only one have it. Where a place has
several counters, each quarter has as many rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.casework.counters import Counters, of_window, one
from hotline.casework.definition import Booking, Service
from hotline.casework.rows import view
from hotline.casework.tables import BookingWindow, CalendarMark, Case
from hotline.casework.views import CaseView
from hotline.clock import CHINA
from hotline.errors import InvalidInputError
from hotline.worktime import Span

QUARTER: Final = timedelta(minutes=15)


@dataclass(frozen=True)
class Slot:
    """One time of a calendar: how many may have it still, and the cases that have it."""

    at: datetime
    left: int = 1
    cases: Sequence[str] = ()


def calendar(service: Service, field: str, value: Any) -> str:
    """Return the calendar of whom or what a field names.

    A person's is one for all services: nobody is at two appointments. The windows of a place are
    each service's own: who is at the notary's counter keeps nobody from the lawyer's.
    """
    own = service.booking.applicants if service.booking is not None else None
    scope = f"{service.code}/" if own is not None and own.of == field else ""
    return f"{scope}{field}:{value}"


def whose(booking: Booking, values: Mapping[str, Any]) -> str | None:
    """Return the field that says in whose calendar an appointment stands."""
    return next((name for name in booking.of if values.get(name)), None)


def calendars(service: Service, booking: Booking, case: CaseView) -> list[str]:
    """Return every calendar that a case's appointment stands in.

    A time that an applicant took in a place's window stays taken there when a person is named
    for it: else the window would offer it again, and nobody might be left to keep it.
    """
    fields = [field] if (field := whose(booking, case.values)) is not None else []
    own = booking.applicants
    if own is not None and own.action in case.acts and case.values.get(own.of):
        fields.append(own.of)
    return [calendar(service, field, case.values[field]) for field in dict.fromkeys(fields)]


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
        InvalidInputError: others have that time; ``details["errors"]`` names the field.
    """
    booking = service.booking
    if booking is None:
        return
    wanted = _wanted(service, booking, case)
    rows = await session.scalars(select(CalendarMark).where(CalendarMark.case_id == case.id))
    held: set[tuple[str, datetime]] = set()
    for mark in rows.all():
        # What was held stays held, even where a place has fewer counters since.
        if (key := (mark.whose, mark.at.astimezone(CHINA))) in wanted:
            held.add(key)
        else:
            await session.delete(mark)
    await session.flush()
    for whose, moments in _by_calendar(wanted - held).items():
        counters = await _counters(session, service, booking, whose)
        seats = {at: counters(at) for at in moments}
        if not await _take(session, whose, seats, case.id):
            reason = "这个时间已经有预约，请换一个时间"
            raise InvalidInputError(reason, field=booking.at, errors={booking.at: reason})


def _wanted(service: Service, booking: Booking, case: Case) -> set[tuple[str, datetime]]:
    seen = view(case)
    text = seen.values.get(booking.at)
    if case.state not in booking.states or not text:
        return set()
    moments = quarters(datetime.fromisoformat(str(text)).astimezone(CHINA), booking.minutes)
    return {(held, at) for held in calendars(service, booking, seen) for at in moments}


def _by_calendar(marks: Iterable[tuple[str, datetime]]) -> dict[str, list[datetime]]:
    found: dict[str, list[datetime]] = {}
    # Always in one order: two that want the same quarters must not wait for each other.
    for whose, at in sorted(marks):
        found.setdefault(whose, []).append(at)
    return found


async def _counters(
    session: AsyncSession, service: Service, booking: Booking, whose: str
) -> Counters:
    """Return how many may have each time of a calendar: a person one, a place its counters."""
    own = booking.applicants
    if own is None or not whose.startswith(prefix := calendar(service, own.of, "")):
        return one
    window = await session.scalar(
        select(BookingWindow).where(
            BookingWindow.service == service.code,
            BookingWindow.place == whose.removeprefix(prefix),
        )
    )
    return of_window(window.hours, window.capacity) if window is not None else one


async def _take(
    session: AsyncSession, whose: str, seats: Mapping[datetime, int], case_id: int
) -> bool:
    """Take one of its seats at each moment; whether there was one.

    Seat after seat is tried by inserting it: what the database lets in is ours, whoever else asks
    at the same time.
    """
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    left = list(seats)
    for seat in range(max(seats.values())):
        wanted = [at for at in left if seat < seats[at]]
        if not wanted:
            return False
        rows = [{"whose": whose, "at": at, "seat": seat, "case_id": case_id} for at in wanted]
        made = await session.scalars(
            insert(CalendarMark).values(rows).on_conflict_do_nothing().returning(CalendarMark.at)
        )
        taken = {at.astimezone(CHINA) for at in made}
        left = [at for at in left if at not in taken]
        if not left:
            return True
    return False


async def taken(
    session: AsyncSession, calendar: str, since: datetime, until: datetime
) -> Mapping[datetime, Sequence[str]]:
    """Return the quarters of a calendar that are taken, with the numbers of the cases."""
    rows = await session.execute(
        select(CalendarMark.at, Case.number)
        .join(Case, Case.id == CalendarMark.case_id)
        .where(CalendarMark.whose == calendar, CalendarMark.at >= since, CalendarMark.at < until)
        .order_by(CalendarMark.at, CalendarMark.seat)
    )
    found: dict[datetime, list[str]] = {}
    for at, number in rows:
        found.setdefault(at.astimezone(CHINA), []).append(number)
    return found


def slots(
    booking: Booking,
    on: date,
    spans: Sequence[Span],
    marks: Mapping[datetime, Sequence[str]],
    counters: Counters = one,
) -> list[Slot]:
    """Return the times of one day, one after another within each span."""
    found, length = [], timedelta(minutes=booking.minutes)
    begin = datetime.combine(on, time(), CHINA)
    for span in spans:
        at, end = begin + timedelta(minutes=span.start), begin + timedelta(minutes=span.end)
        while at + length <= end:
            there = {q: marks.get(q, ()) for q in quarters(at, booking.minutes)}
            cases = tuple(dict.fromkeys(number for numbers in there.values() for number in numbers))
            left = min(counters(quarter) - len(held) for quarter, held in there.items())
            found.append(Slot(at, max(left, 0), cases))
            at += length
    return found
