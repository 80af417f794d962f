"""What became of the hints that stood beside talks: seen, used, dismissed; by card and by person.

A hint that nobody saw (the telephone was answered with the page shut) says nothing about the card,
so shares are of those seen.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.calls.proportion import Proportion
from transcripts.live.hints import HintKind
from transcripts.live.tables import HintRow

LEAST_SEEN = 3
"""A card whose hints were seen less often than this is not told to be useless."""


@dataclass(frozen=True, slots=True)
class HintUse:
    """How often hints were offered, and what people made of them."""

    shown: int = 0
    seen: int = 0
    said: int = 0
    """Used by saying what they ask for."""
    clicked: int = 0
    """Used by taking them over on the page."""
    dismissed: int = 0

    def __add__(self, other: HintUse) -> HintUse:
        return HintUse(
            self.shown + other.shown,
            self.seen + other.seen,
            self.said + other.said,
            self.clicked + other.clicked,
            self.dismissed + other.dismissed,
        )

    @property
    def used(self) -> int:
        """Used in either way."""
        return self.said + self.clicked

    @property
    def use(self) -> Proportion:
        """Used ÷ seen; who says it before it stands on the page has used it all the same."""
        return Proportion(self.used, max(self.seen, self.used))

    @property
    def always_dismissed(self) -> bool:
        """Whether everybody who saw it shut it and nobody used it."""
        return self.seen >= LEAST_SEEN and not self.used and self.dismissed >= self.seen


@dataclass(frozen=True, slots=True)
class Hinted:
    """The hints of one group of rows, such as one card's.

    Attributes:
        code: the card's id; empty where a hint belongs to no card (duties, statutes).
        title: as the hint was headed.
    """

    code: str
    title: str
    use: HintUse


@dataclass(frozen=True)
class HintFigures:
    """All hints of a period."""

    whole: HintUse
    by_card: tuple[Hinted, ...]
    """Most shown first."""
    by_agent: Mapping[str, HintUse]

    @property
    def dismissed(self) -> tuple[Hinted, ...]:
        """The cards whose hints are always dismissed: something for their editor."""
        return tuple(one for one in self.by_card if one.code and one.use.always_dismissed)


def card_of(key: str, kind: str) -> str:
    """Return the card that a hint comes from, by its key; empty where from none.

    ``card:wages`` is the card's own; ``warning:wrong_fact:wages/limit:两年`` a fact of it.
    """
    parts = key.split(":")
    if kind == HintKind.CARD and len(parts) > 1:
        return parts[1]
    if kind == HintKind.WARNING and len(parts) > 2 and "/" in parts[2]:
        return parts[2].partition("/")[0]
    return ""


_OF_NO_CARD = {HintKind.STATUTE: "相关法条", HintKind.RISK: "风险提醒"}
"""Told as one: each talk has other articles. Duties are few and go by their own names."""


async def hint_use(
    session: AsyncSession, since: datetime, until: datetime, titles: Mapping[str, str]
) -> HintFigures:
    """Count the hints offered from ``since`` up to, not including, ``until``.

    Args:
        session: where they are read.
        since: an aware time, as ``until``.
        until: the first moment after the period.
        titles: of the cards that count now, by id; a card that is gone goes by its last title.
    """
    rows = await session.execute(
        select(
            HintRow.key,
            HintRow.kind,
            func.max(HintRow.title),
            func.coalesce(HintRow.agent_id, ""),
            func.count(),
            func.count(HintRow.seen_at),
            func.count().filter(HintRow.used_at.is_not(None), HintRow.used_how == "said"),
            func.count().filter(HintRow.used_at.is_not(None), HintRow.used_how != "said"),
            func.count(HintRow.dismissed_at),
        )
        .where(HintRow.shown_at >= since, HintRow.shown_at < until)
        .group_by(HintRow.key, HintRow.kind, HintRow.agent_id)
    )
    return _grouped((tuple(row) for row in rows), titles)


def _grouped(rows: Iterable[tuple[object, ...]], known: Mapping[str, str]) -> HintFigures:
    cards: dict[tuple[str, str], HintUse] = defaultdict(HintUse)
    titles: dict[str, str] = {}
    agents: dict[str, HintUse] = defaultdict(HintUse)
    whole = HintUse()
    for key, kind, title, agent, *counts in rows:
        use = HintUse(*(int(str(count)) for count in counts))
        code = card_of(str(key), str(kind))
        if kind == HintKind.CARD:
            titles[code] = str(title)
        head = _OF_NO_CARD.get(HintKind(str(kind)), str(title))
        cards[code, "" if code else head] += use
        agents[str(agent)] += use
        whole += use
    by_card = [
        Hinted(code, known.get(code) or titles.get(code) or code or head, use)
        for (code, head), use in cards.items()
    ]
    return HintFigures(
        whole,
        tuple(sorted(by_card, key=lambda one: (-one.use.shown, one.title))),
        dict(sorted(agents.items(), key=lambda item: (-item[1].shown, item[0]))),
    )
