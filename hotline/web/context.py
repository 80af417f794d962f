"""What a page handler asks for: the house's services and who is looking."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any

from aiohttp import web
from jinja2 import Environment
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.clock import Clock
from hotline.settings import Settings
from hotline.store import Database
from hotline.web.accounts import Accounts
from hotline.web.assets import Assets
from hotline.web.audit import Audit
from hotline.web.oidc import OidcClient
from hotline.web.section import Bar, Directory, Figure, NavEntry, Panel, Section
from hotline.web.sessions import Sessions
from hotline.web.throttle import Throttle
from hotline.web.viewer import Viewer

SETTINGS = web.AppKey("settings", Settings)
DATABASE = web.AppKey("database", Database)
CLOCK = web.AppKey("clock", Clock)
ACCOUNTS = web.AppKey("accounts", Accounts)
SESSIONS = web.AppKey("sessions", Sessions)
AUDIT = web.AppKey("audit", Audit)
THROTTLE = web.AppKey("throttle", Throttle)
OIDC = web.AppKey("oidc", OidcClient)
"""Only where a provider is set."""
TEMPLATES = web.AppKey("templates", dict[str, Environment])
"""By language (:mod:`hotline.web.translating`)."""
ASSETS = web.AppKey("assets", Assets)
SECTIONS = web.AppKey("sections", tuple[Section, ...])

OrganisationTree = Callable[[AsyncSession], Awaitable[Mapping[str, str | None]]]
"""Reads the tree of places: code to its parent's code."""


@dataclass(frozen=True)
class Places:
    """The tree of places, given by whoever keeps it."""

    tree: OrganisationTree


PLACES = web.AppKey("places", Places)

VIEWER = web.RequestKey("viewer", Viewer)
SESSION_TOKEN = web.RequestKey("session_token", str)


def viewer_of(request: web.Request) -> Viewer:
    """Return the signed-in person; only routes that ask for a permission may call this."""
    return request[VIEWER]


def viewer_or_none(request: web.Request) -> Viewer | None:
    """Return the signed-in person, if any."""
    return request.get(VIEWER)


def address_of(request: web.Request) -> str:
    """Return the browser's address: the last one that no proxy of ours has.

    ``X-Forwarded-For`` is believed only as far as our own proxies wrote it; what stands left of
    the first stranger may be anybody's invention.
    """
    found = request.remote or ""
    proxies = [ip_network(one) for one in request.app[SETTINGS].web.trusted_proxies]
    told = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",")]
    while told and _within(found, proxies):
        found = told.pop() or found
    return found[:64]


def on_record(
    request: web.Request,
    session: AsyncSession,
    action: str,
    subject: str,
    subject_id: str,
    **detail: Any,
) -> None:
    """Put on record what the signed-in person does, as part of the session's transaction."""
    request.app[AUDIT].record(
        session,
        viewer_of(request),
        action,
        subject,
        subject_id,
        address=address_of(request),
        **detail,
    )


def _within(address: str, networks: Sequence[IPv4Network | IPv6Network]) -> bool:
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    return any(parsed in network for network in networks)


def navigation(app: web.Application, viewer: Viewer) -> list[NavEntry]:
    """Return the navigation's entries that the viewer may follow, in order."""
    entries = [e for s in app[SECTIONS] for e in s.nav if viewer.may(e.permission)]
    return sorted(entries, key=lambda e: e.order)


def bars(app: web.Application, viewer: Viewer) -> list[Bar]:
    """Return what stands in the top of the viewer's pages."""
    return [s.bar for s in app[SECTIONS] if s.bar is not None and s.bar.shown_to(viewer)]


def panels(app: web.Application, viewer: Viewer) -> list[Panel]:
    """Return the panels of all sections that the viewer may see, in order."""
    found = [p for s in app[SECTIONS] for p in s.panels if viewer.may(p.permission)]
    return sorted(found, key=lambda p: p.order)


def figures(app: web.Application) -> dict[str, Figure]:
    """Return the figures that sections count, by name."""
    return {f.name: f for s in app[SECTIONS] for f in s.figures}


async def directory(app: web.Application, session: AsyncSession) -> Directory:
    """Return the names of people and places; an empty one where no section keeps them."""
    for section in app[SECTIONS]:
        if section.directory is not None:
            return await section.directory(session)
    return Directory()


async def veiled(
    app: web.Application, session: AsyncSession, viewer: Viewer, call_ids: Sequence[str]
) -> frozenset[str]:
    """Return those calls whose score the viewer may not see yet."""
    found: frozenset[str] = frozenset()
    for section in app[SECTIONS]:
        if section.veil is not None and call_ids:
            found |= await section.veil(session, viewer, call_ids)
    return found


async def organisations_under(
    app: web.Application, session: AsyncSession, root: str
) -> frozenset[str]:
    """Return ``root`` and all places below it."""
    return under(await app[PLACES].tree(session), root)


def under(tree: Mapping[str, str | None], root: str) -> frozenset[str]:
    """Return ``root`` and all places below it in a tree of places by their parents."""
    children: dict[str, list[str]] = {}
    for code, parent in tree.items():
        if parent is not None:
            children.setdefault(parent, []).append(code)
    found, waiting = {root}, [root]
    while waiting:
        for child in children.get(waiting.pop(), []):
            if child not in found:
                found.add(child)
                waiting.append(child)
    return frozenset(found)
