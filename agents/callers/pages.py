"""The pages of call-backs, follow-up calls and blocked numbers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from aiohttp import web
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from agents.callers import blocking, followups
from agents.callers.followups import Why
from agents.pages.tickets import names, vocabulary
from agents.pages.words import topic
from hotline.calls.tables import Asked, CallBackOutcome, CallBackTable
from hotline.casework import Case
from hotline.errors import ConflictError, HotlineError
from hotline.routing.tables import TrunkTable
from hotline.routing.waiting import book
from hotline.routing.waiting.agenda import Closed
from hotline.routing.waiting.book import News
from hotline.secretsfile import SecretsFile
from hotline.tickets.visibility import visible
from hotline.web.context import CLOCK, DATABASE, SETTINGS, on_record, viewer_of
from hotline.web.permissions import Permission, Role
from hotline.web.reach import reach_of
from hotline.web.section import EventRule
from hotline.web.templating import flash, render, see_other
from hotline.web.viewer import Viewer

LEADERS = frozenset({Role.SUPERVISOR, Role.BUREAU})
FOLLOW_UP = Permission("followups.see", "回访来电人", LEADERS | {Role.REVIEWER})
RECALL = Permission("callbacks.see", "查看和安排回电", LEADERS)
BLOCK = Permission("callers.block", "拦截号码与复核", LEADERS)

CLOSED_SHOWN = timedelta(days=1)
ROWS = 200

ASKED_WORDS = {
    Asked.KEPT.value: "等候中按键",
    Asked.MISSED.value: "等候中挂断",
    Asked.MENU.value: "菜单中挂断",
    Asked.VOICEMAIL.value: "留言",
    Asked.WEB.value: "网上请求",
}
OUTCOME_WORDS = {
    CallBackOutcome.ANSWERED.value: ("已接通", "good"),
    CallBackOutcome.MESSAGE.value: ("已留言", "warn"),
    CallBackOutcome.UNREACHED.value: ("未接通", "bad"),
    CallBackOutcome.CALLED_IN.value: ("已自行来电", ""),
    CallBackOutcome.HANDLED.value: ("已人工处理", ""),
    CallBackOutcome.CONFIDENTIAL.value: ("保密，不自动拨", "warn"),
    CallBackOutcome.CANCELLED.value: ("已取消", ""),
}


@dataclass(frozen=True)
class Recall:
    """One call-back with its ticket."""

    row: CallBackTable
    ticket: Case | None


async def callbacks(request: web.Request) -> web.StreamResponse:
    """Show whom we will call back, and how the day's call-backs went."""
    app, now = request.app, request.app[CLOCK].now()
    async with app[DATABASE].read() as session:
        waiting = await _recalls(session, CallBackTable.closed_at.is_(None))
        closed = await _recalls(session, CallBackTable.closed_at > now - CLOSED_SHOWN)
        known = await names(session)
        down = list(await session.scalars(select(TrunkTable).where(~TrunkTable.reachable)))
    waiting.sort(key=lambda r: (not r.row.dialling, r.row.due_at > now, r.row.since))
    closed.sort(key=lambda r: r.row.closed_at or now, reverse=True)
    reached = sum(r.row.outcome == CallBackOutcome.ANSWERED for r in closed)
    return _render(
        request,
        "callers/callbacks.html",
        "callbacks",
        waiting=waiting,
        closed=closed,
        down=down,
        reached=reached,
        names=known,
        topic=topic,
        asked=ASKED_WORDS,
        outcomes=OUTCOME_WORDS,
    )


async def _recalls(session: AsyncSession, wanted: Any) -> list[Recall]:
    rows = (await session.scalars(select(CallBackTable).where(wanted).limit(ROWS))).all()
    calls = {call for row in rows for call in (row.call_id, row.try_call) if call}
    by_call = {
        case.call_id: case
        for case in await session.scalars(select(Case).where(Case.call_id.in_(calls)))
    }
    by_id = {
        case.id: case
        for case in await session.scalars(
            select(Case).where(Case.id.in_([row.case_id for row in rows if row.case_id]))
        )
    }
    return [
        Recall(
            row,
            by_id.get(row.case_id or 0)
            or by_call.get(row.try_call or "")
            or by_call.get(row.call_id or ""),
        )
        for row in rows
    ]


async def act_on_callback(request: web.Request) -> web.StreamResponse:
    """Cancel a call-back, or let it be dialled as soon as somebody is free."""
    app, now = request.app, request.app[CLOCK].now()
    callback, what = request.match_info["callback"], request.match_info["act"]
    async with app[DATABASE].write() as session:
        row = await session.get(CallBackTable, callback)
        if row is None or row.closed_at is not None or row.dialling:
            raise ConflictError("这个回电正在拨打或已经结束，请刷新页面")
        if what == "cancel":
            viewer = viewer_of(request)
            entry = next(e for e in await book.open_entries(session) if e.id == callback)
            closed = Closed(CallBackOutcome.CANCELLED, f"{viewer.name}取消了回电")
            await book.note(session, News(entry, closed.words, closed), now)
        else:
            await session.execute(
                update(CallBackTable).where(CallBackTable.id == callback).values(due_at=now)
            )
        on_record(request, session, f"callback.{what}", "callback", callback)
    flash(request, "已取消" if what == "cancel" else "有律师空闲时马上拨打")
    raise see_other("/callbacks")


async def follow_ups(request: web.Request) -> web.StreamResponse:
    """Show whom to ask how it went."""
    app, viewer, now = request.app, viewer_of(request), request.app[CLOCK].now()
    wanted = request.query.get("why", "")
    why = Why(wanted) if wanted in set(Why) else None
    async with app[DATABASE].read() as session:
        seen = visible(await reach_of(app, session, viewer))
        found = await followups.load(session, seen, now)
        known = await names(session)
    return _render(
        request,
        "callers/followups.html",
        "followups",
        work=found,
        shown=found.of(why),
        why=why,
        reasons=followups.WORDS,
        target=followups.SHARE,
        names=known,
        may_dial=viewer.agent_id is not None,
        **vocabulary(),
    )


async def blocked(request: web.Request) -> web.StreamResponse:
    """Show blocked numbers and the form for another."""
    return await _blocked(request, {}, "", "")


async def add_block(request: web.Request) -> web.StreamResponse:
    """Block a number; a refused form comes back as it was typed."""
    app, data = request.app, await request.post()
    given = {name: str(data.get(name, "")).strip() for name in ("number", "reason", "days")}
    days = int(given["days"]) if given["days"].isdigit() and len(given["days"]) < 4 else 0
    try:
        async with app[DATABASE].write() as session:
            row = await blocking.block(
                session,
                given["number"],
                given["reason"],
                days,
                by=viewer_of(request).name,
                now=app[CLOCK].now(),
            )
            on_record(request, session, "caller.block", "number", row.number, reason=row.reason)
    except HotlineError as error:
        return await _blocked(
            request, given, error.message, str(error.details.get("field", "number"))
        )
    flash(request, "已拦截，三天内须由另一个人复核，否则自动解除", "warn")
    raise see_other("/blocked")


async def act_on_block(request: web.Request) -> web.StreamResponse:
    """Confirm, refuse or lift a block."""
    app, data, now = request.app, await request.post(), request.app[CLOCK].now()
    what, note = request.match_info["act"], str(data.get("note", ""))
    async with app[DATABASE].write() as session:
        number = await blocking.number_of(session, _secrets(request), request.match_info["mark"])
        if what == "lift":
            await blocking.lift(session, number, now=now)
        else:
            by = viewer_of(request).name
            keep = what == "keep"
            await blocking.review(session, number, keep=keep, note=note, by=by, now=now)
        on_record(request, session, f"caller.{what}", "number", number, note=note[:200])
    flash(request, {"keep": "已复核，拦截到期自动解除"}.get(what, "已解除拦截"))
    raise see_other("/blocked")


async def reveal(request: web.Request) -> web.StreamResponse:
    """Show a blocked number whole, on the record."""
    mark = request.match_info["mark"]
    async with request.app[DATABASE].write() as session:
        number = await blocking.number_of(session, _secrets(request), mark)
        on_record(request, session, "number.reveal", "number", number)
    return web.Response(text=number, content_type="text/plain")


async def _blocked(
    request: web.Request, given: dict[str, str], problem: str, field: str
) -> web.Response:
    now = request.app[CLOCK].now()
    async with request.app[DATABASE].read() as session:
        found = await blocking.blocks(session, now)
    return _render(
        request,
        "callers/blocked.html",
        "blocked",
        status=422 if problem else 200,
        blocks=found,
        given=given,
        problem=problem,
        field=field,
        periods=[(str(days), words) for days, words in blocking.PERIODS.items()],
        me=viewer_of(request).name,
        mark=partial(blocking.mark, _secrets(request)),
    )


def _secrets(request: web.Request) -> SecretsFile:
    return SecretsFile(request.app[SETTINGS].home)


def _render(request: web.Request, template: str, tab: str, **values: Any) -> web.Response:
    viewer = viewer_of(request)
    tabs = [
        (f"/{name}", words, None, name == tab)
        for name, words, permission in (
            ("callbacks", "回电", RECALL),
            ("followups", "回访", FOLLOW_UP),
            ("blocked", "拦截", BLOCK),
        )
        if viewer.may(permission)
    ]
    return render(request, template, tabs=tabs, **values)


def _callback_news(row: Any, viewer: Viewer) -> dict[str, Any]:
    del row, viewer
    return {}


event_rules = (EventRule("callback.", RECALL, _callback_news),)
