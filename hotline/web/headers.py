"""Headers that every answer carries."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

POLICY = "; ".join(  # noqa: FLY002 - one directive a line
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "media-src 'self' blob:",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-src 'self'",
        "frame-ancestors 'self'",
        "base-uri 'none'",
    )
)
"""Everything that the browser needs is served by us, and nothing stands inside the pages. Our own
pages may frame each other: the page with the telephone stays while one looks around."""

_FIXED = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(self)",
}


FRAMED = web.RequestKey("framed", bool)
"""Set where other sites may show the page inside theirs; its policy then says which."""


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Put the fixed headers on (an ``on_response_prepare`` signal: it meets every answer)."""
    for name, value in _FIXED.items():
        if name == "X-Frame-Options" and request.get(FRAMED):
            continue  # it knows no list of sites; the policy of the page does
        response.headers.setdefault(name, value)
    # A page with personal data must not lie in a shared computer's cache.
    response.headers.setdefault("Cache-Control", "no-store")
    if request.secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")


@web.middleware
async def compress(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Compress pages; audio and event streams are left as they are."""
    response = await handler(request)
    if (
        isinstance(response, web.Response)
        and response.content_type in {"text/html", "application/json", "image/svg+xml"}
        and response.body is not None
        and "Content-Encoding" not in response.headers
    ):
        response.enable_compression()
    return response
