"""The section of recordings, transcripts and scores."""

from __future__ import annotations

from pathlib import Path

from hotline.web.permissions import LISTEN_RECORDINGS
from hotline.web.section import Figure, NavEntry, Panel, Route, Section
from knowledge_base.pages.cards import EDIT_CARDS
from transcripts.pages import (
    access,
    blind,
    calibration,
    dialled,
    grade,
    hints,
    listen,
    own,
    panels,
    quality,
    redacted,
    reviewing,
    reviews,
)

_FOLDER = Path(__file__).parent / "pages"
_CALL = r"{call_id:[\w.\-]+}"

section = Section(
    name="transcripts",
    templates=_FOLDER / "templates",
    static=_FOLDER / "static",
    routes=(
        Route("GET", "/calls/{call_id}/recording.wav", listen.recording, LISTEN_RECORDINGS),
        Route("GET", "/calls/{call_id}/redacted.wav", redacted.sound, access.EXPORT_REDACTED),
        Route("GET", "/calls/{call_id}/redacted.txt", redacted.text, access.EXPORT_REDACTED),
        Route("GET", "/review", reviews.page, access.REVIEW),
        Route("GET", "/review/calibration", calibration.page, access.REVIEW),
        Route("GET", "/review/mine", own.page, access.OWN_REVIEWS),
        Route("GET", "/review/mine/{grade:\\d+}", own.one, access.OWN_REVIEWS),
        Route("POST", "/review/mine/{grade:\\d+}/appeal", own.appeal, access.OWN_REVIEWS),
        Route("GET", f"/review/{_CALL}", reviewing.page, access.REVIEW),
        Route("POST", f"/review/{_CALL}/grade", grade.submit, access.REVIEW),
        Route("POST", f"/review/{_CALL}/comments", reviewing.comment, access.REVIEW),
        Route("POST", f"/review/{_CALL}/turns/{{turn:\\d+}}", reviewing.correct, access.REVIEW),
        Route("POST", f"/review/{_CALL}/findings/{{finding:\\d+}}", reviewing.judge, access.REVIEW),
        Route("GET", "/knowledge/hints", hints.page, EDIT_CARDS),
        Route("GET", "/quality", quality.page, access.SEE_QUALITY),
        Route("GET", "/quality.xlsx", quality.xlsx, access.SEE_QUALITY),
        Route("GET", "/quality.pdf", quality.printed, access.SEE_QUALITY),
    ),
    nav=(
        NavEntry("/review", "质检", "clipboard", access.REVIEW, order=40),
        NavEntry("/quality", "质量", "gauge", access.SEE_QUALITY, order=42),
        NavEntry("/review/mine", "我的质检", "clipboard", access.OWN_REVIEWS, order=41),
    ),
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
            name="dialled",
            slot="main",
            order=12,
            permission=LISTEN_RECORDINGS,
            render=dialled.draw,
            refresh_on=("recording.", "transcript.", "score."),
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
    veil=blind.blind_calls,
    figures=(Figure("legal_accuracy", panels.legal_accuracy),),
)
