"""The recording's address: authorised, audited, served in pieces as players ask for them."""

from __future__ import annotations

import asyncio
from pathlib import Path

from aiohttp import web
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.errors import NotFoundError
from hotline.web.context import AUDIT, DATABASE, SETTINGS, address_of, viewer_of
from transcripts.audio import AudioError
from transcripts.pages import sound
from transcripts.pages.access import ORIGINAL
from transcripts.pages.redacted import quiet
from transcripts.pages.whose import case_of
from transcripts.redaction.calls import NotRedactableError, exported
from transcripts.tables import RecordingTable


async def recording(request: web.Request) -> web.StreamResponse:
    """Answer ``/calls/{call_id}/recording.wav``, whole or a range of it."""
    app, viewer = request.app, viewer_of(request)
    call_id = request.match_info["call_id"]
    async with app[DATABASE].read() as session:
        case = await case_of(app, session, viewer, call_id)
        row = await of_call(session, call_id)
        if row is None:
            raise NotFoundError("这通电话没有录音")
        original = viewer.may(ORIGINAL)
        try:
            if original:
                wav = (await asyncio.to_thread(sound.load, files(app, row))).wav
            else:
                told = await exported(session, app[SETTINGS].recordings, call_id)
                wav = await asyncio.to_thread(quiet, told)
        except (AudioError, NotRedactableError) as error:
            raise NotFoundError(f"录音放不出来：{error.message}") from error
    async with app[DATABASE].write() as session:
        await app[AUDIT].look(
            session,
            viewer,
            "recording.listen",
            "ticket",
            case.number,
            address=address_of(request),
            redacted=not original,
        )
    return _piece(request, wav)


def files(app: web.Application, row: RecordingTable) -> tuple[Path, ...]:
    """Return the legs' files; a path that leads out of the recordings folder is refused.

    Raises:
        NotFoundError: there is no file, or not where recordings lie.
    """
    folder = app[SETTINGS].recordings.resolve()
    found = [(folder / p).resolve() for p in (row.caller_path, row.agent_path) if p]
    if not found or not all(file.is_relative_to(folder) for file in found):
        raise NotFoundError("这通电话没有录音文件")
    return tuple(found)


async def of_call(session: AsyncSession, call_id: str) -> RecordingTable | None:
    """Return a call's recording, if it has one."""
    return await session.scalar(select(RecordingTable).where(RecordingTable.call_id == call_id))


def _piece(request: web.Request, wav: bytes) -> web.Response:
    headers = {"Accept-Ranges": "bytes", "Cache-Control": "private, no-store"}
    try:
        asked = request.http_range
    except ValueError:
        asked = slice(len(wav), None)
    if asked.start is None and asked.stop is None:
        return web.Response(body=wav, content_type="audio/wav", headers=headers)
    start, stop, _ = asked.indices(len(wav))
    if start >= stop:
        headers["Content-Range"] = f"bytes */{len(wav)}"
        return web.Response(status=416, headers=headers)
    headers["Content-Range"] = f"bytes {start}-{stop - 1}/{len(wav)}"
    return web.Response(status=206, body=wav[start:stop], content_type="audio/wav", headers=headers)
