"""What helps the lawyer now: a function of what was said, the cards, the statutes and the form.

The matching is the scorer's own (:mod:`transcripts.scoring`): a point that ticks itself here is
the point that the score will count, and a warning here is the fault that it would find.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from knowledge_base.cards import Card, Point
from knowledge_base.cards.check import trusted_facts
from knowledge_base.library import Article
from knowledge_base.library.numerals import ArticleNumber
from knowledge_base.topics.classifier import Guess
from transcripts.scoring.citing import check_citations, cited_keys
from transcripts.scoring.facts import check_facts
from transcripts.scoring.findings import Finding, FindingKind, Verdict
from transcripts.scoring.listening import (
    Conversation,
    check_duties,
    check_points,
    check_prohibitions,
    check_risks,
)
from transcripts.scoring.matter import Matter, recognise
from transcripts.scoring.scorecard import Scorecard
from transcripts.scoring.scorer import Knowledge
from transcripts.scoring.speech import AGENT, CALLER, Speech, Turn

MATTER_SECONDS = 300.0
"""What the talk is about is asked of so much of it: a caller may have a second question."""
SAID_SECONDS = 90.0
"""What was just said: points, duties and contradictions are looked for in so much of the talk."""
SURE = 0.5
"""Confidence from which a card is shown; the scorer calls a matter certain from the same."""
LEAST_SAID = 8
"""Characters of the caller's words before anything is offered."""
CLOSE_SECOND = 0.8
MOST_CARDS, MOST_ARTICLES, MOST_FOUND = 2, 4, 2
_ASKED = 120
"""The caller's last characters that the statutes are searched for."""


class HintKind(StrEnum):
    """What a hint is."""

    CARD = "card"
    STATUTE = "statute"
    WARNING = "warning"
    DUTY = "duty"
    RISK = "risk"


@dataclass(frozen=True)
class PointTold:
    """A point of a card; ``at`` is the second at which the lawyer said it.

    ``wrong``: it was said, but against the card, and not put right yet. It is not ticked.
    """

    id: str
    text: str
    required: bool
    article: str
    at: float | None
    wrong: bool = False


@dataclass(frozen=True)
class Hint:
    """One thing to show beside the talk.

    Attributes:
        key: the same for the same hint, whenever it comes up again in this talk.
        title: one line; ``words`` one or two sentences.
        article: the article that it rests on, as a lawyer cites it.
        points: of a card, the checklist.
        done: the lawyer did what it asks: said a point, told the duty, put it right.
    """

    key: str
    kind: HintKind
    title: str
    words: str = ""
    article: str = ""
    points: tuple[PointTold, ...] = ()
    at: float | None = None
    heard: str = ""
    expected: str = ""
    done: bool = False


@dataclass(frozen=True)
class Help:
    """All that helps now."""

    topics: tuple[Guess, ...] = ()
    hints: tuple[Hint, ...] = ()


@dataclass(frozen=True)
class Desk:
    """What help is made from.

    ``find`` looks articles up for a lay question; ``topics`` tells what a text is about. Both are
    left out where the installation has no statutes.
    """

    knowledge: Knowledge
    scorecard: Scorecard
    find: Callable[[str], Sequence[Article]] = field(default=lambda _text: ())
    topics: Callable[[str], Sequence[Guess]] = field(default=lambda _text: ())


def help_with(
    desk: Desk,
    turns: Sequence[Turn],
    running: Sequence[Turn] = (),
    *,
    on: date | None = None,
    topic: str | None = None,
) -> Help:
    """Return what helps.

    Args:
        desk: cards, statutes, form.
        turns: what was said so far, both legs.
        running: what is being said now. It may call a card up and tick a point; nobody is warned
            of half a sentence.
        on: the day of the call; its law counts.
        topic: the topic chosen in the menu, a hint.
    """
    now = max((turn.end for turn in (*turns, *running)), default=0.0)
    lately = _talk([*turns, *running], now - MATTER_SECONDS)
    if len(lately.caller.text) < LEAST_SAID:
        return Help()
    cited = cited_keys(lately.agent, desk.knowledge.names)
    matters = _matters(
        recognise(desk.knowledge.cards, lately.caller, lately.agent, topic, cited), lately
    )
    said = _talk([*turns, *running], now - SAID_SECONDS)
    finished = _talk(turns, now - SAID_SECONDS)
    asked = lately.caller.raw[-_ASKED:]
    warnings = _warnings(desk, finished, matters, on)
    wrong = frozenset(hint.article for hint in warnings if hint.article and not hint.done)
    hints = [
        *warnings,
        *_risks(finished, desk.scorecard),
        *_duties(said, matters, desk.scorecard),
        *(_card(said, matter.card, desk.scorecard, wrong) for matter in matters),
        *_statutes(desk, asked, matters, cited),
    ]
    return Help(tuple(desk.topics(asked)), tuple(hints))


def _talk(turns: Sequence[Turn], since: float) -> Conversation:
    lately = [turn for turn in turns if turn.end >= since]
    return Conversation(Speech.of(lately, CALLER), Speech.of(lately, AGENT))


def _matters(ranked: Sequence[Matter], talk: Conversation) -> list[Matter]:
    """Return the matters whose cards are shown: a certain one, and one that is nearly as likely."""
    if not ranked or ranked[0].confidence < SURE:
        return []
    best = ranked[0]
    # A general card (时效、上诉…) fits every talk a little; it is called up by its own words only.
    close = [
        one
        for one in ranked[1:MOST_CARDS]
        if one.score >= CLOSE_SECOND * best.score
        and any(word in talk.caller.text for word in one.card.keywords)
    ]
    return [best, *close]


def _card(
    talk: Conversation, card: Card, scorecard: Scorecard, wrong: frozenset[str] = frozenset()
) -> Hint:
    told = {
        one.subject: one.at_second
        for one in check_points(talk, card, scorecard)
        if one.kind is FindingKind.POINT
    }
    points = tuple(_point(point, told.get(f"{card.id}/{point.id}"), wrong) for point in card.points)
    return Hint(
        f"card:{card.id}",
        HintKind.CARD,
        card.title,
        article="、".join(dict.fromkeys(each.article.words for each in card.articles[:3])),
        points=points,
        done=any(point.at is not None for point in points),
    )


def _point(point: Point, at: float | None, wrong: frozenset[str]) -> PointTold:
    against = at is not None and any(article.words in wrong for article in point.articles)
    return PointTold(
        point.id,
        point.text,
        point.required,
        point.articles[0].words if point.articles else "",
        None if against else at,
        against,
    )


def _duties(talk: Conversation, matters: Sequence[Matter], scorecard: Scorecard) -> list[Hint]:
    card = matters[0].card if matters else None
    found = check_duties(talk, card, bool(matters), scorecard)
    return [
        Hint(
            f"duty:{one.subject}",
            HintKind.DUTY,
            _DUTY_TITLES[one.subject],
            _DUTY_WORDS[one.subject],
            done=one.kind is FindingKind.DUTY,
            at=one.at_second,
        )
        for one in found
    ]


_DUTY_TITLES = {
    "legal_aid_notice": "告知法律援助",
    "police_110": "提示报警",
    "confidentiality": "说明保密",
}
_DUTY_WORDS = {
    "legal_aid_notice": "请告诉来电人可以申请法律援助（法律援助法第二十三条）。",
    "police_110": "有人身危险的，请来电人立即拨打 110。",
    "confidentiality": "请说明通话保密，并问现在说话是否方便、安全。",
}


def _risks(talk: Conversation, scorecard: Scorecard) -> list[Hint]:
    return [
        Hint(f"risk:{one.subject}", HintKind.RISK, one.words, at=one.at_second, heard=one.heard)
        for one in check_risks(talk, scorecard)
    ]


def _warnings(
    desk: Desk, talk: Conversation, matters: Sequence[Matter], on: date | None
) -> list[Hint]:
    """Warn of what contradicts card or statute, and say which of the earlier were put right."""
    cards = _in_play(desk.knowledge.cards, matters)
    trusted = trusted_facts(cards, desk.knowledge.statutes, on)
    facts = check_facts(talk.agent, cards, trusted, desk.scorecard.least_confidence)
    told = [
        *facts,
        *check_citations(talk.agent, cards, desk.knowledge.names, desk.knowledge.statutes, on),
        *check_prohibitions(talk, desk.scorecard),
    ]
    right: dict[str, float] = {}
    for one in facts:
        if one.kind is FindingKind.FACT and one.at_second is not None:
            right[one.subject] = max(right.get(one.subject, 0.0), one.at_second)
    return [_warning(one, right) for one in told if one.verdict is Verdict.WRONG]


def _in_play(cards: Sequence[Card], matters: Sequence[Matter]) -> list[Card]:
    wanted = {matter.card.id for matter in matters}
    wanted |= {other for matter in matters for other in matter.card.see_also}
    return [card for card in cards if card.general or card.id in wanted]


def _warning(one: Finding, right: dict[str, float]) -> Hint:
    at = one.at_second or 0.0
    return Hint(
        f"warning:{one.kind}:{one.subject or one.article}:{one.heard}",
        HintKind.WARNING,
        _WARNING_TITLES.get(one.kind, "与要点卡不符"),
        one.words,
        article=one.article,
        at=one.at_second,
        heard=one.heard,
        expected=one.expected,
        done=right.get(one.subject, -1.0) > at,
    )


_WARNING_TITLES = {
    FindingKind.WRONG_FACT: "与要点卡不符",
    FindingKind.WRONG_ARTICLE: "法条可能引错",
    FindingKind.NO_SUCH_ARTICLE: "没有这一条",
    FindingKind.NOT_IN_FORCE: "这部法律已失效",
    FindingKind.PROMISED_OUTCOME: "不要承诺结果",
    FindingKind.PRIVATE_CONTACT: "不要留私人联系方式",
    FindingKind.PRIVATE_FEE: "不要私下收案收费",
}


def _statutes(
    desk: Desk,
    asked: str,
    matters: Sequence[Matter],
    cited: frozenset[tuple[str | None, ArticleNumber]],
) -> list[Hint]:
    """Return the cards' key articles, then those that the search finds for what was asked."""
    hints: dict[str, Hint] = {}
    statutes = desk.knowledge.statutes
    for matter in matters[:1]:
        for each in matter.card.articles[:MOST_ARTICLES]:
            article = statutes.article(each.article.law, each.article.article) if statutes else None
            hint = _statute(each.article.law, each.article.article, article.text if article else "")
            hints[hint.key] = hint
    for found in desk.find(asked)[: MOST_FOUND + MOST_ARTICLES]:
        if len(hints) >= MOST_ARTICLES + MOST_FOUND:
            break
        hint = _statute(found.law.name, found.number, found.text)
        hints.setdefault(hint.key, hint)
    named = {f"statute:{law}/{number}" for law, number in cited}
    return [_cited(hint) if hint.key in named else hint for hint in hints.values()]


def _cited(hint: Hint) -> Hint:
    return Hint(hint.key, hint.kind, hint.title, hint.words, hint.article, done=True)


def _statute(law: str, number: ArticleNumber, text: str) -> Hint:
    title = f"《{law}》{number.label}"
    return Hint(f"statute:{law}/{number}", HintKind.STATUTE, title, text, article=title)
