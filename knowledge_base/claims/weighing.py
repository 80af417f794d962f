"""What a source says of a claim: the likest place that agrees against the likest that does not."""

from __future__ import annotations

import enum
import re
from collections.abc import Sequence
from dataclasses import dataclass

from knowledge_base.claims.contexts import Sentence

LEAST_LIKE = {
    "quantity": 0.12,
    "polarity": 0.28,
    "party": 0.38,
    "choice": 0.35,
    "list": 0.4,
    "force": 0.4,
}
_LEAST_LIKE_AGAINST = {"polarity": 0.33}
"""Where what contradicts must be liker than what bears out."""
_LEAST_LEAD = 0.04
_LEAST_AGAINST = {"polarity": 0.25, "choice": 0.15, "force": 0.25}
_LEAST_LIKE_EXCEPTED = 0.65
"""A source with exceptions (…的除外) decides only what is nearly its own words."""
_EXCEPTED = re.compile(r"除外|除.{1,30}外|例外")


class ClaimKind(enum.StrEnum):
    """What a claim is about."""

    QUANTITY = "quantity"
    POLARITY = "polarity"
    FORCE = "force"
    PARTY = "party"
    CITATION = "citation"


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim of an answer and how a source bears on it.

    Attributes:
        lean: -1 … 1; above 0 the source bears it out, below 0 it says otherwise.
        start: where the claim stands in the answer.
        source: the words of the source that decided it.
    """

    kind: ClaimKind
    text: str
    start: int
    end: int
    lean: float
    source: str


def weigh(rated: Sequence[tuple[float, bool, Sentence]], kind: str) -> tuple[float, str] | None:
    """Weigh the likest place that agrees against the likest that does not."""
    least = LEAST_LIKE[kind]
    agree = max((one for one in rated if one[1]), key=lambda one: one[0], default=None)
    differ = max((one for one in rated if not one[1]), key=lambda one: one[0], default=None)
    with_, against = agree[0] if agree else 0.0, differ[0] if differ else 0.0
    best = max(with_, against)
    winner = agree if with_ > against else differ
    if winner is None or best < least or abs(with_ - against) < _LEAST_LEAD:
        return None
    if against > with_ and (
        best < _LEAST_LIKE_AGAINST.get(kind, least)
        or against - with_ < _LEAST_AGAINST.get(kind, 0.0)
    ):
        return None
    if best < _LEAST_LIKE_EXCEPTED and _EXCEPTED.search(winner[2].text):
        return None
    return with_ - against, winner[2].text
