"""How a package hands its pages to the house.

A :class:`Section` is a value: routes with their permissions, templates, static files, entries of
the navigation, panels for other sections' pages, live views and rules for live events.
``hotline.app`` collects them; :func:`hotline.web.server.create_app` builds the server.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web
from markupsafe import Markup
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.calls.proportion import Proportion
from hotline.store import Outbox
from hotline.web.permissions import Permission
from hotline.web.viewer import Viewer

PageHandler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True)
class Route:
    """One address. ``path`` as aiohttp writes it: ``/tickets/{number}``."""

    method: str
    path: str
    handler: PageHandler
    permission: Permission
    """Declared on every route; :data:`~hotline.web.permissions.PUBLIC` where anyone may."""
    name: str | None = None
    checks_token: bool = True
    """Whether a form's token is asked for. Not of programs that carry a key of their own, nor of
    uploads, whose handler reads the token itself piece by piece."""


@dataclass(frozen=True)
class NavEntry:
    """One entry of the navigation; shown to those who may."""

    path: str
    words: str
    icon: str
    permission: Permission
    order: int = 50
    also: tuple[str, ...] = ()
    """Other pages of its room, which have no entry of their own."""

    def leads_to(self, path: str) -> bool:
        """Whether the page at ``path`` belongs to this entry."""
        return any(path == own or path.startswith(f"{own}/") for own in (self.path, *self.also))


@dataclass(frozen=True)
class PanelContext:
    """What a panel is told about the ticket it stands on."""

    viewer: Viewer
    session: AsyncSession
    call_id: str | None
    case_id: int | None
    address: str
    """Where the look comes from, for the audit."""


@dataclass(frozen=True)
class Panel:
    """A piece of a ticket's page that another package draws.

    The ticket's page knows no transcripts, and transcripts know no tickets; both know this.
    """

    name: str
    """Also its address: the page fetches one panel anew when a topic of ``refresh_on`` tells."""
    slot: str
    """On a ticket: ``main`` (under the call's timeline) or ``side``. On the seat:
    ``seat.me`` (left), which is drawn without a call too, ``seat.help`` (right) and ``seat.form``
    (under the ticket's form), which are drawn while there is one."""
    order: int
    permission: Permission
    render: Callable[[web.Application, PanelContext], Awaitable[Markup | None]]
    """``None``: nothing to show for this ticket."""
    refresh_on: tuple[str, ...] = ()
    script: str = ""
    """A module of its own (``transcripts/player.js``), loaded with the page."""
    style: str = ""
    """A stylesheet of its own; the seat loads it."""


@dataclass(frozen=True)
class Bar:
    """What stands in the top of every page of those who may: the call bar."""

    template: str
    """Drawn without values; its script fills it."""
    script: str
    style: str
    shown_to: Callable[[Viewer], bool]


@dataclass(frozen=True)
class LiveView:
    """A page part that everyone sees alike and that is computed once for all who look.

    ``render`` returns HTML by region name; only regions that changed are sent.
    """

    name: str
    permission: Permission
    topics: tuple[str, ...]
    """Beginnings of outbox topics after which it is computed anew."""
    render: Callable[[web.Application], Awaitable[Mapping[str, str]]]
    every_seconds: float = 30.0
    """It is computed anew after this long even where nothing was told."""
    gather_seconds: float = 0.25
    """Changes are gathered this long; more for a view that reads the whole day."""


@dataclass(frozen=True)
class EventRule:
    """Which outbox rows reach which browser, and what of them.

    Without a rule nothing of the outbox leaves the house: payloads hold personal data.
    """

    topic: str
    """Beginning of the topic."""
    permission: Permission
    project: Callable[[Outbox, Viewer], Mapping[str, Any] | None]
    """What this viewer is told; ``None``: nothing."""


@dataclass(frozen=True)
class Figure:
    """A rate that the first screens show and that another package counts."""

    name: str
    count: Callable[[AsyncSession, Any, Any], Awaitable[Proportion]]
    """Called with session, since and until (aware times)."""


@dataclass(frozen=True)
class Directory:
    """Names of people and places by their codes, and the place that a person belongs to."""

    people: Mapping[str, str] = field(default_factory=dict)
    places: Mapping[str, str] = field(default_factory=dict)
    homes: Mapping[str, str] = field(default_factory=dict)

    def person(self, code: str | None) -> str:
        """Return who that is; an unknown code names itself."""
        return self.people.get(code, code) if code else ""

    def place(self, code: str | None) -> str:
        """Return where that is; an unknown code names itself."""
        return self.places.get(code, code) if code else ""


@dataclass(frozen=True)
class Section:
    """All that one package gives to the pages."""

    name: str
    """Prefix of its templates (``agents/wallboard.html``) and static files."""
    routes: tuple[Route, ...] = ()
    templates: Path | None = None
    static: Path | None = None
    nav: tuple[NavEntry, ...] = ()
    panels: tuple[Panel, ...] = ()
    live_views: tuple[LiveView, ...] = ()
    event_rules: tuple[EventRule, ...] = ()
    figures: tuple[Figure, ...] = ()
    veil: Callable[[AsyncSession, Viewer, Sequence[str]], Awaitable[frozenset[str]]] | None = None
    """Of these calls, those whose score the viewer may not see yet."""
    directory: Callable[[AsyncSession], Awaitable[Directory]] | None = None
    """Reads the names of people and places, for sections that know only codes."""
    subjects: Mapping[
        str, Callable[[AsyncSession, Sequence[str]], Awaitable[Mapping[str, str]]]
    ] = field(default_factory=dict)
    """By kind of what its audit rows are about: reads names by ids, without whole personal data."""
    resources: tuple[Callable[[web.Application], Any], ...] = field(default=())
    """``cleanup_ctx`` generators: opened at start, closed at the end."""
    closing: tuple[Callable[[web.Application], Awaitable[None]], ...] = ()
    """Ends what would keep the server from stopping: open streams and sockets."""
    bar: Bar | None = None
