"""Judges every article that the lawyer cited: the right law, the right number, in force that day.

"It exists" proves nothing. What was claimed beside the citation is compared with the points and
facts of the card, and with the words of the cited and of the expected article.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from knowledge_base.cards import Card
from knowledge_base.cards.check import Statutes
from knowledge_base.cards.model import Provision
from knowledge_base.citations import Citation, LawNames, parse
from knowledge_base.claims.wording import END, Phrase
from knowledge_base.library.numerals import ArticleNumber
from transcripts.scoring.findings import Finding, FindingKind, Verdict
from transcripts.scoring.mishearing import article_maybe_misheard, law_maybe_misheard
from transcripts.scoring.speech import Speech

REPEALED_BY_CIVIL_CODE = frozenset(
    (
        "婚姻法",
        "继承法",
        "民法通则",
        "收养法",
        "担保法",
        "合同法",
        "物权法",
        "侵权责任法",
        "民法总则",
    )
)
"""民法典 1260: these nine count no more since 2021-01-01."""
CIVIL_CODE_IN_FORCE = date(2021, 1, 1)

_BEFORE, _AFTER = 24, 60
_NEAR = 26
"""A phrase further from the citation than this is about something else."""
_LEAST_OVERLAP = 0.12
_HARDLY_A_CLAIM = 8
_CLEARLY_HEARD = 0.8


@dataclass(frozen=True, slots=True)
class _Claim:
    """What was said beside a citation, as a span of the comparable text."""

    start: int
    end: int
    text: str
    before_it: bool = False


@dataclass(frozen=True, slots=True)
class _Court:
    """What citations are judged by."""

    speech: Speech
    cards: Sequence[Card]
    statutes: Statutes | None
    on: date | None


def check_citations(
    speech: Speech,
    cards: Sequence[Card],
    names: LawNames,
    statutes: Statutes | None,
    on: date | None,
) -> list[Finding]:
    """Return one finding for each cited article."""
    cited = parse(speech.raw, names, speech=True)
    court = _Court(speech, cards, statutes, on)
    return [
        _judge(court, citation, _claim(speech, cited, position))
        for position, citation in enumerate(cited)
    ]


def cited_keys(speech: Speech, names: LawNames) -> frozenset[tuple[str | None, ArticleNumber]]:
    """Return the laws and articles that were cited, for recognising the matter."""
    return frozenset(citation.key for citation in parse(speech.raw, names, speech=True))


def _claim(speech: Speech, cited: Sequence[Citation], position: int) -> _Claim:
    """Return the words a citation stands for: from the one before it to the one after it."""
    citation = cited[position]
    place = speech.wording.place
    here, there = place(citation.start), place(citation.end)
    floor = max((place(one.end) for one in cited if one.end <= citation.start), default=0)
    begin = max(floor, speech.text.rfind(END, 0, here) + 1)
    later = [place(one.start) for one in cited if one.start >= citation.end]
    stop = speech.text.find(END, there)
    stop = stop if stop >= 0 else len(speech.text)
    before, after = here - begin, stop - there
    if after < _HARDLY_A_CLAIM and before >= _HARDLY_A_CLAIM:
        # 买卖不破租赁，依据某法某条。: the claim is all before it.
        start = max(begin, here - _AFTER)
        return _Claim(start, there, speech.text[start:here] + END, before_it=True)
    if after < _HARDLY_A_CLAIM:
        # 依据某法某条。: the claim is in the next sentence.
        following = speech.text.find(END, stop + 1)
        stop = following if following >= 0 else len(speech.text)
    start = max(begin, here - _BEFORE)
    end = min([stop, there + _AFTER, *later])
    return _Claim(start, end, speech.text[start:here] + END + speech.text[there:end])


def _judge(court: _Court, citation: Citation, claim: _Claim) -> Finding:
    return (
        _name_problem(court, citation)
        or _library_problem(court, citation)
        or _other_article(court, citation, claim)
        or _confirmed(court, citation, claim)
    )


def _sure(citation: Citation) -> float:
    return 0.8 if citation.by_sound else 0.95


def _name_problem(court: _Court, citation: Citation) -> Finding | None:
    if citation.law is None:
        words = f"只听到“{citation.words}”，没有听清是哪部法律。证据不足，请人工复核。"
        verdict = FindingKind.CITATION_UNCERTAIN, Verdict.UNSURE
        return _found(court.speech, citation, verdict, 0.4, words)
    on = court.on
    if citation.law in REPEALED_BY_CIVIL_CODE and on is not None and on >= CIVIL_CODE_IN_FORCE:
        words = f"《{citation.law}》已于2021年1月1日废止，应引用《民法典》。"
        return _fault(court, citation, FindingKind.NOT_IN_FORCE, _sure(citation), words)
    return None


def _library_problem(court: _Court, citation: Citation) -> Finding | None:
    law = court.statutes.find_law(citation.law) if court.statutes and citation.law else None
    if court.statutes is None or law is None or not law.versions:
        return None
    sure = _sure(citation) - 0.1
    if court.on is not None and law.version_on(court.on) is None:
        words = f"《{law.name}》在通话当日不是现行有效的法律，请核对。"
        return _fault(court, citation, FindingKind.NOT_IN_FORCE, sure, words)
    if court.statutes.article(law, citation.number, court.on) is not None:
        return None
    words = f"《{law.name}》没有{citation.number.label}。"
    # A numeral misheard gives the same; only one heard clearly is called wrong.
    read_out = re.search(
        r"[一二三四五六七八九]{2,}条", court.speech.raw[citation.start : citation.end]
    )
    slip = any(
        law == citation.law and article_maybe_misheard(citation.number.number, meant.number)
        for card in court.cards
        for law, meant in card.provisions
    )
    doubtful = read_out is not None or citation.carried or slip
    return _fault(court, citation, FindingKind.NO_SUCH_ARTICLE, sure, words, doubtful=doubtful)


def _other_article(court: _Court, citation: Citation, claim: _Claim) -> Finding | None:
    matched = _rests_on(claim, citation, court.cards)
    expected = _expected(matched)
    if not expected or _text_agrees(court, claim, citation, expected):
        return None
    right = "、".join(dict.fromkeys(one.words for one in expected))
    words = f"引用的是{citation.words}，这里说的内容应依据{right}。"
    kind, sure = FindingKind.WRONG_ARTICLE, _sure(citation) - 0.1
    doubtful = any(
        article_maybe_misheard(citation.number.number, one.number)
        for _, articles in matched
        for one in articles
    )
    return _fault(court, citation, kind, sure, words, expected=right, doubtful=doubtful)


def _fault(
    court: _Court,
    citation: Citation,
    kind: FindingKind,
    sure: float,
    words: str,
    *,
    expected: str = "",
    doubtful: bool = False,
) -> Finding:
    """Hold a citation as wrong, or leave it to a person where recognised speech may have slipped.

    Recognisers are sure of what they misheard: the words' confidence alone tells too little.
    """
    speech = court.speech
    heard = speech.evidence_raw(citation.start, citation.end).confidence
    if speech.recognised and (
        doubtful
        or citation.by_sound
        or heard < _CLEARLY_HEARD
        or _may_be_another_law(citation, court.cards)
    ):
        words += "听不清，请核对录音。"
        return _found(speech, citation, (kind, Verdict.UNSURE), 0.5, words, expected=expected)
    return _found(speech, citation, (kind, Verdict.WRONG), sure, words, expected=expected)


def _may_be_another_law(citation: Citation, cards: Sequence[Card]) -> bool:
    """Whether a law of the cards with this article loses syllables and sounds like the cited."""
    return any(
        meant == citation.number and law_maybe_misheard(citation.law or "", law)
        for card in cards
        for law, meant in card.provisions
    )


def _confirmed(court: _Court, citation: Citation, claim: _Claim) -> Finding:
    right = FindingKind.CITATION, Verdict.RIGHT
    if any(citation.key in card.provisions for card in court.cards):
        words = f"引用{citation.words}正确。"
        return _found(court.speech, citation, right, _sure(citation) - 0.05, words)
    if _supports(court, claim, citation):
        words = f"引用{citation.words}，条文内容与所说相符。"
        return _found(court.speech, citation, right, 0.75, words)
    words = f"引用{citation.words}，要点卡未收录，条文与所说是否相符请人工复核。"
    unsure = FindingKind.CITATION_UNCERTAIN, Verdict.UNSURE
    return _found(court.speech, citation, unsure, 0.4, words)


def _rests_on(
    claim: _Claim, citation: Citation, cards: Sequence[Card]
) -> list[tuple[int, tuple[Provision, ...]]]:
    """Return the articles of this law that the words of the claim rest on, and how far they stand.

    Nothing where the cited article is one of those that bear the claim.
    """
    matched: list[tuple[int, tuple[Provision, ...]]] = []
    for card in cards:
        for say, articles in _claims_of(card):
            spot = _nearest(claim, say) if articles else None
            if spot is None:
                continue
            if any(one.key == citation.key for one in articles):
                return []
            same_law = tuple(one for one in articles if one.law == citation.law)
            if same_law:
                matched.append((spot, same_law))
    return matched


def _expected(matched: Sequence[tuple[int, tuple[Provision, ...]]]) -> tuple[Provision, ...]:
    """Return the articles that the words nearest to the citation rest on."""
    near = [(spot, articles) for spot, articles in matched if spot <= _NEAR]
    nearest = min((spot for spot, _ in near), default=0)
    return tuple(one for spot, articles in near if spot <= nearest + 4 for one in articles)


def _claims_of(card: Card) -> list[tuple[tuple[Phrase, ...], tuple[Provision, ...]]]:
    claims = [(point.say, point.articles) for point in card.points if point.articles]
    claims += [(fact.cues + fact.right, (fact.article,)) for fact in card.facts]
    return claims


def _nearest(claim: _Claim, phrases: Sequence[Phrase]) -> int | None:
    """Return how far the nearest of the phrases stands from the citation, None where none does."""
    text = claim.text
    middle = text.find(END)
    best: int | None = None
    for phrase in phrases:
        for start, end in phrase.find_all(text, reach=30):
            gap = 0 if start <= middle < end else min(abs(start - middle), abs(middle - end))
            if claim.before_it:
                gap = 0  # the sentence is one claim, wherever in it the words stand
            if best is None or gap < best:
                best = gap
    return best


def _text_agrees(
    court: _Court, claim: _Claim, citation: Citation, expected: Sequence[Provision]
) -> bool:
    """Whether the cited article's own words bear the claim better than the expected ones do."""
    if court.statutes is None or citation.law is None:
        return False
    cited = court.statutes.article(citation.law, citation.number, court.on)
    if cited is None:
        return False
    others = [court.statutes.article(one.law, one.article, court.on) for one in expected]
    best = max((_overlap(claim.text, one.text) for one in others if one), default=0.0)
    return _overlap(claim.text, cited.text) > best


def _supports(court: _Court, claim: _Claim, citation: Citation) -> bool:
    if court.statutes is None or citation.law is None:
        return False
    article = court.statutes.article(citation.law, citation.number, court.on)
    return article is not None and _overlap(claim.text, article.text) >= _LEAST_OVERLAP


def _overlap(said: str, text: str) -> float:
    """Return the share of the claim's character pairs that stand in the article."""
    pairs = {said[i : i + 2] for i in range(len(said) - 1)}
    pairs = {pair for pair in pairs if not re.search(r"[|{}\d]|规定|根据|第|条", pair)}
    plain = re.sub(r"\s", "", text)
    return sum(pair in plain for pair in pairs) / len(pairs) if pairs else 0.0


def _found(
    speech: Speech,
    citation: Citation,
    judged: tuple[FindingKind, Verdict],
    confidence: float,
    words: str,
    *,
    expected: str = "",
) -> Finding:
    kind, verdict = judged
    heard = speech.evidence_raw(citation.start, citation.end)
    return Finding(
        item="basis",
        kind=kind,
        verdict=verdict,
        confidence=round(confidence, 2),
        words=words,
        at_second=heard.at,
        until_second=heard.until,
        sentence=heard.sentence,
        article=citation.words,
        heard=citation.words,
        expected=expected,
    )
