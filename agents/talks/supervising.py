"""The supervisor: listens, whispers, joins, moves, forces a state, broadcasts, sees alarms."""

from __future__ import annotations

from typing import Any

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from agents.people import wish
from agents.tables import AgentTable
from agents.talks.asking import answer
from agents.talks.choices import called, current_book
from hotline.errors import InvalidInputError, NotFoundError
from hotline.routing.people import Wish
from hotline.store import append
from hotline.talks.orders import LISTENING, Kind, Order, order
from hotline.talks.tables import BroadcastTable
from hotline.web.context import CLOCK, DATABASE, on_record, viewer_of
from hotline.web.permissions import Permission, Role
from hotline.web.templating import flash, see_other
from hotline.web.translating import told

DIRECT = Permission("calls.direct", "监听、强插和处置通话", frozenset({Role.SUPERVISOR}))

PAGE = "/control"
LONGEST_BROADCAST = 200
_KINDS = LISTENING | {Kind.MOVE, Kind.SEEN}
_STATES = {Wish.READY: "置闲", Wish.PAUSED: "置忙", Wish.OFFLINE: "签出"}


def _answered(request: web.Request, sentence: str, **values: Any) -> web.Response:
    """Answer a script with JSON, a form with the page and a message."""
    if "application/json" in request.headers.get("Accept", ""):
        return answer({"words": told(sentence)} | values, 202)
    flash(request, sentence)
    raise see_other(PAGE)


async def on_call(request: web.Request) -> web.StreamResponse:
    """Take an act on a call: ``POST /wallboard/call/{kind}``."""
    app, viewer, form = request.app, viewer_of(request), await request.post()
    name = request.match_info["kind"]
    kind = Kind(name) if name in set(Kind) else None
    if kind is None or kind not in _KINDS:
        raise NotFoundError("没有这个操作，请刷新页面后再试")
    values = {n: str(form.get(n, "")).strip() for n in ("call", "target", "reason", "basis", "key")}
    detail: dict[str, Any] = {"reason": values["reason"], "target": values["target"]}
    reason = values["reason"]
    if kind in LISTENING:
        basis = current_book().basis(values["basis"])
        if basis is None:
            raise InvalidInputError(f"{kind.words}须选定依据", field="basis")
        if viewer.agent_id is None:
            raise InvalidInputError("您的账号没有绑定坐席话机，请管理员在账号页绑定后再监听")
        detail["basis"] = basis.code
        reason = f"{basis.name}{f'；{reason}' if reason else ''}"
    async with app[DATABASE].write() as session:
        asked = Order(
            kind,
            values["call"],
            viewer.agent_id or "",
            f"user:{viewer.user_id}:{viewer.name}",
            values["target"],
            reason,
            values["key"],
        )
        number = await order(session, asked, app[CLOCK].now())
        on_record(
            request, session, f"call.{kind.value}", "call", asked.call_id, order=number, **detail
        )
    return _answered(request, f"已请求{kind.words}", order=number)


async def on_agent(request: web.Request) -> web.StreamResponse:
    """Force somebody's state: ``POST /wallboard/agent/{state}``."""
    app, viewer, form = request.app, viewer_of(request), await request.post()
    name = request.match_info["state"]
    if name not in set(Wish):
        raise NotFoundError("没有这个状态，请刷新页面后再试")
    asked, reason = Wish(name), str(form.get("reason", "")).strip()[:40]
    if not reason or not reason.isprintable():
        raise InvalidInputError("请写明原因，本人会看到", field="reason")
    async with app[DATABASE].write() as session:
        agent = await _agent(session, str(form.get("agent", "")))
        await wish(
            session,
            agent.id,
            asked,
            reason=f"{reason}（班长{viewer.name}）" if asked is not Wish.READY else "",
            by=f"user:{viewer.user_id}",
            now=app[CLOCK].now(),
        )
        on_record(
            request, session, "presence.force", "agent", agent.id, wish=asked.value, reason=reason
        )
        sentence = f"已请求将{called(agent)}{_STATES[asked]}"
    return _answered(request, sentence)


async def _agent(session: AsyncSession, agent_id: str) -> AgentTable:
    agent = await session.get(AgentTable, agent_id)
    if agent is None:
        raise NotFoundError("没有这个坐席，请刷新页面后再试")
    return agent


async def broadcast(request: web.Request) -> web.StreamResponse:
    """Send a message to all seats: ``POST /wallboard/broadcast``."""
    app, viewer, form = request.app, viewer_of(request), await request.post()
    text = " ".join(str(form.get("words", "")).split())
    if not text or len(text) > LONGEST_BROADCAST or not text.isprintable():
        raise InvalidInputError(f"请写一句话，不超过 {LONGEST_BROADCAST} 字", field="words")
    now = app[CLOCK].now()
    async with app[DATABASE].write() as session:
        row = BroadcastTable(words=text, by=viewer.name, created_at=now)
        session.add(row)
        await session.flush()
        payload = {"id": row.id, "words": text, "by": viewer.name, "at": now.timestamp()}
        append(session, "seat.broadcast", str(row.id), payload, now)
        on_record(request, session, "seat.broadcast", "broadcast", str(row.id), words=text)
        number = row.id
    return _answered(request, "已向所有坐席广播", broadcast=number)
