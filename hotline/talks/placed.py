"""Calls that people placed from a page (点击外呼): how they ended, and what was recorded."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING

import structlog

from hotline.ami import events
from hotline.talks import pieces

if TYPE_CHECKING:
    from hotline.talks.desk import Desk

log = structlog.get_logger(__name__)

_DIAL = re.compile(r"^dial-[0-9]{1,18}$")
LOOKS, LOOK_SECONDS = 40, 0.25
"""So often it is looked whether Asterisk has closed a recording, and seconds between two looks."""


def over(desk: Desk, event: events.UserEvent) -> None:
    """Take that such a call is over: free the person, keep how it was, tell of the recording."""
    dial_id, status = event.fields.get("Dial", ""), event.fields.get("Status", "")
    seconds = event.fields.get("Seconds", "")
    agent_id = desk.dialling.pop(dial_id, "")
    if agent_id:
        desk.room.board.talk_ended(dial_id, agent_id, desk.controller.clock.monotonic())
        desk.controller.decide()
    if not _DIAL.fullmatch(dial_id):
        return
    talked = int(seconds) if seconds.isdigit() and len(seconds) < 7 else 0
    desk.keeper.dialled(
        dial_id,
        ended_at=desk.now(),
        status=status if status.isalpha() else "",
        seconds=talked,
    )
    if status == "ANSWER":
        desk.spawn(_tell(desk, dial_id))


async def _tell(desk: Desk, dial_id: str) -> None:
    """Tell of the recording once it is closed; it goes the way of every other one."""
    folder = desk.legs.recordings
    for _ in range(LOOKS):
        seconds = pieces.seconds(folder, dial_id)
        if seconds is not None:
            legs = {"caller": f"{dial_id}.caller.wav", "agent": f"{dial_id}.agent.wav"}
            desk.keeper.tell("recording.ready", dial_id, legs | {"seconds": seconds})
            return
        await asyncio.sleep(LOOK_SECONDS)
    log.warning("no whole recording", dial=dial_id)
