"""The audit, newest first."""

from __future__ import annotations

from aiohttp import web
from sqlalchemy import select

from hotline.web.actions import ACTION_WORDS
from hotline.web.context import DATABASE
from hotline.web.subjects import subjects
from hotline.web.tables import AuditEntry
from hotline.web.templating import render

ROWS = 50


async def page(request: web.Request) -> web.StreamResponse:
    """Show a page of the audit; filters and place stand in the address."""
    query = select(AuditEntry).order_by(AuditEntry.id.desc()).limit(ROWS + 1)
    action, who = request.query.get("action", ""), request.query.get("who", "").strip()
    before = request.query.get("before", "")
    if action:
        query = query.where(AuditEntry.action == action)
    if who:
        query = query.where(AuditEntry.user_name.contains(who, autoescape=True))
    if before.isdigit():
        query = query.where(AuditEntry.id < int(before))
    async with request.app[DATABASE].read() as session:
        rows = list(await session.scalars(query))
        told = await subjects(request.app, session, rows[:ROWS])
    return render(
        request,
        "web/audit.html",
        rows=rows[:ROWS],
        subjects=told,
        more=rows[ROWS - 1].id if len(rows) > ROWS else None,
        actions=ACTION_WORDS,
        action=action,
        who=who,
    )
