"""The statutes' pages on a real server and database."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, CookieJar
from aiohttp.test_utils import TestServer
from argon2 import PasswordHasher

import hotline.web.tables  # noqa: F401 - the tables must be known before the database is made
from hotline.clock import ManualClock
from hotline.settings import Settings
from hotline.store import Database
from hotline.web.accounts import NewUser
from hotline.web.context import ACCOUNTS
from hotline.web.passwords import Hasher
from hotline.web.permissions import Role
from hotline.web.server import create_app
from knowledge_base.library import ArticleNumber, StatuteText
from knowledge_base.library.importer import import_texts
from knowledge_base.library.model import Level
from knowledge_base.library.structure import ParsedArticle
from knowledge_base.routes import section
from knowledge_base.search.answered import AnsweredQuestion
from knowledge_base.search.installed import confirm_answer

PASSWORD = "Zhongxin-2026"
Look = Callable[..., Awaitable[tuple[int, str]]]


def market(*texts: str, publish: date) -> StatuteText:
    return StatuteText(
        name="集市法",
        title="中华人民共和国集市法",
        level=Level.LAW,
        category="",
        publish=publish,
        valid_from=publish,
        expired=False,
        source="集市法.md",
        taken=date(2025, 4, 30),
        articles=tuple(
            ParsedArticle(ArticleNumber(number), text, ("第一章 摊位",))
            for number, text in enumerate(texts, start=1)
        ),
    )


@pytest.fixture
async def look(database: Database, clock: ManualClock, tmp_path: Path) -> AsyncIterator[Look]:
    """Return a function that looks at a page as a lawyer who is signed in."""
    async with database.write() as session:
        texts = [
            market("摊主租用摊位，应当交押金。", publish=date(2001, 1, 1)),
            market("摊位不收押金。", "收回摊位要补偿<b>。", publish=date(2010, 1, 1)),
        ]
        await import_texts(session, texts, clock.now())
    quick = Hasher(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    app = create_app(Settings(home=tmp_path), database, clock, [section], hasher=quick)
    async with (
        TestServer(app) as server,
        ClientSession(cookie_jar=CookieJar(unsafe=True), headers={"Accept": "text/html"}) as client,
    ):
        await app[ACCOUNTS].add(NewUser("wang", "王", frozenset({Role.LAWYER})), PASSWORD)
        page = await (await client.get(server.make_url("/signin"))).text()
        token = page.split('data-csrf="')[1].split('"')[0]
        form = {"account": "wang", "password": PASSWORD, "csrf": token}
        await client.post(server.make_url("/signin"), data=form)

        async def get(path: str, **query: Any) -> tuple[int, str]:
            answer = await client.get(server.make_url(path), params=query)
            return answer.status, await answer.text()

        yield get


async def test_a_question_finds_articles_with_their_reasons(look: Look) -> None:
    status, page = await look("/statutes", q="摊位要不要交押金")

    assert status == 200
    assert "《集市法》第一条" in page
    assert "条文含有：" in page
    assert "数据截至 2025-04-30" in page


async def test_a_day_shows_the_law_of_that_day(look: Look) -> None:
    _, of_2005 = await look("/statutes/集市法", on="2005-01-01")
    _, newest = await look("/statutes/中华人民共和国集市法")

    assert "应当交押金" in of_2005
    assert "应当交押金" not in newest
    assert newest.count("看这一版") == 2


async def test_an_article_shows_versions_neighbours_and_what_rests_on_it(
    look: Look, database: Database, clock: ManualClock
) -> None:
    question = AnsweredQuestion("T1", "摊位收押金合法吗", (("集市法", ArticleNumber(1)),))
    async with database.write() as session:
        await confirm_answer(session, question, by="li", now=clock.now())

    status, page = await look("/statutes/集市法/1")

    assert status == 200
    assert "摊位不收押金" in page
    assert "应当交押金" in page
    assert "第二条" in page
    assert "摊位收押金合法吗" in page
    assert "<b>。" not in page


@pytest.mark.parametrize(
    "path", ["/statutes/没有的法", "/statutes/集市法/99", "/statutes/集市法/x"]
)
async def test_what_is_not_there_is_told(look: Look, path: str) -> None:
    status, page = await look(path)

    assert status == 404
    assert "没有" in page


async def test_a_broken_date_is_told(look: Look) -> None:
    status, page = await look("/statutes", q="押金", on="昨天")

    assert status in (400, 422)
    assert "2026-11-24" in page
