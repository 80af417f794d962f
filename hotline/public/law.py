"""Law in plain words (法律政策查询): answer cards, and articles where statutes are imported."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from hotline.errors import NotFoundError
from hotline.settings import Settings
from hotline.store import Database
from knowledge_base.cards import Card
from knowledge_base.editing.installed import installed_cards
from knowledge_base.library import Article
from knowledge_base.library.installed import KnowledgeFiles
from knowledge_base.search.documents import card_documents
from knowledge_base.search.installed import InstalledSearch
from knowledge_base.search.space import TextSpace

LONGEST_QUESTION = 200
CARDS, ARTICLES = 4, 6
LEAST_LIKE = 0.06
"""A card less like the question than this isn't an answer."""


@dataclass(frozen=True)
class Found:
    """What answers a question."""

    cards: Sequence[Card] = ()
    articles: Sequence[Article] = ()


@dataclass
class PublicLaw:
    """Looks law up for the public.

    Cards are searched by themselves; the search of statutes is opened at the first question of an
    installation that has imported some.
    """

    database: Database
    settings: Settings
    _opening: asyncio.Lock = field(default_factory=asyncio.Lock)
    _search: InstalledSearch | None = None
    _space: tuple[tuple[Card, ...], TextSpace] | None = None

    def cards(self) -> tuple[Card, ...]:
        """Return every answer card."""
        return installed_cards(KnowledgeFiles.of(self.settings))

    def card(self, card_id: str) -> Card:
        """Return one card.

        Raises:
            NotFoundError: there is none.
        """
        found = next((card for card in self.cards() if card.id == card_id), None)
        if found is None:
            raise NotFoundError("没有这个问题，请重新查询")
        return found

    async def ask(self, question: str) -> Found:
        """Return what answers a question in lay words."""
        text = question.strip()[:LONGEST_QUESTION]
        if not text:
            return Found()
        return Found(self._like(text), await self._articles(text))

    def _like(self, text: str) -> list[Card]:
        cards = self.cards()
        if self._space is None or self._space[0] is not cards:
            documents = card_documents(cards)
            self._space = (cards, TextSpace([document.text for document in documents]))
        likeness = self._space[1].similarities(text)
        order = np.argsort(-likeness, kind="stable")[:CARDS]
        return [cards[int(place)] for place in order if likeness[place] >= LEAST_LIKE]

    async def _articles(self, text: str) -> list[Article]:
        if not KnowledgeFiles.of(self.settings).library.exists():
            return []
        async with self._opening:
            if self._search is None:
                self._search = await InstalledSearch.open(self.database, self.settings)
        await self._search.refresh()
        hits = await asyncio.to_thread(self._search.search.articles, text, limit=ARTICLES)
        return [hit.article for hit in hits]
