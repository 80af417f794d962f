"""The bureau's page of quality, with the same figures as xlsx and PDF."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import quote, urlencode

from aiohttp import web

from hotline.clock import CHINA
from hotline.documents import PDF_TYPE, XLSX_TYPE, Report, pdf, workbook
from hotline.web.context import (
    CLOCK,
    DATABASE,
    SETTINGS,
    directory,
    on_record,
    viewer_of,
)
from hotline.web.section import Directory
from hotline.web.templating import render
from knowledge_base.editing.installed import installed_cards
from knowledge_base.library.installed import KnowledgeFiles
from transcripts.figures import counting, reading, report
from transcripts.figures.hints import HintFigures, hint_use
from transcripts.pages.reviews import topic_words
from transcripts.scoring.findings import KIND_WORDS

LONGEST = timedelta(days=5 * 366)
_MONTHS_BEFORE = 2


@dataclass(frozen=True)
class Period:
    """Whole days, both inclusive."""

    first: date
    last: date

    @property
    def since(self) -> datetime:
        """The first moment."""
        return datetime.combine(self.first, time(), CHINA)

    @property
    def until(self) -> datetime:
        """The first moment after it."""
        return datetime.combine(self.last + timedelta(days=1), time(), CHINA)

    @property
    def words(self) -> str:
        """How it reads."""
        return f"{self.first} 至 {self.last}"

    @property
    def query(self) -> str:
        """The address's query for it."""
        return urlencode({"since": self.first.isoformat(), "until": self.last.isoformat()})


def period_of(since: str, until: str, today: date) -> Period:
    """Read a period from the address; what can't be read is this and the two months before."""
    last = _day(until) or today
    first = _day(since)
    if first is None or first > last or last - first > LONGEST:
        month = last.year * 12 + last.month - 1 - _MONTHS_BEFORE
        first = date(month // 12, month % 12 + 1, 1)
    return Period(first, last)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


@dataclass(frozen=True)
class Counted:
    """All that the page and the files tell."""

    period: Period
    table: counting.Table
    errors: tuple[reading.LegalError, ...]
    weak: tuple[reading.WeakItem, ...]
    hints: HintFigures
    names: Directory


async def count(request: web.Request) -> Counted:
    """Read and count."""
    app = request.app
    today = app[CLOCK].now().astimezone(CHINA).date()
    period = period_of(request.query.get("since", ""), request.query.get("until", ""), today)
    titles = await card_titles(app)
    async with app[DATABASE].read() as session:
        calls = await reading.calls(session, period.since, period.until)
        errors = await reading.legal_errors(session, period.since, period.until)
        weak = await reading.weak_items(session, period.since, period.until)
        hints = await hint_use(session, period.since, period.until, titles)
        names = await directory(app, session)
    table = counting.count(calls, names.homes)
    return Counted(period, table, tuple(errors), tuple(weak), hints, names)


async def card_titles(app: web.Application) -> dict[str, str]:
    """Return the titles of the cards that count now, by id."""
    cards = await asyncio.to_thread(installed_cards, KnowledgeFiles.of(app[SETTINGS]))
    return {card.id: card.title for card in cards}


async def page(request: web.Request) -> web.StreamResponse:
    """Show the figures."""
    found = await count(request)
    names, table = found.names, found.table
    groups: list[tuple[str, str, list[tuple[str, counting.Figures]]]] = [
        ("month", "按月", list(table.by_month.items())),
        ("agent", "按律师", [(names.person(c) or "未登记", f) for c, f in table.by_agent.items()]),
        ("topic", "按专题", [(topic_words(c), f) for c, f in table.by_topic.items()]),
        (
            "station",
            "按站点",
            [(names.place(c) or "未登记", f) for c, f in table.by_station.items()],
        ),
    ]
    by = request.query.get("by", "agent")
    return render(
        request,
        "transcripts/quality.html",
        period=found.period,
        whole=table.whole,
        months=groups[0][2],
        groups=groups,
        by=by if by in {"month", "agent", "topic", "station"} else "agent",
        errors=found.errors,
        weak=found.weak,
        hints=found.hints,
        names=names,
        kinds=KIND_WORDS,
        definitions=report.DEFINITIONS,
    )


async def xlsx(request: web.Request) -> web.StreamResponse:
    """Give the figures as a workbook."""
    return await _file(request, "xlsx", XLSX_TYPE, workbook)


async def printed(request: web.Request) -> web.StreamResponse:
    """Give the figures as PDF."""
    return await _file(request, "pdf", PDF_TYPE, pdf)


async def _file(request: web.Request, suffix: str, kind: str, write: Any) -> web.StreamResponse:
    app, viewer = request.app, viewer_of(request)
    found = await count(request)
    made = app[CLOCK].now().astimezone(CHINA)
    content: Report = report.report(
        found.table,
        found.errors,
        found.weak,
        found.hints,
        title=f"{app[SETTINGS].bureau.name} 热线质量统计",
        period=found.period.words,
        made=f"{viewer.name} {made:%Y-%m-%d %H:%M} 制",
        person=lambda code: found.names.person(code),
        place=lambda code: found.names.place(code),
        topic=topic_words,
    )
    body = await asyncio.to_thread(write, content)
    async with app[DATABASE].write() as session:
        on_record(request, session, "quality.export", "report", found.period.words, kind=suffix)
    name = f"热线质量统计 {found.period.words}.{suffix}"
    return web.Response(
        body=body,
        content_type=kind,
        headers={"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"},
    )
