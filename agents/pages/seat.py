"""The seat (坐席): me and the waiting line, the call in the middle, help and the form beside it.

The telephone itself is in the call bar (:mod:`agents.pages.seat_bar`), on every page.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiohttp import web
from markupsafe import Markup
from sqlalchemy.ext.asyncio import AsyncSession

import config
from agents.pages import seat_form, wall, words
from agents.pages.seat_answers import done
from agents.pages.seat_call import Now, Phase, current_call, handed_on, phase_of
from agents.pages.seat_day import day_shown
from agents.pages.seat_pop import pop
from agents.pages.seat_rights import SIT
from agents.pages.tickets import names, vocabulary
from agents.people import wish
from agents.phones.lines import choices, line_of
from agents.tables import AgentTable, PresenceTable
from hotline.configfiles import ConfigFileError
from hotline.errors import InvalidInputError, NotFoundError
from hotline.routing import policy
from hotline.routing.people import AgentKind, Presence, Wish
from hotline.store import Outbox
from hotline.talks.asked import is_here, part_of
from hotline.web.context import AUDIT, CLOCK, DATABASE, address_of, on_record, panels, viewer_of
from hotline.web.permissions import REVEAL_PERSONAL
from hotline.web.section import EventRule, LiveView, Panel, PanelContext
from hotline.web.templating import render, render_fragment
from hotline.web.viewer import Viewer

PAUSES = ("就餐", "如厕", "交接", "培训", "整理工单", "其他")
SECRETS = ("来电人报身份证号", "来电人报银行卡号或密码", "来电人不愿被录音", "与本次咨询无关")
"""Why a recording may be paused."""
ME, ASKED, HELP, FORM, WORDS = "seat.me", "seat.asked", "seat.help", "seat.form", "seat.words"
SLOTS = frozenset({ME, ASKED, HELP, FORM, WORDS})
"""Where other packages' panels stand on the seat; see :class:`hotline.web.section.Panel`."""
_ALWAYS = frozenset({ME, ASKED})
"""What is drawn without a call of one's own, too."""


async def page(request: web.Request) -> web.StreamResponse:
    """Show the seat."""
    return await _show(request, "agents/seat.html")


async def part(request: web.Request) -> web.StreamResponse:
    """Return the seat's moving parts, after something of one's own changed."""
    return await _show(request, "agents/seat_parts.html")


async def panel(request: web.Request) -> web.StreamResponse:
    """Return one panel of the seat anew, after its subject changed."""
    app, viewer = request.app, viewer_of(request)
    name = request.match_info["panel"]
    wanted = next((p for p in panels(app, viewer) if p.name == name and p.slot in SLOTS), None)
    if wanted is None or viewer.agent_id is None:
        raise NotFoundError("没有这个栏目")
    async with app[DATABASE].read() as session:
        current = await current_call(session, viewer.agent_id, app[CLOCK].now())
        html = await _drawn(request, session, wanted, current)
    return web.Response(text=html or "", content_type="text/html")


async def _drawn(
    request: web.Request, session: AsyncSession, wanted: Panel, current: Now | None
) -> Markup | None:
    if current is None and wanted.slot not in _ALWAYS:
        return None
    case = current.case if current else None
    context = PanelContext(
        viewer=viewer_of(request),
        session=session,
        call_id=current.call.id if current else None,
        case_id=case.id if case else None,
        address=address_of(request),
    )
    return await wanted.render(request.app, context)


async def _panels(
    request: web.Request, session: AsyncSession, current: Now | None
) -> list[tuple[Panel, Markup]]:
    """Return every panel of the seat with what it shows; one without anything keeps its place."""
    return [
        (wanted, await _drawn(request, session, wanted, current) or Markup())
        for wanted in panels(request.app, viewer_of(request))
        if wanted.slot in SLOTS
    ]


async def set_presence(request: web.Request) -> web.StreamResponse:
    """Ask the controller to be ready, paused (with a reason) or offline."""
    app, viewer, data = request.app, viewer_of(request), await request.post()
    asked, reason = str(data.get("wish", "")), str(data.get("reason", "")).strip()[:40]
    if viewer.agent_id is None or asked not in set(Wish):
        raise InvalidInputError("不能这样切换状态，请刷新页面后再试")
    if asked == Wish.PAUSED and not reason:
        raise InvalidInputError("小休须说明原因，请选择一项", field="reason")
    async with app[DATABASE].write() as session:
        await wish(
            session,
            viewer.agent_id,
            Wish(asked),
            reason=reason,
            by=viewer.agent_id,
            now=app[CLOCK].now(),
        )
        on_record(
            request, session, "presence.wish", "agent", viewer.agent_id, wish=asked, reason=reason
        )
    return done(request, f"已请求：{_WISHES[Wish(asked)]}{f'（{reason}）' if reason else ''}")


_WISHES = {Wish.READY: "置闲", Wish.PAUSED: "小休", Wish.OFFLINE: "签出"}


async def _show(request: web.Request, template: str) -> web.Response:
    app, viewer = request.app, viewer_of(request)
    now = app[CLOCK].now()
    if viewer.agent_id is None:
        return render(request, "agents/seat_none.html")
    async with app[DATABASE].read() as session:
        agent = await session.get(AgentTable, viewer.agent_id)
        if agent is None:
            return render(request, "agents/seat_none.html")
        presence = await session.get(PresenceTable, viewer.agent_id)
        current, last = await current_call(session, viewer.agent_id, now), None
        part = await part_of(session, viewer.agent_id)
        state = Presence(presence.state) if presence else Presence.OFFLINE
        done_with = state in {Presence.READY, Presence.OFFLINE} or part is not None
        if phase_of(current) is Phase.OVER and done_with:
            # The wrap-up is done: the stage is free for the next call.
            current, last = None, current
        line = _line_values(await wall.read(session, now))
        known = await names(session)
        values: dict[str, Any] = {
            "agent": agent,
            "state": state,
            "last": last,
            "presence": presence,
            "today": await day_shown(
                app, session, viewer.agent_id, now, hurry=phase_of(current) is Phase.RINGING
            ),
            "current": current,
            "part": part,
            "part_rings": part is not None and not is_here(part),
            "handed": await handed_on(session, viewer.agent_id, now) if current is None else None,
            "phase": phase_of(current),
            "pop": await pop(app, session, viewer, current, now),
            "sheet": await seat_form.sheet(session, current, viewer, known),
            "names": known,
            "panels": await _panels(request, session, current),
        }
    if current is not None and current.case is not None:
        await app[AUDIT].look_from(
            app[DATABASE],
            viewer,
            "ticket.see",
            "ticket",
            current.case.number,
            address=address_of(request),
        )
    return render(
        request,
        template,
        **values,
        **vocabulary() | line,
        looks=words.PRESENCE,
        ringing=words.RINGING,
        pauses=PAUSES,
        secrets=SECRETS,
        lines=choices(agent),
        line_now=line_of(agent),
        languages=words.LANGUAGES,
        may_reveal=viewer.may(REVEAL_PERSONAL),
        wrapup_seconds=_wrapup_seconds(AgentKind(agent.kind)),
    )


def _wrapup_seconds(kind: AgentKind) -> int:
    try:
        return int(policy.load(config.path("routing.yaml")).wrapup(kind))
    except ConfigFileError:
        # The controller goes on by the last policy that was right; the seat's timer just counts.
        return 0


async def number(request: web.Request) -> web.StreamResponse:
    """Show the whole number of the caller in hand, on the record."""
    app = request.app
    async with app[DATABASE].write() as session:
        case = await seat_form.own_case(request, session, request.match_info["number"])
        on_record(request, session, "number.reveal", "ticket", case.number)
    return web.Response(text=case.caller_number or "未显示号码", content_type="text/plain")


def _own_presence(row: Outbox, viewer: Viewer) -> Mapping[str, Any] | None:
    return {} if row.key == viewer.agent_id else None


def _own_call(row: Outbox, viewer: Viewer) -> Mapping[str, Any] | None:
    # What becomes of a talk is told in full by the section of talks (docs/talks.md).
    return None if row.topic in _TOLD_ELSEWHERE else _own_offer(row, viewer)


_TOLD_ELSEWHERE = frozenset({"call.talk", "call.order"})


def _own_offer(row: Outbox, viewer: Viewer) -> Mapping[str, Any] | None:
    return {} if viewer.agent_id and row.payload.get("agent_id") == viewer.agent_id else None


async def _line(app: web.Application) -> Mapping[str, str]:
    now = app[CLOCK].now()
    async with app[DATABASE].read() as session:
        state = await wall.read(session, now)
    return {"line": render_fragment(app, "agents/seat_line.html", _line_values(state))}


def _line_values(state: wall.Wall) -> dict[str, Any]:
    return {
        "wall": state,
        "topic": words.topic,
        "long_wait": int(wall.LONG_WAIT.total_seconds()),
        "very_long_wait": int(wall.VERY_LONG_WAIT.total_seconds()),
    }


line_view = LiveView("seat", SIT, ("call.",), _line, every_seconds=20.0)
"""The waiting line, the same for everyone: computed once, not by each of two hundred seats."""

event_rules = (
    EventRule("presence.", SIT, _own_presence),
    EventRule("offer.", SIT, _own_offer),
    EventRule("call.", SIT, _own_call),
)
