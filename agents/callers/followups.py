"""The list of follow-up calls (回访名单): the dissatisfied, the unsolved, and a fair sample.

The sample is drawn day by day from the tickets' own numbers: nobody chooses whom to ask, and
whoever looks sees the same list. At least a fifth of what was closed is followed up.
"""

from __future__ import annotations

import hashlib
import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql import ColumnElement

from hotline.calls.proportion import Proportion
from hotline.casework import Case
from hotline.clock import CHINA

SHARE = 0.2
"""回访比例不低于办结量的 20%（domain: monitored by provinces）."""
LOOK_BACK = timedelta(days=14)

OPEN = frozenset({"answered", "closed", "followup"})
"""States in which a ticket can be followed up; in the last it is being so."""
CLOSED = OPEN | {"archived"}
DONE = ("record_followup", "not_reached")
DISSATISFIED, UNSOLVED = 3, 2


class Why(StrEnum):
    """Why somebody is called, the most pressing first."""

    DISSATISFIED = "dissatisfied"
    UNSOLVED = "unsolved"
    BEGUN = "begun"
    """Somebody began to follow up and has not written down what came of it."""
    SAMPLE = "sample"


WORDS = {
    Why.DISSATISFIED: ("不满意", "bad"),
    Why.UNSOLVED: ("未解决", "warn"),
    Why.BEGUN: ("回访中", "primary"),
    Why.SAMPLE: ("抽样", ""),
}


@dataclass(frozen=True)
class FollowUp:
    """One call to make."""

    case: Case
    why: Why


@dataclass(frozen=True)
class Work:
    """The list, and how far one has come."""

    calls: tuple[FollowUp, ...]
    share: Proportion
    """Followed up ÷ closed."""

    def of(self, why: Why | None) -> tuple[FollowUp, ...]:
        """Return the calls for one reason; for all of them without."""
        return tuple(call for call in self.calls if why is None or call.why is why)


async def load(session: AsyncSession, seen: ColumnElement[bool], now: datetime) -> Work:
    """Return the work of the last two weeks, of tickets that the viewer may see."""
    rows = await session.scalars(
        select(Case).where(
            Case.service == "ticket",
            Case.state.in_(CLOSED),
            Case.opened_at > now - LOOK_BACK,
            seen,
        )
    )
    return work(rows.all())


def work(cases: Sequence[Case]) -> Work:
    """Draw the list from closed tickets. Pure."""
    drawn = {case.id for case in sample(cases)}
    calls = []
    for case in cases:
        why = _why(case, sampled=case.id in drawn)
        if why is not None:
            calls.append(FollowUp(case, why))
    order = list(Why)
    calls.sort(key=lambda call: (order.index(call.why), call.case.opened_at))
    return Work(tuple(calls), Proportion(sum(map(followed_up, cases)), len(cases)))


def sample(cases: Iterable[Case]) -> list[Case]:
    """Choose so many of each day that a fifth of it is followed up, with those that are."""
    days: dict[object, list[Case]] = defaultdict(list)
    for case in cases:
        days[case.opened_at.astimezone(CHINA).date()].append(case)
    drawn: list[Case] = []
    for of_day in days.values():
        need = math.ceil(SHARE * len(of_day)) - sum(map(followed_up, of_day))
        # Who is angry or unhelped is called anyway; a call may endanger who asked for secrecy.
        able = [c for c in of_day if _why(c, sampled=True) is Why.SAMPLE]
        able.sort(key=lambda case: hashlib.sha256(case.number.encode()).digest())
        drawn += able[: max(0, need)]
    return drawn


def followed_up(case: Case) -> bool:
    """Whether somebody has called, or tried to."""
    return any(action in case.acts for action in DONE)


def _why(case: Case, *, sampled: bool) -> Why | None:
    if case.state not in OPEN or followed_up(case) or not case.caller_number:
        return None
    if case.satisfaction == DISSATISFIED:
        return Why.DISSATISFIED
    if case.solved == UNSOLVED:
        return Why.UNSOLVED
    if case.state == "followup":
        return Why.BEGUN
    return Why.SAMPLE if sampled and not case.confidential else None
