"""The seat's endpoints: each act is asked as an order, answered at once with its number."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

from aiohttp import web
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from agents.tables import AgentTable
from agents.talks.choices import state_of, talking_call, targets
from hotline.calls.events import number as checked_number
from hotline.casework import Case
from hotline.errors import ForbiddenError, InvalidInputError, NotFoundError
from hotline.talks.orders import SEAT_KINDS, Kind, Order, order
from hotline.talks.tables import BroadcastReadTable, BroadcastTable, DialledTable
from hotline.tickets.visibility import visible
from hotline.web.context import CLOCK, DATABASE, on_record, viewer_of
from hotline.web.reach import reach_of

UNREAD = 5
"""Broadcasts that are shown to a page just loaded."""

_dumps = partial(json.dumps, ensure_ascii=False)


def answer(values: Any, status: int = 200) -> web.Response:
    """Answer a script."""
    return web.json_response(values, status=status, dumps=_dumps)


async def own_seat(session: AsyncSession, request: web.Request) -> AgentTable:
    """Return the seat of whoever asks.

    Raises:
        ForbiddenError: the account has none.
    """
    agent_id = viewer_of(request).agent_id
    agent = await session.get(AgentTable, agent_id) if agent_id else None
    if agent is None:
        raise ForbiddenError("您的账号没有绑定坐席，请联系管理员")
    return agent


async def ask(request: web.Request) -> web.StreamResponse:
    """Take an act that the seat asks for: ``POST /seat/call/{kind}``."""
    app, form = request.app, await request.post()
    kind = Kind(request.match_info["kind"]) if request.match_info["kind"] in set(Kind) else None
    if kind not in SEAT_KINDS or kind is None:
        raise NotFoundError("没有这个操作，请刷新页面后再试")
    values = {name: str(form.get(name, "")).strip() for name in ("call", "target", "reason", "key")}
    now = app[CLOCK].now()
    async with app[DATABASE].write() as session:
        agent = await own_seat(session, request)
        call = (
            None if kind is Kind.DIAL or values["call"] else await talking_call(session, agent.id)
        )
        case = (
            await _case_to_dial(request, session, values["target"]) if kind is Kind.DIAL else None
        )
        asked = Order(
            kind,
            call.id if call is not None else values["call"],
            agent.id,
            agent.id,
            f"number:{checked_number(case.caller_number or '')}" if case else values["target"],
            values["reason"],
            values["key"],
        )
        number = await order(session, asked, now)
        if kind is Kind.DIAL:
            await _keep_dialled(session, number, asked, case, request)
        on_record(
            request,
            session,
            f"call.{kind.value}",
            "call",
            asked.call_id or f"dial-{number}",
            order=number,
            target="" if kind is Kind.DIAL else asked.target,
            reason=asked.reason,
        )
    return answer({"order": number}, 202)


async def _case_to_dial(request: web.Request, session: AsyncSession, target: str) -> Case | None:
    """Return the ticket whose number is to be called, of ``case:ID``.

    Raises:
        NotFoundError: the ticket isn't there, or may not be seen.
        InvalidInputError: it has no number.
    """
    kind, _, name = target.partition(":")
    if kind != "case":
        return None
    if not name.isdigit() or len(name) > 15:
        raise NotFoundError("没有找到这个工单")
    seen = visible(await reach_of(request.app, session, viewer_of(request)))
    case = await session.scalar(select(Case).where(Case.id == int(name), seen))
    if case is None:
        raise NotFoundError("没有找到这个工单")
    if not checked_number(case.caller_number or ""):
        raise InvalidInputError("这个工单没有可以回拨的号码", field="target")
    return case


async def _keep_dialled(
    session: AsyncSession, number: int, asked: Order, case: Case | None, request: web.Request
) -> None:
    dial_id = f"dial-{number}"
    if await session.get(DialledTable, dial_id) is None:
        session.add(
            DialledTable(
                id=dial_id,
                agent_id=asked.agent_id,
                number=asked.name,
                case_id=case.id if case is not None else None,
                started_at=request.app[CLOCK].now(),
                status="",
                seconds=0,
            )
        )


async def talk(request: web.Request) -> web.StreamResponse:
    """Tell how the seat's talk stands."""
    async with request.app[DATABASE].read() as session:
        return answer(await state_of(session, await own_seat(session, request)))


async def choose(request: web.Request) -> web.StreamResponse:
    """Tell whom a caller may be handed to."""
    async with request.app[DATABASE].read() as session:
        agent = await own_seat(session, request)
        return answer(await targets(session, agent.id))


async def broadcasts(request: web.Request) -> web.StreamResponse:
    """Tell the broadcasts that the seat has not confirmed, the newest first."""
    async with request.app[DATABASE].read() as session:
        agent = await own_seat(session, request)
        rows = await session.scalars(
            select(BroadcastTable)
            .join(
                BroadcastReadTable,
                (BroadcastReadTable.broadcast_id == BroadcastTable.id)
                & (BroadcastReadTable.agent_id == agent.id),
                isouter=True,
            )
            .where(BroadcastReadTable.agent_id.is_(None))
            .order_by(BroadcastTable.id.desc())
            .limit(UNREAD)
        )
        found = [
            {"id": row.id, "words": row.words, "by": row.by, "at": row.created_at.timestamp()}
            for row in rows
        ]
    return answer({"broadcasts": found})


async def confirm(request: web.Request) -> web.StreamResponse:
    """Note that the seat has read a broadcast."""
    app, number = request.app, int(request.match_info["broadcast"])
    async with app[DATABASE].write() as session:
        agent = await own_seat(session, request)
        if await session.get(BroadcastTable, number) is None:
            raise NotFoundError("没有找到这条广播")
        if await session.get(BroadcastReadTable, (number, agent.id)) is None:
            row = BroadcastReadTable(
                broadcast_id=number, agent_id=agent.id, read_at=app[CLOCK].now()
            )
            session.add(row)
            try:
                await session.flush()
            except IntegrityError:
                # Two tabs confirmed at once; once is enough.
                await session.rollback()
    return answer({"read": number})
