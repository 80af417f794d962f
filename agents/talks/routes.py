"""The section of what is done during calls."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from agents.pages.seat_rights import SIT
from agents.talks import asking, control, supervising, third
from agents.talks.supervising import DIRECT, PAGE
from hotline.store import Outbox
from hotline.web.section import EventRule, NavEntry, Panel, Route, Section
from hotline.web.viewer import Viewer

_FOLDER = Path(__file__).parent


def _own(row: Outbox, viewer: Viewer) -> Mapping[str, Any] | None:
    """Let the seat that it is about see all of it; the asker's mark is of no use to a page."""
    if not viewer.agent_id or row.payload.get("agent_id") != viewer.agent_id:
        return None
    return {name: value for name, value in row.payload.items() if name != "by"}


def _asked(row: Outbox, viewer: Viewer) -> Mapping[str, Any] | None:
    """Let the supervisor who asked see how it ended."""
    by = str(row.payload.get("by", ""))
    if not by.startswith(f"user:{viewer.user_id}:"):
        return None
    return {name: row.payload.get(name) for name in ("order", "kind", "outcome", "words")}


def _all(row: Outbox, viewer: Viewer) -> Mapping[str, Any]:
    del viewer
    return dict(row.payload)


def _only_that(row: Outbox, viewer: Viewer) -> Mapping[str, Any]:
    """Tell that something happened, and nothing of it."""
    del row, viewer
    return {}


section = Section(
    name="talks",
    templates=_FOLDER / "templates",
    static=_FOLDER / "static",
    routes=(
        Route("POST", "/seat/call/{kind:[a-z_]+}", asking.ask, SIT),
        Route("GET", "/seat/talk.json", asking.talk, SIT),
        Route("GET", "/seat/targets.json", asking.choose, SIT),
        Route("GET", "/seat/broadcasts.json", asking.broadcasts, SIT),
        Route("POST", "/seat/broadcast/{broadcast:\\d{1,15}}/read", asking.confirm, SIT),
        Route("GET", PAGE, control.page, DIRECT),
        Route("POST", "/wallboard/call/{kind:[a-z_]+}", supervising.on_call, DIRECT),
        Route("POST", "/wallboard/agent/{state:[a-z_]+}", supervising.on_agent, DIRECT),
        Route("POST", "/wallboard/broadcast", supervising.broadcast, DIRECT),
    ),
    nav=(NavEntry(PAGE, "指挥台", "alarm", DIRECT, order=25),),
    panels=(
        Panel(
            name="third",
            slot="seat.asked",
            order=5,
            permission=SIT,
            render=third.draw,
            refresh_on=("call.talk",),
            script="talks/third.js",
            style="talks/third.css",
        ),
    ),
    event_rules=(
        EventRule("call.order", SIT, _own),
        EventRule("call.order", DIRECT, _asked),
        EventRule("call.talk", SIT, _own),
        EventRule("seat.broadcast", SIT, _all),
        EventRule("call.", DIRECT, _only_that),
        EventRule("presence.", DIRECT, _only_that),
        EventRule("seat.broadcast", DIRECT, _only_that),
    ),
)
"""Its rules must come before the seat's, which tell of a call only that something changed."""
