"""Hints: a sentence that is nearly a point of the card, with another number in it.

The cue of no fact was heard, so nothing is called wrong: a person is asked to look.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

from knowledge_base.cards import Card, Point
from knowledge_base.claims.agreement import check_claims
from knowledge_base.claims.quantities import quantities
from knowledge_base.claims.sources import Source
from knowledge_base.claims.weighing import ClaimKind
from knowledge_base.claims.wording import END, comparable
from transcripts.scoring.findings import Finding, FindingKind, Verdict
from transcripts.scoring.speech import Speech

_LIKE_THE_POINT = 0.55
_LEAST_LEAN = 0.3


def check_hints(speech: Speech, cards: Sequence[Card], told: Sequence[Finding]) -> list[Finding]:
    """Return doubtful numbers that no fact explained yet; all are ``unsure``."""
    known = {
        (one.at_second, one.heard)
        for one in told
        if one.kind in (FindingKind.FACT, FindingKind.WRONG_FACT)
    }
    heard_already = {heard for _, heard in known}
    findings: dict[tuple[float | None, str], Finding] = {}
    for begin, end in _sentences(speech):
        for card in cards:
            for point in card.points:
                for finding in _against(speech, begin, end, card, point):
                    if finding.heard not in heard_already:
                        findings.setdefault((finding.at_second, finding.heard), finding)
    return list(findings.values())


def _sentences(speech: Speech) -> Iterator[tuple[int, int]]:
    begin = 0
    for end, character in enumerate(speech.text):
        if character == END:
            if end > begin and not speech.is_asked(begin, end):
                yield begin, end
            begin = end + 1


def _against(speech: Speech, begin: int, end: int, card: Card, point: Point) -> Iterator[Finding]:
    source, pairs, values = _prepared(point.text)
    if not values:
        return
    sentence = speech.text[begin:end]
    said = {sentence[i : i + 2] for i in range(len(sentence) - 1)}
    if len(pairs & said) < _LIKE_THE_POINT * len(pairs):
        return
    first, last = speech.wording.span(begin, end)
    raw = speech.raw[first:last]
    for claim in check_claims(raw, source):
        if claim.kind is not ClaimKind.QUANTITY or claim.lean > -_LEAST_LEAN:
            continue
        heard = speech.evidence_raw(first + claim.start, first + claim.end)
        article = point.articles[0].words if point.articles else ""
        yield Finding(
            item="basis",
            kind=FindingKind.WRONG_FACT,
            verdict=Verdict.UNSURE,
            confidence=0.5,
            words=f"听到的“{claim.text}”与要点“{point.text}”不一致，疑似说错，请人工复核。",
            at_second=heard.at,
            until_second=heard.until,
            sentence=heard.sentence,
            card=card.id,
            subject=f"{card.id}/{point.id}",
            article=article,
            heard=claim.text,
            expected=point.text,
        )


@lru_cache(maxsize=1024)
def _prepared(text: str) -> tuple[Source, frozenset[str], int]:
    told = comparable(text).text
    pairs = frozenset(told[i : i + 2] for i in range(len(told) - 1))
    return Source.of([text]), pairs, len(quantities(text))
