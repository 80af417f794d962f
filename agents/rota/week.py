"""The rota's page: the week by drag, by keyboard and by form; copy; xlsx."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from agents.pages import words
from agents.rota import attendance, checks, intake, reading, rules, workbook
from agents.rota.demand import Demand
from agents.rota.drawing import Facts, draw, fitting
from agents.rota.plan import Person, Shift, Week, hours, spoken
from agents.rota.planning import AROUND, Planner, ShiftError, UnknownShiftError, conflicts_around
from agents.rota.rules import Rules
from agents.rota.tables import ShiftTable
from agents.rota.workbook import RotaFileError
from hotline.clock import CHINA
from hotline.errors import InvalidInputError
from hotline.web.context import CLOCK, DATABASE, on_record, viewer_of
from hotline.web.permissions import Permission, Role
from hotline.web.templating import flash, is_fragment, render, see_other
from hotline.worktime import DayKind, load_calendar

SEE_ROTA = Permission(
    "rota.see",
    "查看排班",
    frozenset({Role.LAWYER, Role.STATION, Role.REVIEWER, Role.SUPERVISOR, Role.BUREAU}),
)
MAKE_ROTA = Permission("rota.make", "排班", frozenset({Role.SUPERVISOR, Role.BUREAU}))

DEMAND = web.AppKey("rota_demand", Demand)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LONGEST_LIST = 12
FARTHEST = timedelta(days=800)
"""How far from now the rota is shown and made."""


async def page(request: web.Request) -> web.StreamResponse:
    """Show a week."""
    return await _show(request, wanted_week(request.query.get("week"), request.app[CLOCK].now()))


async def form(request: web.Request) -> web.StreamResponse:
    """Show the form of one shift, or of a new one: the way without a pointer or a script."""
    app, now = request.app, request.app[CLOCK].now()
    known = rules.load()
    number = request.match_info.get("shift")
    async with app[DATABASE].read() as session:
        row = await session.get(ShiftTable, int(number)) if number else None
        if number and row is None:
            raise UnknownShiftError
        people = await reading.people(session, also=[row.agent_id] if row else [])
        told = await _told(session, known, row) if row else []
    values = _of_row(row) if row else _of_query(request.query, known, now)
    return _form(request, known, people, values, row=row, conflicts=told)


async def add(request: web.Request) -> web.StreamResponse:
    """Put somebody on the rota."""
    return await _save(request, None)


async def change(request: web.Request) -> web.StreamResponse:
    """Move or change a shift, or take it out."""
    return await _save(request, int(request.match_info["shift"]))


async def copy(request: web.Request) -> web.StreamResponse:
    """Copy the week before into this one."""
    app, data = request.app, await request.post()
    week = wanted_week(str(data.get("week", "")), app[CLOCK].now())
    async with app[DATABASE].write() as session:
        copied, refused = await _planner(request, session).copy_week(week.shifted(-1), week)
        on_record(request, session, "rota.copy", "rota", week.monday.isoformat(), copied=copied)
    flash(request, f"已从上周复制 {copied} 班" if copied else "没有可以复制的班", "good")
    if refused:
        flash(request, f"{len(refused)} 班没有复制：{'；'.join(refused[:5])}", "warn")
    raise see_other(f"/rota?week={week.monday}")


async def export(request: web.Request) -> web.StreamResponse:
    """Send a week as a workbook."""
    app = request.app
    week = wanted_week(request.query.get("week"), app[CLOCK].now())
    async with app[DATABASE].read() as session:
        shifts = await reading.shifts(session, week.start, week.end)
        people = await reading.people(session, also=[s.agent_id for s in shifts])
        marks = await reading.revisions(session, [s.id for s in shifts])
    # A station may once have been rostered by hand; the file is of lawyers.
    known = [s for s in shifts if s.agent_id in people]
    content = workbook.write(known, people, rules.load(), marks)
    name = f"rota-{week.monday}.xlsx"
    return web.Response(
        body=content,
        content_type=XLSX,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


async def take_in(request: web.Request) -> web.StreamResponse:
    """Take the shifts of a workbook: all of them or none."""
    app, data = request.app, await request.post()
    week = wanted_week(str(data.get("week", "")), app[CLOCK].now())
    upload, remove = data.get("file"), "remove" in data
    if not isinstance(upload, web.FileField) or not upload.filename:
        raise InvalidInputError("请先选择要导入的 xlsx 文件", field="file")
    content = upload.file.read()
    try:
        async with app[DATABASE].write() as session:
            taken = await intake.take(_planner(request, session), content, week, remove=remove)
            counts = {"added": taken.added, "changed": taken.changed, "removed": taken.removed}
            on_record(request, session, "rota.import", "rota", "xlsx", **counts)
    except RotaFileError as error:
        return await _show(request, week, problems=error.problems, status=422)
    flash(request, taken.words)
    if taken.left:
        flash(request, f"这一周另有 {taken.left} 班不在文件里，没有动", "warn")
    raise see_other(f"/rota?week={week.monday}")


async def _save(request: web.Request, shift_id: int | None) -> web.StreamResponse:
    app, data = request.app, await request.post()
    known = rules.load()
    values = _of_form(data)
    removing = shift_id is not None and "remove" in data
    try:
        async with app[DATABASE].write() as session:
            planner = _planner(request, session)
            if removing and shift_id is not None:
                row = await planner.get(shift_id)
                monday = Week.of(row.starts_at).monday
                await planner.remove(shift_id)
            else:
                shift = await _wanted(session, shift_id, values, known)
                monday = Week.of(shift.start).monday
                if shift_id is None:
                    await planner.add(shift.agent_id, shift.start, shift.end, shift.seat)
                else:
                    await planner.change(shift)
            done = "remove" if removing else "change" if shift_id else "add"
            on_record(request, session, f"rota.{done}", "rota", str(shift_id or values.agent_id))
    except ShiftError as error:
        if is_fragment(request):
            raise
        async with app[DATABASE].read() as session:
            people = await reading.people(session, also=[values.agent_id])
            row_now = await session.get(ShiftTable, shift_id) if shift_id else None
        return _form(request, known, people, values, row=row_now, error=error)
    if is_fragment(request):
        week = wanted_week(str(data.get("week", "")) or monday.isoformat(), app[CLOCK].now())
        return await _show(request, week)
    flash(request, "已删除这一班" if removing else "已保存")
    raise see_other(f"/rota?week={monday}")


@dataclass(frozen=True)
class Values:
    """A shift's form as it was typed."""

    agent_id: str = ""
    day: str = ""
    usual: str = ""
    begins: str = ""
    ends: str = ""
    seat: str = ""


def _of_form(data: Mapping[str, Any]) -> Values:
    text = {name: str(data.get(name, "")).strip()[:40] for name in _FIELDS}
    return Values(*(text[name] for name in _FIELDS))


_FIELDS = ("agent", "day", "usual", "from", "to", "seat")


def _of_row(row: ShiftTable) -> Values:
    start, end = row.starts_at.astimezone(CHINA), row.ends_at.astimezone(CHINA)
    ends = "24:00" if end.time() == time() else f"{end:%H:%M}"
    return Values(row.agent_id, f"{start:%Y-%m-%d}", "", f"{start:%H:%M}", ends, row.seat)


def _of_query(query: Mapping[str, str], known: Rules, now: datetime) -> Values:
    day = query.get("day", "") or f"{now.astimezone(CHINA):%Y-%m-%d}"
    usual = known.shifts[0].code if known.shifts else ""
    return Values(query.get("agent", "")[:64], day[:10], usual)


async def _wanted(
    session: AsyncSession, shift_id: int | None, values: Values, known: Rules
) -> Shift:
    people = await reading.people(session)
    if values.agent_id not in people:
        raise ShiftError("请选择一位在册律师", field="agent")
    try:
        midnight = datetime.combine(date.fromisoformat(values.day), time(), CHINA)
    except ValueError as error:
        raise ShiftError("请填写日期，如 2026-11-24", field="day") from error
    usual = next((one for one in known.shifts if one.code == values.usual), None)
    if usual is not None:
        begins = usual.begins.hour * 60 + usual.begins.minute
        ends = usual.ends.hour * 60 + usual.ends.minute
    else:
        begins, ends = _minutes(values.begins, "from"), _minutes(values.ends, "to")
    return Shift(
        shift_id or 0,
        values.agent_id,
        midnight + timedelta(minutes=begins),
        midnight + timedelta(minutes=ends),
        values.seat,
    )


def _minutes(text: str, field: str) -> int:
    hour, colon, minute = text.partition(":")
    if colon and hour.isdecimal() and minute.isdecimal() and int(minute) < 60 and int(hour) <= 48:
        return int(hour) * 60 + int(minute)
    raise ShiftError("请填写时刻，如 08:30", field=field)


def _form(
    request: web.Request,
    known: Rules,
    people: Mapping[str, Person],
    values: Values,
    *,
    row: ShiftTable | None = None,
    error: ShiftError | None = None,
    conflicts: list[str] | None = None,
) -> web.Response:
    half_hours = [f"{n // 2:02d}:{n % 2 * 30:02d}" for n in range(49)]
    return render(
        request,
        "rota/shift.html",
        status=422 if error else 200,
        row=row,
        values=values,
        people=[(p.id, f"{p.name}（{p.staff_no}）") for p in people.values()],
        usuals=[
            *((s.code, f"{s.name} {s.begins:%H:%M}–{s.ends:%H:%M}") for s in known.shifts),
            ("", "自定起止时间"),
        ],
        seats=[("", "不限坐席"), *((s.code, s.name) for s in known.seats)],
        half_hours=[(t, t) for t in half_hours],
        problem=error.message if error else "",
        field=str(error.details.get("field", "")) if error else "",
        conflicts=conflicts or [],
        spoken=spoken,
    )


async def _told(session: AsyncSession, known: Rules, row: ShiftTable) -> list[str]:
    found = await conflicts_around(session, known, [reading.shift_of(row)])
    return [one.words for one in found if row.id in one.shifts]


async def _show(
    request: web.Request,
    week: Week,
    *,
    problems: tuple[str, ...] = (),
    status: int = 200,
) -> web.Response:
    app, viewer = request.app, viewer_of(request)
    now, known = app[CLOCK].now(), rules.load()
    topic, language = request.query.get("topic", ""), request.query.get("lang", "")
    needs = await app[DEMAND].of(now)
    async with app[DATABASE].read() as session:
        around = await reading.shifts(session, week.start - AROUND, week.end + AROUND)
        people = await reading.people(session, also=[s.agent_id for s in around])
        leaves = await reading.leaves(session, week.start - AROUND, week.end + AROUND)
        shifts = [s for s in around if s.overlaps(week.start, week.end) and s.agent_id in people]
        kept = await attendance.of(session, shifts)
    late = timedelta(minutes=known.late_minutes)
    found = checks.conflicts(
        around, people, known, leaves, topic=words.topic, language=words.language
    )
    ids = {s.id for s in shifts}
    found = [one for one in found if one.shifts & ids]
    kinds = {i: "bad" if one.bad else "warn" for one in reversed(found) for i in one.shifts}
    facts = Facts(
        week,
        now.astimezone(CHINA).date(),
        shifts,
        fitting(people.values(), topic, language),
        leaves,
        needs,
        kinds,
        {s.id: attendance.mark(s, kept.get(s.id), now, late) for s in shifts if s.start <= now},
        _notes(week),
        "all" in request.query,
    )
    return render(
        request,
        "rota/table.html" if is_fragment(request) else "rota/week.html",
        status=status,
        week=week,
        drawing=draw(facts, known),
        conflicts=found,
        shortages=checks.shortages(shifts, needs, week) if week.end > now else [],
        most=LONGEST_LIST,
        forecast=bool(needs),
        may_make=viewer.may(MAKE_ROTA),
        me=viewer.agent_id,
        presence_counts=known.duty is rules.Duty.PRESENCE,
        marks=attendance.MARK_WORDS,
        make_rota=MAKE_ROTA,
        hours=hours,
        problems=problems,
        whole_day="all" in request.query,
        topics=[("", "全部专长"), *words.topics().items()],
        topic_chosen=topic,
        languages=[("", "全部语言"), *words.LANGUAGES.items()],
        language_chosen=language,
    )


def _notes(week: Week) -> dict[date, str]:
    calendar = load_calendar()
    names = {DayKind.HOLIDAY: "假", DayKind.MAKE_UP: "班"}
    return {day: names[kind] for day in week.days if (kind := calendar.kind(day)) in names}


def wanted_week(text: str | None, now: datetime) -> Week:
    """Return the week that an address names; the present one where it names none that can be."""
    try:
        day = date.fromisoformat(text or "")
    except ValueError:
        return Week.of(now)
    return Week.of(day) if abs(day - now.date()) < FARTHEST else Week.of(now)


def _planner(request: web.Request, session: AsyncSession) -> Planner:
    return Planner(session, rules.load(), viewer_of(request).account, request.app[CLOCK].now())
