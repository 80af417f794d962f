"""Frequent questions without a card (缺口): from tickets, and from what was searched for.

A question that no card's own questions, title or keywords are like is a gap. Questions that are
like each other are one gap, and the most frequent stands first.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.casework.tables import Case
from knowledge_base.cards.model import Card
from knowledge_base.editing.tables import KnowledgeQuestion
from knowledge_base.search.space import TextSpace

KEPT = timedelta(days=90)
COVERED, COVERED_IN_TOPIC = 0.3, 0.2
"""Likeness to a card's question from which the card answers it; the lower one where the question is
of the card's topic besides."""
ALIKE = 0.35
"""Likeness from which two questions ask the same."""
MOST_READ = 2000
LEAST, LONGEST = 4, 120
_FIGURES = re.compile(r"\d{5,}")
_CITATION = re.compile(r"第.{1,8}条")


@dataclass(frozen=True)
class Asked:
    """A question and where it came from: ``ticket`` or ``search``."""

    text: str
    source: str
    at: datetime


@dataclass
class Gap:
    """Questions that ask the same and that no card answers."""

    questions: list[Asked] = field(default_factory=list)
    nearest: str = ""
    """The id of the card that is nearest, and not near enough."""
    likeness: float = 0.0

    @property
    def count(self) -> int:
        """How often it was asked."""
        return len(self.questions)

    @property
    def last(self) -> datetime:
        """When it was asked last."""
        return max(asked.at for asked in self.questions)

    @property
    def examples(self) -> list[str]:
        """Different wordings, the newest first."""
        newest = sorted(self.questions, key=lambda asked: asked.at, reverse=True)
        return list(dict.fromkeys(asked.text for asked in newest))[:5]

    def of(self, source: str) -> int:
        """How often it came from one source."""
        return sum(asked.source == source for asked in self.questions)


def find_gaps(
    asked: Sequence[Asked], cards: Sequence[Card], topic_of: Callable[[str], str] = lambda _text: ""
) -> list[Gap]:
    """Return the gaps, the most frequent first; ``topic_of`` tells the topic of a question."""
    forms = [
        (card, text)
        for card in cards
        for text in (*card.questions, card.title, " ".join(card.keywords))
    ]
    topics = np.array([card.topic for card, _ in forms])
    space = TextSpace([text for _, text in forms])
    gaps: list[Gap] = []
    heads = TextSpace()
    for one in sorted(asked, key=lambda each: each.at, reverse=True)[:MOST_READ]:
        likeness = space.similarities(one.text)
        best = int(likeness.argmax()) if forms else -1
        near = float(likeness[best]) if best >= 0 else 0.0
        of_topic = likeness[topics == topic_of(one.text)] if best >= 0 else likeness
        if near >= COVERED or float(of_topic.max(initial=0.0)) >= COVERED_IN_TOPIC:
            continue
        alike = heads.similarities(one.text)
        place = int(alike.argmax()) if len(alike) else -1
        if place >= 0 and alike[place] >= ALIKE:
            gaps[place].questions.append(one)
            continue
        heads.add(one.text)
        gaps.append(Gap([one], forms[best][0].id if best >= 0 else "", near))
    return sorted(gaps, key=lambda gap: (-gap.count, -gap.last.timestamp()))


async def note(session: AsyncSession, question: str, now: datetime) -> None:
    """Keep a question that was searched for; a citation, or hardly a word, is none."""
    text = _plain(question)
    if len(text) < LEAST or _CITATION.search(text):
        return
    session.add(KnowledgeQuestion(question=text, at=now))
    await session.execute(delete(KnowledgeQuestion).where(KnowledgeQuestion.at < now - KEPT))


async def asked_lately(session: AsyncSession, now: datetime) -> list[Asked]:
    """Return what tickets and searches asked of late; confidential tickets are left out."""
    searched = await session.execute(
        select(KnowledgeQuestion.question, KnowledgeQuestion.at)
        .where(KnowledgeQuestion.at >= now - KEPT)
        .order_by(KnowledgeQuestion.at.desc())
        .limit(MOST_READ)
    )
    tickets = await session.execute(
        select(Case.title, Case.opened_at)
        .where(
            Case.service == "ticket",
            Case.title.is_not(None),
            ~Case.confidential,
            Case.opened_at >= now - KEPT,
        )
        .order_by(Case.opened_at.desc())
        .limit(MOST_READ)
    )
    return [
        *_asked(((question, at) for question, at in searched), "search"),
        *_asked(((title or "", at) for title, at in tickets), "ticket"),
    ]


def _asked(rows: Iterable[tuple[str, datetime]], source: str) -> list[Asked]:
    found = ((_plain(text), at) for text, at in rows)
    return [Asked(text, source, at) for text, at in found if len(text) >= LEAST]


def _plain(text: str) -> str:
    # Numbers of telephones, identity and bank cards have no place in a list of questions.
    return _FIGURES.sub("…", text.strip())[:LONGEST]
