"""A call's recording and transcript without personal data, to hand out; each time on record."""

from __future__ import annotations

import asyncio
from urllib.parse import quote

from aiohttp import web

from hotline.errors import NotFoundError
from hotline.web.context import DATABASE, SETTINGS, on_record, viewer_of
from hotline.web.reach import ticket
from transcripts.audio import AudioError, wav
from transcripts.redaction.calls import Exported, NotRedactableError, exported
from transcripts.redaction.export import audio_of, text_of


async def sound(request: web.Request) -> web.StreamResponse:
    """Give the recording, silent where personal data is said."""
    number, found = await _found(request, "recording.export")
    body = await asyncio.to_thread(quiet, found)
    return _file(body, "audio/wav", f"{number} 脱敏.wav")


async def text(request: web.Request) -> web.StreamResponse:
    """Give the transcript with marks in the place of personal data."""
    number, found = await _found(request, "transcript.export")
    return _file(text_of(found.turns).encode(), "text/plain", f"{number} 脱敏.txt")


def quiet(found: Exported) -> bytes:
    """Return the silenced legs as one WAV file."""
    legs = audio_of(found.legs, found.turns)
    return wav(list(legs.values()), next(iter(found.legs.values())).rate)


async def _found(request: web.Request, action: str) -> tuple[str, Exported]:
    app, viewer = request.app, viewer_of(request)
    call_id = request.match_info["call_id"]
    async with app[DATABASE].read() as session:
        case = await ticket(app, session, viewer, call_id=call_id)
        try:
            found = await exported(session, app[SETTINGS].recordings, call_id)
        except (AudioError, NotRedactableError) as error:
            raise NotFoundError(error.message) from error
    async with app[DATABASE].write() as session:
        on_record(request, session, action, "ticket", case.number)
    return case.number, found


def _file(body: bytes, kind: str, name: str) -> web.Response:
    return web.Response(
        body=body,
        content_type=kind,
        charset="utf-8" if kind == "text/plain" else None,
        headers={"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"},
    )
