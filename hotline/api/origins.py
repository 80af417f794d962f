"""Pages of other sites may ask the open API from a browser, where the bureau names them (CORS)."""

from __future__ import annotations

from functools import wraps
from typing import Final

from aiohttp import web

from hotline.public.face import Face
from hotline.web.section import PageHandler

METHODS: Final = "GET, POST, PUT, DELETE"
HEADERS: Final = "Authorization, Content-Type, Idempotency-Key"
KEPT_SECONDS: Final = "600"


def shared(handler: PageHandler, face: Face) -> PageHandler:
    """Return the handler that tells browsers which sites may read its answers.

    No cookie of ours is ever let through: the API knows keys alone.
    """
    allowed = face.settings.public.api_origins

    @wraps(handler)
    async def told(request: web.Request) -> web.StreamResponse:
        origin = request.headers.get("Origin", "")
        known = bool(origin) and (origin in allowed or "*" in allowed)
        if known and request.method == "OPTIONS" and _asks_first(request):
            response: web.StreamResponse = web.Response(status=204)
            response.headers["Access-Control-Allow-Methods"] = METHODS
            response.headers["Access-Control-Allow-Headers"] = HEADERS
            response.headers["Access-Control-Max-Age"] = KEPT_SECONDS
        else:
            response = await handler(request)
        if allowed:
            response.headers["Vary"] = "Origin"
        if known:
            response.headers["Access-Control-Allow-Origin"] = origin
            response.headers["Access-Control-Expose-Headers"] = "Retry-After"
            response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        return response

    return told


def _asks_first(request: web.Request) -> bool:
    return "Access-Control-Request-Method" in request.headers
