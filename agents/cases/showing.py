"""One case: its form by sections, what may be done, clocks, documents, the chain it stands in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from aiohttp import web
from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from agents.cases.acting import CORRECT, CORRECT_PERSONAL
from agents.cases.drawing import sections
from agents.cases.figure import figure
from agents.cases.listing import CARDS
from agents.cases.names import HIDDEN, Names, read_names
from agents.cases.reach import case as wanted_case
from agents.cases.reach import reach, seen_services
from agents.pages.acts import actor_of
from agents.persons import pages as persons
from hotline.casework import (
    Case,
    Codes,
    Service,
    by_id,
    card,
    children,
    documents,
    engine,
    events,
)
from hotline.casework.clocks import Running
from hotline.casework.fields import FormField, Sensitivity
from hotline.casework.rows import view
from hotline.casework.tariffs import payment
from hotline.clock import CHINA
from hotline.errors import HotlineError
from hotline.public.papers import ACCEPT, ACCEPTED, of_case
from hotline.tickets import shipped
from hotline.tickets.birth import SERVICE
from hotline.tickets.visibility import visible
from hotline.web import masking
from hotline.web.context import (
    AUDIT,
    CLOCK,
    DATABASE,
    SETTINGS,
    address_of,
    on_record,
    panels,
    viewer_of,
)
from hotline.web.permissions import REVEAL_PERSONAL
from hotline.web.reach import reach_of
from hotline.web.section import PanelContext
from hotline.web.templating import render
from hotline.web.translating import told


@dataclass(frozen=True)
class Fact:
    """One filled field."""

    label: str
    words: str
    long: bool


@dataclass(frozen=True)
class Step:
    """One thing that was done."""

    at: datetime
    words: str
    why: str


@dataclass(frozen=True)
class Deadline:
    """One clock of the case."""

    name: str
    due: datetime
    state: str
    kind: str
    basis: str
    extended: int


@dataclass(frozen=True)
class Kin:
    """A case above or below this one."""

    number: str
    service: str
    state: str
    over: bool
    path: str
    """Empty where the viewer may not look."""


async def page(request: web.Request) -> web.StreamResponse:
    """Show a case; the look is recorded."""
    return await _page(request, revealed=False)


async def _beside(request: web.Request, session: AsyncSession, case: Case) -> list[Markup]:
    """Return what other rooms have to show of a case, such as calls that were placed from it."""
    app, viewer = request.app, viewer_of(request)
    context = PanelContext(
        viewer=viewer,
        session=session,
        call_id=None,
        case_id=case.id,
        address=address_of(request),
    )
    drawn = [await p.render(app, context) for p in panels(app, viewer) if p.slot == "main"]
    return [html for html in drawn if html is not None]


async def reveal(request: web.Request) -> web.StreamResponse:
    """Show what is hidden of a case's personal data, on the record."""
    app, viewer = request.app, viewer_of(request)
    async with app[DATABASE].write() as session:
        case, _ = await wanted_case(app, session, viewer, request.match_info["number"])
        on_record(request, session, "case.reveal", "case", case.number)
    return await _page(request, revealed=True)


async def _page(request: web.Request, *, revealed: bool) -> web.StreamResponse:
    app, viewer, now = request.app, viewer_of(request), request.app[CLOCK].now()
    number = request.match_info["number"]
    actor, desk = actor_of(viewer), shipped().desk
    async with app[DATABASE].read() as session:
        case, service = await wanted_case(app, session, viewer, number)
        known = await read_names(session)
        ways = await desk.available(session, case, actor)
        steps = await _steps(session, case, service, known)
        kin = await _kin(request, session, case)
        papers = await of_case(session, case.id)
        made = await documents(session, case.id)
        person = await persons.drawn(app, session, viewer, case)
        standing = await figure(request, session, case, service)
        beside = await _beside(request, session, case)
    async with app[DATABASE].write() as session:
        await app[AUDIT].look(
            session, viewer, "case.see", "case", case.number, address=address_of(request)
        )
    state = service.states[case.state]
    opened = [s for s in seen_services(desk.services, actor) if not s.pages.is_register]
    return render(
        request,
        "cases/case.html",
        case=case,
        service=service,
        state=state,
        names=known,
        ways=ways,
        left=engine.left_to_others(service, view(case), actor),
        steps=steps,
        groups=facts(case, service, known, revealed=revealed),
        deadlines=list(_deadlines(case, service, now)),
        kin=kin,
        beside=beside,
        papers=papers,
        accepted=ACCEPTED,
        accept=ACCEPT,
        made=made,
        card=card(case, now),
        cards=CARDS,
        code=Codes.of(app[SETTINGS].home).code(case.number) if _has_applicant(service) else "",
        revealed=revealed,
        may_reveal=viewer.may(REVEAL_PERSONAL) and _hides(case, service, known),
        correct=CORRECT if viewer.may(CORRECT_PERSONAL) else "",
        may_add=case.closed_at is None and bool(ways),
        onward=[s for s in opened if engine.may_act(s.opened_by, None, actor)],
        subsidy=_subsidy(case, service),
        person=person,
        standing=standing,
        phone=_phone(case, revealed=revealed),
    )


def facts(
    case: Case, service: Service, known: Names, *, revealed: bool
) -> list[tuple[str, list[Fact]]]:
    """Return the filled fields under their headings."""
    found = []
    for title, fields in sections(service, service.fields):
        filled = [fact for f in fields if (fact := _fact(case, f, known, revealed=revealed))]
        if filled:
            found.append((title, filled))
    return found


def _fact(case: Case, field: FormField, known: Names, *, revealed: bool) -> Fact | None:
    value = case.data.get(field.name)
    if value in (None, "", [], False):
        return None
    words = known.words(field, value) if revealed else known.masked(field, value)
    return Fact(field.label, words, len(words) > 30 or "\n" in words)


def _hides(case: Case, service: Service, known: Names) -> bool:
    if case.caller_number:
        return True
    return any(
        known.masked(f, value) != known.words(f, value)
        for f in service.fields
        if (value := case.data.get(f.name)) not in (None, "", [])
    )


def _phone(case: Case, *, revealed: bool) -> str:
    if not case.caller_number:
        return ""
    return case.caller_number if revealed else masking.number(case.caller_number)


def _has_applicant(service: Service) -> bool:
    return "applicant" in service.opened_by or service.catalogue.online


async def _steps(session: AsyncSession, case: Case, service: Service, known: Names) -> list[Step]:
    acts = {t.action: t.name for t in service.transitions} | _OUTSIDE
    found = []
    for event in await events(session, case.id):
        if event.action == "facets":
            continue
        if event.action == "signal":
            signals = {"yellow": "黄牌：即将到期", "due": "到期", "red": "红牌：严重超期"}
            words = f"“{event.data['name']}”{told(signals[event.data['signal']])}"
            found.append(Step(event.at, words, ""))
            continue
        moved = event.from_state != event.to_state and event.to_state in service.states
        to = f" → {service.states[event.to_state].name}" if moved else ""
        done = acts.get(event.action, event.action)
        words = f"{told(known.person(event.actor))}：{told(done)}{to}"
        # What was filled in and why: a time that was moved, and the reason that was given for it.
        told_of = (_given(event.data, service, known), event.note)
        found.append(Step(event.at, words, "；".join(filter(None, told_of))))
    return found


_OUTSIDE = {"open": "登记", "correct": "更正个人信息", "erase": "删除个人信息"}
"""Acts that no service's file names."""


def _given(data: dict[str, object], service: Service, known: Names) -> str:
    """Return what was filled in at a step, without what the page hides."""
    given = []
    for name, value in data.items():
        field = service.field_by_name.get(name)
        hidden = field is None or field.sensitivity in {Sensitivity.PERSONAL, Sensitivity.SENSITIVE}
        if field is None or hidden or value in (None, "", [], False):
            continue
        words = known.words(field, value)
        if words != HIDDEN:
            given.append(f"{field.label}：{words if len(words) <= 40 else words[:40] + '……'}")
    return "；".join(given)


def _deadlines(case: Case, service: Service, now: datetime) -> Sequence[Deadline]:
    found = []
    for name, record in case.clocks.items():
        clock, run = service.clocks.get(name), Running.from_json(record)
        if clock is None:
            continue
        if run.ended is not None:
            state, kind = ("超期办结", "bad") if run.missed else ("按期", "good")
        elif run.paused is not None:
            state, kind = "暂停", ""
        elif now > run.red:
            state, kind = "红牌", "bad"
        elif now > run.due:
            state, kind = "超期", "bad"
        elif now >= run.warn:
            state, kind = "黄牌", "warn"
        else:
            state, kind = "进行中", "primary"
        found.append(Deadline(clock.name, run.due, state, kind, clock.basis, run.extended))
    return sorted(found, key=lambda d: (d.state in {"按期", "超期办结"}, d.due))


async def _kin(request: web.Request, session: AsyncSession, case: Case) -> list[tuple[str, Kin]]:
    app, viewer = request.app, viewer_of(request)
    rows: list[tuple[str, Case]] = []
    if case.parent_id is not None:
        rows.append(("来自", await by_id(session, case.parent_id)))
    rows += [("转出", child) for child in await children(session, case.id)]
    tickets = visible(await reach_of(app, session, viewer))
    cases = await reach(app, session, viewer)
    found = []
    for way, row in rows:
        service = await shipped().desk.definition(session, row)
        is_ticket = row.service == SERVICE
        seen = tickets if is_ticket else cases
        may = await session.scalar(select(Case.id).where(Case.id == row.id, seen)) is not None
        state = service.states.get(row.state)
        found.append(
            (
                way,
                Kin(
                    row.number,
                    service.name,
                    state.name if state else row.state,
                    row.closed_at is not None,
                    f"/{'tickets' if is_ticket else 'cases'}/{row.number}" if may else "",
                ),
            )
        )
    return found


def _subsidy(case: Case, service: Service) -> str:
    """Return what the tariff gives for the case, or why it gives nothing yet."""
    subsidy = service.subsidy
    if subsidy is None or case.state not in subsidy.states:
        return ""
    tariff = shipped().desk.services.tariffs.get(subsidy.tariff)
    if tariff is None:
        return "补贴标准文件有误，请运行 hotline services check"
    closed_on = (case.closed_at or case.opened_at).astimezone(CHINA).date()
    try:
        paid = payment(service, tariff, view(case).values, closed_on)
    except HotlineError as error:
        return error.message
    if paid is None:
        return "按规定不发放补贴"
    example = "（示例标准，不能发放）" if paid.example else ""
    return f"{paid.amount:,.2f} 元：{' '.join(paid.reckoning)}{example}"
