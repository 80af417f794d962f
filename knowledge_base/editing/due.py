"""Which cards must be looked at again: their day has come, or an article of theirs was changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.clock import CHINA
from knowledge_base.cards.model import Card
from knowledge_base.library.names import plain_name
from knowledge_base.tables import StatuteImport

_KINDS = {"text": "条文改动", "version": "新版本"}


@dataclass(frozen=True)
class Changed:
    """An article of a card that an import changed after the card was reviewed."""

    law: str
    label: str
    on: date
    kind: str
    """``text``: the text of a known version was corrected; ``version``: a new version came."""
    removed: bool

    @property
    def words(self) -> str:
        """One sentence."""
        what = "已删除" if self.removed else _KINDS.get(self.kind, "有变化")
        return f"《{self.law}》{self.label}{what}（{self.on} 导入）"


async def changes_since(
    session: AsyncSession, cards: Iterable[Card], decided: Mapping[str, datetime]
) -> dict[str, tuple[Changed, ...]]:
    """Return for each card the articles that were changed since its review.

    Args:
        session: where imports are read.
        cards: the cards that count.
        decided: when those published here were; of the others the day of review counts.
    """
    imports = list(await session.scalars(select(StatuteImport).order_by(StatuteImport.id)))
    found: dict[str, tuple[Changed, ...]] = {}
    for card in cards:
        since = decided.get(card.id) or datetime.combine(card.reviewed, time.max, CHINA)
        changed = [change for run in imports if run.at > since for change in _touching(card, run)]
        if changed:
            found[card.id] = tuple(dict.fromkeys(changed))
    return found


def _touching(card: Card, run: StatuteImport) -> Sequence[Changed]:
    by_law: dict[str, set[str]] = {}
    for law, number in card.provisions:
        by_law.setdefault(plain_name(law), set()).add(number.label)
    found = []
    for change in run.changes:
        labels = by_law.get(change["law"])
        if labels is None or change["kind"] not in _KINDS:
            continue
        on = run.at.astimezone(CHINA).date()
        for removed, names in ((False, change["changed"]), (True, change["removed"])):
            found += [
                Changed(change["law"], label, on, change["kind"], removed)
                for label in names
                if label in labels
            ]
    return found
