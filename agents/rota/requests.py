"""Leave (请假) and swaps (换班): asked for, agreed to by the other lawyer, then approved.

The states are a table; nothing moves but by it. A swap changes the rota only when the supervisor
approves it, and is checked anew then: meanwhile the rota may have changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from agents.rota.planning import Planner, ShiftError, UnknownShiftError
from agents.rota.tables import RequestTable, ShiftTable
from hotline.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from hotline.store import append

LONGEST_LEAVE = timedelta(days=366)


class Kind(StrEnum):
    """What is asked for."""

    LEAVE = "leave"
    SWAP = "swap"


class State(StrEnum):
    """How far it has come."""

    ASKED = "asked"
    """A swap that waits for the other lawyer."""
    AGREED = "agreed"
    """Waits for the supervisor."""
    APPROVED = "approved"
    DECLINED = "declined"
    """By the other lawyer."""
    REFUSED = "refused"
    """By the supervisor."""
    WITHDRAWN = "withdrawn"


class Act(StrEnum):
    """What can be done with a request."""

    AGREE = "agree"
    DECLINE = "decline"
    APPROVE = "approve"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"


class Side(StrEnum):
    """Who does it."""

    ASKER = "asker"
    OTHER = "other"
    SUPERVISOR = "supervisor"


STEPS: Mapping[tuple[State, Act], tuple[Side, State]] = {
    (State.ASKED, Act.AGREE): (Side.OTHER, State.AGREED),
    (State.ASKED, Act.DECLINE): (Side.OTHER, State.DECLINED),
    (State.ASKED, Act.WITHDRAW): (Side.ASKER, State.WITHDRAWN),
    (State.AGREED, Act.WITHDRAW): (Side.ASKER, State.WITHDRAWN),
    (State.AGREED, Act.APPROVE): (Side.SUPERVISOR, State.APPROVED),
    (State.AGREED, Act.REFUSE): (Side.SUPERVISOR, State.REFUSED),
}

STATE_WORDS = {
    State.ASKED: ("等对方同意", "warn"),
    State.AGREED: ("等班长批准", "warn"),
    State.APPROVED: ("已批准", "good"),
    State.DECLINED: ("对方不同意", ""),
    State.REFUSED: ("未批准", "bad"),
    State.WITHDRAWN: ("已撤回", ""),
}

ACT_WORDS = {
    Act.AGREE: "同意",
    Act.DECLINE: "不同意",
    Act.APPROVE: "批准",
    Act.REFUSE: "不批准",
    Act.WITHDRAW: "撤回",
}


class RequestError(InvalidInputError):
    """这个申请提交不了，请按提示修改。"""

    error_id = "rota-request"


@dataclass(frozen=True)
class Actor:
    """Who acts: a lawyer by id, a supervisor, or both."""

    agent_id: str | None
    name: str
    supervisor: bool


def possible(row: RequestTable, actor: Actor) -> list[Act]:
    """Return what ``actor`` may do with a request now."""
    return [
        act
        for (state, act), (side, _) in STEPS.items()
        if state == row.state and _is(row, actor, side)
    ]


def _is(row: RequestTable, actor: Actor, side: Side) -> bool:
    if side is Side.SUPERVISOR:
        # Nobody approves the own request.
        return actor.supervisor and actor.agent_id != row.agent_id
    wanted = row.agent_id if side is Side.ASKER else row.other_agent_id
    return actor.agent_id is not None and actor.agent_id == wanted


async def ask_leave(
    session: AsyncSession,
    agent_id: str,
    start: datetime,
    end: datetime,
    *,
    reason: str,
    now: datetime,
) -> RequestTable:
    """Ask to be away.

    Raises:
        RequestError: the times or the reason cannot be used.
    """
    if end <= start or end - start > LONGEST_LEAVE:
        raise RequestError("请假的结束时间应晚于开始时间，且不超过一年", field="to")
    if end <= now:
        raise RequestError("请假的时间已经过去", field="to")
    if not reason:
        raise RequestError("请填写请假原因", field="reason")
    overlapping = await session.scalar(
        select(RequestTable.id).where(
            RequestTable.kind == Kind.LEAVE,
            RequestTable.agent_id == agent_id,
            RequestTable.state.in_([State.AGREED, State.APPROVED]),
            RequestTable.starts_at < end,
            RequestTable.ends_at > start,
        )
    )
    if overlapping is not None:
        raise RequestError("这段时间已经请过假，请先撤回原来的申请", field="from")
    row = RequestTable(
        kind=Kind.LEAVE,
        agent_id=agent_id,
        starts_at=start,
        ends_at=end,
        reason=reason[:200],
        # Leave concerns no other lawyer: the supervisor decides at once.
        state=State.AGREED,
        asked_at=now,
    )
    return await _add(session, row, now)


async def ask_swap(
    planner: Planner,
    agent_id: str,
    shift_id: int,
    *,
    other_agent_id: str,
    other_shift_id: int | None,
    reason: str,
) -> RequestTable:
    """Ask another lawyer to take a shift, or to exchange it for one of theirs.

    Raises:
        RequestError: a shift is not whose it should be, is over, is asked about already, or one of
            the two would be on two shifts at once.
    """
    session, now = planner.session, planner.now
    own = await session.get(ShiftTable, shift_id)
    if own is None or own.agent_id != agent_id:
        raise RequestError("请选择自己的一班", field="shift")
    if own.starts_at <= now:
        raise RequestError("这一班已经开始，换不了了", field="shift")
    if other_agent_id == agent_id:
        raise RequestError("请选择另一位律师", field="other")
    theirs = None
    if other_shift_id is not None:
        theirs = await session.get(ShiftTable, other_shift_id)
        if theirs is None or theirs.agent_id != other_agent_id or theirs.starts_at <= now:
            raise RequestError("对方没有这一班，或已经开始", field="other_shift")
    running = await session.scalar(
        select(RequestTable.id).where(
            RequestTable.kind == Kind.SWAP,
            RequestTable.shift_id == shift_id,
            RequestTable.state.in_([State.ASKED, State.AGREED]),
        )
    )
    if running is not None:
        raise RequestError("这一班已经在申请换班，请先撤回", field="shift")
    try:
        await planner.exchanged(own, theirs, other_agent_id)
    except ShiftError as error:
        raise RequestError(f"换不了：{error.message}", field="other") from error
    row = RequestTable(
        kind=Kind.SWAP,
        agent_id=agent_id,
        starts_at=own.starts_at,
        ends_at=own.ends_at,
        shift_id=shift_id,
        other_agent_id=other_agent_id,
        other_shift_id=other_shift_id,
        reason=reason[:200],
        state=State.ASKED,
        asked_at=now,
    )
    return await _add(session, row, now)


async def _add(session: AsyncSession, row: RequestTable, now: datetime) -> RequestTable:
    session.add(row)
    await session.flush()
    _tell(session, row, now)
    return row


async def act(
    planner: Planner, request_id: int, what: Act, actor: Actor, answer: str = ""
) -> RequestTable:
    """Agree, decline, approve, refuse or withdraw.

    Raises:
        NotFoundError: there is no such request.
        ForbiddenError: it is not the actor's to do, or not now.
        RequestError: a refusal without a reason.
        ConflictError: the rota has changed so that the swap cannot be any more.
    """
    session, now = planner.session, planner.now
    row = await session.get(RequestTable, request_id, with_for_update=True)
    if row is None:
        raise NotFoundError("没有这个申请，请刷新页面")
    if what not in possible(row, actor):
        raise ForbiddenError("这个申请现在不能这样办：状态已变，或不是您的职责。请刷新页面。")
    if what is Act.REFUSE and not answer:
        raise RequestError("请写明不批准的原因", field="answer")
    _, state = STEPS[State(row.state), what]
    if state is State.APPROVED and row.kind == Kind.SWAP:
        await _exchange(planner, row)
    row.state, row.answer = state, answer[:200]
    if what is Act.AGREE:
        row.agreed_at = now
    else:
        row.decided_at, row.decided_by = now, actor.name
    _tell(session, row, now)
    return row


async def _exchange(planner: Planner, row: RequestTable) -> None:
    try:
        first = await planner.get(row.shift_id or 0)
        second = await planner.get(row.other_shift_id) if row.other_shift_id else None
        moved = first.agent_id != row.agent_id or first.starts_at != row.starts_at
        if moved or (second is not None and second.agent_id != row.other_agent_id):
            raise ConflictError("申请之后排班又改过，这两班已经对不上，请让本人重新申请")
        await planner.exchange(first, second, row.other_agent_id or "")
    except UnknownShiftError as error:
        raise ConflictError("申请之后这一班已被删除，请让本人重新申请") from error
    except ShiftError as error:
        raise ConflictError(f"现在换不了：{error.message}") from error


def _tell(session: AsyncSession, row: RequestTable, now: datetime) -> None:
    append(
        session,
        "rota.request",
        str(row.id),
        {
            "request": row.id,
            "kind": row.kind,
            "state": row.state,
            "agent_id": row.agent_id,
            "other_agent_id": row.other_agent_id,
        },
        now,
    )


async def concerning(session: AsyncSession, actor: Actor, since: datetime) -> list[RequestTable]:
    """Return what waits for anybody's word and what was decided lately, newest first.

    A supervisor sees all; a lawyer what they asked for or were asked.
    """
    query = select(RequestTable).where(
        or_(
            RequestTable.state.in_([State.ASKED, State.AGREED]),
            RequestTable.asked_at > since,
            RequestTable.ends_at > since,
        )
    )
    if not actor.supervisor:
        query = query.where(
            or_(
                RequestTable.agent_id == actor.agent_id,
                RequestTable.other_agent_id == actor.agent_id,
            )
        )
    return list(await session.scalars(query.order_by(RequestTable.id.desc()).limit(100)))
