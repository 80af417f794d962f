"""The search of an installation: index file, cards, services and confirmed answers put together."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.casework import services
from hotline.settings import Settings
from hotline.store import Database, Outbox, append
from knowledge_base.cards import Card
from knowledge_base.editing.installed import installed_cards, refresh_cards
from knowledge_base.library import ArticleNumber, Library
from knowledge_base.library.container import DamagedIndexError
from knowledge_base.library.importer import latest_import
from knowledge_base.library.installed import KnowledgeFiles, refresh_library
from knowledge_base.search.answered import AnsweredQuestion
from knowledge_base.search.documents import (
    card_documents,
    card_questions,
    service_documents,
    ticket_document,
)
from knowledge_base.search.engine import Search
from knowledge_base.search.index import SearchIndex
from knowledge_base.search.tuning import read_weights
from knowledge_base.search.vocabulary import shipped_vocabulary
from knowledge_base.tables import AnsweredQuestionRow
from knowledge_base.topics.taxonomy import load_taxonomy

Advance = Callable[[int, int], None]

_ANSWERED = "knowledge.answered"
"""The topic that tells of a confirmed answer; its key is the answer's."""


def _silent(done: int, total: int) -> None:
    del done, total


def refresh_index(
    library: Library, files: KnowledgeFiles, advance: Advance = _silent
) -> SearchIndex:
    """Open the search index of a library, made anew first if it is of another text."""
    try:
        index = SearchIndex.open(files.index)
        if index.fingerprint == library.fingerprint:
            return index
    except (FileNotFoundError, DamagedIndexError):
        pass  # it is made from the library, which we have
    index = SearchIndex.build(library, advance)
    index.save(files.index)
    return SearchIndex.open(files.index)


class InstalledSearch:
    """The search of this installation; ``refresh`` takes up what was confirmed or imported since.

    Opening reads files and cuts texts into words: that happens in a thread, so that a server goes
    on answering.
    """

    def __init__(self, database: Database, files: KnowledgeFiles) -> None:
        self._database = database
        self._files = files
        self._seen = 0
        self._import = 0
        self._cards: tuple[Card, ...] = ()
        self._turn = asyncio.Lock()
        self.search: Search

    @classmethod
    async def open(cls, database: Database, settings: Settings) -> InstalledSearch:
        """Open it; an installation without statutes still finds cards and services."""
        opened = cls(database, KnowledgeFiles.of(settings))
        await opened._reopen()
        return opened

    async def refresh(self) -> int:
        """Take up the answers confirmed since the last time; return how many.

        After an import of statutes or the publication of a card everything is opened anew.
        """
        async with self._turn:
            async with self._database.read() as session:
                imported = await latest_import(session)
                await refresh_cards(session, self._files)
                # By the outbox and not by the rows' ids: SQLite gives the last id out again, where
                # an answer replaces the newest.
                newest = await session.scalar(select(func.max(Outbox.id))) or 0
                keys = await session.scalars(
                    select(Outbox.key).where(
                        Outbox.id > self._seen, Outbox.id <= newest, Outbox.topic == _ANSWERED
                    )
                )
                rows = await _rows(session, set(keys))
            cards = await asyncio.to_thread(installed_cards, self._files)
            again = any(self.search.knows(row.key) for row in rows)
            if imported != self._import or cards is not self._cards or again:
                # Also where an answer replaces one that was learnt: what is learnt isn't unlearnt.
                await self._reopen()
                return len(rows)
            for row in rows:
                self.search.learn(_question(row))
            self._seen = newest
            return len(rows)

    async def _reopen(self) -> None:
        library = await refresh_library(self._database, self._files)
        async with self._database.read() as session:
            imported = await latest_import(session)
            await refresh_cards(session, self._files)
            seen = await session.scalar(select(func.max(Outbox.id))) or 0
            rows = list(await session.scalars(select(AnsweredQuestionRow)))
        self._cards = await asyncio.to_thread(installed_cards, self._files)
        confirmed = [_question(row) for row in rows]
        self.search = await asyncio.to_thread(
            _assembled, library, self._files, self._cards, confirmed
        )
        self._seen = seen
        self._import = imported


def _assembled(
    library: Library,
    files: KnowledgeFiles,
    cards: tuple[Card, ...],
    confirmed: list[AnsweredQuestion],
) -> Search:
    index = refresh_index(library, files)
    return Search(
        library,
        index,
        load_taxonomy(),
        shipped_vocabulary(),
        read_weights(),
        questions=[*confirmed, *card_questions(cards)],
        documents=[
            *card_documents(cards),
            *service_documents(services.load()),
            *(ticket_document(question) for question in confirmed),
        ],
    )


async def confirm_answer(
    session: AsyncSession, question: AnsweredQuestion, *, by: str, now: datetime
) -> None:
    """Keep a confirmed answer, for the search and the topic classifier to learn from.

    Called when a reviewer confirms a ticket; a second confirmation replaces the first.
    """
    old = await session.scalar(
        select(AnsweredQuestionRow).where(AnsweredQuestionRow.key == question.key)
    )
    if old is not None:
        await session.delete(old)
        await session.flush()
    session.add(
        AnsweredQuestionRow(
            key=question.key,
            question=question.text,
            answer=question.answer,
            articles=[[law, str(number)] for law, number in question.articles],
            topic=question.topic,
            confirmed_at=now,
            confirmed_by=by,
        )
    )
    append(session, _ANSWERED, question.key, {"topic": question.topic}, now)


async def _rows(session: AsyncSession, keys: set[str]) -> list[AnsweredQuestionRow]:
    if not keys:
        return []
    query = select(AnsweredQuestionRow).where(AnsweredQuestionRow.key.in_(keys))
    return list(await session.scalars(query.order_by(AnsweredQuestionRow.id)))


def _question(row: AnsweredQuestionRow) -> AnsweredQuestion:
    numbers = ((law, ArticleNumber.parse(number)) for law, number in row.articles)
    return AnsweredQuestion(
        key=row.key,
        text=row.question,
        articles=tuple((law, number) for law, number in numbers if number is not None),
        answer=row.answer,
        topic=row.topic,
    )
