"""Looks whether each fact of the cards stands in the article that it names (hotline kb check).

A fact that cannot be confirmed is listed and never drives an automatic finding. Where no library is
imported, the confirmations shipped with the cards count: they hold for exactly the claim that was
confirmed, so an edited fact falls back to unconfirmed.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Protocol

import yaml
from pydantic import BaseModel, ConfigDict

from hotline.configfiles import load
from knowledge_base.cards.files import SHIPPED
from knowledge_base.cards.model import Card, Fact
from knowledge_base.claims.quantities import quantities
from knowledge_base.library.model import Article, Law
from knowledge_base.library.numerals import ArticleNumber

CONFIRMATIONS = SHIPPED / "_confirmed.yaml"
_SURE = 3


class Statutes(Protocol):
    """What the cards ask of a law library."""

    def find_law(self, name: str) -> Law | None:
        """Find a law by any of its names."""
        ...

    def article(
        self, law: Law | str, number: ArticleNumber | int | str, on: date | None = None
    ) -> Article | None:
        """Return the article as it read on that day."""
        ...


class Doubt(enum.StrEnum):
    """Why a fact is not confirmed."""

    NO_LAW = "法律未导入"
    NO_ARTICLE = "没有这一条"
    NOT_IN_TEXT = "条文中没有这个数值"
    NOT_QUOTED = "条文中没有引用的原文"
    LOW_CONFIDENCE = "可信度低于三星"


@dataclass(frozen=True, slots=True)
class Checked:
    """One fact, or one article, and what was found about it."""

    card: str
    what: str
    provision: str
    doubt: Doubt | None

    @property
    def key(self) -> str:
        """``card/fact``."""
        return f"{self.card}/{self.what}"


@dataclass(frozen=True, slots=True)
class Report:
    """What a check found; an unknown article is an error, an unconfirmed fact a warning."""

    facts: tuple[Checked, ...]
    articles: tuple[Checked, ...]
    overdue: tuple[str, ...]

    @property
    def confirmed(self) -> list[Checked]:
        """Facts that stand in their article."""
        return [fact for fact in self.facts if fact.doubt is None]

    @property
    def unconfirmed(self) -> list[Checked]:
        """Facts that never drive a finding, with the reason."""
        return [fact for fact in self.facts if fact.doubt is not None]

    @property
    def unknown_articles(self) -> list[Checked]:
        """Articles that cards cite and the library does not have."""
        return [article for article in self.articles if article.doubt is not None]


def check_cards(
    cards: Iterable[Card], statutes: Statutes, on: date | None = None, today: date | None = None
) -> Report:
    """Check every fact and every article of the cards against the library of that day."""
    facts: list[Checked] = []
    articles: list[Checked] = []
    overdue: list[str] = []
    for card in cards:
        facts += [
            Checked(card.id, fact.id, fact.article.words, doubt_of(fact, statutes, on))
            for fact in card.facts
        ]
        for law, number in sorted(card.provisions):
            found = statutes.article(law, number, on)
            doubt = None
            if found is None:
                doubt = Doubt.NO_LAW if statutes.find_law(law) is None else Doubt.NO_ARTICLE
            articles.append(Checked(card.id, number.label, f"《{law}》{number.label}", doubt))
        if today is not None and card.review_due <= today:
            overdue.append(card.id)
    return Report(tuple(facts), tuple(articles), tuple(overdue))


def doubt_of(fact: Fact, statutes: Statutes, on: date | None = None) -> Doubt | None:
    """Return why the fact is not confirmed, or None where it is."""
    article = statutes.article(fact.article.law, fact.article.article, on)
    if article is None:
        return Doubt.NO_LAW if statutes.find_law(fact.article.law) is None else Doubt.NO_ARTICLE
    if fact.confidence < _SURE:
        return Doubt.LOW_CONFIDENCE
    if fact.quote:
        return None if fact.quote in _plain(article.text) else Doubt.NOT_QUOTED
    value = fact.quantity
    stands = value is None or any(value.agrees(other) for other in quantities(article.text))
    return None if stands else Doubt.NOT_IN_TEXT


def _plain(text: str) -> str:
    return "".join(text.split())


class _Confirmations(BaseModel):
    model_config = ConfigDict(extra="forbid")

    taken: date | None
    facts: dict[str, str]


def write_confirmations(
    cards: Iterable[Card], report: Report, taken: date | None, file: Path = CONFIRMATIONS
) -> int:
    """Keep what was confirmed, for houses that have not imported the statutes; return how many."""
    facts = {f"{card.id}/{fact.id}": fact for card in cards for fact in card.facts}
    kept = {one.key: facts[one.key].fingerprint for one in report.confirmed}
    text = (
        "# Written by: hotline kb check --write. card/fact: fingerprint of the confirmed claim.\n"
    )
    text += yaml.safe_dump({"taken": taken, "facts": kept}, allow_unicode=True)
    file.write_text(text, encoding="utf-8")
    return len(kept)


def trusted_facts(
    cards: Sequence[Card],
    statutes: Statutes | None = None,
    on: date | None = None,
    confirmations: Path = CONFIRMATIONS,
) -> frozenset[str]:
    """Return the ``card/fact`` keys that may drive an automatic finding.

    The imported library decides for the laws that it has; for the others the shipped confirmations.
    """
    kept = load(confirmations, _Confirmations).facts if confirmations.exists() else {}
    trusted: set[str] = set()
    for card in cards:
        for fact in card.facts:
            key = f"{card.id}/{fact.id}"
            known = statutes is not None and statutes.find_law(fact.article.law) is not None
            if known and statutes is not None:
                confirmed = doubt_of(fact, statutes, on) is None
            else:
                confirmed = kept.get(key) == fact.fingerprint and fact.confidence >= _SURE
            if confirmed:
                trusted.add(key)
    return frozenset(trusted)
