"""The page of a moment: who waited, who was rung, what everybody did."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from aiohttp import web
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from agents.moments import reading
from agents.moments.past import Where
from agents.pages import words
from agents.tables import AgentTable
from hotline.casework import Case
from hotline.clock import CHINA
from hotline.routing.people import AgentKind, Presence
from hotline.tickets.visibility import visible
from hotline.web.context import CLOCK, DATABASE, viewer_of
from hotline.web.permissions import Permission, Role
from hotline.web.reach import reach_of
from hotline.web.templating import render

SEE_MOMENTS = Permission(
    "moments.see", "查看某一时刻的排队情况", frozenset({Role.SUPERVISOR, Role.BUREAU})
)
STEPS = (
    ("-1 分钟", timedelta(minutes=-1)),
    ("-10 秒", timedelta(seconds=-10)),
    ("+10 秒", timedelta(seconds=10)),
    ("+1 分钟", timedelta(minutes=1)),
)
PLACES = {
    Where.MENU: "在菜单中",
    Where.TALKING: "通话中",
    Where.SURVEY: "在评价",
    Where.VOICEMAIL: "在留言",
    Where.LEAVING: "登记回电或被拦截",
}
_CLOCK = re.compile(r"^(\d{1,2}):(\d{2})(?::(\d{2}))?$")


def parse(text: str, now: datetime) -> datetime | None:
    """Return the moment that somebody names: ``14:05:20`` of today, or a date and time."""
    if match := _CLOCK.match(text.strip()):
        hour, minute, second = (int(part or 0) for part in match.groups())
        today = now.astimezone(CHINA)
        try:
            return today.replace(hour=hour, minute=minute, second=second, microsecond=0)
        except ValueError:
            return None
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return at if at.tzinfo is not None else at.replace(tzinfo=CHINA)


async def page(request: web.Request) -> web.StreamResponse:
    """Show a moment; without one, now."""
    app = request.app
    now = app[CLOCK].now()
    asked = request.query.get("at", "")
    at = parse(asked, now) if asked else now
    wrong = at is None or at > now
    at = now if at is None or at > now else at
    async with app[DATABASE].read() as session:
        moment = await reading.moment(session, at)
        people = (await session.scalars(select(AgentTable).order_by(AgentTable.staff_no))).all()
        calls = [c.id for c in moment.waiting]
        calls += [state.call_id for state in moment.people.values() if state.call_id]
        tickets = await _tickets(request, session, calls)
    local = at.astimezone(CHINA)
    return render(
        request,
        "moments/moment.html",
        moment=moment,
        at=local,
        wrong=wrong,
        asked=asked,
        people=people,
        names={person.id: person.name for person in people},
        skilled={person.id: _skilled(person) for person in people},
        rung={offer.agent_id for offer in moment.offers.values()},
        ringing=words.RINGING,
        tickets=tickets,
        steps=[
            (label, (local + by).replace(tzinfo=None).isoformat())
            for label, by in STEPS
            if at + by <= now
        ],
        places=[(PLACES[place], len(moment.elsewhere.get(place, ()))) for place in PLACES],
        presence={state.value: look for state, look in words.PRESENCE.items()},
        busy=Presence.BUSY.value,
        topic=words.topic,
    )


def _skilled(person: AgentTable) -> str:
    """Say what a person can be asked for, the best first: why a free one was passed over."""
    if person.kind != AgentKind.LAWYER:
        return words.topic(words.STATION) if person.kind == AgentKind.STATION else ""
    levels = sorted(person.skills.items(), key=lambda one: (-one[1], one[0]))
    return "、".join(words.topic(topic) for topic, _ in levels)


async def _tickets(
    request: web.Request, session: AsyncSession, calls: list[str]
) -> dict[str | None, str]:
    """Return the tickets of these calls that the viewer may see."""
    reach = await reach_of(request.app, session, viewer_of(request))
    rows = await session.execute(
        select(Case.call_id, Case.number).where(Case.call_id.in_(calls), visible(reach))
    )
    return {row.call_id: row.number for row in rows}
