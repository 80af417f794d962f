"""How far machine and people, and two people, agree: per item and per veto.

The machine is held against the grades of the random sample only: risk calls were drawn *because*
the machine found something, and would flatter or shame it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from transcripts.review import kappa
from transcripts.review.forms import Form, form_by_id
from transcripts.review.grading import Purpose
from transcripts.review.rules import ReviewRules
from transcripts.review.tables import AgreementTable, DrawTable, GradeTable
from transcripts.scoring.scorecard import KNOWN_VETOES, ItemRule
from transcripts.scoring.scorer import VETO
from transcripts.scoring.tables import FindingRow, Score


@dataclass(frozen=True, slots=True)
class Measured:
    """Agreement on one item or veto.

    Attributes:
        subject: an item's id, or ``veto:`` and the kind.
        kappa: weighted κ for items, Cohen's for vetoes; None without pairs.
        hint_only: the machine's view of it does not count.
    """

    subject: str
    pairs: int
    kappa: float | None
    hint_only: bool = False


def measure(
    items: Mapping[str, Sequence[tuple[int, int]]],
    vetoes: Mapping[str, Sequence[tuple[bool, bool]]],
    levels: int,
    rules: ReviewRules,
) -> list[Measured]:
    """Measure agreement and decide what is a hint only.

    With fewer than ``hint_least_pairs`` pairs nothing is switched off: too little is known.
    """
    found = [
        (subject, len(pairs), kappa.weighted(pairs, levels)) for subject, pairs in items.items()
    ]
    found += [(VETO + kind, len(pairs), kappa.cohen(pairs)) for kind, pairs in vetoes.items()]
    return [
        Measured(subject, count, value, hint_only=_is_hint(value, count, rules))
        for subject, count, value in found
    ]


def _is_hint(value: float | None, count: int, rules: ReviewRules) -> bool:
    return value is not None and count >= rules.hint_least_pairs and value < rules.hint_below_kappa


async def renew(session: AsyncSession, rules: ReviewRules, now: datetime) -> list[Measured]:
    """Measure machine against people anew and keep it for the scorer and the pages."""
    rows = await session.execute(
        select(GradeTable, Score)
        .join(Score, Score.id == GradeTable.score_id)
        .join(DrawTable, DrawTable.call_id == GradeTable.call_id)
        .where(DrawTable.sample == "random", GradeTable.purpose == Purpose.FIRST)
    )
    found = [(grade, score) for grade, score in rows]
    forms = await _forms(session, [grade for grade, _ in found])
    hits = await _hits(session, [score.id for _, score in found])
    items: dict[str, list[tuple[int, int]]] = {}
    vetoes: dict[str, list[tuple[bool, bool]]] = {}
    for grade, score in found:
        form = forms[grade.form_id]
        for item in form.items:
            pair = _item_pair(grade, score, item, rules)
            if pair is not None:
                items.setdefault(item.id, []).append(pair)
        for kind in form.vetoes:
            if kind in KNOWN_VETOES:
                machine = kind in hits.get(score.id, set())
                vetoes.setdefault(kind, []).append((kind in grade.vetoes, machine))
    measured = measure(items, vetoes, len(rules.levels), rules)
    await session.execute(delete(AgreementTable))
    session.add_all(
        AgreementTable(
            subject=one.subject,
            pairs=one.pairs,
            kappa=one.kappa,
            hint_only=one.hint_only,
            at=now,
        )
        for one in measured
    )
    return measured


async def _hits(session: AsyncSession, scores: Sequence[int]) -> dict[int, set[str]]:
    """Return the vetoes that the machine saw in each score, also those that are hints only."""
    hits: dict[int, set[str]] = {}
    for begin in range(0, len(scores), 500):
        rows = await session.execute(
            select(FindingRow.score_id, FindingRow.kind, FindingRow.critical).where(
                FindingRow.fault, FindingRow.score_id.in_(scores[begin : begin + 500])
            )
        )
        for score_id, kind, critical in rows:
            name = "critical_wrong_fact" if kind == "wrong_fact" and critical else kind
            hits.setdefault(score_id, set()).add(name)
    return hits


def _item_pair(
    grade: GradeTable, score: Score, item: ItemRule, rules: ReviewRules
) -> tuple[int, int] | None:
    """Return the levels that person and machine gave, where both gave one."""
    level = grade.levels.get(item.id)
    told: dict[str, Any] | None = next((i for i in score.items if i["id"] == item.id), None)
    if level is None or told is None or not told["applies"] or told.get("points") is None:
        return None
    return int(level), rules.level_of(float(told["points"]) / float(told["weight"]))


async def _forms(session: AsyncSession, grades: Iterable[GradeTable]) -> dict[int, Form]:
    forms = {}
    for form_id in {grade.form_id for grade in grades}:
        form = await form_by_id(session, form_id)
        if form is not None:
            forms[form_id] = form
    return forms


async def hints(session: AsyncSession) -> frozenset[str]:
    """Return what the scorer shows but does not count."""
    return frozenset(
        await session.scalars(select(AgreementTable.subject).where(AgreementTable.hint_only))
    )


@dataclass(frozen=True)
class Pair:
    """Two blind grades of one call."""

    first: GradeTable
    second: GradeTable
    form: Form


async def pairs(session: AsyncSession) -> list[Pair]:
    """Return all double-blind pairs, newest first."""
    grades = list(
        await session.scalars(
            select(GradeTable)
            .where(GradeTable.purpose.in_([Purpose.FIRST, Purpose.SECOND]))
            .where(
                GradeTable.call_id.in_(
                    select(GradeTable.call_id).where(GradeTable.purpose == Purpose.SECOND)
                )
            )
            .order_by(GradeTable.id.desc())
        )
    )
    forms = await _forms(session, grades)
    firsts = {grade.call_id: grade for grade in grades if grade.purpose == Purpose.FIRST}
    return [
        Pair(firsts[grade.call_id], grade, forms[grade.form_id])
        for grade in grades
        if grade.purpose == Purpose.SECOND
        and grade.call_id in firsts
        # Grades by different forms are not comparable.
        and firsts[grade.call_id].form_id == grade.form_id
    ]


def between_people(found: Sequence[Pair], rules: ReviewRules) -> list[Measured]:
    """Measure how far two blind reviewers agree."""
    items: dict[str, list[tuple[int, int]]] = {}
    vetoes: dict[str, list[tuple[bool, bool]]] = {}
    for pair in found:
        for item in pair.form.items:
            one, other = pair.first.levels.get(item.id), pair.second.levels.get(item.id)
            if one is not None and other is not None:
                items.setdefault(item.id, []).append((int(one), int(other)))
        for kind in pair.form.vetoes:
            seen = (kind in pair.first.vetoes, kind in pair.second.vetoes)
            vetoes.setdefault(kind, []).append(seen)
    return measure(items, vetoes, len(rules.levels), rules)
