"""Live pages: one stream of server-sent events a browser, fed by the outbox, resumable.

Two kinds of news. *Events* are outbox rows that a rule lets through to this viewer; they carry
the row's id, so that a browser that was away asks for what it missed (``Last-Event-ID``).
*Views* are page regions computed once for everyone who looks and sent when they change.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import structlog
from aiohttp import web
from sqlalchemy import select

from hotline.store import Outbox, follow, latest
from hotline.web.context import DATABASE, SECTIONS, SESSION_TOKEN, SESSIONS, viewer_of
from hotline.web.section import EventRule, LiveView
from hotline.web.translating import language
from hotline.web.viewer import Viewer

QUEUE = 200
"""News that a slow browser may be behind; one that is further behind loads its page anew."""

REPLAY = 500
"""Missed rows that are sent again; after a longer absence the page is loaded anew."""

QUIET_SECONDS = 15.0
"""A word is said at least this often, so that proxies and browsers see a living line."""

RESYNC = "event: resync\ndata: {}\n\n"

log = structlog.get_logger(__name__)


def message(event: str, data: Mapping[str, Any], row_id: int | None = None) -> str:
    """Write one server-sent event."""
    mark = f"id: {row_id}\n" if row_id is not None else ""
    return f"{mark}event: {event}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"


@dataclass(eq=False)
class Subscriber:
    """One open stream."""

    viewer: Viewer
    views: frozenset[str]
    topics: tuple[str, ...] = ("",)
    """Beginnings of topics that the page listens for; others are not even written."""
    queue: asyncio.Queue[tuple[int, str]] = field(
        default_factory=lambda: asyncio.Queue(maxsize=QUEUE)
    )
    language: str = field(default_factory=language.get)
    behind: bool = False
    closing: bool = False

    def put(self, row_id: int, text: str) -> None:
        """Queue a message; one that finds no room marks the stream as behind."""
        try:
            self.queue.put_nowait((row_id, text))
        except asyncio.QueueFull:
            self.behind = True


class Hub:
    """Reads the outbox once for all browsers and computes each live view once for all."""

    def __init__(self, app: web.Application) -> None:
        self.app = app
        self.rules = [rule for section in app[SECTIONS] for rule in section.event_rules]
        self.views = {view.name: view for section in app[SECTIONS] for view in section.live_views}
        self.subscribers: set[Subscriber] = set()
        self.regions: dict[str, dict[str, dict[str, str]]] = {name: {} for name in self.views}
        """What was sent last, by view, language and region."""
        self.position: int | None = None
        """The newest row that was told; pages carry it, so that their stream begins there."""
        self._stale = {name: asyncio.Event() for name in self.views}

    async def run(self) -> None:
        """Follow the outbox and keep the views fresh until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._follow())
            for view in self.views.values():
                group.create_task(self._keep(view))

    async def _follow(self) -> None:
        while True:
            try:
                if self.position is None:
                    self.position = await latest(self.app[DATABASE])
                async for row in follow(self.app[DATABASE], self.position):
                    self.position = row.id
                    self._tell(row)
            except Exception:
                # The stream must outlive a database that is away for a while.
                log.exception("the outbox could not be read")
                await asyncio.sleep(1.0)

    def _tell(self, row: Outbox) -> None:
        for name, view in self.views.items():
            if row.topic.startswith(view.topics):
                self._stale[name].set()
        rules = [rule for rule in self.rules if row.topic.startswith(rule.topic)]
        for subscriber in list(self.subscribers) if rules else []:
            if not row.topic.startswith(subscriber.topics):
                continue
            text = projected(rules, row, subscriber.viewer)
            if text is not None:
                subscriber.put(row.id, text)

    async def _keep(self, view: LiveView) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stale[view.name].wait(), view.every_seconds)
            self._stale[view.name].clear()
            if any(view.name in subscriber.views for subscriber in self.subscribers):
                try:
                    await self.refresh(view)
                except Exception:
                    # One view that fails must not stop the others, nor itself next time.
                    log.exception("a live view failed", view=view.name)
            await asyncio.sleep(view.gather_seconds)

    async def refresh(self, view: LiveView) -> None:
        """Compute a view and send the regions that changed to all who look at it."""
        looking = [s for s in self.subscribers if view.name in s.views]
        for code in sorted({s.language for s in looking} or {language.get()}):
            used = language.set(code)
            try:
                fresh = dict(await view.render(self.app))
            finally:
                language.reset(used)
            known = self.regions[view.name].get(code, {})
            changed = {name: html for name, html in fresh.items() if known.get(name) != html}
            self.regions[view.name][code] = fresh
            if changed:
                text = message("view", {"view": view.name, "regions": changed})
                for subscriber in looking:
                    if subscriber.language == code:
                        subscriber.put(0, text)

    @contextlib.contextmanager
    def subscribed(
        self, viewer: Viewer, views: frozenset[str], topics: tuple[str, ...] = ("",)
    ) -> Any:
        """Add a stream for as long as the block lasts."""
        allowed = frozenset(
            n for n in views if n in self.views and viewer.may(self.views[n].permission)
        )
        subscriber = Subscriber(viewer, allowed, topics)
        self.subscribers.add(subscriber)
        for name in allowed:
            self._stale[name].set()
            known = self.regions[name].get(subscriber.language)
            if known:
                subscriber.put(0, message("view", {"view": name, "regions": known}))
        try:
            yield subscriber
        finally:
            self.subscribers.discard(subscriber)


HUB = web.AppKey("hub", Hub)


def projected(rules: list[EventRule], row: Outbox, viewer: Viewer) -> str | None:
    """Return what ``viewer`` is told of a row, by the first rule that lets anything through."""
    for rule in rules:
        if row.topic.startswith(rule.topic) and viewer.may(rule.permission):
            data = rule.project(row, viewer)
            if data is not None:
                return message("news", {"topic": row.topic, **data}, row.id)
    return None


async def run_hub(app: web.Application) -> AsyncIterator[None]:
    """Run the hub as long as the server (a ``cleanup_ctx`` generator)."""
    task = asyncio.create_task(app[HUB].run())
    yield
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def close_streams(app: web.Application) -> None:
    """End all streams, so that the server stops at once (an ``on_shutdown`` signal)."""
    for subscriber in app[HUB].subscribers:
        subscriber.closing = True
        subscriber.put(0, ": going away\n\n")


async def stream(request: web.Request) -> web.StreamResponse:
    """Answer ``/events?view=wallboard&topic=case.``: what was missed first, then what is new."""
    hub, viewer = request.app[HUB], viewer_of(request)
    response = web.StreamResponse(
        headers={
            "Content-Type": "text/event-stream; charset=utf-8",
            "Cache-Control": "no-store",
            "X-Accel-Buffering": "no",
        }
    )
    # A browser that goes away is the usual end of a stream, not a failure.
    with contextlib.suppress(ConnectionError):
        await response.prepare(request)
        await response.write(b"retry: 2000\n\n")
        views = frozenset(request.query.getall("view", []))
        topics = tuple(request.query.getall("topic", [""]))
        with hub.subscribed(viewer, views, topics) as subscriber:
            seen = await _replay(request, response, subscriber)
            await _pour(request, response, subscriber, seen)
    return response


async def _replay(
    request: web.Request, response: web.StreamResponse, subscriber: Subscriber
) -> int:
    # The header after a gap; the address, which holds what the page was drawn from, before.
    given = request.headers.get("Last-Event-ID") or request.query.get("after", "")
    if not given.isdigit():
        # The browser keeps this id, so that even a first gap can be filled.
        start = await latest(request.app[DATABASE])
        await response.write(f"id: {start}\nevent: hello\ndata: {{}}\n\n".encode())
        return start
    after = int(given)
    query = select(Outbox).where(Outbox.id > after).order_by(Outbox.id).limit(REPLAY + 1)
    async with request.app[DATABASE].read() as session:
        rows = list(await session.scalars(query))
    if len(rows) > REPLAY or after > await latest(request.app[DATABASE]):
        await response.write(RESYNC.encode())
        return max(after, rows[-1].id if rows else 0)
    for row in rows:
        text = projected(request.app[HUB].rules, row, subscriber.viewer)
        if text is not None and row.topic.startswith(subscriber.topics):
            await response.write(text.encode())
        after = row.id
    return after


async def _pour(
    request: web.Request, response: web.StreamResponse, subscriber: Subscriber, seen: int
) -> None:
    token = request[SESSION_TOKEN]
    while not subscriber.behind and not subscriber.closing:
        try:
            row_id, text = await asyncio.wait_for(subscriber.queue.get(), QUIET_SECONDS)
        except TimeoutError:
            if await request.app[SESSIONS].viewer(token) is None:
                await response.write(b"event: signed-out\ndata: {}\n\n")
                return
            text, row_id = ": still here\n\n", 0
        if row_id == 0 or row_id > seen:
            await response.write(text.encode())
    if subscriber.behind:
        await response.write(RESYNC.encode())
