"""A bigram language model: absolute discounting, interpolated with a broad unigram."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from transcripts.training.corpus import Sentence

START, END = "<s>", "</s>"


@dataclass(frozen=True)
class Smoothing:
    """How much is taken from what was seen for what was not."""

    discount: float = 2.4
    corpus_share: float = 0.82
    """Of the unigram; the rest is the general word list's."""
    even_share: float = 0.15
    """Of the general part: every word alike, so that rare ones stay possible."""
    least_count: float = 2.0
    """Pairs that count less are left to the unigram, for the graph's size."""
    least_gain: float = 32.0
    """The same for pairs that say little more than the unigram: count times log ratio."""


@dataclass(frozen=True)
class History:
    """What follows one word: probabilities of words seen there, and the weight of the rest."""

    following: Mapping[str, float]
    back_off: float


@dataclass(frozen=True)
class Bigram:
    """Probabilities: ``unigram`` has :data:`END` but no :data:`START`."""

    unigram: Mapping[str, float]
    histories: Mapping[str, History]

    def probability(self, word: str, after: str) -> float:
        """Return the probability of ``word`` after ``after``."""
        history = self.histories.get(after)
        if history is None:
            return self.unigram[word]
        seen = history.following.get(word)
        return seen if seen is not None else history.back_off * self.unigram[word]


Pairs = Mapping[str, Mapping[str, float]]
"""Weights of words by the word before them."""


def estimate(
    corpus: Iterable[Sentence],
    words: Iterable[str],
    general: Mapping[str, int],
    smoothing: Smoothing,
) -> Bigram:
    """Count and smooth.

    Args:
        corpus: sentences with weights.
        words: the whole vocabulary; other words in the corpus are passed over.
        general: how often words come in general.
        smoothing: how to smooth.
    """
    known = list(words)
    pairs = _count(corpus, frozenset(known))
    unigram = _unigram(pairs, known, general, smoothing)
    histories: dict[str, History] = {}
    for before, following in sorted(pairs.items()):
        history = _history(following, unigram, smoothing)
        if history is not None:
            histories[before] = history
    return Bigram(unigram, histories)


def _history(
    following: Mapping[str, float], unigram: Mapping[str, float], smoothing: Smoothing
) -> History | None:
    total = sum(following.values())
    seen = {
        word: (count - _discount(count, smoothing)) / total
        for word, count in sorted(following.items())
        if count >= smoothing.least_count
    }
    rest = 1 - sum(seen.values())
    seen = {
        word: share
        for word, share in seen.items()
        if following[word] * math.log(share / (rest * unigram[word]) + 1) >= smoothing.least_gain
    }
    if not seen:
        return None
    rest = 1 - sum(seen.values())
    mixed = {word: share + rest * unigram[word] for word, share in seen.items()}
    unseen = 1 - sum(unigram[word] for word in seen)
    return History(mixed, max((1 - sum(mixed.values())) / unseen, 1e-6))


def _discount(count: float, smoothing: Smoothing) -> float:
    # At most a share of the count, so that what was seen once keeps something.
    return min(smoothing.discount * math.sqrt(min(count, 12.0)), 0.8 * count)


def _count(corpus: Iterable[Sentence], known: frozenset[str]) -> Pairs:
    pairs: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for sentence in corpus:
        clauses = [[w for w in clause if w in known] for clause in sentence.clauses]
        # A pause may or may not be heard, so both readings count.
        spans = [clause for clause in clauses if clause]
        if len(spans) > 1:
            spans.append([w for clause in spans for w in clause])
        for span in spans:
            before = START
            for word in (*span, END):
                pairs[before][word] += sentence.weight
                before = word
    return pairs


def _unigram(
    pairs: Pairs,
    known: list[str],
    general: Mapping[str, int],
    smoothing: Smoothing,
) -> dict[str, float]:
    """Count a word by the words that it is seen after (Kneser and Ney), not by how often.

    The unigram only speaks where a pair was not seen: a word that always follows the same few
    (a figure after a figure) is unlikely there, however often it comes.
    """
    contexts = Counter(word for following in pairs.values() for word in following)
    total = sum(contexts.values())
    ends = contexts[END] / total
    everything = sum(general.get(w, 0) + 1 for w in known)
    unigram = {END: ends}
    for word in known:
        common = (general.get(word, 0) + 1) / everything
        broad = (1 - smoothing.even_share) * common + smoothing.even_share / len(known)
        seen = contexts[word] / total
        unigram[word] = (
            smoothing.corpus_share * seen + (1 - smoothing.corpus_share) * (1 - ends) * broad
        )
    scale = sum(unigram.values())
    return {word: p / scale for word, p in unigram.items()}
