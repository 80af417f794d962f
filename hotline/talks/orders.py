"""What may be asked during a call, and how a page asks.

A page writes a row and is done; the controller carries it out (:mod:`hotline.talks.desk`). Where
both run in one process, the commit itself wakes the controller; else it looks every quarter of a
second.
"""

from __future__ import annotations

import asyncio
import re
import secrets
import weakref
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import event, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.errors import InvalidInputError
from hotline.talks.tables import CallOrderTable

_TARGET = re.compile(r"^(agent|topic|outside|party|number|case):([A-Za-z0-9_.+-]{1,80})$|^front$")
_KEY = re.compile(r"^[A-Za-z0-9_.:-]{1,64}$")
_CALL = re.compile(r"^[0-9A-Za-z_.-]{1,80}$")
LONGEST_REASON = 200


class Kind(StrEnum):
    """An act."""

    HOLD = "hold"
    UNHOLD = "unhold"
    TRANSFER = "transfer"
    CONSULT = "consult"
    BACK = "back"
    JOIN = "join"
    CONFERENCE = "conference"
    HANDOVER = "handover"
    DROP = "drop"
    EMERGENCY = "emergency"
    PAUSE_RECORDING = "pause_recording"
    RESUME_RECORDING = "resume_recording"
    HANGUP = "hangup"
    DIAL = "dial"
    LISTEN = "listen"
    WHISPER = "whisper"
    BARGE = "barge"
    MOVE = "move"
    SEEN = "emergency_seen"

    @property
    def words(self) -> str:
        """How the act is called."""
        return _WORDS[self]


_WORDS = {
    Kind.HOLD: "保持",
    Kind.UNHOLD: "取回",
    Kind.TRANSFER: "转接",
    Kind.CONSULT: "咨询第三方",
    Kind.BACK: "回到来电人",
    Kind.JOIN: "合并为三方通话",
    Kind.CONFERENCE: "邀请第三方",
    Kind.HANDOVER: "移交",
    Kind.DROP: "请出一方",
    Kind.EMERGENCY: "紧急求助",
    Kind.PAUSE_RECORDING: "暂停录音",
    Kind.RESUME_RECORDING: "恢复录音",
    Kind.HANGUP: "挂机",
    Kind.DIAL: "外呼",
    Kind.LISTEN: "监听",
    Kind.WHISPER: "耳语",
    Kind.BARGE: "强插",
    Kind.MOVE: "调整排队",
    Kind.SEEN: "确认紧急求助",
}

SEAT_KINDS = frozenset(
    set(Kind) - {Kind.LISTEN, Kind.WHISPER, Kind.BARGE, Kind.MOVE, Kind.SEEN},
)
"""What a seat may ask of its own call."""
LISTENING = frozenset({Kind.LISTEN, Kind.WHISPER, Kind.BARGE})
_NEEDS_TARGET = frozenset(
    {Kind.TRANSFER, Kind.CONSULT, Kind.CONFERENCE, Kind.DROP, Kind.DIAL, Kind.MOVE}
)
_NEEDS_REASON = frozenset({Kind.PAUSE_RECORDING, Kind.MOVE, *LISTENING})
_FITTING = {
    Kind.TRANSFER: {"agent", "topic", "outside"},
    Kind.CONSULT: {"agent", "outside"},
    Kind.CONFERENCE: {"agent", "outside"},
    Kind.DROP: {"party"},
    Kind.DIAL: {"number"},
    Kind.MOVE: {"agent", "topic", "front"},
}


class Outcome(StrEnum):
    """How an order ended."""

    DONE = "done"
    REFUSED = "refused"
    """It was not possible as things stood; nothing was changed."""
    FAILED = "failed"
    """Asterisk could not do it."""


@dataclass(frozen=True)
class Order:
    """One act that somebody asks for. What could never be right is refused here.

    Raises:
        InvalidInputError: a target, reason, key or call id cannot be what it claims.
    """

    kind: Kind
    call_id: str
    agent_id: str
    by: str
    target: str = ""
    reason: str = ""
    key: str = ""

    def __post_init__(self) -> None:
        if self.call_id and not _CALL.fullmatch(self.call_id):
            raise InvalidInputError("通话编号不对，请刷新页面后再试", field="call")
        if not self.call_id and self.kind is not Kind.DIAL:
            raise InvalidInputError("现在没有通话，请刷新页面后再试", field="call")
        if self.key and not _KEY.fullmatch(self.key):
            raise InvalidInputError("操作编号不对，请刷新页面后再试", field="key")
        if len(self.reason) > LONGEST_REASON or not self.reason.isprintable():
            raise InvalidInputError(f"说明请写成一行，不超过 {LONGEST_REASON} 字", field="reason")
        if self.kind in _NEEDS_REASON and not self.reason.strip():
            raise InvalidInputError(f"{self.kind.words}须说明原因", field="reason")
        self._check_target()

    def _check_target(self) -> None:
        if self.kind not in _NEEDS_TARGET:
            if self.target:
                raise InvalidInputError(f"{self.kind.words}不需要选择对象", field="target")
            return
        if not _TARGET.fullmatch(self.target) or self.to not in _FITTING[self.kind]:
            raise InvalidInputError(f"请重新选择{self.kind.words}的对象", field="target")

    @property
    def to(self) -> str:
        """What kind of target: ``agent``, ``topic``, …"""
        return self.target.partition(":")[0]

    @property
    def name(self) -> str:
        """The target's own name."""
        return self.target.partition(":")[2]


async def order(session: AsyncSession, asked: Order, now: datetime) -> int:
    """Ask for an act in ``session``'s transaction; return the order's number.

    The same ``key`` of the same asker is the same order, however often it is sent.
    """
    known = await _known(session, asked)
    if known is not None:
        return known
    row = CallOrderTable(
        call_id=asked.call_id,
        agent_id=asked.agent_id,
        by=asked.by,
        kind=asked.kind.value,
        target=asked.target,
        reason=asked.reason.strip(),
        key=asked.key or secrets.token_hex(8),
        asked_at=now,
        outcome="",
        words="",
    )
    try:
        async with session.begin_nested():
            session.add(row)
    except IntegrityError:
        # Another tab sent the same press of a key at this very moment.
        known = await _known(session, asked)
        if known is None:
            raise
        return known
    event.listen(session.sync_session, "after_commit", lambda _: ring(), once=True)
    return row.id


async def _known(session: AsyncSession, asked: Order) -> int | None:
    """Return the number of the order that was asked under the same key before."""
    if not asked.key:
        return None
    return await session.scalar(
        select(CallOrderTable.id).where(
            CallOrderTable.by == asked.by, CallOrderTable.key == asked.key
        )
    )


_bells: weakref.WeakKeyDictionary[asyncio.Event, asyncio.AbstractEventLoop] = (
    weakref.WeakKeyDictionary()
)


def bell() -> asyncio.Event:
    """Return an event that is set whenever somebody in this process has asked for an act."""
    made = asyncio.Event()
    _bells[made] = asyncio.get_running_loop()
    return made


def ring() -> None:
    """Set every bell of this process."""
    for made, loop in list(_bells.items()):
        if not loop.is_closed():
            loop.call_soon_threadsafe(made.set)
