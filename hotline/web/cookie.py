"""What the browser keeps for us: a few values, encrypted, in one cookie.

Our own forty lines rather than aiohttp-session: that still keeps its session under string keys,
which aiohttp 3.14 warns about at every request.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Middleware
from cryptography.fernet import Fernet, InvalidToken

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Box(dict[str, Any]):
    """The values of one browser. They are sent back where they changed."""


BOX = web.RequestKey("box", Box)


class EncryptedCookie:
    """Reads and writes the box of each request (a middleware)."""

    def __init__(self, key: bytes, name: str, *, max_age: int, secure: bool) -> None:
        self._cipher = Fernet(key)
        self._name = name
        self._max_age = max_age
        self._secure = secure

    def middleware(self) -> Middleware:
        """Return the middleware."""

        @web.middleware
        async def carry(request: web.Request, handler: Handler) -> web.StreamResponse:
            before = self._read(request.cookies.get(self._name, ""))
            request[BOX] = Box(before)
            try:
                response = await handler(request)
            except web.HTTPException as answer:
                self._write(answer, before, request[BOX])
                raise
            if not response.prepared:
                self._write(response, before, request[BOX])
            return response

        return carry

    def _read(self, cookie: str) -> dict[str, Any]:
        try:
            values = json.loads(self._cipher.decrypt(cookie.encode(), ttl=self._max_age))
        except (InvalidToken, ValueError):
            # Forged, too old, or of another installation: a browser that we do not know.
            return {}
        return values if isinstance(values, dict) else {}

    def _write(self, response: web.StreamResponse, before: dict[str, Any], box: Box) -> None:
        if box == before:
            return
        if not box:
            response.del_cookie(self._name, path="/", secure=self._secure, httponly=True)
            return
        sealed = self._cipher.encrypt(json.dumps(box).encode()).decode()
        response.set_cookie(
            self._name,
            sealed,
            max_age=self._max_age,
            path="/",
            secure=self._secure,
            httponly=True,
            samesite="Lax",
        )


def box_of(request: web.Request) -> Box:
    """Return what this browser keeps for us."""
    return request[BOX]
