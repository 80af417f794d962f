"""One's own duty: next shifts, leave and swaps, the calendar's address; who was there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from aiohttp import web
from markupsafe import Markup
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from agents.rota import attendance, feed, reading, requests, rules
from agents.rota.plan import WEEKDAYS, Shift, hours, spoken
from agents.rota.planning import Planner
from agents.rota.requests import Act, Actor, RequestError, State
from agents.rota.tables import RequestTable, ShiftTable
from agents.rota.week import MAKE_ROTA, SEE_ROTA
from hotline.clock import CHINA
from hotline.errors import ConflictError, InvalidInputError, NotFoundError
from hotline.secretsfile import SecretsFile
from hotline.web.context import CLOCK, DATABASE, SETTINGS, on_record, viewer_of
from hotline.web.section import Panel, PanelContext
from hotline.web.templating import flash, render, render_fragment, see_other
from hotline.web.viewer import Viewer

AHEAD = timedelta(days=42)
LATELY = timedelta(days=30)
NEXT = 3
"""Shifts shown at the seat."""


async def page(request: web.Request) -> web.StreamResponse:
    """Show one's own shifts and requests, or all requests to whoever decides about them."""
    return await _show(request)


async def ask(request: web.Request) -> web.StreamResponse:
    """Ask for leave or a swap."""
    app, viewer, data = request.app, viewer_of(request), await request.post()
    given = {name: str(data.get(name, "")).strip()[:200] for name in _FIELDS}
    kind = request.match_info["kind"]
    if viewer.agent_id is None:
        raise InvalidInputError("您的账号没有对应的坐席，不能申请。请联系管理员。")
    now = app[CLOCK].now()
    try:
        async with app[DATABASE].write() as session:
            if kind == requests.Kind.LEAVE:
                start, end = _leave_times(given)
                await requests.ask_leave(
                    session, viewer.agent_id, start, end, reason=given["reason"], now=now
                )
            else:
                planner = Planner(session, rules.load(), viewer.account, now)
                await _ask_swap(planner, viewer.agent_id, given)
            on_record(request, session, f"rota.{kind}", "rota", viewer.agent_id)
    except RequestError as error:
        return await _show(request, given=given, kind=kind, error=error)
    flash(request, "已提交，等待批准" if kind == requests.Kind.LEAVE else "已提交，等待对方同意")
    raise see_other("/rota/mine")


async def decide(request: web.Request) -> web.StreamResponse:
    """Agree, decline, approve, refuse or withdraw."""
    app, data = request.app, await request.post()
    what = Act(request.match_info["act"])
    number = int(request.match_info["request"])
    try:
        async with app[DATABASE].write() as session:
            viewer = viewer_of(request)
            planner = Planner(session, rules.load(), viewer.account, app[CLOCK].now())
            answer = str(data.get("answer", "")).strip()
            await requests.act(planner, number, what, actor_of(viewer), answer)
            on_record(request, session, "rota.decide", "rota", str(number), act=what)
    except (RequestError, ConflictError) as error:
        flash(request, error.message, "bad")
    else:
        flash(request, f"已{requests.ACT_WORDS[what]}")
    raise see_other("/rota/mine")


async def renew_feed(request: web.Request) -> web.StreamResponse:
    """Close one's calendar address and make another."""
    app, viewer = request.app, viewer_of(request)
    if viewer.agent_id is not None:
        async with app[DATABASE].write() as session:
            await feed.renew(session, viewer.agent_id)
            on_record(request, session, "rota.feed", "rota", viewer.agent_id)
        flash(request, "日历地址已更换，原来的地址已失效")
    raise see_other("/rota/mine")


async def calendar(request: web.Request) -> web.StreamResponse:
    """Answer one person's calendar to whoever knows its address."""
    app, now = request.app, request.app[CLOCK].now()
    start, end = feed.span(now)
    async with app[DATABASE].read() as session:
        agent_id = await feed.owner(session, _secrets(app), request.match_info["name"])
        if agent_id is None:
            raise NotFoundError("这个日历地址无效或已更换，请到“排班 → 我的值班”重新复制")
        rows = await session.scalars(
            select(ShiftTable)
            .where(
                ShiftTable.agent_id == agent_id,
                ShiftTable.starts_at < end,
                ShiftTable.ends_at > start,
            )
            .order_by(ShiftTable.starts_at)
        )
        bureau = app[SETTINGS].bureau
        content = feed.write(rows, rules.load(), request.host, bureau.hotline_number)
    return web.Response(
        body=content,
        content_type="text/calendar",
        charset="utf-8",
        headers={"Cache-Control": "private, max-age=300"},
    )


async def attendance_page(request: web.Request) -> web.StreamResponse:
    """Show who was late or absent in a month."""
    app, now = request.app, request.app[CLOCK].now()
    start, end = _month(request.query.get("month", ""), now)
    known = rules.load()
    async with app[DATABASE].read() as session:
        shifts = await reading.shifts(session, start, min(end, now))
        people = await reading.people(session, also=[s.agent_id for s in shifts])
        kept = await attendance.of(session, shifts)
    late = timedelta(minutes=known.late_minutes)
    lines = [
        (s, people[s.agent_id], kept.get(s.id), attendance.mark(s, kept.get(s.id), now, late))
        for s in reversed(shifts)
        if s.agent_id in people
    ]
    counts = {mark: sum(1 for line in lines if line[3] is mark) for mark in attendance.Mark}
    only = request.query.get("mark", "")
    return render(
        request,
        "rota/attendance.html",
        month=f"{start:%Y-%m}",
        lines=[line for line in lines if not only or line[3] == only],
        counts=counts,
        only=only,
        marks=attendance.MARK_WORDS,
        make_rota=MAKE_ROTA,
        seat_name=known.seat_name,
        spoken=spoken,
        hours=hours,
    )


async def _show(
    request: web.Request,
    *,
    given: Mapping[str, str] | None = None,
    kind: str = "",
    error: RequestError | None = None,
) -> web.Response:
    app, viewer, now = request.app, viewer_of(request), request.app[CLOCK].now()
    known, actor = rules.load(), actor_of(viewer)
    async with app[DATABASE].read() as session:
        rows = await requests.concerning(session, actor, now - LATELY)
        coming = await reading.shifts(session, now, now + AHEAD)
        people = await reading.people(session, also=_named(rows))
        by_id = await _shifts_of(session, rows)
        address = await _address(request, session, viewer)
    own = [s for s in coming if s.agent_id == viewer.agent_id]
    return render(
        request,
        "rota/mine.html",
        status=422 if error else 200,
        own=own,
        total=sum((s.length for s in own), timedelta()),
        swappable=[(s.id, spoken(s.start, s.end)) for s in own if s.start > now],
        theirs=[
            (s.id, f"{people[s.agent_id].name} {spoken(s.start, s.end)}")
            for s in coming
            if s.agent_id in people and s.agent_id != viewer.agent_id and s.start > now
        ],
        others=[(p.id, p.name) for p in people.values() if p.active and p.id != viewer.agent_id],
        requests=[(row, requests.possible(row, actor)) for row in rows],
        people=people,
        shift_words={i: spoken(s.start, s.end) for i, s in by_id.items()},
        state_words={s.value: words for s, words in requests.STATE_WORDS.items()},
        act_words=requests.ACT_WORDS,
        seat_name=known.seat_name,
        spoken=spoken,
        hours=hours,
        address=address,
        make_rota=MAKE_ROTA,
        has_seat=viewer.agent_id is not None,
        decides=actor.supervisor,
        given=given or dict.fromkeys(_FIELDS, ""),
        kind=kind,
        problem=error.message if error else "",
        field=str(error.details.get("field", "")) if error else "",
    )


_FIELDS = ("from", "to", "reason", "shift", "other", "other_shift")


def _named(rows: list[RequestTable]) -> list[str]:
    return [name for row in rows for name in (row.agent_id, row.other_agent_id) if name]


async def _shifts_of(session: AsyncSession, rows: list[RequestTable]) -> Mapping[int, Shift]:
    ids = {i for row in rows for i in (row.shift_id, row.other_shift_id) if i is not None}
    found = await session.scalars(select(ShiftTable).where(ShiftTable.id.in_(ids)))
    return {row.id: reading.shift_of(row) for row in found}


async def _address(request: web.Request, session: AsyncSession, viewer: Viewer) -> str:
    if viewer.agent_id is None:
        return ""
    version = await feed.version_of(session, viewer.agent_id)
    name = feed.name_of(_secrets(request.app), viewer.agent_id, version)
    base = request.app[SETTINGS].web.public_url.rstrip("/") or f"{request.scheme}://{request.host}"
    return f"{base}/rota/feed/{name}.ics"


async def _ask_swap(planner: Planner, agent_id: str, given: Mapping[str, str]) -> None:
    session = planner.session
    if not given["shift"].isdecimal():
        raise RequestError("请选择自己的一班", field="shift")
    other, theirs = given["other"], given["other_shift"]
    if theirs.isdecimal():
        row = await session.get(ShiftTable, int(theirs))
        other = row.agent_id if row is not None else other
    if other not in await reading.people(session):
        raise RequestError("请选择换给哪位律师，或对方的哪一班", field="other")
    await requests.ask_swap(
        planner,
        agent_id,
        int(given["shift"]),
        other_agent_id=other,
        other_shift_id=int(theirs) if theirs.isdecimal() else None,
        reason=given["reason"],
    )


def _leave_times(given: Mapping[str, str]) -> tuple[datetime, datetime]:
    found = []
    for name in ("from", "to"):
        try:
            moment = datetime.fromisoformat(given[name])
        except ValueError as error:
            raise RequestError("请填写日期和时刻", field=name) from error
        found.append(moment.replace(tzinfo=CHINA) if moment.tzinfo is None else moment)
    return found[0], found[1]


def _month(text: str, now: datetime) -> tuple[datetime, datetime]:
    try:
        first = date.fromisoformat(f"{text}-01")
        start = datetime.combine(first, time(), CHINA)
        following = (start + timedelta(days=32)).replace(day=1)
    except (ValueError, OverflowError):
        return _month(f"{now.astimezone(CHINA):%Y-%m}", now)
    return start, following


async def _next_shifts(app: web.Application, context: PanelContext) -> Markup | None:
    """Draw a person's next shifts at their seat, and what waits for their word."""
    agent_id = context.viewer.agent_id
    if agent_id is None:
        return None
    now = app[CLOCK].now()
    coming = await reading.shifts(context.session, now, now + AHEAD, agent_id)
    waiting = await context.session.scalar(
        select(func.count())
        .select_from(RequestTable)
        .where(RequestTable.other_agent_id == agent_id, RequestTable.state == State.ASKED)
    )
    known = rules.load()
    values: dict[str, Any] = {
        "shifts": coming[:NEXT],
        "seat_name": known.seat_name,
        "today": now.astimezone(CHINA).date(),
        "weekdays": WEEKDAYS,
        "zone": CHINA,
        "waiting": waiting or 0,
    }
    return render_fragment(app, "rota/next.html", values)


panel = Panel(
    name="next-shifts",
    slot="seat.me",
    order=20,
    permission=SEE_ROTA,
    render=_next_shifts,
    refresh_on=("rota.changed", "rota.request"),
)


def actor_of(viewer: Viewer) -> Actor:
    """Return the viewer as requests know people."""
    return Actor(viewer.agent_id, viewer.name, viewer.may(MAKE_ROTA))


def _secrets(app: web.Application) -> SecretsFile:
    return SecretsFile(app[SETTINGS].home)
