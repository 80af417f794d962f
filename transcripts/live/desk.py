"""The knowledge that live help is made from, as the installation has it now."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from hotline.settings import Settings
from hotline.store import Database
from knowledge_base.library import Article
from knowledge_base.search.installed import InstalledSearch
from knowledge_base.topics.teaching import open_classifier
from transcripts.live.hints import MOST_ARTICLES, MOST_FOUND, Desk
from transcripts.scoring.scorecard import load_scorecard
from transcripts.scoring.scorer import Knowledge


class InstalledDesk:
    """Gives the desk; each call takes up what was edited, confirmed or imported since."""

    def __init__(
        self, settings: Settings, database: Database, open_knowledge: Callable[[], Knowledge]
    ) -> None:
        self._settings = settings
        self._database = database
        self._open_knowledge = open_knowledge
        self._search: InstalledSearch | None = None

    async def __call__(self) -> Desk:
        """Return the desk as it is now."""
        if self._search is None:
            self._search = await InstalledSearch.open(self._database, self._settings)
            self._topics = await asyncio.to_thread(open_classifier, self._settings)
        await self._search.refresh()
        knowledge = await asyncio.to_thread(self._open_knowledge)
        search = self._search.search

        def find(text: str) -> list[Article]:
            hits = search.articles(text, limit=MOST_ARTICLES + MOST_FOUND)
            return [hit.article for hit in hits]

        return Desk(knowledge, load_scorecard(), find, self._topics.guesses)
