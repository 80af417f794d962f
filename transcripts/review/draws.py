"""Records what was drawn, and makes the tasks that follow."""

from __future__ import annotations

import asyncio
import random
import secrets
from collections.abc import Callable, Iterable
from datetime import datetime, time, timedelta

import structlog
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.clock import CHINA, Clock
from hotline.errors import HotlineError
from hotline.store import Database, append
from transcripts.review import candidates
from transcripts.review.drawing import (
    Candidate,
    Drawn,
    Reason,
    Sample,
    draw_random,
    draw_risk,
)
from transcripts.review.rules import ReviewRules, load_rules
from transcripts.review.tables import DrawRunTable, DrawTable, TaskTable

LATE = timedelta(days=3)
"""How long after a call a rating or a complaint may still come in."""
EVERY_SECONDS = 300.0
_RANK = {reason: place * 10 for place, reason in enumerate(Reason)}

log = structlog.get_logger(__name__)


def new_seed() -> str:
    """Return a seed that nobody can foretell; it is kept, so that a drawing can be repeated."""
    return secrets.token_hex(8)


async def draw_period(
    session: AsyncSession,
    since: datetime,
    until: datetime,
    *,
    rules: ReviewRules,
    now: datetime,
    seed: str,
) -> DrawRunTable | None:
    """Draw the random sample of a period; None where it was drawn before."""
    known = await session.scalar(
        select(DrawRunTable.id).where(DrawRunTable.since < until, DrawRunTable.until > since)
    )
    if known is not None:
        return None
    calls = await candidates.ended_between(session, since, until, firsts=rules.new_lawyer_calls)
    chance = random.Random(seed)  # noqa: S311 - a drawing that can be repeated, no secret
    drawn = draw_random(calls, rules, chance)
    run = DrawRunTable(
        since=since,
        until=until,
        seed=seed,
        share=rules.random_share,
        calls=len(calls),
        drawn=len(drawn),
        at=now,
    )
    session.add(run)
    await session.flush()
    await _record(session, drawn, now, run.id)
    return run


async def watch(
    session: AsyncSession, calls: Iterable[Candidate], rules: ReviewRules, now: datetime
) -> int:
    """Draw those calls that must be heard and are not drawn yet; return how many are new."""
    return await _record(session, draw_risk(calls, rules), now)


async def _record(
    session: AsyncSession, drawn: list[Drawn], now: datetime, run_id: int | None = None
) -> int:
    known = await _known(session, [one.call_id for one in drawn])
    new = [one for one in drawn if (one.call_id, one.sample.value) not in known]
    for one in new:
        session.add(
            DrawTable(
                call_id=one.call_id,
                sample=one.sample.value,
                reasons=[reason.value for reason in one.reasons],
                stratum=one.stratum,
                size=one.size,
                taken=one.taken,
                double=one.double,
                run_id=run_id,
                at=now,
            )
        )
        await _task(session, one, now)
    if new:
        append(session, "review.drawn", str(run_id or ""), {"count": len(new)}, now)
    return len(new)


async def _known(session: AsyncSession, calls: list[str]) -> set[tuple[str, str]]:
    known: set[tuple[str, str]] = set()
    for begin in range(0, len(calls), 500):
        rows = await session.execute(
            select(DrawTable.call_id, DrawTable.sample).where(
                DrawTable.call_id.in_(calls[begin : begin + 500])
            )
        )
        known |= {(call_id, sample) for call_id, sample in rows}
    return known


async def _task(session: AsyncSession, one: Drawn, now: datetime) -> None:
    first = await session.scalar(
        select(TaskTable).where(TaskTable.call_id == one.call_id, TaskTable.purpose == "first")
    )
    reasons = [reason.value for reason in one.reasons]
    if first is None:
        session.add(_new(one.call_id, "first", reasons, one, now))
    elif first.done_at is None:
        first.reasons = list(dict.fromkeys([*first.reasons, *reasons]))
        first.rank = min(first.rank, _RANK[one.reasons[0]])
        first.blind = first.blind or one.double
    if one.double:
        # A call that somebody has graded already, knowing the machine's view, is a second look.
        session.add(_new(one.call_id, "second", reasons, one, now))
    await session.flush()


def _new(call_id: str, purpose: str, reasons: list[str], one: Drawn, now: datetime) -> TaskTable:
    return TaskTable(
        call_id=call_id,
        purpose=purpose,
        blind=one.double,
        rank=_RANK[one.reasons[0]],
        reasons=reasons,
        not_by=[],
        made_at=now,
        due_at=None,
        taken_by=None,
        taken_at=None,
        done_at=None,
    )


def last_period(now: datetime, days: int) -> tuple[datetime, datetime]:
    """Return the newest finished period of ``days`` whole days, counted from a fixed Monday."""
    today = now.astimezone(CHINA).date()
    ordinal = today.toordinal() - (today.toordinal() - 1) % days
    until = datetime.combine(today.fromordinal(ordinal), time(), CHINA)
    return until - timedelta(days=days), until


async def draw_due(database: Database, clock: Clock, seed: Callable[[], str] = new_seed) -> int:
    """Draw what is due now, both samples; return how many calls are new."""
    rules, now = load_rules(), clock.now()
    async with database.write() as session:
        recent = await candidates.ended_between(
            session, now - LATE, now, firsts=rules.new_lawyer_calls
        )
        count = await watch(session, recent, rules, now)
        since, until = last_period(now, rules.period_days)
        # What somebody drew by hand is left out, the days after it are not.
        drawn_until = await session.scalar(
            select(func.max(DrawRunTable.until)).where(DrawRunTable.since < until)
        )
        since = max(since, drawn_until) if drawn_until else since
        run = None
        if since < until:
            run = await draw_period(session, since, until, rules=rules, now=now, seed=seed())
    return count + (run.drawn if run else 0)


async def keep_drawing(database: Database, clock: Clock) -> None:
    """Draw what is due, every few minutes, until cancelled."""
    while True:
        try:
            count = await draw_due(database, clock)
        except HotlineError as error:
            log.warning("drawing for review will be tried again", reason=str(error))
        else:
            if count:
                log.info("calls drawn for review", calls=count)
        await asyncio.sleep(EVERY_SECONDS)


async def sample_of(session: AsyncSession, call_id: str) -> str:
    """Return in which sample a call counts: the random one where it was drawn at random."""
    samples = set(
        await session.scalars(select(DrawTable.sample).where(DrawTable.call_id == call_id))
    )
    return Sample.RANDOM if Sample.RANDOM in samples else Sample.RISK
