"""A bigram language model: absolute discounting, interpolated with a broad unigram."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from transcripts.training.corpus import Sentence

START, END = "<s>", "</s>"


@dataclass(frozen=True)
class Smoothing:
    """How much is taken from what was seen for what was not."""

    discount: float = 0.6
    corpus_share: float = 0.7
    """Of the unigram; the rest is the general word list's."""
    even_share: float = 0.15
    """Of the general part: every word alike, so that rare ones stay possible."""
    least_count: float = 2.0
    """Pairs that count less are left to the unigram, for the graph's size."""


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
    pairs, singles = _count(corpus, frozenset(known))
    unigram = _unigram(singles, known, general, smoothing)
    histories: dict[str, History] = {}
    for before, following in sorted(pairs.items()):
        kept = {w: c for w, c in sorted(following.items()) if c >= smoothing.least_count}
        if not kept:
            continue
        total = sum(following.values())
        # The discount is relative to a weight of 1: weights are repetitions of a sentence.
        seen = {w: max(c - _discount(c, smoothing), 0.0) / total for w, c in kept.items()}
        rest = 1 - sum(seen.values())
        mixed = {w: p + rest * unigram[w] for w, p in seen.items()}
        unseen = 1 - sum(unigram[w] for w in kept)
        histories[before] = History(mixed, max((1 - sum(mixed.values())) / unseen, 1e-6))
    return Bigram(unigram, histories)


def _discount(count: float, smoothing: Smoothing) -> float:
    return smoothing.discount * min(count, 12.0) ** 0.5


def _count(
    corpus: Iterable[Sentence], known: frozenset[str]
) -> tuple[dict[str, Counter[str]], Counter[str]]:
    pairs: dict[str, Counter[str]] = defaultdict(Counter)
    singles: Counter[str] = Counter()
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
                singles[word] += sentence.weight
                before = word
    return pairs, singles


def _unigram(
    singles: Counter[str], known: list[str], general: Mapping[str, int], smoothing: Smoothing
) -> dict[str, float]:
    total = sum(singles.values())
    ends = singles[END] / total
    everything = sum(general.get(w, 0) + 1 for w in known)
    unigram = {END: ends}
    for word in known:
        common = (general.get(word, 0) + 1) / everything
        broad = (1 - smoothing.even_share) * common + smoothing.even_share / len(known)
        seen = singles[word] / total
        unigram[word] = (
            smoothing.corpus_share * seen + (1 - smoothing.corpus_share) * (1 - ends) * broad
        )
    scale = sum(unigram.values())
    return {word: p / scale for word, p in unigram.items()}
