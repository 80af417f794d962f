"""The section of live help: two panels of the seat, and what is told to them while people talk."""

from __future__ import annotations

from pathlib import Path

from hotline.web.section import EventRule, Panel, Route, Section
from transcripts.live import pages

_FOLDER = Path(__file__).parent

section = Section(
    name="live",
    templates=_FOLDER / "templates",
    static=_FOLDER / "static",
    routes=(
        Route("POST", r"/live/hints/{hint:\d{1,18}}/{what:used|dismissed}", pages.mark, pages.HELP),
        Route("POST", "/live/hints/seen", pages.seen, pages.HELP),
        Route("GET", "/live/{call_id}/draft.json", pages.drafted, pages.HELP),
    ),
    panels=(
        Panel(
            name="live-help",
            slot="seat.help",
            order=10,
            permission=pages.HELP,
            render=pages.draw_help,
            refresh_on=("live.hint",),
            script="live/live.js",
            style="live/live.css",
        ),
        Panel(
            name="live-words",
            slot="seat.words",
            order=10,
            permission=pages.HELP,
            render=pages.draw_words,
        ),
    ),
    event_rules=(EventRule("live.", pages.HELP, pages.own_words),),
)
