"""Compares the numbers, periods, multiples, yes or no and subjects that were said with the cards.

A value belongs to the fact whose cue stands nearest. Precision comes first: what may be the
caller's own story, a question, a correction, or another fact's value is let pass.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from knowledge_base.cards import Card, Fact
from knowledge_base.claims.quantities import Quantity, quantities
from knowledge_base.claims.wording import END, comparable
from transcripts.scoring.findings import Finding, FindingKind, Verdict
from transcripts.scoring.hearing import is_negated
from transcripts.scoring.mishearing import maybe_misheard
from transcripts.scoring.speech import Speech

_CUE_REACH = 10
_AFTER, _BEFORE, _WITHIN = 12, 8, 16
"""Characters between a cue and its value: after it, before it, and before it as 三日内…."""
_RIVAL = 6
"""A right reading this much further away still saves a value from being called wrong."""
_BOUNDARY_COST = 6
_MONTHS = 12
_NEAR_SAID, _NEAR_AFTER = 14, 24
_SAME_POINT = 0.5
_STORY_BEFORE = re.compile(
    r"(?:您|你|你们|您们|已经|都|才|干|做|住|租|借|欠|拖|工作|分居|上班|入职|过去|结婚)(?:了|过|满了)?(?:有|快|将近|大概|差不多)?$"
)
_STORY_AFTER = re.compile(r"^(?:前|以前|之前|多了|来|没有|没|的时候|的工龄|了)")
_NOT_SAID = re.compile(r"(?:不是|并不是|并非|而不是|不止|没有|误以为|以为)$")
_REPORTED = re.compile(r"有人说|有人讲|听说|网上说|误以为|以为")
_INSIDE = re.compile(r"之?以?内")
_CORRECTED = re.compile(r"(?:说错了|更正|纠正|应该是|准确地说|不对)")


@dataclass(frozen=True, slots=True)
class _Value:
    quantity: Quantity
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Binding:
    card: Card
    fact: Fact
    distance: int
    cue: tuple[int, int]


def check_facts(
    speech: Speech, cards: Sequence[Card], trusted: frozenset[str], least_confidence: float
) -> list[Finding]:
    """Return right and wrong facts; a wrong one that is unsure carries the verdict ``unsure``."""
    facts = [(card, fact) for card in cards for fact in card.facts]
    findings = _values(speech, facts, trusted, least_confidence)
    for card, fact in facts:
        if not fact.cues:
            findings += _wordings(speech, card, fact, trusted, least_confidence)
    return _once(findings)


def _once(findings: Sequence[Finding]) -> list[Finding]:
    """Keep one finding of each kind, place and value: two cards may hold the same fact."""
    kept: dict[tuple[object, ...], Finding] = {}
    for finding in findings:
        key = (finding.kind, finding.verdict, finding.at_second, finding.heard)
        if key not in kept or finding.confidence > kept[key].confidence:
            kept[key] = finding
    return list(kept.values())


def _values(
    speech: Speech,
    facts: Sequence[tuple[Card, Fact]],
    trusted: frozenset[str],
    least_confidence: float,
) -> list[Finding]:
    cues = [
        (card, fact, span)
        for card, fact in facts
        for cue in fact.cues
        for span in cue.find_all(speech.text, _CUE_REACH)
    ]
    findings: list[Finding] = []
    for value in _spoken_values(speech):
        bindings = sorted(
            (
                _Binding(card, fact, distance, span)
                for card, fact, span in cues
                if fact.quantity is not None
                and value.quantity.comparable(fact.quantity)
                and (distance := _distance(speech.text, value, span)) is not None
                and not _excused(speech.text, fact, value, span)
            ),
            key=lambda binding: (binding.distance, binding.cue[0] - binding.cue[1]),
        )
        if bindings:
            finding = _judge(speech, value, bindings, trusted, least_confidence)
            if finding:
                findings.append(finding)
    return findings


def _spoken_values(speech: Speech) -> list[_Value]:
    found = []
    for quantity in quantities(speech.raw):
        start = speech.wording.place(quantity.start)
        end = speech.wording.place(quantity.end)
        before, after = speech.text[max(0, start - 8) : start], speech.text[end : end + 4]
        if speech.is_asked(start, end) or _NOT_SAID.search(before):
            continue
        if _STORY_BEFORE.search(before) or _STORY_AFTER.match(after):
            continue
        found.append(_Value(quantity, start, end))
    return found


def _distance(text: str, value: _Value, cue: tuple[int, int]) -> int | None:
    begin, end = cue
    if begin <= value.start and value.end <= end:
        return 0
    if value.start >= end:
        gap, limit, between = value.start - end, _AFTER, text[end : value.start]
    else:
        gap, between = max(begin - value.end + 2, 0), text[value.end : begin]
        limit = _WITHIN if _INSIDE.match(text, value.end) else _BEFORE
    gap += _BOUNDARY_COST * between.count(END)
    return gap if gap <= limit else None


def _excused(text: str, fact: Fact, value: _Value, cue: tuple[int, int]) -> bool:
    low, high = min(cue[0], value.start), max(cue[1], value.end)
    around = text[max(0, low - 8) : high + 6]
    return any(word in around for word in fact.unless)


def _judge(
    speech: Speech,
    value: _Value,
    bindings: Sequence[_Binding],
    trusted: frozenset[str],
    least_confidence: float,
) -> Finding | None:
    nearest = bindings[0]
    for binding in bindings:
        near = binding.distance <= nearest.distance + _RIVAL
        if near and any(value.quantity.agrees(one) for one in binding.fact.accepted):
            return _finding(speech, value, binding, Verdict.RIGHT, 0.9)
    key = f"{nearest.card.id}/{nearest.fact.id}"
    if key not in trusted or _said_right_too(speech, value, nearest):
        return None
    if _is_another_point(speech, value, {binding.card.id: binding.card for binding in bindings}):
        return None
    heard = speech.evidence(min(value.start, nearest.cue[0]), max(value.end, nearest.cue[1]))
    confidence = 0.95 - 0.015 * nearest.distance
    confidence *= 1.0 if heard.confidence >= 0.8 else max(0.4, heard.confidence)
    if speech.recognised and _may_be_a_slip(value.quantity, nearest.fact):
        confidence = min(confidence, 0.5)
    verdict = Verdict.WRONG if confidence >= least_confidence else Verdict.UNSURE
    return _finding(speech, value, nearest, verdict, round(confidence, 2))


def _may_be_a_slip(heard: Quantity, fact: Fact) -> bool:
    """Whether a lost or blurred syllable makes a right value sound like this one."""
    return any(
        maybe_misheard(said, meant)
        for right in fact.accepted
        if right.dimension is heard.dimension
        for said, meant in (
            (heard.value, right.value),
            # Years are kept as months, but said as years.
            (heard.value / _MONTHS, right.value / _MONTHS),
        )
    )


def _said_right_too(speech: Speech, value: _Value, binding: _Binding) -> bool:
    """Whether the same sentence gives the right value as well, or corrects itself."""
    low, high = min(value.start, binding.cue[0]), max(value.end, binding.cue[1])
    begin = max(speech.text.rfind(END, 0, low) + 1, low - _NEAR_SAID)
    stop = speech.text.find(END, high)
    stop = min(stop if stop >= 0 else len(speech.text), high + _NEAR_AFTER)
    raw = speech.raw[slice(*speech.wording.span(begin, stop))]
    if _CORRECTED.search(raw) or _REPORTED.search(speech.text[max(0, low - 10) : low]):
        return True
    right = binding.fact.quantity
    return right is not None and any(one.agrees(right) for one in quantities(raw))


def _is_another_point(speech: Speech, value: _Value, cards: Mapping[str, Card]) -> bool:
    """Whether the sentence says, in other words, a point of the card that holds this very value."""
    begin = speech.text.rfind(END, 0, value.start) + 1
    stop = speech.text.find(END, value.end)
    sentence = speech.text[begin : stop if stop >= 0 else len(speech.text)]
    said = {sentence[i : i + 2] for i in range(len(sentence) - 1)}
    for card in cards.values():
        for point in card.points:
            if not any(value.quantity.agrees(one) for one in quantities(point.text)):
                continue
            told = comparable(point.text).text
            pairs = {told[i : i + 2] for i in range(len(told) - 1)}
            if pairs and len(pairs & said) / len(pairs) >= _SAME_POINT:
                return True
    return False


def _finding(
    speech: Speech, value: _Value, binding: _Binding, verdict: Verdict, confidence: float
) -> Finding:
    fact = binding.fact
    low, high = min(value.start, binding.cue[0]), max(value.end, binding.cue[1])
    heard = speech.evidence(low, high)
    right = verdict is Verdict.RIGHT
    said = value.quantity.text
    words = f"{fact.subject}：说的是{said}，正确。"
    if not right:
        words = f"{fact.subject}应为{fact.value}（{fact.article.words}），听到的是{said}。"
    if verdict is Verdict.UNSURE:
        words += "证据不足，请人工复核。"
    return Finding(
        item="basis",
        kind=FindingKind.FACT if right else FindingKind.WRONG_FACT,
        verdict=verdict,
        confidence=confidence,
        words=words,
        at_second=heard.at,
        until_second=heard.until,
        sentence=heard.sentence,
        card=binding.card.id,
        subject=f"{binding.card.id}/{fact.id}",
        article=fact.article.words,
        heard=value.quantity.text,
        expected=fact.value,
        critical=fact.critical and not right,
    )


def _wordings(
    speech: Speech, card: Card, fact: Fact, trusted: frozenset[str], least_confidence: float
) -> list[Finding]:
    findings = []
    for verdict, phrases in ((Verdict.RIGHT, fact.right), (Verdict.WRONG, fact.wrong)):
        for phrase in phrases:
            for start, end in phrase.find_all(speech.text, _CUE_REACH):
                if speech.is_asked(start, end) or is_negated(speech.text, start):
                    continue
                if verdict is Verdict.WRONG and not _plainly(
                    speech.text[start:end], phrase.written
                ):
                    continue
                findings.append(_worded(speech, card, fact, verdict, (start, end)))
    wrong = [finding for finding in findings if finding.verdict is Verdict.WRONG]
    if not wrong:
        return findings[:1]
    if f"{card.id}/{fact.id}" not in trusted:
        return []
    best = max(wrong, key=lambda finding: finding.confidence)
    sure = best.confidence >= least_confidence and len(findings) == len(wrong)
    return [best if sure else _doubted(best)]


def _plainly(said: str, written: str) -> bool:
    """Whether nothing between the terms turns the phrase round."""
    return not any(word in said and word not in written for word in ("不", "没", "并非", "不是"))


def _doubted(finding: Finding) -> Finding:
    return replace(finding, verdict=Verdict.UNSURE, words=finding.words + "证据不足，请人工复核。")


def _worded(
    speech: Speech, card: Card, fact: Fact, verdict: Verdict, span: tuple[int, int]
) -> Finding:
    heard = speech.evidence(*span)
    right = verdict is Verdict.RIGHT
    raw = speech.raw[slice(*speech.wording.span(*span))]
    words = f"{fact.subject}：说法正确。"
    if not right:
        words = f"{fact.subject}：听到“{raw}”，与{fact.article.words}“{fact.quote}”不符。"
    return Finding(
        item="basis",
        kind=FindingKind.FACT if right else FindingKind.WRONG_FACT,
        verdict=verdict,
        confidence=0.9 * (1.0 if heard.confidence >= 0.8 else heard.confidence),
        words=words,
        at_second=heard.at,
        until_second=heard.until,
        sentence=heard.sentence,
        card=card.id,
        subject=f"{card.id}/{fact.id}",
        article=fact.article.words,
        heard=raw,
        expected=fact.quote,
        critical=fact.critical and not right,
    )
