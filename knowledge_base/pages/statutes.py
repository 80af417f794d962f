"""Statutes: search in lay words, a law with its versions, an article with what rests on it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from urllib.parse import quote

from aiohttp import web

from hotline.casework.tables import Case
from hotline.clock import CHINA
from hotline.errors import InvalidInputError, NotFoundError
from hotline.web.context import CLOCK, DATABASE, viewer_of
from hotline.web.permissions import SEE_TICKETS
from hotline.web.reach import reach_of
from hotline.web.templating import render, see_other
from knowledge_base.citations import LawNames, parse
from knowledge_base.cited.keeping import citing_tickets
from knowledge_base.library import Article, Law
from knowledge_base.pages.desk import DESK
from knowledge_base.search.engine import Search

LONGEST_QUESTION = 200
HITS = 20


@dataclass(frozen=True)
class Chapter:
    """Articles that stand under the same headings."""

    headings: tuple[str, ...]
    articles: tuple[Article, ...]


async def look_up(request: web.Request) -> web.StreamResponse:
    """Show what answers a question, and why; without one, what the library holds."""
    search = await request.app[DESK].search()
    question = request.query.get("q", "").strip()[:LONGEST_QUESTION]
    day = day_of(request)
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
        today=today_of(request),
    )


async def look(request: web.Request) -> web.StreamResponse:
    """Lead from a citation (劳动合同法第四十七条) to its article, or else to the search."""
    cite = request.query.get("cite", "").strip()[:LONGEST_QUESTION]
    search = await request.app[DESK].search()
    for citation in parse(cite, LawNames(search.library.aliases())):
        law = search.library.find_law(citation.law) if citation.law else None
        if law is not None:
            raise see_other(f"/statutes/{quote(law.name)}/{quote(str(citation.number))}")
    raise see_other(f"/statutes?q={quote(cite)}")


async def statute(request: web.Request) -> web.StreamResponse:
    """Show a law: its versions and the articles of one of them."""
    search = await request.app[DESK].search()
    law = _law(search, request.match_info["law"])
    day = day_of(request)
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
        today=today_of(request),
    )


async def article(request: web.Request) -> web.StreamResponse:
    """Show an article: its text, earlier and later texts, its neighbours and what rests on it."""
    search = await request.app[DESK].search()
    law = _law(search, request.match_info["law"])
    day = day_of(request)
    found = search.library.article(law, request.match_info["number"], day)
    if found is None:
        raise NotFoundError("没有这一条，或它在这一天不是有效的条文")
    app, viewer = request.app, viewer_of(request)
    tickets: Sequence[Case] = ()
    if viewer.may(SEE_TICKETS):
        async with app[DATABASE].read() as session:
            reach = await reach_of(app, session, viewer)
            tickets = await citing_tickets(session, found, reach)
    return render(
        request,
        "knowledge/article.html",
        article=found,
        day=day,
        today=today_of(request),
        versions=search.library.versions_of(law, found.number),
        neighbours=search.library.neighbours(found, reach=2),
        citing=search.citing(found),
        tickets=tickets,
        topics={topic.code: topic.name for topic in (await app[DESK].topics()).taxonomy},
    )


def _law(search: Search, name: str) -> Law:
    law = search.library.find_law(name)
    if law is None:
        raise NotFoundError("法规库里没有这部法律，请换个名称查找")
    return law


def day_of(request: web.Request) -> date | None:
    """Return the day whose law is asked for; None: today's newest texts."""
    words = request.query.get("on", "").strip()
    if not words:
        return None
    try:
        return date.fromisoformat(words)
    except ValueError as error:
        raise InvalidInputError("日期应写作 2026-11-24 这样", field="on") from error


def today_of(request: web.Request) -> date:
    """Return the day in China."""
    return request.app[CLOCK].now().astimezone(CHINA).date()
