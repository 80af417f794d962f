"""Who said what when: the two legs of a call put together into turns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from operator import attrgetter

from transcripts.normalise import Piece, pieces
from transcripts.recognisers.base import Segment


class Leg(StrEnum):
    """A side of a call."""

    CALLER = "caller"
    AGENT = "agent"


PAUSE = "，"
"""Stands between two segments of one turn, at the end of a word."""
LONGEST_PAUSE = 2.0
"""Seconds of silence after which the same speaker begins a new turn."""
LONGEST_TURN = 30.0
"""Seconds after which the same speaker's next sentence begins a new turn, so that evidence can
point to a place that one hears at once."""


@dataclass(frozen=True)
class Turn:
    """What one side said without being answered; times are seconds from the leg's start."""

    leg: Leg
    start: float
    end: float
    text: str
    """Without spaces, figures as figures, a comma at each pause."""
    said: str
    """As it was recognised, figures in words."""
    confidence: float | None
    """Mean over the characters; ``None`` where the engine gives none."""
    words: tuple[Piece, ...]
    """Their texts, joined, are :attr:`text`."""


@dataclass(frozen=True)
class _Spoken:
    leg: Leg
    segment: Segment


def merge(caller: Iterable[Segment], agent: Iterable[Segment]) -> tuple[Turn, ...]:
    """Put both legs' segments in order and join what one side says in a row."""
    spoken = [_Spoken(Leg.CALLER, segment) for segment in caller]
    spoken += [_Spoken(Leg.AGENT, segment) for segment in agent]
    spoken.sort(key=lambda one: (one.segment.start, one.leg))
    groups: list[list[_Spoken]] = []
    for one in spoken:
        if groups and _goes_on(groups[-1], one):
            groups[-1].append(one)
        else:
            groups.append([one])
    return tuple(_turn(group) for group in groups)


def _goes_on(group: Sequence[_Spoken], one: _Spoken) -> bool:
    last = group[-1]
    return (
        last.leg == one.leg
        and one.segment.start - last.segment.end <= LONGEST_PAUSE
        and one.segment.end - group[0].segment.start <= LONGEST_TURN
    )


def _turn(group: Sequence[_Spoken]) -> Turn:
    segments = [one.segment for one in group]
    said: list[Piece] = []
    for segment in segments:
        if said:
            # A pause ends a figure: 二十, then 五天, is not 205天.
            said[-1] = replace(said[-1], text=said[-1].text + PAUSE)
        said += pieces(segment.words)
    return Turn(
        leg=group[0].leg,
        start=segments[0].start,
        end=max(map(attrgetter("end"), segments)),
        text="".join(piece.text for piece in said),
        said="".join(piece.said for piece in said),
        confidence=_mean(segments),
        words=tuple(said),
    )


def _mean(segments: Sequence[Segment]) -> float | None:
    known = [(s.confidence, len(s.text)) for s in segments if s.confidence is not None]
    length = sum(size for _, size in known)
    return sum(c * size for c, size in known) / length if length else None
