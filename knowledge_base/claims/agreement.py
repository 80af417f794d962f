"""Holds an answer's claims against the texts of articles: quantities, polarity, force, parties.

Each claim is compared with the place of the source whose surroundings are most like its own. Where
no place is like it, nothing is said about the claim: the source does not decide it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from knowledge_base.claims.contexts import (
    Sentence,
    Surroundings,
    held,
    sentences,
)
from knowledge_base.claims.listed import announced
from knowledge_base.claims.modality import force_claims, polarity_claims, supposed
from knowledge_base.claims.opposites import choices
from knowledge_base.claims.quantities import Quantity
from knowledge_base.claims.roles import opposed, roles, same_party
from knowledge_base.claims.sources import Source, placed_quantities
from knowledge_base.claims.weighing import LEAST_LIKE, Claim, ClaimKind, weigh

_BY_COUNT = 0.3
_BY_WORD = 0.4
"""That an answer has a word of the article bears it out less than the opposite refutes it."""
_LEAST_AGAINST_ONE_PARTY = 0.1
"""A weaker contradiction than this is mostly another case of the same article: nothing is said."""
_SINKS = 0.7
_OTHER_CONDITION = 0.2


def check_claims(answer: str, source: Source, question: str = "") -> list[Claim]:
    """Return the claims of ``answer`` that the source decides.

    Args:
        answer: what was said or written.
        source: the articles.
        question: what a bare yes or no refers to.
    """
    told = sentences(answer)
    claims = [*_quantity_claims(answer, told, source), *_count_claims(answer, told, source)]
    for position, one in enumerate(told):
        own = list(polarity_claims(one, source, question if position == 0 else ""))
        claims += _under_one_condition(one, own)
        claims += force_claims(one, source)
        claims += _swapped_or_plain(list(_party_claims(one, source)))
        claims += _choice_claims(one, source)
    return sorted(claims, key=lambda claim: claim.start)


def _under_one_condition(told: Sentence, claims: Sequence[Claim]) -> list[Claim]:
    """Drop what a source says of the opposite condition: 已登记的，可以… and 未登记的，不得… ."""
    kept = list(claims)
    last = told.clauses[-1]
    for claim in claims:
        place = told.place(claim.start)
        conditional = place is not None and told.clauses[place] < last
        if conditional and claim.lean < -_OTHER_CONDITION:
            kept = [one for one in kept if one is claim or one.source != claim.source]
    return kept


def _quantity_claims(answer: str, told: Sequence[Sentence], source: Source) -> Iterator[Claim]:
    for quantity, around, _ in placed_quantities(answer, told):
        rated = [
            (around.likeness(other), _same_value(quantity, value), one)
            for value, other, one in source.quantities
            if value.comparable(quantity)
        ]
        lean = weigh(rated, "quantity")
        if lean:
            yield Claim(ClaimKind.QUANTITY, quantity.text, quantity.start, quantity.end, *lean)


def _count_claims(answer: str, told: Sequence[Sentence], source: Source) -> Iterator[Claim]:
    """Hold 有下列三种情形 against what the answer then lists, or against the article's list."""
    for count in announced(answer):
        listed, words = count.listed, "所列各项"
        if listed is None:
            one = next((one for one in told if one.place(count.start) is not None), None)
            if one is None:
                continue
            heads = [(held(one.grams, head.grams), items, head) for head, items in source.lists]
            likeness, listed, head = max(heads, key=lambda h: h[0], default=(0.0, 0, one))
            if likeness < LEAST_LIKE["list"]:
                continue
            words = head.text
        lean = _BY_COUNT if listed == count.number else -_BY_COUNT
        yield Claim(
            ClaimKind.QUANTITY, answer[count.start : count.end], count.start, count.end, lean, words
        )


def _same_value(told: Quantity, value: Quantity) -> bool:
    # 三年以上 and 三年以下 name the same number and opposite sides of it.
    return value.agrees(told) and told.bound * value.bound >= 0


def _party_claims(told: Sentence, source: Source) -> Iterator[Claim]:
    for role in roles(told.text):
        around = Surroundings.of(told, role.start, role.end)
        rated = [
            (around.likeness(other), same_party(role.name, name), one)
            for name, other, one in source.parties
            if same_party(role.name, name) or opposed(role.name, name)
        ]
        lean = weigh(rated, "party")
        if lean:
            yield Claim(
                ClaimKind.PARTY,
                role.name,
                told.origins[role.start],
                told.origins[role.end - 1] + 1,
                *lean,
            )


def _swapped_or_plain(claims: Sequence[Claim]) -> list[Claim]:
    """Drop a weak contradiction that stands alone: two in one sentence are parties exchanged."""
    against = sum(claim.lean < 0 for claim in claims)
    if against > 1:
        return list(claims)
    return [one for one in claims if one.lean > 0 or one.lean <= -_LEAST_AGAINST_ONE_PARTY]


def _choice_claims(told: Sentence, source: Source) -> Iterator[Claim]:
    for word in choices(told.text):
        if supposed(told, word.start):
            continue
        around = Surroundings.of(told, word.start, word.end)
        rated = [
            (around.likeness(other), word.side == one.side, sentence)
            for one, other, sentence in source.choices
            if one.choice == word.choice
        ]
        found = weigh(rated, "choice")
        if found:
            lean, words = found
            yield Claim(
                ClaimKind.POLARITY,
                word.name,
                told.origins[word.start],
                told.origins[word.end - 1] + 1,
                lean if lean < 0 else lean * _BY_WORD,
                words,
            )


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far the sources bear an answer out.

    Attributes:
        score: 0 … 1; 0.5 where nothing was decided.
        claims: what was decided.
    """

    score: float
    claims: tuple[Claim, ...]


def rate(claims: Sequence[Claim]) -> Agreement:
    """Turn claims into a score: what is borne out lifts it a little, a contradiction sinks it."""
    borne = sum(claim.lean for claim in claims if claim.lean > 0)
    kept = math.prod(1 + _SINKS * claim.lean for claim in claims if claim.lean < 0)
    return Agreement((1 + borne) / (2 + borne) * kept, tuple(claims))
