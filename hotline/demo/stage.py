"""Plays the scripts: SIPp callers on one side, registered telephones on the other.

A telephone that is rung answers, speaks the part that belongs to the caller's number and hangs
up. The caller begins to speak when the telephone has answered, however long that took, and
answers the survey after it.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from hotline.demo.scripts import Conversation, Route
from hotline.demo.speech import Tracks
from hotline.sipp import (
    Account,
    Await,
    Call,
    Caller,
    CallFailedError,
    HangUp,
    Phone,
    Press,
    Result,
    Ringing,
    Sipp,
    Speak,
    Stay,
    Step,
    Wait,
)

RING_SECONDS = 1.0
KEY_SECONDS = 2.0
"""After the answer, before the menu key: a caller who knows the menu."""
SURVEY_SECONDS = 9.0
"""After the lawyer has hung up, before a key: the caller hears the question first."""
ANSWER_GAP_SECONDS = 8.0
"""Between the keys of two questions."""
PATIENCE_SECONDS = 300.0
"""Longest that a scripted caller stays on the line after the last step."""


@dataclass
class _Scene:
    """One call on stage."""

    conversation: Conversation
    tracks: Tracks
    answered: asyncio.Event = field(default_factory=asyncio.Event)
    spoken: asyncio.Event = field(default_factory=asyncio.Event)
    recording: asyncio.Event = field(default_factory=asyncio.Event)


class Stage:
    """The telephones, and the calls that are being played.

    Args:
        sipp: places the calls.
        accounts: the telephones.
        tracks: speech by conversation id.
    """

    def __init__(
        self, sipp: Sipp, accounts: Sequence[Account], tracks: Mapping[str, Tracks]
    ) -> None:
        self._sipp = sipp
        self._tracks = tracks
        self._phones = [Phone(account, self._ring) for account in accounts]
        self._scenes: dict[str, _Scene] = {}

    async def open(self) -> None:
        """Register every telephone.

        Raises:
            RegistrationError: the hotline refused one.
        """
        await asyncio.gather(*(phone.start() for phone in self._phones))

    async def close(self) -> None:
        """End all calls and take the telephones off."""
        await self._sipp.close()
        await asyncio.gather(*(phone.stop() for phone in self._phones))

    def message_begins(self, number: str) -> None:
        """Tell the caller of ``number`` that the answering machine records now."""
        if (scene := self._scenes.get(number)) is not None:
            scene.recording.set()

    async def play(self, conversation: Conversation) -> Result:
        """Place the call and play it to its end."""
        scene = _Scene(conversation, self._tracks[conversation.id])
        self._scenes[conversation.number] = scene
        call = await self._sipp.start(Caller(conversation.number, _steps(scene)))
        cues = [
            asyncio.create_task(_cue(call, name, event))
            for name, event in (
                ("talk", scene.answered),
                ("survey", scene.spoken),
                ("message", scene.recording),
            )
        ]
        try:
            return await call.finished()
        finally:
            for cue in cues:
                cue.cancel()
            await asyncio.gather(*cues, return_exceptions=True)
            del self._scenes[conversation.number]

    async def _ring(self, ringing: Ringing) -> None:
        await asyncio.wait({ringing.ended}, timeout=RING_SECONDS)
        if ringing.ended.done():
            return
        await ringing.answer()
        scene = self._scenes.get(ringing.number)
        if scene is not None:
            scene.answered.set()
            await ringing.speak(scene.tracks.agent.read_bytes())
        await ringing.hang_up()
        if scene is not None:
            scene.spoken.set()


async def _cue(call: Call, name: str, event: asyncio.Event) -> None:
    """Let the caller go on from a step when the event comes."""
    await event.wait()
    with contextlib.suppress(CallFailedError):
        # The call may have ended first; its result says how.
        await call.release(name)


def _steps(scene: _Scene) -> list[Step]:
    script, tracks = scene.conversation, scene.tracks
    steps: list[Step] = [Wait(KEY_SECONDS), Press(script.keys)]
    match script.expect.route:
        case Route.ABANDONED:
            return [*steps, Wait(script.hang_up_waiting or 1.0), HangUp()]
        case Route.VOICEMAIL:
            return [*steps, Await("message"), Speak(tracks.caller), Wait(tracks.seconds), HangUp()]
        case Route.LAWYER | Route.STATION:
            steps += [Await("talk"), Speak(tracks.caller), Await("survey"), Wait(SURVEY_SECONDS)]
            for key in script.survey:
                steps += [Press(key), Wait(ANSWER_GAP_SECONDS)]
            return [*steps, Stay(PATIENCE_SECONDS)]
