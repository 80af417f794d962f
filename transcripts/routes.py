"""The section of recordings, transcripts and scores."""

from __future__ import annotations

from pathlib import Path

from hotline.web.permissions import LISTEN_RECORDINGS
from hotline.web.section import Figure, Panel, Route, Section
from transcripts.pages import listen, panels

_FOLDER = Path(__file__).parent / "pages"

section = Section(
    name="transcripts",
    templates=_FOLDER / "templates",
    static=_FOLDER / "static",
    routes=(Route("GET", "/calls/{call_id}/recording.wav", listen.recording, LISTEN_RECORDINGS),),
    panels=(
        Panel(
            name="recording",
            slot="main",
            order=10,
            permission=LISTEN_RECORDINGS,
            render=panels.draw_recording,
            refresh_on=("recording.", "transcript.", "score."),
            script="transcripts/player.js",
        ),
        Panel(
            name="score",
            slot="side",
            order=10,
            permission=LISTEN_RECORDINGS,
            render=panels.draw_score,
            refresh_on=("transcript.", "score."),
        ),
    ),
    figures=(Figure("legal_accuracy", panels.legal_accuracy),),
)
