"""How the seat answers a form: our script gets the words, a browser without it the page."""

from __future__ import annotations

from aiohttp import web

from hotline.web.templating import flash, is_fragment, see_other


def done(request: web.Request, words: str) -> web.StreamResponse:
    """Say what was done."""
    if is_fragment(request):
        return web.Response(text=words, content_type="text/plain")
    flash(request, words)
    raise see_other("/seat")
