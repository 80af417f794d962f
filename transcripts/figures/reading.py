"""Reads what the figures of quality are counted from."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import Any

from sqlalchemy import Label, Subquery, and_, case, func, literal_column, select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.calls.tables import CallTable
from hotline.casework import Case
from hotline.clock import CHINA
from transcripts.figures.counting import Call
from transcripts.review.drawing import Sample
from transcripts.review.forms import form_by_id
from transcripts.review.tables import DrawTable, GradeTable, JudgementTable, ResultTable
from transcripts.scoring.tables import FindingRow, Score

LEGAL = ("basis", "matter", "complete")
"""The scorecard's items whose faults are legal errors."""
MOST = 20


async def calls(session: AsyncSession, since: datetime, until: datetime) -> list[tuple[Call, int]]:
    """Return the calls that were answered and started from ``since`` up to, not including, until.

    Most are alike in all that counts, so the database puts them together: ten thousand calls come
    to some hundred kinds, each with how many there are.
    """
    begins, drawn = months(since, until), _weights()
    month = case(
        *((CallTable.started_at < after, name) for (name, _), (_, after) in pairwise(begins)),
        else_=begins[-1][0],
    )
    kind = (
        func.coalesce(CallTable.agent_id, ""),
        func.coalesce(Case.topic, CallTable.topic),
        month,
        CallTable.satisfaction,
        Score.legal_ok,
        ResultTable.sample,
        ResultTable.total,
        ResultTable.legal_ok,
        ResultTable.veto,
        drawn.c.weight,
    )
    named: list[Label[Any]] = [column.label(f"c{place}") for place, column in enumerate(kind)]
    rows = await session.execute(
        select(*named, func.count())
        .select_from(CallTable)
        .outerjoin(Case, and_(Case.call_id == CallTable.id, Case.service == "ticket"))
        .outerjoin(Score, and_(Score.call_id == CallTable.id, Score.latest))
        .outerjoin(ResultTable, ResultTable.call_id == CallTable.id)
        .outerjoin(
            drawn, and_(drawn.c.call_id == ResultTable.call_id, ResultTable.sample == Sample.RANDOM)
        )
        .where(
            CallTable.started_at >= since,
            CallTable.started_at < until,
            CallTable.answered_at.is_not(None),
            CallTable.agent_id.is_not(None),
        )
        .group_by(*(literal_column(column.name) for column in named))
    )
    return [(Call(*row[:-1]), row[-1]) for row in rows]


def _weights() -> Subquery:
    """Select for each graded call of the random sample how many calls it stands for.

    Of a stratum's calls some were drawn and of those some are graded by now; those stand for all.
    """
    graded = (
        select(DrawTable.run_id, DrawTable.stratum, func.count().label("graded"))
        .join(ResultTable, ResultTable.call_id == DrawTable.call_id)
        .where(DrawTable.sample == Sample.RANDOM)
        .group_by(DrawTable.run_id, DrawTable.stratum)
        .subquery()
    )
    return (
        select(DrawTable.call_id, (1.0 * DrawTable.size / graded.c.graded).label("weight"))
        .join(
            graded,
            and_(
                DrawTable.run_id == graded.c.run_id,
                DrawTable.stratum == graded.c.stratum,
            ),
        )
        .where(DrawTable.sample == Sample.RANDOM, DrawTable.size > 0)
        .subquery()
    )


def months(since: datetime, until: datetime) -> list[tuple[str, datetime]]:
    """Return the months of a period, each with the moment at which it begins in China."""
    first = since.astimezone(CHINA)
    number = first.year * 12 + first.month - 1
    found: list[tuple[str, datetime]] = []
    while True:
        begin = datetime(number // 12, number % 12 + 1, 1, tzinfo=CHINA)
        if found and begin >= until:
            return found
        found.append((f"{begin:%Y-%m}", begin))
        number += 1


@dataclass(frozen=True)
class LegalError:
    """One kind of legal error and how often it was made."""

    kind: str
    words: str
    article: str
    card: str
    critical: bool
    count: int
    confirmed: int
    """How often a reviewer said that the machine is right."""
    agents: Mapping[str, int]
    """Who made it, how often."""


@dataclass
class _Made:
    """Adds up one kind of error."""

    cards: list[str] = field(default_factory=list)
    words: Counter[str] = field(default_factory=Counter)
    agents: Counter[str] = field(default_factory=Counter)
    confirmed: int = 0
    critical: bool = False


async def legal_errors(
    session: AsyncSession, since: datetime, until: datetime
) -> Sequence[LegalError]:
    """Return the most frequent legal errors; what a reviewer rejected does not count."""
    columns = (
        FindingRow.kind,
        FindingRow.card,
        FindingRow.subject,
        FindingRow.article,
        FindingRow.critical,
        FindingRow.words,
        FindingRow.expected,
        CallTable.agent_id,
        JudgementTable.verdict,
    )
    rows = await session.execute(
        select(*columns, func.count())
        .join(Score, Score.id == FindingRow.score_id)
        .join(CallTable, CallTable.id == Score.call_id)
        .outerjoin(JudgementTable, JudgementTable.finding_id == FindingRow.id)
        .where(
            FindingRow.fault,
            FindingRow.item.in_(LEGAL),
            Score.latest,
            CallTable.started_at >= since,
            CallTable.started_at < until,
        )
        .group_by(*columns)
        # Without an order, which of two equally frequent wordings is told would change by itself.
        .order_by(*columns)
    )
    found: dict[tuple[str, str, str], _Made] = defaultdict(_Made)
    for kind, card, subject, article, critical, words, expected, agent, verdict, times in rows:
        if verdict != "reject":
            made = found[kind, subject or article or words, article]
            made.cards.append(card)
            made.words[words if not expected else words.split("：“")[0]] += times
            made.agents[agent or ""] += times
            made.confirmed += times * (verdict == "confirm")
            made.critical |= critical
    errors = [
        LegalError(
            kind=kind,
            words=made.words.most_common(1)[0][0],
            article=article,
            card=made.cards[0],
            critical=made.critical,
            count=made.agents.total(),
            confirmed=made.confirmed,
            agents=dict(made.agents.most_common()),
        )
        for (kind, _, article), made in found.items()
    ]
    return sorted(errors, key=lambda e: (-e.count, not e.critical, e.words))[:MOST]


@dataclass(frozen=True)
class WeakItem:
    """An item of the form that one person was often graded low on."""

    agent_id: str
    item: str
    title: str
    grades: int
    share: float
    """Mean share of the item's points."""


LEAST_GRADES = 3
WEAK = 0.75
"""A mean share below this asks for training."""


async def weak_items(session: AsyncSession, since: datetime, until: datetime) -> Sequence[WeakItem]:
    """Return on what each person was graded low, over both samples: training needs no rate."""
    rows = await session.execute(
        select(GradeTable.agent_id, GradeTable.form_id, GradeTable.levels)
        .join(ResultTable, ResultTable.grade_id == GradeTable.id)
        .join(CallTable, CallTable.id == GradeTable.call_id)
        .where(CallTable.started_at >= since, CallTable.started_at < until)
    )
    grades = list(rows)
    forms = {form_id: await form_by_id(session, form_id) for form_id in {g.form_id for g in grades}}
    shares: dict[tuple[str, str, str], list[float]] = defaultdict(list)
    for grade in grades:
        form = forms[grade.form_id]
        for item in form.items if form else ():
            level = grade.levels.get(item.id)
            if form is not None and level is not None:
                key = (grade.agent_id or "", item.id, item.title)
                shares[key].append(form.levels[level].share)
    weak = [
        WeakItem(agent, item, title, len(values), sum(values) / len(values))
        for (agent, item, title), values in shares.items()
        if len(values) >= LEAST_GRADES and sum(values) / len(values) < WEAK
    ]
    return sorted(weak, key=lambda one: (one.share, one.agent_id))[:MOST]
