"""The hotline's figures about calls, counted in one place.

Formulas as the bureau reports them: connect rate = answered ÷ offered to people; response rate
(测评率) = rated ÷ answered; satisfaction = satisfied ÷ rated. Numerators, denominators and what was
left out stay separate numbers, so that any report can be checked by hand.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.calls.proportion import Proportion
from hotline.calls.tables import CallTable, Outcome

ANSWER_WITHIN = timedelta(seconds=15)
"""A person answers within 15 s (GB/T 33358-2016)."""

SHORT_ABANDON = timedelta(seconds=5)
"""Who hangs up sooner dialled by mistake or changed their mind: no person could have answered."""

IN_MENU = "菜单中挂断"
CALLED_BACK = "回拨"
AT_ONCE = "5 秒内放弃"
BLOCKED = "限制呼入"
NOT_OFFERED = "未转人工（如非服务时间留言）"
RUNNING = "正在进行"


@dataclass(frozen=True)
class CallFacts:
    """What the figures need to know of one call."""

    outcome: str | None
    waiting_since: datetime | None
    answered_at: datetime | None
    ended_at: datetime | None
    satisfaction: int | None = None
    solved: int | None = None
    called_back: bool = False
    """Whether we called: such a talk is rated like any other, but nobody was offered a call."""


@dataclass(frozen=True)
class CallFigures:
    """All figures of one period."""

    calls: int
    connect: Proportion
    within_15s: Proportion
    """Answered within 15 s of the wait's start ÷ offered to people."""
    response: Proportion
    satisfaction: Proportion
    """满意 and 基本满意 ÷ rated; :attr:`ratings` tells them apart."""
    solved: Proportion
    ratings: dict[int, int]
    """How often 1 满意, 2 基本满意 and 3 不满意 were pressed."""
    average_wait: float | None
    """Mean seconds waited by those who were answered."""
    average_talk: float | None
    """Mean seconds talked, of calls that are over."""


def count(calls: Iterable[CallFacts]) -> CallFigures:
    """Count the figures of ``calls``."""
    every = list(calls)
    excluded = Counter(reason for call in every if (reason := excluded_for(call)) is not None)
    offered = [call for call in every if excluded_for(call) is None]
    answered = [call for call in offered if call.answered_at is not None]
    talked = [call for call in every if call.answered_at is not None]
    ratings = Counter(c.satisfaction for c in talked if c.satisfaction is not None)
    rated = sum(ratings.values())
    told = [call.solved for call in talked if call.solved is not None]
    return CallFigures(
        calls=len(every),
        connect=Proportion(len(answered), len(offered), dict(excluded)),
        within_15s=Proportion(
            sum(1 for call in answered if _waited(call) <= ANSWER_WITHIN),
            len(offered),
            dict(excluded),
        ),
        response=Proportion(rated, len(talked)),
        satisfaction=Proportion(ratings[1] + ratings[2], rated),
        solved=Proportion(sum(1 for answer in told if answer == 1), len(told)),
        ratings={key: ratings[key] for key in (1, 2, 3)},
        average_wait=_mean([_waited(call) for call in answered]),
        average_talk=_mean(
            [c.ended_at - c.answered_at for c in talked if c.ended_at and c.answered_at]
        ),
    )


def excluded_for(call: CallFacts) -> str | None:
    """Return why a call is not counted as offered to people; ``None`` where it is."""
    if call.called_back:
        return CALLED_BACK
    if call.answered_at is not None:
        return None
    if call.outcome in _NEVER_OFFERED:
        return _NEVER_OFFERED[call.outcome]
    if call.waiting_since is None:
        return NOT_OFFERED
    at_once = call.ended_at is not None and call.ended_at - call.waiting_since < SHORT_ABANDON
    return AT_ONCE if at_once and call.outcome == Outcome.ABANDONED else None


_NEVER_OFFERED: dict[str | None, str] = {
    None: RUNNING,
    Outcome.ABANDONED_MENU: IN_MENU,
    Outcome.REFUSED: BLOCKED,
    Outcome.UNREACHED: CALLED_BACK,
}


async def read(session: AsyncSession, since: datetime, until: datetime) -> list[CallFacts]:
    """Return the calls that started from ``since`` up to, not including, ``until``."""
    rows = await session.execute(
        select(
            CallTable.outcome,
            CallTable.waiting_since,
            CallTable.answered_at,
            # The talk ends before the survey does.
            CallTable.talk_ended_at,
            CallTable.ended_at,
            CallTable.satisfaction,
            CallTable.solved,
            CallTable.callback_id,
        ).where(CallTable.started_at >= since, CallTable.started_at < until)
    )
    return [
        CallFacts(
            outcome, waiting, answered, talk_ended or ended, satisfaction, solved, we is not None
        )
        for outcome, waiting, answered, talk_ended, ended, satisfaction, solved, we in rows
    ]


def _waited(call: CallFacts) -> timedelta:
    if call.answered_at is None or call.waiting_since is None:
        return timedelta(0)
    return call.answered_at - call.waiting_since


def _mean(values: list[timedelta]) -> float | None:
    return sum(v.total_seconds() for v in values) / len(values) if values else None
