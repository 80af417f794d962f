"""The first page, the catalogue, one service, stations, personal data, large print."""

from __future__ import annotations

from aiohttp import web

from hotline.casework import windows
from hotline.public import catalogue
from hotline.public.face import Face
from hotline.public.pages.showing import LARGE_COOKIE, back_to, page, show
from hotline.public.stations import hours_words, is_open, office_words, tree
from hotline.web.headers import FRAMED, POLICY
from hotline.web.routes.home import safe_path
from knowledge_base.cards import Card

_YEAR = 31536000
_FREQUENT = 6
"""Questions on the first page."""


@page
async def home(face: Face, request: web.Request) -> web.StreamResponse:
    """Show the hotline's number and what can be done here."""
    return show(
        face,
        request,
        "public/home.html",
        functions=catalogue.functions(face.desk.services),
        others=catalogue.others(face.desk.services),
        cards=_frequent(face),
    )


def _frequent(face: Face) -> list[Card]:
    """Return a question of each of the first topics, in the taxonomy's order."""
    first: dict[str, Card] = {}
    for card in face.law.cards():
        first.setdefault(card.topic, card)
    found = [first[topic.code] for topic in face.taxonomy.topics if topic.code in first]
    return found[:_FREQUENT]


@page
async def services(face: Face, request: web.Request) -> web.StreamResponse:
    """Show the service catalogue (服务目录)."""
    listed = catalogue.listed(face.desk.services)
    return show(
        face,
        request,
        "public/services.html",
        services=[(s, catalogue.takes_applications(s)) for s in listed],
    )


@page
async def service(face: Face, request: web.Request) -> web.StreamResponse:
    """Show one service: for whom, conditions, papers, procedure, time limit, cost, law, counter."""
    found = catalogue.get(face.desk.services, request.match_info["code"])
    async with face.database.read() as session:
        chooses = bool(await windows.windows(session, found))
    return show(
        face,
        request,
        "public/service.html",
        service=found,
        online=catalogue.takes_applications(found),
        apply_path=apply_path(found.code),
        times_path=f"/public/services/{found.code}/times" if chooses else "",
    )


def apply_path(code: str) -> str:
    """Return where a service is applied for; the hotline's own by leaving a message."""
    if code == catalogue.TICKET:
        return "/public/consult/message"
    return f"/public/services/{code}/apply"


@page
async def stations(face: Face, request: web.Request) -> web.StreamResponse:
    """Show the bureau's places with their hours and telephones."""
    async with face.database.read() as session:
        found = await face.stations(session)
    now = face.clock.now()
    office = face.desk.worktime
    return show(
        face,
        request,
        "public/stations.html",
        branches=tree(found),
        is_open=lambda station: is_open(station, office, now),
        hours_of=lambda station: (
            hours_words(station.hours) if station.hours else office_words(office.hours)
        ),
    )


@page
async def embed(face: Face, request: web.Request) -> web.StreamResponse:
    """Show the page that other sites show inside theirs: only links, each opens a page of its own.

    Nothing is typed here: a frame on another site may be hidden below something else.
    """
    response = show(
        face, request, "public/embed.html", functions=catalogue.functions(face.desk.services)
    )
    if origins := face.settings.public.embed_origins:
        request[FRAMED] = True
        ancestors = f"frame-ancestors 'self' {' '.join(origins)}"
        policy = POLICY.replace("frame-ancestors 'self'", ancestors)
        response.headers["Content-Security-Policy"] = policy
    return response


@page
async def privacy(face: Face, request: web.Request) -> web.StreamResponse:
    """Tell what is kept of a person, what for, and how to have it corrected or erased."""
    return show(face, request, "public/privacy.html")


@page
async def large_print(face: Face, request: web.Request) -> web.StreamResponse:
    """Turn large print (大字版) on or off; works without scripts."""
    del face
    form = await request.post()
    path = str(form.get("back", "/public"))
    response = back_to(path if safe_path(path) else "/public")
    if form.get("large") == "1":
        response.set_cookie(LARGE_COOKIE, "1", max_age=_YEAR, samesite="Lax", httponly=True)
    else:
        response.del_cookie(LARGE_COOKIE)
    raise response
