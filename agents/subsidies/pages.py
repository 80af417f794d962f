"""Statements on the pages: the bureau's month, one statement, one's own."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from urllib.parse import quote

from aiohttp import web

from agents.pages.tickets import names
from agents.reports.period import Kind, last_whole, period_of, read_day
from agents.subsidies import files, statements
from agents.subsidies.statements import State, Statement
from hotline import documents
from hotline.casework import services as casework_services
from hotline.errors import ForbiddenError, NotFoundError
from hotline.web.context import CLOCK, DATABASE, on_record, viewer_of
from hotline.web.permissions import Permission, Role
from hotline.web.templating import flash, render, see_other
from hotline.web.viewer import Viewer

MANAGE = Permission("subsidies.manage", "编制和批准补贴", frozenset({Role.BUREAU}))
OWN = Permission(
    "subsidies.own", "查看本人补贴", frozenset({Role.LAWYER, Role.STATION, Role.BUREAU})
)


async def newest(request: web.Request) -> web.StreamResponse:
    """Go to the month that is to be drawn up, or to one's own statements."""
    if not viewer_of(request).may(MANAGE):
        raise see_other("/subsidies/mine")
    raise see_other(f"/subsidies/{last_whole(Kind.MONTH, request.app[CLOCK].now()).mark[:7]}")


async def month(request: web.Request) -> web.StreamResponse:
    """Show a month's statements."""
    asked = period_of(Kind.MONTH, read_day(request.query.get("day") or request.match_info["month"]))
    now = request.app[CLOCK].now()
    async with request.app[DATABASE].read() as session:
        found = await statements.of_month(session, asked.mark[:7])
        known = await names(session)
    return render(
        request,
        "subsidies/month.html",
        month=asked.mark[:7],
        period=asked,
        over=now >= asked.until,
        before=asked.before().mark[:7],
        after=asked.after().mark[:7] if asked.until <= now else "",
        found=found,
        total=sum((one.total for one in found), Decimal("0.00")),
        names=known,
        State=State,
    )


async def mine(request: web.Request) -> web.StreamResponse:
    """Show one's own statements."""
    async with request.app[DATABASE].read() as session:
        found = await statements.of_person(session, _names_of(viewer_of(request)))
    return render(request, "subsidies/mine.html", found=found, State=State)


async def one(request: web.Request) -> web.StreamResponse:
    """Show one statement to the bureau or to whom it pays."""
    viewer = viewer_of(request)
    async with request.app[DATABASE].read() as session:
        found = await statements.by_id(session, int(request.match_info["id"]))
        known = await names(session)
    _must_concern(viewer, found)
    return render(
        request,
        "subsidies/statement.html",
        statement=found,
        own=found.row.person_id in _names_of(viewer),
        manages=viewer.may(MANAGE),
        name=known.person(found.row.person_id),
        State=State,
    )


async def draw(request: web.Request) -> web.StreamResponse:
    """Draw a month's statements up."""
    app, viewer, asked = request.app, viewer_of(request), request.match_info["month"]
    async with app[DATABASE].write() as session:
        drawn = await statements.draw(
            session, casework_services.load(), asked, viewer.account, app[CLOCK].now()
        )
        on_record(request, session, "subsidies.draw", "subsidies", asked, lines=drawn.lines)
    words = f"已编制 {drawn.statements} 人、{drawn.lines} 项"
    if drawn.postponed:
        words += f"；另有 {drawn.postponed} 项所属清单已确认，留到下个月"
    flash(request, words)
    for gap in drawn.gaps:
        flash(request, f"{gap.about}：{gap.why}", "warn")
    raise see_other(f"/subsidies/{asked}")


async def export(request: web.Request) -> web.StreamResponse:
    """Send what is approved of a month as a workbook; from then on it counts as handed over."""
    app, viewer, asked = request.app, viewer_of(request), request.match_info["month"]
    async with app[DATABASE].write() as session:
        ready = statements.export(
            await statements.of_month(session, asked), viewer.account, app[CLOCK].now()
        )
        known = await names(session)
        body = files.workbook(asked, ready, known.person, viewer.name, app[CLOCK].now())
        on_record(
            request, session, "subsidies.export", "subsidies", asked, sha256=files.digest(body)
        )
    return web.Response(
        body=body,
        content_type=documents.XLSX_TYPE,
        headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(f'补贴清单-{asked}.xlsx')}"
        },
    )


async def act(request: web.Request) -> web.StreamResponse:
    """Confirm, dispute, settle, approve a statement, or take a line off it."""
    app, viewer, data = request.app, viewer_of(request), await request.post()
    what, now = request.match_info["act"], app[CLOCK].now()
    said = {
        name: str(data.get(name, ""))[:500] for name in ("objection", "answer", "reason", "line")
    }
    async with app[DATABASE].write() as session:
        found = await statements.by_id(session, int(request.match_info["id"]))
        _must_concern(viewer, found)
        if what in {"confirm", "dispute"}:
            allowed = found.row.person_id in _names_of(viewer)
        else:
            allowed = viewer.may(MANAGE)
        if not allowed:
            raise ForbiddenError("确认和异议由本人提出，处理、剔除和批准由司法局办理")
        acts: dict[str, Callable[[], None]] = {
            "confirm": lambda: statements.confirm(found, viewer.account, now),
            "dispute": lambda: statements.dispute(found, said["objection"]),
            "settle": lambda: statements.settle(found, said["answer"]),
            "approve": lambda: statements.approve(found, viewer.agent_id or viewer.account, now),
            "remove": lambda: statements.remove(
                found, int(said["line"] or 0), said["reason"], viewer.account, now
            ),
        }
        acts[what]()
        on_record(
            request, session, f"subsidies.{what}", "subsidies", str(found.row.id), **_given(said)
        )
    flash(request, _DONE[what])
    raise see_other(f"/subsidies/statements/{request.match_info['id']}")


_DONE = {
    "confirm": "已确认，等待批准",
    "dispute": "异议已提交，司法局处理后会请您再次确认",
    "settle": "处理结果已告知本人，请其再次确认",
    "approve": "已批准并锁定",
    "remove": "已剔除",
}


def _names_of(viewer: Viewer) -> tuple[str, ...]:
    return tuple(name for name in (viewer.agent_id, viewer.account) if name)


def _must_concern(viewer: Viewer, found: Statement) -> None:
    if not viewer.may(MANAGE) and found.row.person_id not in _names_of(viewer):
        # The same as what is not there, so that nobody counts others' statements.
        raise NotFoundError("没有这份补贴清单")


def _given(said: dict[str, str]) -> dict[str, str]:
    return {name: words for name, words in said.items() if words}
