"""Choosing the time of an appointment: free times by place and day, each a link.

Looking takes nothing; the time is taken when the form is sent, and by one person alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from urllib.parse import quote

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.casework import Case, windows
from hotline.casework.booking import Slot
from hotline.casework.definition import Service
from hotline.casework.windows import Choice, Window
from hotline.clock import CHINA
from hotline.errors import InvalidInputError
from hotline.public import catalogue, following, forms
from hotline.public.face import Face
from hotline.public.intake import take_time
from hotline.public.pages.showing import back_to, note_done, page, show
from hotline.public.stations import Station
from hotline.web.translating import FIRST_LANGUAGE, language

SLOT: Final = "slot"
"""In addresses and forms: the chosen time, ``place@2026-11-25T09:00``."""
SLOT_BEFORE: Final = "slot_before"
"""In a form that came back: the time that was gone."""
NEAREST: Final = 8
LONGEST_REASON: Final = 200
_WEEKDAYS: Final = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")


@dataclass(frozen=True)
class Chosen:
    """A time that stands in a form, as it is shown."""

    choice: Choice
    place_name: str

    @property
    def value(self) -> str:
        """What the form sends."""
        return str(self.choice)

    @property
    def words(self) -> str:
        """The time as it is read."""
        return moment_words(self.choice.at)


def slot_of(text: object) -> Choice | None:
    """Return the choice that a form or an address holds."""
    return Choice.read(str(text or ""))


async def chosen(face: Face, session: AsyncSession, text: object) -> Chosen | None:
    """Return the choice with the name of its place."""
    choice = slot_of(text)
    if choice is None:
        return None
    names = {station.code: station.name for station in await face.stations(session)}
    return Chosen(choice, names.get(choice.place, choice.place))


@page
async def form(face: Face, request: web.Request) -> web.StreamResponse:
    """Show the free times of a service, before its form."""
    service = catalogue.get_online(face.desk.services, request.match_info["code"])
    path = f"/public/services/{service.code}"
    return await show_times(
        face, request, service, target=f"{path}/apply", back=(path, service.name)
    )


async def show_times(
    face: Face,
    request: web.Request,
    service: Service,
    *,
    target: str,
    back: tuple[str, str],
    case: Case | None = None,
    problem: str = "",
) -> web.Response:
    """Show the free times; each leads to ``target`` with the time in its address."""
    now = face.clock.now()
    held = following.appointment(service, case) if case is not None else None
    async with face.database.read() as session:
        opened = await windows.windows(session, service)
        stations = {s.code: s for s in await face.stations(session)}
        place = request.query.get("place", "")
        if not place and (choice := slot_of(request.query.get(SLOT))) is not None:
            place = choice.place
        window = next((w for w in opened if w.place == place), None)
        if window is None and len(opened) == 1:
            window = opened[0]
        days: Sequence[tuple[date, Sequence[Slot]]] = ()
        if window is not None:
            days = await windows.offered(session, service, window, face.desk.worktime, now)
    return show(
        face,
        request,
        "public/times.html",
        status=422 if problem else 200,
        problem=problem,
        service=service,
        case=case,
        held=moment_words(held.at) if held is not None else "",
        places=[(w.place, _station(stations, w)) for w in opened],
        window=window,
        station=_station(stations, window) if window is not None else None,
        days=days,
        link=lambda slot: _with_slot(target, window, slot),
        day_words=day_words,
        without=target if case is None else "",
        back=back,
    )


async def show_choice(
    face: Face, request: web.Request, case: Case, service: Service, problem: str = ""
) -> web.Response:
    """Show the times that a case may be moved to, or the one that was chosen, to be confirmed."""
    path = f"/public/cases/{case.number}"
    target = f"{path}/acts/{request.match_info['action']}"
    async with face.database.read() as session:
        time = await chosen(face, session, request.query.get(SLOT))
    if time is None or problem:
        back = (path, f"办件 {case.number}")
        return await show_times(
            face, request, service, target=target, back=back, case=case, problem=problem
        )
    held = following.appointment(service, case)
    return show(
        face,
        request,
        "public/take.html",
        service=service,
        case=case,
        time=time,
        held=moment_words(held.at) if held is not None else "",
        target=target,
        mark=face.humanity.ask().mark,
        longest=LONGEST_REASON,
    )


async def take(face: Face, request: web.Request, case: Case, service: Service) -> web.Response:
    """Give the case the time that was chosen; where it is gone, show what is left."""
    posted, held = await request.post(), following.appointment(service, case) is not None
    choice, mark = slot_of(posted.get(SLOT)), str(posted.get("mark", ""))[:60]
    if choice is None:
        return await show_choice(face, request, case, service)
    submission = f"applicant:{mark}" if mark else None
    reason = str(posted.get("note", ""))[:LONGEST_REASON]
    try:
        async with face.database.write() as session:
            now = face.clock.now()
            await take_time(
                face.desk, session, case, choice, submission=submission, now=now, reason=reason
            )
    except InvalidInputError as error:
        reason = next(iter(forms.problems_of(error).values()))
        return await show_choice(face, request, case, service, problem=reason)
    note_done(request, case.number, "改时间" if held else "选时间")
    raise back_to(f"/public/cases/{case.number}")


async def near(
    face: Face, session: AsyncSession, service: Service, choice: Choice
) -> list[tuple[str, str]]:
    """Return other free times at the place, those nearest to the choice, as form options."""
    opened = await windows.windows(session, service)
    window = next((w for w in opened if w.place == choice.place), None)
    if window is None:
        return []
    now = face.clock.now()
    days = await windows.offered(session, service, window, face.desk.worktime, now)
    free = [slot.at for _, slots in days for slot in slots if slot.left]
    nearest = sorted(sorted(free, key=lambda at: abs(at - choice.at))[:NEAREST])
    return [(str(Choice(choice.place, at)), moment_words(at)) for at in nearest]


def moment_words(at: datetime) -> str:
    """Return a time as it is read in the page's language: 11月25日 周三 09:00."""
    local = at.astimezone(CHINA)
    return f"{' '.join(day_words(local))} {local:%H:%M}"


def day_words(on: date) -> tuple[str, str]:
    """Return a day and its weekday as they are read in the page's language."""
    if language.get() == FIRST_LANGUAGE:
        return f"{on.month}月{on.day}日", _WEEKDAYS[on.weekday()]
    return f"{on.day} {on:%b}", f"{on:%a}"


def _with_slot(target: str, window: Window | None, slot: Slot) -> str:
    choice = Choice(window.place if window is not None else "", slot.at)
    return f"{target}?{SLOT}={quote(str(choice), safe='@:')}"


def _station(stations: dict[str, Station], window: Window) -> Station:
    known = stations.get(window.place)
    return known or Station(window.place, None, "institution", window.place)
