"""``/knowledge``: one box for lay questions; ``/knowledge/gaps``: what nobody has written yet."""

from __future__ import annotations

import asyncio
from typing import Any

from aiohttp import web

from hotline.web.context import CLOCK, DATABASE, viewer_of
from hotline.web.templating import render
from knowledge_base.editing.gaps import asked_lately, find_gaps, note
from knowledge_base.pages.cards import EDIT_CARDS
from knowledge_base.pages.desk import DESK
from knowledge_base.pages.statutes import LONGEST_QUESTION, day_of, today_of
from knowledge_base.search.documents import Kind

CARDS, OTHERS, ARTICLES, GAPS = 3, 6, 10, 50
LEAST_LIKE = 0.08
"""A card less like the question than this is no answer."""
_SHARE_OF_BEST = 0.45
"""Nor is one that is so much less like it than the best."""


async def ask(request: web.Request) -> web.StreamResponse:
    """Answer a question in lay words: cards, then articles with dates, then what is like it."""
    app = request.app
    search = await app[DESK].search()
    question = request.query.get("q", "").strip()[:LONGEST_QUESTION]
    day = day_of(request)
    values: dict[str, Any] = {"cards": [], "others": [], "hits": [], "topics": [], "named": None}
    if question:
        by_id = {card.id: card for card in await app[DESK].cards()}
        cards = search.documents(question, kinds=(Kind.CARD,), limit=CARDS)
        others = search.documents(question, kinds=(Kind.TICKET, Kind.SERVICE), limit=OTHERS)
        classifier = await app[DESK].topics()
        least = max(LEAST_LIKE, _SHARE_OF_BEST * max((hit.likeness for hit in cards), default=0.0))
        values = {
            "cards": [
                (hit, by_id[hit.document.id])
                for hit in cards
                if hit.likeness >= least and hit.document.id in by_id
            ],
            "others": [hit for hit in others if hit.likeness >= LEAST_LIKE],
            "hits": await asyncio.to_thread(search.articles, question, on=day, limit=ARTICLES),
            "topics": classifier.guesses(question),
            "named": search.library.find_law(question),
        }
        async with app[DATABASE].write() as session:
            await note(session, question, app[CLOCK].now())
    return render(
        request,
        "knowledge/search.html",
        question=question,
        day=day,
        today=today_of(request),
        articles=len(search.library),
        laws=len([law for law in search.library.laws() if law.versions[-1].source]),
        taken=search.library.taken,
        examples=_EXAMPLES,
        **values,
    )


_EXAMPLES = (
    "老板拖欠工资怎么办",
    "房东不退押金",
    "离婚孩子判给谁",
    "网上买到假货",
    "劳动合同法第四十七条",
)


async def gaps(request: web.Request) -> web.StreamResponse:
    """List frequent questions without a card, each with the way to write one."""
    app = request.app
    async with app[DATABASE].read() as session:
        asked = await asked_lately(session, app[CLOCK].now())
    cards = await app[DESK].cards()
    classifier = await app[DESK].topics()

    def topic_of(text: str) -> str:
        return classifier.guesses(text, 1)[0].topic

    found = await asyncio.to_thread(find_gaps, asked, cards, topic_of)
    titles = {card.id: card.title for card in cards}
    return render(
        request,
        "knowledge/gaps.html",
        gaps=[(gap, classifier.guesses(gap.examples[0], 1)[0]) for gap in found[:GAPS]],
        asked=len(asked),
        covered=len(asked) - sum(gap.count for gap in found),
        titles=titles,
        may_edit=viewer_of(request).may(EDIT_CARDS),
    )
