"""Statutes: search in lay words, a law with its versions, an article with what rests on it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from aiohttp import web

from hotline.clock import CHINA
from hotline.errors import InvalidInputError, NotFoundError
from hotline.settings import Settings
from hotline.store import Database
from hotline.web.context import CLOCK, DATABASE, SETTINGS
from hotline.web.templating import render
from knowledge_base.library import Article, Law
from knowledge_base.search.engine import Search
from knowledge_base.search.installed import InstalledSearch

LONGEST_QUESTION = 200
HITS = 20


class Desk:
    """The search of this server, opened when first asked for and kept up to date."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database = database
        self._settings = settings
        self._opening = asyncio.Lock()
        self._installed: InstalledSearch | None = None

    async def search(self) -> Search:
        """Return the search as it is now."""
        async with self._opening:
            if self._installed is None:
                self._installed = await InstalledSearch.open(self._database, self._settings)
        await self._installed.refresh()
        return self._installed.search


DESK = web.AppKey("knowledge_desk", Desk)


async def open_desk(app: web.Application) -> AsyncIterator[None]:
    """Put the desk into the application."""
    app[DESK] = Desk(app[DATABASE], app[SETTINGS])
    yield


@dataclass(frozen=True)
class Chapter:
    """Articles that stand under the same headings."""

    headings: tuple[str, ...]
    articles: tuple[Article, ...]


async def look_up(request: web.Request) -> web.StreamResponse:
    """Show what answers a question, and why; without one, what the library holds."""
    search = await request.app[DESK].search()
    question = request.query.get("q", "").strip()[:LONGEST_QUESTION]
    day = _day(request)
    hits = (
        await asyncio.to_thread(search.articles, question, on=day, limit=HITS) if question else []
    )
    return render(
        request,
        "knowledge/statutes.html",
        question=question,
        day=day,
        hits=hits,
        documents=search.documents(question) if question else [],
        named=search.library.find_law(question) if question else None,
        laws=len([law for law in search.library.laws() if law.versions[-1].source]),
        articles=len(search.library),
        taken=search.library.taken,
        today=_today(request),
    )


async def statute(request: web.Request) -> web.StreamResponse:
    """Show a law: its versions and the articles of one of them."""
    search = await request.app[DESK].search()
    law = _law(search, request.match_info["law"])
    day = _day(request)
    position = law.version_on(day)
    articles = list(search.library.articles_of(law, position)) if position is not None else []
    chapters = [
        Chapter(headings, tuple(group))
        for headings, group in groupby(articles, key=lambda article: article.headings)
    ]
    return render(
        request,
        "knowledge/statute.html",
        law=law,
        day=day,
        version=law.versions[position] if position is not None else None,
        chapters=chapters,
        today=_today(request),
    )


async def article(request: web.Request) -> web.StreamResponse:
    """Show an article: its text, earlier and later texts, its neighbours and what rests on it."""
    search = await request.app[DESK].search()
    law = _law(search, request.match_info["law"])
    day = _day(request)
    found = search.library.article(law, request.match_info["number"], day)
    if found is None:
        raise NotFoundError("没有这一条，或它在这一天不是有效的条文")
    return render(
        request,
        "knowledge/article.html",
        article=found,
        day=day,
        today=_today(request),
        versions=search.library.versions_of(law, found.number),
        neighbours=search.library.neighbours(found, reach=2),
        citing=search.citing(found),
    )


def _law(search: Search, name: str) -> Law:
    law = search.library.find_law(name)
    if law is None:
        raise NotFoundError("法规库里没有这部法律，请换个名称查找")
    return law


def _day(request: web.Request) -> date | None:
    words = request.query.get("on", "").strip()
    if not words:
        return None
    try:
        return date.fromisoformat(words)
    except ValueError as error:
        raise InvalidInputError("日期应写作 2026-11-24 这样", field="on") from error


def _today(request: web.Request) -> date:
    return request.app[CLOCK].now().astimezone(CHINA).date()
