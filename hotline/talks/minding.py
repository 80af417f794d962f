"""What the desk minds every second: talks that grow long, and the bureau's file of choices."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

import config
from hotline.calls.live import Live, Phase
from hotline.errors import HotlineError
from hotline.talks import book, words

if TYPE_CHECKING:
    from hotline.talks.desk import Desk

log = structlog.get_logger(__name__)

WATCH_SECONDS = 1.0


async def watch(desk: Desk) -> None:
    """Mind the time and the file until cancelled."""
    file = config.path("talks.yaml")
    read = _changed(file)
    while True:
        await asyncio.sleep(WATCH_SECONDS)
        try:
            remind(desk)
            if (changed := _changed(file)) != read:
                read = changed
                reread(desk, file)
        except Exception:
            log.exception("talks could not be watched")


def _changed(file: Path) -> int:
    try:
        return file.stat().st_mtime_ns
    except FileNotFoundError:
        return 0


def reread(desk: Desk, file: Path) -> None:
    """Take the file as it is now; one that is not right changes nothing."""
    try:
        desk.book = book.load(file)
    except HotlineError as error:
        log.warning("talks.yaml is not right; the one before stays", reason=error.message)
    else:
        log.info("talks.yaml is read anew")


def remind(desk: Desk) -> None:
    """Remind seats whose talk has just passed a soft limit."""
    now = desk.now()
    for live in list(desk.room.calls.live.values()):
        if live.phase is not Phase.TALKING or live.call.answered_at is None:
            continue
        lasted = (now - live.call.answered_at).total_seconds()
        for minutes in desk.book.warn_minutes:
            if minutes * 60 <= lasted < minutes * 60 + 2 * WATCH_SECONDS:
                _remind(desk, live, minutes)


def _remind(desk: Desk, live: Live, minutes: float) -> None:
    talk = desk.talk_of(live)
    if minutes in talk.reminded:
        return
    talk.reminded.add(minutes)
    talk.warned = True
    desk.note(live.call.id, "long_talk", words.long_talk(minutes))
    desk.changed(talk)

    async def tone() -> None:
        await desk.legs.beep(await desk.leader_leg(talk, live))

    desk.spawn(tone())
