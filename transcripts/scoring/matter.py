"""Which matter a call is about: the card whose questions and words are nearest to what was said."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from knowledge_base.cards import Card
from knowledge_base.claims.wording import comparable
from transcripts.scoring.speech import Speech

_CALLER_WEIGHT = 2.0
_KEYWORD = 3.0
_CITED = 4.0
_TOPIC = 1.25
"""The caller chose this topic in the menu: a hint, for people press wrong keys."""


@dataclass(frozen=True, slots=True)
class Matter:
    """A card and how sure it is; ``margin`` is its lead over the next one, 0 … 1."""

    card: Card
    score: float
    margin: float

    @property
    def confidence(self) -> float:
        """How sure, 0 … 1."""
        return round(min(1.0, 0.35 + 0.65 * self.margin + min(0.3, self.score / 60)), 2)


def recognise(
    cards: Sequence[Card],
    caller: Speech,
    agent: Speech,
    topic: str | None = None,
    cited: Iterable[tuple[str | None, object]] = (),
) -> list[Matter]:
    """Rank the cards for this conversation, the best first; empty where nothing fits."""
    weights, grams_of = _model(tuple(cards))
    heard = dict.fromkeys(_grams(caller.text), _CALLER_WEIGHT)
    for gram in _grams(agent.text):
        heard[gram] = heard.get(gram, 0.0) + 1.0
    keys = set(cited)
    scores: list[tuple[float, Card]] = []
    both = caller.text + "|" + agent.text
    for card in cards:
        grams = grams_of[card.id]
        score = sum(weights[gram] * heard[gram] for gram in grams if gram in heard)
        score /= math.sqrt(len(grams))
        score += (
            _KEYWORD
            * sum(
                (1.0 + 0.5 * (word in caller.text)) * min(2.0, weights.get(word[:2], 1.0) / 2)
                for word in card.keywords
                if word in both
            )
            / math.sqrt(max(4, len(card.keywords)))
        )
        score += _CITED * len(keys & card.provisions) / (2 if card.general else 1)
        if topic and card.topic == topic:
            score *= _TOPIC
        if card.general:
            score *= 0.6
        scores.append((score, card))
    scores.sort(key=lambda pair: -pair[0])
    best = [pair for pair in scores if pair[0] > 0]
    return [
        Matter(
            card,
            score,
            (score - (best[index + 1][0] if index + 1 < len(best) else 0.0)) / score,
        )
        for index, (score, card) in enumerate(best)
    ]


@lru_cache(maxsize=4)
def _model(cards: tuple[Card, ...]) -> tuple[dict[str, float], dict[str, frozenset[str]]]:
    grams_of = {card.id: _grams_of_card(card) for card in cards}
    documents = Counter(gram for grams in grams_of.values() for gram in grams)
    total = len(cards)
    return {gram: math.log((total + 1) / count) for gram, count in documents.items()}, grams_of


def _grams_of_card(card: Card) -> frozenset[str]:
    texts = [card.title, *card.questions, *card.keywords]
    return frozenset(gram for text in texts for gram in _grams(comparable(text).text))


def _grams(text: str) -> set[str]:
    return {
        text[index : index + 2]
        for index in range(len(text) - 1)
        if "|" not in text[index : index + 2]
    }
