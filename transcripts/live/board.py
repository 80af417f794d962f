"""What stands beside a talk. Nothing jumps: what was shown stays, and what was ticked is ticked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from transcripts.live.hints import Help, Hint, HintKind, PointTold

MOST = {HintKind.CARD: 4, HintKind.STATUTE: 8, HintKind.WARNING: 12}
"""A long talk about many things must not fill the page; the first of these stay."""


@dataclass(frozen=True)
class Change:
    """A hint that is new, or one whose ticks changed."""

    hint: Hint
    new: bool


class Board:
    """All hints of one talk, in the order in which they came up."""

    def __init__(self) -> None:
        self._hints: dict[str, Hint] = {}

    @property
    def hints(self) -> Mapping[str, Hint]:
        """What stands there, by key."""
        return self._hints

    def take(self, now: Help) -> list[Change]:
        """Take up what helps now and return what changed."""
        changes = []
        for hint in now.hints:
            known = self._hints.get(hint.key)
            if known is None:
                if self._is_full(hint.kind) or _comes_too_late(hint):
                    continue
                self._hints[hint.key] = hint
                changes.append(Change(hint, new=True))
                continue
            merged = _merged(known, hint)
            if merged != known:
                self._hints[hint.key] = merged
                changes.append(Change(merged, new=False))
        return changes

    def _is_full(self, kind: HintKind) -> bool:
        limit = MOST.get(kind)
        return limit is not None and sum(h.kind is kind for h in self._hints.values()) >= limit


def _comes_too_late(hint: Hint) -> bool:
    # Who told of legal aid unasked, cited the article or put a slip right need not be told to.
    return hint.done and hint.kind is not HintKind.CARD


def _merged(known: Hint, fresh: Hint) -> Hint:
    told = {point.id: point.at for point in known.points}
    points = tuple(_earlier(point, told.get(point.id)) for point in fresh.points)
    return replace(known, points=points, done=known.done or fresh.done)


def _earlier(point: PointTold, at: float | None) -> PointTold:
    # The second at which it was first heard; a point ticked in half a sentence stays ticked, unless
    # the whole sentence contradicts the card.
    return point if at is None or point.wrong else replace(point, at=at)
