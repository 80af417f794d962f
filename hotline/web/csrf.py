"""A form is taken only from our own pages."""

from __future__ import annotations

import hmac
import secrets
from urllib.parse import urlsplit

from aiohttp import web

from hotline.errors import ForbiddenError
from hotline.web.cookie import Box

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
HEADER = "X-CSRF-Token"
FIELD = "csrf"


class ForgedRequestError(ForbiddenError):
    """页面已过期。请返回上一页，刷新后重新提交。"""

    error_id = "csrf"


def token_of(box: Box) -> str:
    """Return the browser's token; make it where it is new."""
    token = box.get(FIELD)
    if not isinstance(token, str):
        token = secrets.token_urlsafe(24)
        box[FIELD] = token
    return token


async def check(request: web.Request, box: Box, public_url: str) -> None:
    """Refuse a change that another site sent, or that carries no token of ours.

    Raises:
        ForgedRequestError: says what to do.
    """
    check_origin(request, public_url)
    given = request.headers.get(HEADER)
    if given is None:
        form = await request.post()
        value = form.get(FIELD)
        given = value if isinstance(value, str) else ""
    check_token(box, given)


def check_origin(request: web.Request, public_url: str) -> None:
    """Refuse a change that another site sent.

    Raises:
        ForgedRequestError: says what to do.
    """
    origin = request.headers.get("Origin")
    if origin is not None and origin != "null":
        own = {f"{request.scheme}://{request.host}", public_url.rstrip("/")}
        if urlsplit(origin).netloc != request.host and origin not in own:
            raise ForgedRequestError(origin=origin)


def check_token(box: Box, given: str) -> None:
    """Refuse a change without this browser's token.

    Raises:
        ForgedRequestError: says what to do.
    """
    known = box.get(FIELD)
    if not isinstance(known, str) or not hmac.compare_digest(known.encode(), given.encode()):
        raise ForgedRequestError
