"""Signing in, with a second step where it is on, and out."""

from __future__ import annotations

from urllib.parse import quote

from aiohttp import web

from hotline.errors import NotFoundError
from hotline.web import sessions
from hotline.web.accounts import SignInRefusedError
from hotline.web.context import (
    ACCOUNTS,
    AUDIT,
    CLOCK,
    DATABASE,
    OIDC,
    SESSIONS,
    SETTINGS,
    THROTTLE,
    address_of,
    viewer_of,
    viewer_or_none,
)
from hotline.web.cookie import box_of
from hotline.web.oidc import Flow, OidcError
from hotline.web.routes.home import safe_path
from hotline.web.server import TOKEN
from hotline.web.tables import User
from hotline.web.templating import render, see_other
from hotline.web.throttle import AddressBlockedError

_PENDING, _FLOW = "pending", "oidc"
PENDING_SECONDS = 300
"""How long the second step may take."""


async def form(request: web.Request) -> web.StreamResponse:
    """Show the form; who is signed in goes on."""
    if viewer_or_none(request) is not None:
        raise see_other(_next(request.query.get("next")))
    return _form(request, request.query.get("next", ""))


async def enter(request: web.Request) -> web.StreamResponse:
    """Check account and password."""
    data = await request.post()
    account, password = str(data.get("account", "")), str(data.get("password", ""))
    target = str(data.get("next", ""))
    throttle, address = request.app[THROTTLE], address_of(request)
    try:
        await throttle.check(address)
    except AddressBlockedError as error:
        return _form(request, target, account, error.message, status=429)
    try:
        user = await request.app[ACCOUNTS].check_password(account, password, address)
    except SignInRefusedError as error:
        await throttle.failed(address)
        return _form(request, target, account, error.message, status=403)
    return await go_on(request, user, target, sessions.PASSWORD)


async def begin_oidc(request: web.Request) -> web.StreamResponse:
    """Send the browser to the identity provider."""
    target = request.query.get("next", "")
    if OIDC not in request.app:
        raise NotFoundError("本系统没有启用统一身份登录，请用账号密码登录")
    try:
        where, flow = await request.app[OIDC].begin(_back(request), target)
    except OidcError as error:
        return _form(request, target, problem=error.message, status=503)
    box_of(request)[_FLOW] = flow
    raise see_other(where)


async def finish_oidc(request: web.Request) -> web.StreamResponse:
    """Take what the identity provider says, once."""
    if OIDC not in request.app:
        raise NotFoundError("本系统没有启用统一身份登录，请用账号密码登录")
    # Whatever comes of it, an answer is good for one try.
    flow = Flow.of(box_of(request).pop(_FLOW, None))
    target = flow.next if flow is not None else ""
    address = address_of(request)
    try:
        await request.app[THROTTLE].check(address)
        identity = await request.app[OIDC].finish(flow, request.query, _back(request))
        user = await request.app[ACCOUNTS].of_identity(
            request.app[SETTINGS].web.oidc.issuer, identity.subject, identity.account, address
        )
    except AddressBlockedError as error:
        return _form(request, target, problem=error.message, status=429)
    except OidcError as error:
        return _form(request, target, problem=error.message, status=403)
    except SignInRefusedError as error:
        await request.app[THROTTLE].failed(address)
        return _form(request, target, problem=error.message, status=403)
    return await go_on(request, user, target, sessions.OIDC)


def _back(request: web.Request) -> str:
    base = request.app[SETTINGS].web.public_url.rstrip("/")
    return f"{base or f'{request.scheme}://{request.host}'}/signin/oidc/back"


def _form(
    request: web.Request, target: str, account: str = "", problem: str = "", *, status: int = 200
) -> web.Response:
    oidc = request.app[SETTINGS].web.oidc
    return render(
        request,
        "web/signin.html",
        status=status,
        next=target,
        account=account[:64],
        problem=problem,
        oidc_words=oidc.words if oidc.issuer else "",
    )


async def go_on(request: web.Request, user: User, target: str, via: str) -> web.StreamResponse:
    """Open the session of somebody who is known, or ask for the second step first."""
    if user.totp_secret is None:
        return await _open(request, user, target, via)
    box = box_of(request)
    box.clear()
    now = request.app[CLOCK].now().timestamp()
    box[_PENDING] = {"user": user.id, "at": now, "via": via}
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
    target, address = str(data.get("next", "")), address_of(request)
    user_id, via = pending
    try:
        await request.app[THROTTLE].check(address)
        await request.app[ACCOUNTS].check_code(user_id, str(data.get("code", "")))
    except (SignInRefusedError, AddressBlockedError) as error:
        blocked = isinstance(error, AddressBlockedError)
        if not blocked:
            await request.app[THROTTLE].failed(address)
        status = 429 if blocked else 403
        return render(
            request, "web/signin_code.html", status=status, next=target, problem=error.message
        )
    async with request.app[DATABASE].read() as session:
        user = await session.get_one(User, user_id)
    return await _open(request, user, target, via)


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


async def _open(request: web.Request, user: User, target: str, via: str) -> web.StreamResponse:
    # A new session: what was planted in the old cookie must not live on after signing in.
    token = await request.app[SESSIONS].open(
        user.id, address_of(request), request.headers.get("User-Agent", ""), via
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
            via=via,
        )
    raise see_other(_next(target))


def _pending(request: web.Request) -> tuple[int, str] | None:
    held = box_of(request).get(_PENDING)
    if not isinstance(held, dict):
        return None
    age = request.app[CLOCK].now().timestamp() - float(held["at"])
    if not 0 <= age < PENDING_SECONDS:
        return None
    return int(held["user"]), str(held.get("via", sessions.PASSWORD))


def _next(target: str | None) -> str:
    return target if target and safe_path(target) else "/"
