"""The alarms' page: what goes on, with a form to say that one has seen it, and what was."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from aiohttp import web
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from agents.alarms.rules import KIND_WORDS
from agents.alarms.tables import AlarmTable
from hotline.errors import ConflictError
from hotline.store import append
from hotline.web.context import CLOCK, DATABASE, on_record, viewer_of
from hotline.web.permissions import SEE_WALLBOARD, Permission, Role
from hotline.web.templating import flash, is_fragment, render, see_other

ACKNOWLEDGE = Permission(
    "alarms.acknowledge", "确认告警", frozenset({Role.SUPERVISOR, Role.BUREAU})
)
SEE_ALARMS = SEE_WALLBOARD
HISTORY = timedelta(days=30)
ROWS = 100


async def page(request: web.Request) -> web.StreamResponse:
    """Show the alarms that go on and those of the last month."""
    app, now = request.app, request.app[CLOCK].now()
    kind = request.query.get("kind", "")
    async with app[DATABASE].read() as session:
        running = await open_alarms(session)
        query = select(AlarmTable).where(
            AlarmTable.cleared_at.is_not(None), AlarmTable.raised_at > now - HISTORY
        )
        if kind in KIND_WORDS:
            query = query.where(AlarmTable.kind == kind)
        past = await session.scalars(
            query.order_by(AlarmTable.raised_at.desc(), AlarmTable.id.desc()).limit(ROWS)
        )
        past_rows = list(past)
    return render(
        request,
        "alarms/alarms.html",
        running=running,
        past=past_rows,
        kinds=KIND_WORDS,
        kind=kind,
        most=ROWS,
        may=viewer_of(request).may(ACKNOWLEDGE),
    )


async def acknowledge(request: web.Request) -> web.StreamResponse:
    """Note that somebody has seen an alarm and does something about it."""
    app, viewer, data = request.app, viewer_of(request), await request.post()
    number, now = int(request.match_info["alarm"]), app[CLOCK].now()
    note = str(data.get("note", "")).strip()[:200]
    async with app[DATABASE].write() as session:
        row = await session.get(AlarmTable, number, with_for_update=True)
        if row is None or row.cleared_at is not None or row.seen_at is not None:
            by = f"（{row.seen_by}）" if row is not None and row.seen_by else ""
            raise ConflictError(f"这条告警已解除，或别人已经确认{by}。请刷新页面。")
        row.seen_at, row.seen_by, row.note = now, viewer.name, note
        append(session, "alarm.seen", row.key, {"key": row.key, "rule": row.rule}, now)
        on_record(request, session, "alarm.seen", "alarm", row.key, words=row.words, note=note)
    if is_fragment(request):
        return web.Response(status=204)
    flash(request, "已确认")
    raise see_other("/alarms")


async def open_alarms(session: AsyncSession) -> Sequence[AlarmTable]:
    """Return the alarms that go on: those that nobody has seen first, bad before warn."""
    rows = await session.scalars(
        select(AlarmTable)
        .where(AlarmTable.cleared_at.is_(None))
        .order_by(AlarmTable.raised_at, AlarmTable.id)
    )
    return sorted(rows, key=lambda a: (a.seen_at is not None, a.level != "bad"))
