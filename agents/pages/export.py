"""The list of tickets as a workbook: the same filters, numbers and names masked, on the record."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from urllib.parse import quote

from aiohttp import web
from sqlalchemy import ColumnElement
from sqlalchemy.ext.asyncio import AsyncSession

from agents.pages import words
from agents.pages.tickets import Asked, Names, asked, filter_of, names, scores_hidden, vocabulary
from hotline import documents
from hotline.casework import Case, CaseFilter, Order, find
from hotline.casework.queries import LARGEST_PAGE
from hotline.clock import CHINA
from hotline.documents.content import Cell, Column, Form, Part, Table
from hotline.tickets.visibility import visible
from hotline.web import masking
from hotline.web.context import CLOCK, DATABASE, on_record, viewer_of
from hotline.web.reach import reach_of

MOST = 20_000
"""More is no list to read; the report has the sums."""

_COLUMNS = (
    *(Column("工单号", width=18), Column("来电"), Column("姓名"), Column("专题"), Column("案情")),
    *(Column("地点"), Column("承办"), Column("状态"), Column("紧急"), Column("受理时间")),
    *(Column("期限"), Column("办结时间"), Column("满意度"), Column("是否解决")),
    Column("机器初评分", Form.DECIMAL),
)


async def workbook(request: web.Request) -> web.StreamResponse:
    """Send the list that the address asks for."""
    app, viewer, wanted = request.app, viewer_of(request), asked(request.query)
    now = app[CLOCK].now()
    async with app[DATABASE].read() as session:
        seen = visible(await reach_of(app, session, viewer))
        known = await names(session)
        cases = [
            case
            async for case in _every(session, filter_of(wanted, viewer), wanted, now=now, seen=seen)
        ]
        hidden = await scores_hidden(app, session, viewer, cases)
        rows = [_row(case, known, score=case.call_id not in hidden) for case in cases]
    async with app[DATABASE].write() as session:
        on_record(request, session, "tickets.export", "tickets", wanted.query(), rows=len(rows))
    body = documents.workbook(
        documents.Report(
            title="工单",
            subtitle=_told(wanted),
            parts=[Part("工单", _notes(len(rows)), Table(_COLUMNS, rows))],
            made=f"{now.astimezone(CHINA):%Y-%m-%d %H:%M} {viewer.name} 导出",
        )
    )
    name = quote(f"工单-{now.astimezone(CHINA):%Y%m%d-%H%M}.xlsx")
    return web.Response(
        body=body,
        content_type=documents.XLSX_TYPE,
        headers={"Content-Disposition": f"attachment; filename*=UTF-8''{name}"},
    )


async def _every(
    session: AsyncSession,
    chosen: CaseFilter,
    wanted: Asked,
    *,
    now: datetime,
    seen: ColumnElement[bool],
) -> AsyncIterator[Case]:
    after: str | None = None
    given = 0
    while given < MOST:
        page = await find(
            session,
            chosen,
            now=now,
            order=Order(wanted.order),
            after=after,
            limit=LARGEST_PAGE,
            visible=seen,
        )
        for case in page.cases:
            yield case
        given, after = given + len(page.cases), page.after
        if after is None:
            return


def _row(case: Case, known: Names, *, score: bool) -> list[Cell]:
    states = vocabulary()["states"]
    return [
        case.number,
        masking.number(case.caller_number),
        masking.name(case.caller_name),
        words.topic(case.topic),
        case.title or "",
        known.place(case.place),
        known.person(case.assignee_id) or known.place(case.organisation_id),
        states.get(case.state, case.state),
        words.URGENCIES.get(case.urgency, case.urgency),
        case.opened_at,
        case.due_at,
        case.closed_at,
        words.SATISFACTION[case.satisfaction][0] if case.satisfaction else "",
        words.SOLVED.get(case.solved or 0, ""),
        case.score if score else "双盲",
    ]


def _told(wanted: Asked) -> str:
    given = {k: v for k, v in wanted.__dict__.items() if v and k not in {"tab", "order", "text"}}
    return "、".join(f"{k}={v}" for k, v in given.items()) or "全部"


def _notes(count: int) -> tuple[str, ...]:
    notes = ("号码和姓名已遮盖；需要完整号码的，在工单页逐张查看，每次都有记录。",)
    return (*notes, f"只导出了前 {MOST:,} 张，请缩小条件。") if count >= MOST else notes
