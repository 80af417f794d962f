"""The ticket beside the call: saved as one types, field by field.

A page sends what changed, and of each field what it held before. Where the ticket still holds
that, the new value is kept; where somebody else wrote something meanwhile, theirs stands and is
sent back for a person to decide. Two people who fill different fields disturb nobody.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import Any

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from agents import limitation
from agents.limitation import Rules
from agents.pages.acts import Entry, actor_of, entry, flat, groups_of, kept_of
from agents.pages.seat_call import Now
from agents.pages.tickets import Names
from hotline import worktime
from hotline.calls.tables import CallTable
from hotline.casework import Case, Service, Transition, engine
from hotline.casework.fields import FieldType, FormField
from hotline.clock import CHINA
from hotline.errors import InvalidInputError, NotFoundError
from hotline.routing.tables import OfferTable
from hotline.tickets import shipped
from hotline.tickets.referral import destinations
from hotline.web.context import AUDIT, CLOCK, DATABASE, address_of, viewer_of
from hotline.web.reach import ticket
from hotline.web.translating import told as in_language
from hotline.web.viewer import Viewer
from hotline.worktime import Calendar
from knowledge_base.pages.desk import DESK

RECORD = "record"
"""The act of the service file that fills the form and leaves the state alone."""

WRAP_UP = "wrap_up"

CHIPS = (
    "法律援助中心",
    "人民调解委员会",
    "公证处",
    "司法鉴定机构",
    "劳动仲裁委员会",
    "乡镇公共法律服务站",
    "人民法院",
    "110",
    "12345",
)
"""Whereto callers are sent most, as one key each; anything else is typed."""

LONGEST_QUESTION = 60
STATUTES = 8


class Change(BaseModel):
    """One field: what the page held, and what it holds now."""

    model_config = ConfigDict(extra="forbid")

    was: str = Field(max_length=100_000)
    now: str | bool | list[str]


class Changes(BaseModel):
    """What a page sends."""

    model_config = ConfigDict(extra="forbid")

    changes: dict[str, Change] = Field(max_length=60)


@dataclass
class Saved:
    """What came of it."""

    saved: list[str] = field(default_factory=list)
    theirs: dict[str, dict[str, str]] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Sheet:
    """The form as the seat draws it."""

    case: Case
    groups: list[tuple[str, list[Entry]]]
    referrals: list[Any]
    """Services that the ticket may go on to."""
    rules: list[limitation.Rule]
    codes: list[tuple[str, str]]
    """The wrap-up codes (话后小结), as one key each once the talk is over."""
    chips: tuple[str, ...] = CHIPS


@cache
def periods() -> Rules:
    """Return the rules of limitation."""
    return limitation.load()


@cache
def _calendar() -> Calendar:
    return worktime.load_calendar()


async def sheet(
    session: AsyncSession, current: Now | None, viewer: Viewer, known: Names
) -> Sheet | None:
    """Return the form of the call's ticket, where the viewer may fill it."""
    if current is None or current.case is None:
        return None
    case = current.case
    found = await _recording(session, case, viewer)
    if found is None:
        return None
    service, transition = found
    entries = {
        one.name: entry(one, case, transition, known=known)
        for one in engine.asked_fields(service, transition)
    }
    ways = {t.action for t in await shipped().desk.available(session, case, actor_of(viewer))}
    return Sheet(
        case,
        groups_of(entries),
        list(destinations(shipped().desk.services, actor_of(viewer))) if "refer" in ways else [],
        periods().for_topic(case.topic or ""),
        list(entries[WRAP_UP].options) if WRAP_UP in entries else [],
    )


async def _recording(
    session: AsyncSession, case: Case, viewer: Viewer
) -> tuple[Service, Transition] | None:
    desk = shipped().desk
    for transition in await desk.available(session, case, actor_of(viewer)):
        if transition.action == RECORD:
            return await desk.definition(session, case), transition
    return None


async def save(request: web.Request) -> web.StreamResponse:
    """Keep what changed; answer with what others changed and what is not right."""
    asked = await _read(request)
    app, viewer, now = request.app, viewer_of(request), request.app[CLOCK].now()
    async with app[DATABASE].write() as session:
        case = await own_case(request, session, request.match_info["number"])
        found = await _recording(session, case, viewer)
        if found is None:
            raise InvalidInputError("这张工单现在不能填写：已归档或合并。请到工单页查看。")
        service, transition = found
        fields = {one.name: one for one in engine.asked_fields(service, transition)}
        told = Saved()
        wanted = _wanted(asked, fields, case, told)
        if wanted:
            await _keep(session, case, wanted, told, viewer=viewer, now=now)
            if told.saved:
                await app[AUDIT].look(
                    session,
                    viewer,
                    "ticket.fill",
                    "ticket",
                    case.number,
                    address=address_of(request),
                )
        values = {one.name: flat(kept_of(one, case)) for one in fields.values()}
        revision = case.revision
    answer = {"revision": revision, "values": values, "at": now.astimezone(CHINA).strftime("%H:%M")}
    told.problems = {name: in_language(words) for name, words in told.problems.items()}
    return web.json_response(answer | told.__dict__, dumps=_dumps)


async def values(request: web.Request) -> web.StreamResponse:
    """Return what the ticket holds now, after somebody changed it."""
    viewer = viewer_of(request)
    async with request.app[DATABASE].read() as session:
        case = await own_case(request, session, request.match_info["number"])
        found = await _recording(session, case, viewer)
        fields = engine.asked_fields(*found) if found else []
        held = {one.name: flat(kept_of(one, case)) for one in fields}
    return web.json_response({"revision": case.revision, "values": held}, dumps=_dumps)


def _wanted(
    asked: Changes, fields: Mapping[str, FormField], case: Case, told: Saved
) -> dict[str, Any]:
    wanted: dict[str, Any] = {}
    for name, change in asked.changes.items():
        one = fields.get(name)
        if one is None:
            told.problems[name] = "这里没有这一项，请刷新页面后重填"
            continue
        kept = kept_of(one, case)
        now = _typed(one, change.now)
        if flat(kept) == flat(now):
            told.saved.append(name)
        elif flat(kept) != change.was:
            told.theirs[name] = {"value": flat(kept), "words": one.words(kept) or "（空）"}
        else:
            wanted[name] = now
    return wanted


def _typed(one: FormField, value: str | bool | list[str]) -> Any:
    if one.type is FieldType.BOOLEAN:
        return value is True or value == "True"
    if one.type is FieldType.CHOICES:
        return [v for v in value.split(",") if v] if isinstance(value, str) else value
    return value if isinstance(value, str) else ""


async def _keep(
    session: AsyncSession,
    case: Case,
    wanted: dict[str, Any],
    told: Saved,
    *,
    viewer: Viewer,
    now: datetime,
) -> None:
    """Save what is right; what is not right is told, and keeps nothing else back."""
    while wanted:
        try:
            await shipped().desk.act(
                session, case.id, RECORD, wanted, actor=actor_of(viewer), now=now
            )
        except InvalidInputError as error:
            wrong = {k: v for k, v in error.details.get("errors", {}).items() if k in wanted}
            if not wrong:
                raise
            told.problems |= wrong
            for name in wrong:
                del wanted[name]
        else:
            told.saved += wanted
            return


async def own_case(request: web.Request, session: AsyncSession, number: str) -> Case:
    """Return a ticket of a call that the viewer was offered or talked on, or may see anyway.

    Raises:
        NotFoundError: there is none, or it is none of theirs.
    """
    viewer = viewer_of(request)
    case = await session.scalar(select(Case).where(Case.number == number, Case.service == "ticket"))
    if case is not None and case.call_id is not None and viewer.agent_id is not None:
        own = await session.scalar(
            select(CallTable.id)
            .join(OfferTable, OfferTable.call_id == CallTable.id, isouter=True)
            .where(
                CallTable.id == case.call_id,
                or_(
                    CallTable.agent_id == viewer.agent_id,
                    (OfferTable.agent_id == viewer.agent_id)
                    & (OfferTable.ended_at.is_(None) | (OfferTable.outcome == "answered")),
                ),
            )
            .limit(1)
        )
        if own is not None:
            return case
    return await ticket(request.app, session, viewer, number=number)


async def _read(request: web.Request) -> Changes:
    try:
        return Changes.model_validate_json(await request.text())
    except ValidationError as error:
        raise InvalidInputError("内容没有保存：格式不对或太长，请刷新页面后再填。") from error


async def statutes(request: web.Request) -> web.StreamResponse:
    """Find articles for the form: the exact citation and the beginning of the text."""
    question = request.query.get("q", "").strip()[:LONGEST_QUESTION]
    if not question:
        return web.json_response({"articles": []})
    search = await request.app[DESK].search()
    hits = search.articles(question, on=_today(request), limit=STATUTES)
    found = [
        {
            "cite": f"{hit.article.law.name} {hit.article.label}".strip(),
            "text": hit.article.text[:160],
        }
        for hit in hits
    ]
    return web.json_response({"articles": found}, dumps=_dumps)


async def reckon(request: web.Request) -> web.StreamResponse:
    """Reckon a last day by one of the rules."""
    rule = periods().rule(request.query.get("rule", ""))
    if rule is None:
        raise NotFoundError("没有这种期间，请重新选择。")
    try:
        since = date.fromisoformat(request.query.get("since", ""))
    except ValueError as error:
        raise InvalidInputError("请填写起算日，如 2026-03-01", field="since") from error
    found = limitation.reckon(rule, since, _today(request), _calendar())
    told = {
        "last": found.last.isoformat(),
        "words": in_language(found.words),
        "cite": rule.citation,
        "note": rule.note,
        "near": 0 <= found.days_left < limitation.URGENT_DAYS,
        "past": found.days_left < 0,
        "provisional": found.provisional,
    }
    return web.json_response(told, dumps=_dumps)


def _today(request: web.Request) -> date:
    return request.app[CLOCK].now().astimezone(CHINA).date()


def _dumps(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
