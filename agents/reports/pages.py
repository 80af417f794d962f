"""The report's page: one period at a glance, with definitions, charts that print, and files."""

from __future__ import annotations

import json
from datetime import date
from urllib.parse import quote

from aiohttp import web

from agents.pages.tickets import names
from agents.reports import files, settings, values
from agents.reports.building import Count, build
from agents.reports.counting import EVERYTHING, Scope
from agents.reports.formats import Format
from agents.reports.period import Kind, Period, last_whole, period_of, read_day
from agents.reports.values import Chart, Measure, Report, as_number
from hotline.errors import InvalidInputError, NotFoundError
from hotline.web.context import (
    CLOCK,
    DATABASE,
    figures,
    on_record,
    organisations_under,
    viewer_of,
)
from hotline.web.permissions import Permission, Role
from hotline.web.templating import render

SEE = Permission("reports.see", "查看报表", frozenset({Role.STATION, Role.SUPERVISOR, Role.BUREAU}))
"""Of one's own part of the tree; figures name staff, never callers."""

HEADLINE = ("connect", "within_15s", "satisfaction", "legal_accuracy", "offered", "on_time")
"""What stands largest; a figure that nobody counts makes room for the next."""


async def newest(request: web.Request) -> web.StreamResponse:
    """Go to the newest whole month."""
    kind = Kind.MONTH
    raise web.HTTPSeeOther(_address(last_whole(kind, request.app[CLOCK].now())))


async def page(request: web.Request) -> web.StreamResponse:
    """Show a report."""
    asked = _period(request)
    report = await _report(request, asked)
    now = request.app[CLOCK].now()
    return render(
        request,
        "reports/report.html",
        report=report,
        title=files.title(report),
        made=files.made(report),
        headline=_headline(report),
        tabs=[
            (
                _address(period_of(kind, min(asked.last, now.date()))),
                kind.words,
                None,
                kind is asked.kind,
            )
            for kind in Kind
        ],
        before=_address(asked.before()),
        after=_address(asked.after()) if asked.until <= now else "",
        here=_address(asked),
        charts={
            table.code: [
                _drawn(report, chart) for chart in report.charts if chart.table == table.code
            ]
            for table in report.tables
        },
        in_words=values.in_words,
        fraction=values.fraction_in_words,
        basis=lambda one: _basis(report, one),
        change=values.change_in_words,
        norm=files.norm_in_words,
    )


async def download(request: web.Request) -> web.StreamResponse:
    """Send a report as a file; who took it is recorded."""
    try:
        form = Format(request.match_info["form"])
    except ValueError as error:
        raise NotFoundError("报表只有 xlsx、pdf、json、txt 四种格式") from error
    report = await _report(request, _period(request))
    app = request.app
    name = files.name(report, form)
    async with app[DATABASE].write() as session:
        on_record(
            request,
            session,
            "report.export",
            "report",
            f"{report.period.kind.value}/{report.period.mark}",
            form=form.value,
        )
    return web.Response(
        body=files.write(report, form),
        content_type=files.TYPES[form],
        headers={"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"},
    )


async def _report(request: web.Request, period: Period) -> Report:
    app = request.app
    rates: dict[str, Count] = {name: one.count for name, one in figures(app).items()}
    async with app[DATABASE].read() as session:
        return await build(
            session,
            period,
            app[CLOCK].now(),
            settings.load(),
            rates=rates,
            scope=await _scope(request),
        )


async def _scope(request: web.Request) -> Scope:
    app, viewer = request.app, viewer_of(request)
    if viewer.organisation is None:
        if not viewer.roles & {Role.SUPERVISOR, Role.BUREAU}:
            # A station without a place: a missing setting must not open the whole bureau.
            return Scope(frozenset(), "未设定所属单位")
        return EVERYTHING
    async with app[DATABASE].read() as session:
        places = await organisations_under(app, session, viewer.organisation)
        known = await names(session)
    return Scope(places, known.place(viewer.organisation))


def _period(request: web.Request) -> Period:
    try:
        kind = Kind(request.match_info["kind"])
    except ValueError as error:
        raise NotFoundError("没有这种报表") from error
    day: date = read_day(request.query.get("day") or request.match_info["day"])
    period = period_of(kind, day)
    if period.since > request.app[CLOCK].now():
        raise InvalidInputError("这一时期还没有开始，请选择较早的日期", field="day")
    return period


def _address(period: Period) -> str:
    return f"/reports/{period.kind.value}/{period.mark}"


def _headline(report: Report) -> list[Measure]:
    by_code = {one.code: one for one in report.measures}
    return [by_code[code] for code in HEADLINE if code in by_code]


def _basis(report: Report, one: Measure) -> str:
    """Return what stands under a large figure: what it is made of; satisfaction never alone."""
    if one.code == "satisfaction":
        response = next(other for other in report.measures if other.code == "response")
        return f"测评率 {values.in_words(response.value, response.form)}"
    return values.fraction_in_words(one.value).partition("；")[0]


def _drawn(report: Report, chart: Chart) -> str:
    """Return what the page's script draws; the numbers are the table's own."""
    table = report.table(chart.table)
    rows = table.rows[: chart.most]
    return json.dumps(
        {
            "title": chart.title,
            "kind": chart.kind.value,
            "form": table.columns[chart.columns[0]].form.value,
            "labels": [str(row[0]) for row in rows],
            "series": [
                {
                    "name": table.columns[column].name,
                    "values": [as_number(row[column]) for row in rows],
                }
                for column in chart.columns
            ],
        },
        ensure_ascii=False,
    )
