"""The section of call-backs, follow-up calls and blocked numbers."""

from __future__ import annotations

from pathlib import Path

from agents.callers import pages
from agents.callers.pages import BLOCK, FOLLOW_UP, RECALL
from hotline.web.section import NavEntry, Route, Section

_FOLDER = Path(__file__).parent

section = Section(
    name="callers",
    templates=_FOLDER / "templates",
    static=_FOLDER / "static",
    routes=(
        Route("GET", "/callbacks", pages.callbacks, RECALL),
        Route(
            "POST",
            "/callbacks/{callback:[0-9A-Za-z_.-]{1,80}}/{act:cancel|now}",
            pages.act_on_callback,
            RECALL,
        ),
        Route("GET", "/followups", pages.follow_ups, FOLLOW_UP),
        Route("GET", "/blocked", pages.blocked, BLOCK),
        Route("POST", "/blocked", pages.add_block, BLOCK),
        Route(
            "POST",
            "/blocked/{mark:[0-9a-f]{20}}/{act:keep|refuse|lift}",
            pages.act_on_block,
            BLOCK,
        ),
        Route("POST", "/blocked/{mark:[0-9a-f]{20}}/reveal", pages.reveal, BLOCK),
    ),
    nav=(
        NavEntry(
            "/followups", "回访", "reply", FOLLOW_UP, order=35, also=("/callbacks", "/blocked")
        ),
    ),
    event_rules=pages.event_rules,
)
