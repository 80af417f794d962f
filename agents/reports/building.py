"""Builds a report: reads what it needs, counts, and puts it into tables."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from agents.moments.reading import times_of
from agents.pages import words
from agents.pages.tickets import Names, names
from agents.reports import counting, tables
from agents.reports.counting import Calls, Scope, Tickets
from agents.reports.measures import Basis, measures
from agents.reports.period import Kind, Period
from agents.reports.settings import ReportSettings
from agents.reports.surge import Surge, surges
from agents.reports.values import Report, Table
from hotline.calls.proportion import Proportion
from hotline.casework import services as casework_services
from hotline.clock import CHINA

Count = Callable[[AsyncSession, datetime, datetime], Awaitable[Proportion]]
"""A rate that another package counts, from one time to another."""

_CAUSES = {
    "not_ours": "不属于本单位职责",
    "wrong_place": "不在本辖区",
    "unclear": "诉求不清，联系不上来电人",
    "duplicate": "重复工单",
    "in_court": "已进入诉讼、仲裁或复议",
    "other": "其他",
}


async def build(
    session: AsyncSession,
    period: Period,
    now: datetime,
    settings: ReportSettings,
    *,
    rates: Mapping[str, Count],
    scope: Scope = counting.EVERYTHING,
) -> Report:
    """Return the report of ``period`` as of ``now``."""
    known = await names(session)
    calls = await counting.calls(session, period, scope)
    ticket_counts = await counting.tickets(session, period, scope, now)
    basis = Basis(calls, ticket_counts, await _rates(session, period, rates, scope))
    before = period.before()
    earlier = Basis(
        await counting.calls(session, before, scope),
        await counting.tickets(session, before, scope, now),
        await _rates(session, before, rates, scope),
    )
    found = [
        await _surges(session, period, scope, settings, known),
        *_call_tables(period, calls, earlier.calls, known, now.astimezone(CHINA).date()),
        tables.plain(
            "risks",
            "现在须关注的工单",
            ("事项", "件"),
            await counting.risks(session, scope, now),
            note="生成报表时的情况，不限于本期受理的。",
        ),
        *_ticket_tables(ticket_counts, await counting.return_causes(session, period, scope)),
        await _services(session, period, scope),
    ]
    if scope.places is None:
        persons = await counting.people(session, period)
        talks = calls.by(lambda row: row.agent_id if row.facts.answered_at else None)
        found.append(tables.appraisal(persons, talks, known.person))
        if period.kind is not Kind.YEAR:
            # A year's changes are millions, and nobody is asked about a pause of last spring.
            times = await times_of(session, period.since, min(now, period.until))
            found.append(tables.states(times, known.person))
    return Report(
        period=period,
        made_at=now,
        running=now < period.until,
        measures=measures(basis, earlier, settings.norms),
        tables=tuple(found),
        charts=tables.charts({table.code: table for table in found}),
        scope=scope.name,
    )


async def _rates(
    session: AsyncSession, period: Period, rates: Mapping[str, Count], scope: Scope
) -> dict[str, Proportion]:
    if scope.places is not None:
        return {}
    return {code: await count(session, period.since, period.until) for code, count in rates.items()}


def _call_tables(
    period: Period, calls: Calls, before: Calls, known: Names, today: date
) -> list[Table]:
    by_topic, by_place = calls.by(lambda row: row.topic), calls.by(lambda row: row.place)
    topics_before = {key: len(c.rows) for key, c in before.by(lambda row: row.topic).items()}
    places_before = {key: len(c.rows) for key, c in before.by(lambda row: row.place).items()}
    found = [tables.trend(period, calls, today)]
    if period.kind is not Kind.DAY:
        found.append(tables.hours(calls))
    found.append(
        tables.grouped("topics", "按专题", "专题", by_topic, before=topics_before, name=words.topic)
    )
    found.append(
        tables.grouped(
            "places",
            "按地点",
            "地点",
            by_place,
            before=places_before,
            name=lambda p: known.place(p) or "未说明",
        )
    )
    return found


async def _surges(
    session: AsyncSession, period: Period, scope: Scope, settings: ReportSettings, known: Names
) -> Table:
    now = await counting.call_counts(session, period, scope)
    past, one = [], period
    for _ in range(settings.surge.earlier):
        one = one.before()
        counted = await counting.call_counts(session, one, scope)
        # Before the hotline began there was nothing to compare with.
        if counted[0].total():
            past.append(counted)
    found: list[tuple[str, str, Surge]] = []
    for kind, which in (("专题", 0), ("地点", 1)):
        # Calls without a topic or place have nothing in common.
        named = {key: count for key, count in now[which].items() if key}
        for surge in surges(named, [p[which] for p in past], settings.surge.rule):
            name = words.topic(surge.key) if which == 0 else known.place(surge.key)
            found.append((kind, name, surge))
    return tables.surge_table(found, len(past))


def _ticket_tables(found: Tickets, causes: Mapping[str, int]) -> list[Table]:
    events = found.events
    flow = (
        ("新建", found.opened),
        ("办结归档", found.closed),
        ("其中转办工单", found.replied),
        ("其中超期答复", found.late),
        ("现有超期", found.overdue),
        ("申请退单", events.get("return_ticket", 0)),
        ("申请延期", events.get("ask_extension", 0)),
        ("同意延期", events.get("grant_extension", 0)),
        ("督办", events.get("supervise", 0)),
        ("回访", events.get("record_followup", 0)),
        ("回访未接通", events.get("not_reached", 0)),
        ("评价不计入考核", events.get("exclude_evaluation", 0)),
    )
    ordered = sorted(causes.items(), key=lambda cause: -cause[1])
    return [
        tables.plain("tickets", "工单办理", ("项目", "件"), flow),
        tables.plain(
            "returns",
            "退单原因",
            ("原因", "次"),
            [(_CAUSES.get(code, code), count) for code, count in ordered],
        ),
    ]


async def _services(session: AsyncSession, period: Period, scope: Scope) -> Table:
    catalogue = casework_services.load().by_code
    counted = await counting.services(session, period, scope)
    rows = [
        (catalogue[code].name if code in catalogue else code, *counts)
        for code, counts in sorted(counted.items(), key=lambda one: -one[1][0])
    ]
    return tables.plain("services", "其他公共法律服务", ("服务", "新办", "办结", "现在办"), rows)
