"""Statutes into the database and out again, on each database."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from hotline.clock import ManualClock
from hotline.settings import load
from hotline.store import Database, Outbox
from knowledge_base.library import ArticleNumber, StatuteText
from knowledge_base.library.importer import import_texts, load_texts
from knowledge_base.library.installed import KnowledgeFiles, refresh_library
from knowledge_base.library.model import Level
from knowledge_base.library.structure import ParsedArticle
from knowledge_base.search.answered import AnsweredQuestion
from knowledge_base.search.installed import InstalledSearch, confirm_answer, refresh_index
from knowledge_base.topics.teaching import confirmed_examples


def statute(*texts: str, publish: date = date(2001, 3, 1)) -> StatuteText:
    return StatuteText(
        name="集市法",
        title="中华人民共和国集市法",
        level=Level.LAW,
        category="经济法",
        publish=publish,
        valid_from=publish,
        expired=False,
        source="经济法/集市法.md",
        taken=date(2025, 4, 30),
        articles=tuple(
            ParsedArticle(ArticleNumber(number), text, ("第一章 总则",))
            for number, text in enumerate(texts, start=1)
        ),
        repeals=("摆摊法",),
    )


@pytest.mark.each_database
async def test_an_import_can_be_repeated(database: Database, clock: ManualClock) -> None:
    texts = [statute("甲。", "乙。"), statute("甲。", "丙。", publish=date(2010, 1, 1))]
    async with database.write() as session:
        first = await import_texts(session, texts, clock.now())
    async with database.write() as session:
        second = await import_texts(session, texts, clock.now())

    assert [change.kind for change in first.changes] == ["law", "law"]
    assert second.unchanged == 2
    assert second.changes == []
    assert second.import_id is None
    async with database.read() as session:
        loaded = await load_texts(session)
        told = list(await session.scalars(select(Outbox.topic)))
    assert sorted(loaded, key=lambda text: text.publish or date.min) == texts
    assert told == ["knowledge.laws"]


@pytest.mark.each_database
async def test_a_changed_text_is_told_article_by_article(
    database: Database, clock: ManualClock
) -> None:
    async with database.write() as session:
        await import_texts(session, [statute("甲。", "乙。", "丙。")], clock.now())
    async with database.write() as session:
        result = await import_texts(session, [statute("甲。", "改。")], clock.now())
    async with database.write() as session:
        newer = await import_texts(
            session, [statute("甲。", "改。", "新。", publish=date(2010, 1, 1))], clock.now()
        )

    assert [(c.kind, c.changed, c.removed) for c in result.changes] == [
        ("text", ("第二条",), ("第三条",))
    ]
    assert [(c.kind, c.added) for c in newer.changes] == [("version", ("第三条",))]


async def test_only_what_is_known_about_a_text_changed(
    database: Database, clock: ManualClock
) -> None:
    async with database.write() as session:
        await import_texts(session, [statute("甲。")], clock.now())
    async with database.write() as session:
        changed = await import_texts(session, [replace(statute("甲。"), expired=True)], clock.now())

    assert [change.kind for change in changed.changes] == ["dates"]
    async with database.read() as session:
        assert [text.expired for text in await load_texts(session)] == [True]


async def test_the_files_follow_the_database(
    database: Database, clock: ManualClock, tmp_path: Path
) -> None:
    files = KnowledgeFiles(tmp_path / "knowledge")
    empty = await refresh_library(database, files)
    async with database.write() as session:
        await import_texts(session, [statute("租用摊位。")], clock.now())

    library = await refresh_library(database, files)
    index = refresh_index(library, files)
    files.library.write_bytes(b"damaged")
    files.index.write_bytes(b"damaged")
    mended = await refresh_library(database, files)

    assert len(empty) == 0
    assert len(library) == len(mended) == 1
    assert refresh_index(mended, files).fingerprint == index.fingerprint


@pytest.mark.each_database
async def test_a_confirmed_answer_reaches_search_and_classifier(
    database: Database, clock: ManualClock
) -> None:
    settings = load()
    async with database.write() as session:
        await import_texts(session, [statute("甲。", "收回场地应当补偿。")], clock.now())
    installed = await InstalledSearch.open(database, settings)
    answered = AnsweredQuestion(
        "T1", "铺子被人占了", (("集市法", ArticleNumber(2)),), "可以要求补偿", "lease"
    )
    async with database.write() as session:
        await confirm_answer(session, answered, by="reviewer", now=clock.now())
    again = replace(answered, answer="应当补偿")
    async with database.write() as session:
        await confirm_answer(session, again, by="reviewer", now=clock.now())

    assert await installed.refresh() == 1
    assert await installed.refresh() == 0
    hits = installed.search.articles("铺子被占了")
    assert hits[0].article.number == ArticleNumber(2)
    async with database.read() as session:
        examples = await confirmed_examples(session)
    assert [(each.text, each.topic) for each in examples] == [("铺子被人占了", "lease")]
    reopened = await InstalledSearch.open(database, settings)
    assert reopened.search.documents("铺子被占了")[0].document.summary == "应当补偿"
