"""Windows (预约窗口): the times that a place offers, and applicants take without asking anybody.

What is offered is a matter of the bureau's, kept per service and place. That nobody takes a time
twice is the calendar's own doing, see :mod:`hotline.casework.booking`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.casework import booking
from hotline.casework.booking import Slot
from hotline.casework.counters import (
    MOST_COUNTERS,
    WEEKDAYS,
    Counters,
    of_window,
    stretches,
    whole,
)
from hotline.casework.definition import Booking, OwnChoice, Service
from hotline.casework.tables import BookingWindow
from hotline.clock import CHINA
from hotline.errors import InvalidInputError
from hotline.worktime import Spans, WorkTime

GONE: Final = "这个时间已经约不到了，请另选一个"


@dataclass(frozen=True)
class Window:
    """One place that takes appointments of one service."""

    place: str
    hours: Mapping[str, Sequence[str]]
    """Weekday to stretches, some with their own number of counters: ``09:00-11:30×2``."""
    capacity: int = 1
    """How many have one and the same time, where a stretch tells no number of its own."""

    def spans(self, on: date, worktime: WorkTime) -> Spans:
        """Return when it takes appointments on a day; a public holiday closes it."""
        if on.weekday() < 5 and not worktime.calendar.is_workday(on):
            return ()
        return stretches(self.hours.get(WEEKDAYS[on.weekday()], ()))

    @property
    def counters(self) -> Counters:
        """How many may have a moment."""
        return of_window(self.hours, self.capacity)


@dataclass(frozen=True)
class Choice:
    """A time at a place, as an applicant chose it."""

    place: str
    at: datetime

    def __str__(self) -> str:
        return f"{self.place}@{self.at.astimezone(CHINA):%Y-%m-%dT%H:%M}"

    @classmethod
    def read(cls, text: str) -> Choice | None:
        """Read what :meth:`__str__` wrote; anything else is no choice."""
        place, _, moment = text.partition("@")
        try:
            at = datetime.strptime(moment, "%Y-%m-%dT%H:%M")  # noqa: DTZ007
        except ValueError:
            return None
        return cls(place[:80], at.replace(tzinfo=CHINA)) if place else None

    def given(self, service: Service) -> dict[str, Any]:
        """Return the values that the choice fills in."""
        wanted, own = _of(service)
        return {wanted.at: self.at.isoformat(timespec="minutes"), own.of: self.place}


async def windows(session: AsyncSession, service: Service) -> list[Window]:
    """Return the places at which applicants may take a time of the service."""
    if service.booking is None or service.booking.applicants is None:
        return []
    rows = await session.scalars(
        select(BookingWindow)
        .where(BookingWindow.service == service.code)
        .order_by(BookingWindow.id)
    )
    return [Window(row.place, row.hours, row.capacity) for row in rows]


async def open_window(
    session: AsyncSession, service: Service, window: Window, *, by: str, now: datetime
) -> None:
    """Open a window, or give it other hours or another number of counters.

    Raises:
        InvalidInputError: the hours are wrong or empty, or the number is.
    """
    _of(service)
    if not 1 <= window.capacity <= MOST_COUNTERS:
        reason = f"请填 1 到 {MOST_COUNTERS} 的数"
        raise InvalidInputError(reason, errors={"capacity": reason})
    try:
        filled = {day: whole(texts) for day, texts in window.hours.items()}
    except ValueError as error:
        raise InvalidInputError(str(error), errors={"hours": str(error)}) from error
    filled = {day: texts for day, texts in filled.items() if texts}
    if not filled:
        reason = "请选择星期，并写明时间"
        raise InvalidInputError(reason, errors={"hours": reason})
    await close_window(session, service, window.place)
    session.add(
        BookingWindow(
            service=service.code,
            place=window.place,
            hours=filled,
            capacity=window.capacity,
            opened_at=now,
            opened_by=by,
        )
    )


async def close_window(session: AsyncSession, service: Service, place: str) -> None:
    """Offer no more times there; appointments that were made stay."""
    await session.execute(
        delete(BookingWindow).where(
            BookingWindow.service == service.code, BookingWindow.place == place
        )
    )


async def offered(
    session: AsyncSession, service: Service, window: Window, worktime: WorkTime, now: datetime
) -> list[tuple[date, list[Slot]]]:
    """Return the window's coming days and their times, taken or free; no empty days."""
    wanted, own = _of(service)
    today = now.astimezone(CHINA).date()
    begin = datetime.combine(today, time(), CHINA)
    end = begin + timedelta(days=own.ahead_days + 1)
    marks = await booking.taken(session, _calendar(service, own, window), begin, end)
    earliest = now + timedelta(hours=own.notice_hours)
    found = []
    for number in range(own.ahead_days + 1):
        on = today + timedelta(days=number)
        times = booking.slots(wanted, on, window.spans(on, worktime), marks, window.counters)
        coming = [slot for slot in times if slot.at >= earliest]
        if coming:
            found.append((on, coming))
    return found


async def check_choice(
    session: AsyncSession, service: Service, choice: Choice, worktime: WorkTime, now: datetime
) -> None:
    """Refuse a time that is not offered: one that nobody opened, or that came too near.

    Raises:
        InvalidInputError: with the reason at the field of the moment.
    """
    wanted, _ = _of(service)
    opened = await windows(session, service)
    window = next((w for w in opened if w.place == choice.place), None)
    days = await offered(session, service, window, worktime, now) if window else []
    times = {slot.at for _, of_day in days for slot in of_day}
    if choice.at not in times:
        raise InvalidInputError(GONE, field=wanted.at, errors={wanted.at: GONE})


def _calendar(service: Service, own: OwnChoice, window: Window) -> str:
    return booking.calendar(service, own.of, window.place)


def _of(service: Service) -> tuple[Booking, OwnChoice]:
    if service.booking is None or service.booking.applicants is None:
        raise InvalidInputError(f"“{service.name}”的时间由工作人员安排，不能自己选")
    return service.booking, service.booking.applicants
