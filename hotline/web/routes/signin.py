"""Signing in, with a second step where it is on, and out."""

from __future__ import annotations

from urllib.parse import quote

from aiohttp import web

from hotline.web.accounts import SignInRefusedError
from hotline.web.context import (
    ACCOUNTS,
    AUDIT,
    CLOCK,
    DATABASE,
    SESSIONS,
    address_of,
    viewer_of,
    viewer_or_none,
)
from hotline.web.cookie import box_of
from hotline.web.routes.home import safe_path
from hotline.web.server import TOKEN
from hotline.web.tables import User
from hotline.web.templating import render, see_other

_PENDING = "pending"
PENDING_SECONDS = 300
"""How long the second step may take."""


async def form(request: web.Request) -> web.StreamResponse:
    """Show the form; who is signed in goes on."""
    if viewer_or_none(request) is not None:
        raise see_other(_next(request.query.get("next")))
    return render(
        request, "web/signin.html", next=request.query.get("next", ""), account="", problem=""
    )


async def enter(request: web.Request) -> web.StreamResponse:
    """Check account and password."""
    data = await request.post()
    account, password = str(data.get("account", "")), str(data.get("password", ""))
    target = str(data.get("next", ""))
    try:
        user = await request.app[ACCOUNTS].check_password(account, password, address_of(request))
    except SignInRefusedError as error:
        return render(
            request,
            "web/signin.html",
            status=403,
            next=target,
            account=account[:64],
            problem=error.message,
        )
    if user.totp_secret is None:
        return await _open(request, user, target)
    box = box_of(request)
    box.clear()
    box[_PENDING] = {"user": user.id, "at": request.app[CLOCK].now().timestamp()}
    raise see_other(f"/signin/code?next={quote(target)}")


async def code_form(request: web.Request) -> web.StreamResponse:
    """Ask for the second step's code."""
    if _pending(request) is None:
        raise see_other("/signin")
    return render(request, "web/signin_code.html", next=request.query.get("next", ""), problem="")


async def enter_code(request: web.Request) -> web.StreamResponse:
    """Check the second step's code."""
    pending = _pending(request)
    if pending is None:
        raise see_other("/signin")
    data = await request.post()
    target = str(data.get("next", ""))
    accounts = request.app[ACCOUNTS]
    try:
        await accounts.check_code(pending, str(data.get("code", "")))
    except SignInRefusedError as error:
        return render(
            request, "web/signin_code.html", status=403, next=target, problem=error.message
        )
    async with request.app[DATABASE].read() as session:
        user = await session.get_one(User, pending)
    return await _open(request, user, target)


async def leave(request: web.Request) -> web.StreamResponse:
    """Sign out: the session ends here and in the table."""
    viewer = viewer_of(request)
    await request.app[SESSIONS].revoke(viewer.user_id, viewer.session_id)
    async with request.app[DATABASE].write() as session:
        request.app[AUDIT].record(
            session, viewer, "signin.out", "user", viewer.account, address=address_of(request)
        )
    box_of(request).clear()
    raise see_other("/signin")


async def _open(request: web.Request, user: User, target: str) -> web.StreamResponse:
    # A new session: what was planted in the old cookie must not live on after signing in.
    token = await request.app[SESSIONS].open(
        user.id, address_of(request), request.headers.get("User-Agent", "")
    )
    box = box_of(request)
    box.clear()
    box[TOKEN] = token
    viewer = await request.app[SESSIONS].viewer(token)
    async with request.app[DATABASE].write() as db:
        request.app[AUDIT].record(
            db,
            viewer,
            "signin.ok",
            "user",
            user.account,
            address=address_of(request),
            name=user.name,
        )
    raise see_other(_next(target))


def _pending(request: web.Request) -> int | None:
    held = box_of(request).get(_PENDING)
    if not isinstance(held, dict):
        return None
    age = request.app[CLOCK].now().timestamp() - float(held["at"])
    return int(held["user"]) if 0 <= age < PENDING_SECONDS else None


def _next(target: str | None) -> str:
    return target if target and safe_path(target) else "/"
