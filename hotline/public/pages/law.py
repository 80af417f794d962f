"""Law in plain words: search, and one question with its answer."""

from __future__ import annotations

from aiohttp import web

from hotline.public.face import Face
from hotline.public.law import LONGEST_QUESTION
from hotline.public.pages.showing import page, show
from hotline.web.context import address_of


@page
async def look_up(face: Face, request: web.Request) -> web.StreamResponse:
    """Show what answers a question; without one, every question by topic."""
    question = request.query.get("q", "").strip()[:LONGEST_QUESTION]
    if question:
        face.limiter.check("search", address_of(request))
    found = await face.law.ask(question)
    return show(
        face,
        request,
        "public/laws.html",
        question=question,
        found=found,
        longest=LONGEST_QUESTION,
        by_topic=_by_topic(face) if not question else [],
    )


@page
async def card(face: Face, request: web.Request) -> web.StreamResponse:
    """Show one question, the points of its answer and the articles that they rest on."""
    found = face.law.card(request.match_info["card"])
    cards = {card.id: card for card in face.law.cards()}
    return show(
        face,
        request,
        "public/card.html",
        card=found,
        topic=_topic_name(face, found.topic),
        near=[cards[other] for other in found.see_also if other in cards],
    )


def _by_topic(face: Face) -> list[tuple[str, list[object]]]:
    found: dict[str, list[object]] = {}
    for one in face.law.cards():
        found.setdefault(one.topic, []).append(one)
    return [
        (topic.name, found[topic.code]) for topic in face.taxonomy.topics if topic.code in found
    ]


def _topic_name(face: Face, code: str) -> str:
    return next((t.name for t in face.taxonomy.topics if t.code == code), code)
