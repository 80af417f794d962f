"""The server: sections in, one aiohttp application out."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from functools import wraps
from urllib.parse import quote

from aiohttp import ClientSession, web
from cryptography.fernet import Fernet
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.clock import Clock
from hotline.errors import ForbiddenError
from hotline.secretsfile import SecretsFile
from hotline.settings import Settings
from hotline.store import Database
from hotline.web import context, csrf, failures, headers
from hotline.web.accounts import Accounts
from hotline.web.assets import Assets
from hotline.web.audit import Audit
from hotline.web.cookie import EncryptedCookie, box_of
from hotline.web.failures import NotSignedInError
from hotline.web.live import HUB, Hub, close_streams, run_hub
from hotline.web.oidc import OidcClient
from hotline.web.passwords import Hasher
from hotline.web.permissions import PUBLIC, Permission
from hotline.web.section import PageHandler, Route, Section
from hotline.web.sessions import LONGEST, Sessions
from hotline.web.templating import is_fragment, make_environments
from hotline.web.throttle import Throttle
from hotline.web.translating import LANGUAGE_COOKIE, LANGUAGES, language

BODY_BYTES = 1024 * 1024
"""The largest form. What needs more (attachments) has its own door."""

TOKEN = "token"  # noqa: S105 - the name of a cookie's field
CHANGE_PASSWORD = "/account/password"  # noqa: S105 - an address
_OPEN_BEFORE_CHANGE = frozenset(
    {CHANGE_PASSWORD, "/signout", "/preferences/theme", "/preferences/language"}
)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def create_app(
    settings: Settings,
    database: Database,
    clock: Clock,
    sections: Sequence[Section],
    *,
    organisations: context.OrganisationTree | None = None,
    hasher: Hasher | None = None,
) -> web.Application:
    """Build the web application from what the packages give.

    Args:
        settings: of this installation; secrets come from its home.
        database: opened and closed by the caller.
        clock: what time it is.
        sections: the packages' pages; the web's own come first by themselves.
        organisations: reads the tree of places, for roles bound to a part of it.
        hasher: of passwords; tests give a quick one.
    """
    from hotline.web.routes import section as own  # noqa: PLC0415 - the web's pages need this module

    every = (own, *sections)
    app = web.Application(
        client_max_size=BODY_BYTES,
        middlewares=[
            headers.compress,
            _cookie(settings).middleware(),
            failures.tell,
            _recognise,
        ],
    )
    app[context.SETTINGS] = settings
    app[context.DATABASE] = database
    app[context.CLOCK] = clock
    app[context.SECTIONS] = every
    app[context.AUDIT] = Audit(clock)
    app[context.SESSIONS] = Sessions(database, clock)
    app[context.THROTTLE] = Throttle(database, clock)
    app[context.ACCOUNTS] = make_accounts(settings, database, clock, hasher)
    app[context.PLACES] = context.Places(organisations or _no_organisations)
    assets = Assets({s.name: s.static for s in every if s.static is not None})
    app[context.ASSETS] = assets
    app[context.TEMPLATES] = make_environments(every, assets)
    app[HUB] = Hub(app)
    app.on_response_prepare.append(headers.add_headers)
    app.cleanup_ctx.append(run_hub)
    app.cleanup_ctx.append(_open_oidc)
    app.on_shutdown.append(close_streams)
    _add_routes(app, every, assets)
    for section in every:
        app.cleanup_ctx.extend(section.resources)
        app.on_shutdown.extend(section.closing)
    return app


async def _open_oidc(app: web.Application) -> AsyncIterator[None]:
    """Open the identity provider's client, where a provider is set (a ``cleanup_ctx``)."""
    settings = app[context.SETTINGS].web.oidc
    if not settings.issuer:
        yield
        return
    async with ClientSession() as http:
        app[context.OIDC] = OidcClient(settings, app[context.CLOCK], http)
        yield


def make_accounts(
    settings: Settings, database: Database, clock: Clock, hasher: Hasher | None = None
) -> Accounts:
    """Return the accounts with the installation's own key for their secrets."""
    key = SecretsFile(settings.home).get("accounts")
    return Accounts(database, clock, Fernet(_fernet_key(key)), hasher)


def _cookie(settings: Settings) -> EncryptedCookie:
    own = settings.web
    secure = own.public_url.startswith("https://") or own.https or bool(own.tls_certificate)
    return EncryptedCookie(
        _fernet_key(SecretsFile(settings.home).get("cookies")),
        # The browser itself then refuses the cookie on another host or without TLS.
        name="__Host-hotline" if secure else "hotline",
        max_age=int(LONGEST.total_seconds()),
        secure=secure,
    )


def _fernet_key(secret: str) -> bytes:
    return base64.urlsafe_b64encode(hashlib.sha256(secret.encode()).digest())


async def _no_organisations(session: AsyncSession) -> Mapping[str, str | None]:
    del session
    return {}


def _add_routes(app: web.Application, sections: Sequence[Section], assets: Assets) -> None:
    static = Route("GET", "/static/{mark}/{name:.+}", assets.serve, PUBLIC)
    for route in (static, *(r for s in sections for r in s.routes)):
        door = guarded(route.handler, route.permission, checks_token=route.checks_token)
        app.router.add_route(route.method, route.path, door, name=route.name)


def guarded(
    handler: PageHandler, permission: Permission, *, checks_token: bool = True
) -> PageHandler:
    """Return the handler behind its door: permission first, then the form's token."""

    @wraps(handler)
    async def door(request: web.Request) -> web.StreamResponse:
        viewer = context.viewer_or_none(request)
        if permission is not PUBLIC:
            if viewer is None:
                raise _to_the_door(request)
            if viewer.must_change_password and request.path not in _OPEN_BEFORE_CHANGE:
                raise web.HTTPSeeOther(CHANGE_PASSWORD)
            if not viewer.may(permission):
                raise ForbiddenError(
                    f"您的角色（{viewer.role_words}）不能{permission.words}",
                    permission=permission.name,
                )
        if checks_token and request.method not in csrf.SAFE_METHODS:
            await csrf.check(request, box_of(request), request.app[context.SETTINGS].web.public_url)
        return await handler(request)

    door.permission = permission  # type: ignore[attr-defined]
    return door


def _to_the_door(request: web.Request) -> Exception:
    wants_page = "text/html" in request.headers.get("Accept", "text/html")
    if request.method not in csrf.SAFE_METHODS or is_fragment(request) or not wants_page:
        return NotSignedInError()
    return web.HTTPSeeOther(f"/signin?next={quote(request.path_qs)}")


@web.middleware
async def _recognise(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Find out who is looking and in which language, before anything else does."""
    chosen = request.cookies.get(LANGUAGE_COOKIE, "")
    language.set(chosen if chosen in LANGUAGES else "zh")
    if not request.path.startswith("/static/"):
        box = box_of(request)
        token = box.get(TOKEN)
        if isinstance(token, str):
            viewer = await request.app[context.SESSIONS].viewer(token)
            if viewer is None:
                box.pop(TOKEN, None)
            else:
                request[context.VIEWER] = viewer
                request[context.SESSION_TOKEN] = token
    return await handler(request)
