"""The search of this server, opened when first asked for and kept up to date."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from aiohttp import web

from hotline.settings import Settings
from hotline.store import Database
from hotline.web.context import DATABASE, SETTINGS
from knowledge_base.cards import Card
from knowledge_base.editing.installed import installed_cards
from knowledge_base.library.installed import KnowledgeFiles
from knowledge_base.search.engine import Search
from knowledge_base.search.installed import InstalledSearch
from knowledge_base.topics.classifier import TopicClassifier
from knowledge_base.topics.teaching import open_classifier


class Desk:
    """What the pages of the knowledge base are drawn from."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database = database
        self._settings = settings
        self._opening = asyncio.Lock()
        self._installed: InstalledSearch | None = None
        self._topics: TopicClassifier | None = None

    @property
    def files(self) -> KnowledgeFiles:
        """What this machine keeps of the knowledge base."""
        return KnowledgeFiles.of(self._settings)

    async def search(self) -> Search:
        """Return the search as it is now."""
        async with self._opening:
            if self._installed is None:
                self._installed = await InstalledSearch.open(self._database, self._settings)
        await self._installed.refresh()
        return self._installed.search

    async def topics(self) -> TopicClassifier:
        """Return what tells a question's topic."""
        async with self._opening:
            if self._topics is None:
                self._topics = await asyncio.to_thread(open_classifier, self._settings)
        return self._topics

    async def cards(self) -> tuple[Card, ...]:
        """Return the cards that count now."""
        return await asyncio.to_thread(installed_cards, self.files)


DESK = web.AppKey("knowledge_desk", Desk)


async def open_desk(app: web.Application) -> AsyncIterator[None]:
    """Put the desk into the application."""
    app[DESK] = Desk(app[DATABASE], app[SETTINGS])
    yield
