"""The form that people grade by: items, levels and vetoes, and what a filled one comes to.

Pure, but for :func:`current`, which keeps each content of the form as a version of its own.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.errors import InvalidInputError
from transcripts.review.rules import Level, ReviewRules
from transcripts.review.tables import FormTable
from transcripts.scoring.findings import VETO_WORDS
from transcripts.scoring.scorecard import ItemRule, Scorecard


class GradeIncompleteError(InvalidInputError):
    """评分表没有填完，请逐项评定。"""

    error_id = "grade-incomplete"


@dataclass(frozen=True, slots=True)
class Marks:
    """A filled form: the level of each item (None: does not apply), and the vetoes."""

    levels: Mapping[str, int | None]
    vetoes: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Form:
    """A form as people grade by it."""

    id: int
    code: str
    version: int
    title: str
    items: tuple[ItemRule, ...]
    vetoes: Mapping[str, str]
    levels: tuple[Level, ...]

    def check(self, marks: Marks) -> None:
        """See that every item is graded as it may be.

        Raises:
            GradeIncompleteError: an item is missing, or is said not to apply though it always
                does; ``field`` names it.
        """
        for item in self.items:
            if item.id not in marks.levels:
                raise GradeIncompleteError(f"“{item.title}”还没有评。", field=item.id)
            level = marks.levels[item.id]
            if level is None and not item.not_applicable:
                raise GradeIncompleteError(f"“{item.title}”总是适用，不能选不适用。", field=item.id)
            if level is not None and not 0 <= level < len(self.levels):
                raise GradeIncompleteError(f"“{item.title}”的档次不对。", field=item.id)
        if unknown := marks.vetoes - set(self.vetoes):
            raise GradeIncompleteError(f"没有这个一票否决项：{'、'.join(sorted(unknown))}。")

    def share(self, marks: Marks, item: str) -> float | None:
        """Return the share of an item's points; None where it does not apply."""
        level = marks.levels[item]
        return None if level is None else self.levels[level].share

    def total(self, marks: Marks) -> float:
        """Return points of 100 over the items that apply; 0 with a veto (一票否决)."""
        if marks.vetoes:
            return 0.0
        shares = [(item.weight, self.share(marks, item.id)) for item in self.items]
        applying = [(weight, share) for weight, share in shares if share is not None]
        points = sum(weight * share for weight, share in applying)
        return round(100 * points / sum(weight for weight, _ in applying), 1)

    def legal_ok(self, marks: Marks) -> bool:
        """Whether all legal items are in full (法律准确), and nothing lost the caller a right."""
        in_full = all(marks.levels[item.id] == 0 for item in self.items if item.legal)
        return in_full and not marks.vetoes & _LOSES_RIGHT


_LOSES_RIGHT = {"critical_wrong_fact", "lost_right"}


def content(scorecard: Scorecard, rules: ReviewRules) -> dict[str, Any]:
    """Return what makes a form this one and no other."""
    vetoes = {kind: VETO_WORDS[kind] for kind in sorted(scorecard.vetoes)}
    return {
        "items": [item.model_dump() for item in scorecard.items],
        "vetoes": vetoes | scorecard.people_vetoes,
        "levels": [level.model_dump() for level in rules.levels],
    }


def form_of(row: FormTable) -> Form:
    """Take a form from its row, whatever the YAML says today."""
    return Form(
        id=row.id,
        code=row.code,
        version=row.version,
        title=row.title,
        items=tuple(ItemRule(**item) for item in row.content["items"]),
        vetoes=dict(row.content["vetoes"]),
        levels=tuple(Level(**level) for level in row.content["levels"]),
    )


async def current(
    session: AsyncSession, scorecard: Scorecard, rules: ReviewRules, now: datetime
) -> Form:
    """Return today's form; a new content opens a new one and closes the older, which stays."""
    wanted = content(scorecard, rules)
    digest = hashlib.sha256(
        json.dumps(wanted, ensure_ascii=False, sort_keys=True).encode()
    ).hexdigest()
    row = await session.scalar(
        select(FormTable).where(FormTable.code == scorecard.id, FormTable.digest == digest)
    )
    if row is not None and row.closed_at is None:
        return form_of(row)
    await session.execute(
        update(FormTable)
        .where(FormTable.code == scorecard.id, FormTable.closed_at.is_(None))
        .values(closed_at=now)
    )
    if row is None:
        row = FormTable(
            code=scorecard.id,
            version=scorecard.version,
            title=scorecard.title,
            digest=digest,
            content=wanted,
            opened_at=now,
            closed_at=None,
        )
        session.add(row)
        await session.flush()
    else:
        # The bureau went back to an earlier content: it is that form again.
        row.closed_at = None
    return form_of(row)


async def form_by_id(session: AsyncSession, form_id: int) -> Form | None:
    """Return a form, open or closed."""
    row = await session.get(FormTable, form_id)
    return form_of(row) if row else None
