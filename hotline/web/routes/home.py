"""The door: where each role starts, and small things that belong to no page."""

from __future__ import annotations

from aiohttp import web

from hotline.web.context import ASSETS, DATABASE, SECTIONS, navigation, viewer_or_none
from hotline.web.templating import THEME_COOKIE, THEMES
from hotline.web.translating import LANGUAGE_COOKIE, LANGUAGES

_YEAR = 31536000


async def home(request: web.Request) -> web.StreamResponse:
    """Go to the first page of the viewer's navigation; strangers to the public's door."""
    viewer = viewer_or_none(request)
    if viewer is None:
        open_to_all = any(section.name == "public" for section in request.app[SECTIONS])
        raise web.HTTPSeeOther("/public" if open_to_all else "/signin")
    entries = navigation(request.app, viewer)
    raise web.HTTPSeeOther(entries[0].path if entries else "/account")


async def favicon(request: web.Request) -> web.StreamResponse:
    """Send browsers that ask for the old address to ours."""
    raise web.HTTPFound(request.app[ASSETS].url("web/img/logo.svg"))


async def health(request: web.Request) -> web.StreamResponse:
    """Answer monitors: 200 where pages and database answer."""
    await request.app[DATABASE].check()
    return web.json_response({"ok": True})


async def theme(request: web.Request) -> web.StreamResponse:
    """Keep the viewer's choice of light or dark."""
    form = await request.post()
    chosen = str(form.get("theme", "auto"))
    back = str(form.get("back", "/"))
    response = web.HTTPSeeOther(back if safe_path(back) else "/")
    if chosen in THEMES:
        response.set_cookie(THEME_COOKIE, chosen, max_age=_YEAR, samesite="Lax", httponly=True)
    raise response


async def choose_language(request: web.Request) -> web.StreamResponse:
    """Keep the viewer's choice of language."""
    form = await request.post()
    chosen, back = str(form.get("language", "")), str(form.get("back", "/"))
    response = web.HTTPSeeOther(back if safe_path(back) else "/")
    if chosen in LANGUAGES:
        response.set_cookie(LANGUAGE_COOKIE, chosen, max_age=_YEAR, samesite="Lax", httponly=True)
    raise response


def safe_path(path: str) -> bool:
    r"""Whether ``path`` stays on this server (``//other`` and ``/\other`` would not)."""
    return path.startswith("/") and not path.startswith(("//", "/\\")) and "\n" not in path
