"""What a person sees before the second ring: who calls, what was before, what to take care of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from aiohttp import web
from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from agents.limitation import URGENT_DAYS
from agents.pages.seat_call import Now
from hotline.casework import Case
from hotline.clock import CHINA
from hotline.tickets import shipped
from hotline.tickets.visibility import visible
from hotline.web.reach import reach_of
from hotline.web.viewer import Viewer

EARLIER = 5
MONTH = timedelta(days=30)
REPEATED = 3
"""So many calls of one number within a month are a matter that is not solved."""
UNSOLVED = 2
DISSATISFIED = 3


@dataclass(frozen=True)
class Care:
    """Something to take care of before the first word."""

    id: str
    kind: str
    """``bad`` or ``warn``."""
    title: str
    words: str


@dataclass(frozen=True)
class Kin:
    """A case of the same caller that is not closed."""

    number: str
    href: str
    service: str
    state: str
    title: str


@dataclass(frozen=True)
class Pop:
    """What is known of the caller."""

    earlier: Sequence[Case] = ()
    open_cases: Sequence[Kin] = ()
    calls_in_month: int = 0
    groups: Sequence[str] = ()
    """农民工, 老年人 … as somebody noted on an earlier ticket."""
    cares: Sequence[Care] = ()


async def pop(
    app: web.Application, session: AsyncSession, viewer: Viewer, current: Now | None, now: datetime
) -> Pop:
    """Read what is known of the caller."""
    if current is None:
        return Pop()
    case = current.case
    before: Sequence[Case] = []
    count = 0
    hidden = False
    if current.call.number:
        own = visible(await reach_of(app, session, viewer))
        same = _same_caller(current)
        # Whoever answers a caller must know what they were told before, by whomever; of what is
        # confidential only that it is there, so that the first question is whether it is safe.
        query = select(Case).where(same, or_(own, ~Case.confidential))
        before = (await session.scalars(query.order_by(Case.opened_at.desc()).limit(20))).all()
        since = Case.opened_at >= now - MONTH
        count = await session.scalar(select(func.count()).where(same, since)) or 0
        hidden = bool(await session.scalar(select(func.count()).where(same, Case.confidential)))
    tickets = [one for one in before if one.service == "ticket"]
    everything = [*([case] if case else []), *before]
    return Pop(
        earlier=tickets[:EARLIER],
        open_cases=[await _kin(session, one) for one in before if _is_open(one)][:EARLIER],
        calls_in_month=count,
        groups=_groups(everything),
        cares=_cares(everything, tickets, count, now, hidden=hidden),
    )


def _same_caller(current: Now) -> ColumnElement[bool]:
    own = current.case.id if current.case is not None else -1
    return (Case.caller_number == current.call.number) & (Case.id != own)


def _is_open(case: Case) -> bool:
    return case.closed_at is None and case.state not in _DONE


_DONE = frozenset({"answered", "closed", "followup"})
"""A ticket that was answered waits for nobody, although it is not yet filed away."""


async def _kin(session: AsyncSession, case: Case) -> Kin:
    service = await shipped().desk.definition(session, case)
    state = service.states.get(case.state)
    href = f"/tickets/{case.number}" if case.service == "ticket" else f"/cases/{case.number}"
    return Kin(
        case.number, href, service.name, state.name if state else case.state, case.title or ""
    )


def _groups(cases: Sequence[Case]) -> list[str]:
    options = shipped().desk.services.get("ticket").field_by_name["special_group"].options
    found: dict[str, None] = {}
    for case in cases:
        for code in case.data.get("special_group") or []:
            found[options.get(code, code)] = None
    return list(found)


def _cares(
    cases: Sequence[Case], tickets: Sequence[Case], count: int, now: datetime, *, hidden: bool
) -> list[Care]:
    found = []
    if hidden or any(case.confidential for case in cases):
        found.append(
            Care(
                "safe",
                "bad",
                "先问：现在方便说话吗？",
                "这个号码有保密事项。不方便时请来电人只答“是”或“不是”，约定安全的回电时间；"
                "有人身危险的，请拨 110。不发短信。",
            )
        )
    found += _deadlines(cases, now.astimezone(CHINA).date())
    unsolved = [t for t in tickets if t.solved == UNSOLVED or t.satisfaction == DISSATISFIED]
    if unsolved:
        found.append(
            Care(
                "unsolved",
                "warn",
                "上次没有解决",
                "来电人对以前的答复不满意或表示未解决。先看下面的办理情况，别让来电人从头再说。",
            )
        )
    elif count >= REPEATED:
        found.append(
            Care(
                "repeated",
                "warn",
                f"30 天内第 {count + 1} 次来电",
                "先看下面的办理情况，别让来电人从头再说。",
            )
        )
    return found


def _deadlines(cases: Sequence[Case], today: date) -> list[Care]:
    found = []
    for case in cases:
        last = _day(case.data.get("limitation_deadline"))
        if last is None or case.closed_at is not None:
            continue
        left = (last - today).days
        if 0 <= left <= URGENT_DAYS:
            near = f"还剩 {left} 天" if left else "今天就是最后一天"
            what = case.title or f"工单 {case.number}"
            words = f"{what}：{last.month} 月 {last.day} 日届满，{near}。"
            aid = "不足七日的，法律援助先行提供（法律援助法第四十四条）。"
            found.append(Care(f"deadline-{case.id}", "bad", "时效将届满", words + aid))
    return found


def _day(value: Any) -> date | None:
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        return None
