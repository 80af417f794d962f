"""What the desk says to Asterisk. Legs are named by name or Uniqueid; Asterisk takes both."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from hotline.ami import Response, actions, events
from hotline.talks import pieces

CALLER, PERSON, HOLD, AGAIN, OVER = (
    "talk-caller",
    "talk-person",
    "talk-hold",
    "talk-again",
    "talk-over",
)
"""Contexts of ``talks.conf``."""
OUTSIDE, LISTEN, TONE, DIAL = "talk-outside", "talk-listen", "talk-tone", "talk-dial"
ACCEPT = "talk-accept"
TO_RETURN = "00"
"""What a browser dials to take its own talk up again; the dialplan knows no such number."""


_LIVE, _BELIEVED = "live", 15.0
"""Live help's folder below the recordings; for how many seconds its word that it listens counts."""


class Asterisk(Protocol):
    """What the desk needs of :class:`hotline.ami.Link`."""

    async def send(
        self, action: actions.Action, *, within: float | None = None, wait: bool = False
    ) -> Response:
        """Send an action and return its answer."""
        ...

    async def originate(self, action: actions.Originate) -> events.OriginateResponse:
        """Call out and return how that ended."""
        ...


@dataclass(frozen=True)
class Telephone:
    """Where somebody of ours is rung."""

    dialled: str
    """As Asterisk dials it."""
    asks: bool = False
    """A mobile, through the trunk: only a key counts as an answer, as a mailbox picks up too."""


class Legs:
    """Acts on legs; each raises :class:`hotline.ami.AmiError` where Asterisk did not do it."""

    def __init__(
        self, asterisk: Asterisk, recordings: Path, outbound: str = "PJSIP/{number}@trunk"
    ) -> None:
        self.asterisk = asterisk
        self.recordings = recordings
        self._outbound = outbound

    def mobile(self, number: str) -> Telephone:
        """Return a telephone outside, of somebody of ours."""
        return Telephone(self._outbound.replace("{number}", number), asks=True)

    async def send_to(self, channel: str, context: str, exten: str = "s") -> None:
        """Send one leg elsewhere."""
        await self.asterisk.send(actions.Redirect(channel, context, exten))

    async def part(self, caller: str, to: str, person: str) -> None:
        """Take two who talk apart: the person into the room, the caller ``to`` a context."""
        values = {
            "Channel": caller,
            "Context": to,
            "Exten": "s",
            "Priority": "1",
            "ExtraChannel": person,
            "ExtraContext": PERSON,
            "ExtraExten": "s",
            "ExtraPriority": "1",
        }
        await self.asterisk.send(actions.Custom("Redirect", values))

    async def hang_up(self, channel: str) -> None:
        """End a leg."""
        await self.asterisk.send(actions.Hangup(channel))

    async def mark(self, channel: str, variable: str, value: str) -> None:
        """Set a variable of a leg: what must outlive the controller."""
        await self.asterisk.send(actions.Setvar(variable, value, channel))

    async def read(self, channel: str, variable: str) -> str:
        """Read a variable of a leg; empty where it has none."""
        response = await self.asterisk.send(actions.Getvar(variable, channel))
        return response["Value"]

    async def mute_recording(self, channel: str, *, muted: bool) -> None:
        """Let the recording of a leg hold silence, or what is said."""
        values = {"Channel": channel, "Direction": "both", "State": "1" if muted else "0"}
        await self.asterisk.send(actions.Custom("MixMonitorMute", values))

    async def record(self, channel: str, call_id: str) -> None:
        """Go on recording on another leg: what it says is the person, what it hears the caller."""
        name = pieces.free_name(self.recordings, call_id)
        agent, caller = (self.recordings / f"{name}.{leg}.wav" for leg in ("agent", "caller"))
        values = {"Channel": channel, "File": "", "Options": f"r({agent})t({caller})"}
        await self.asterisk.send(actions.Custom("MixMonitor", values))
        if self._is_listened_to():
            # Once more for live help, as the dialplan's context "record" does.
            live = self.recordings / _LIVE
            agent, caller = (live / f"{name}.{leg}.sln48" for leg in ("agent", "caller"))
            values = {"Channel": channel, "File": "", "Options": f"r({agent})t({caller})"}
            await self.asterisk.send(actions.Custom("MixMonitor", values))

    def _is_listened_to(self) -> bool:
        try:
            told = (self.recordings / _LIVE / "listening").stat().st_mtime
        except FileNotFoundError:
            return False
        return time.time() - told <= _BELIEVED

    async def ring(
        self,
        telephone: Telephone,
        context: str,
        exten: str,
        seconds: float,
        *,
        variables: Mapping[str, str],
        channel_id: str = "",
        caller: str = "",
    ) -> bool:
        """Ring somebody and send them into the dialplan; whether they picked up.

        Who must press a key goes on only then; a leg that does not is hung up.
        """
        if telephone.asks:
            variables = {**variables, "HL_THEN": context, "HL_EXTEN": exten}
            context, exten = ACCEPT, "s"
        ended = await self.asterisk.originate(
            actions.Originate(
                telephone.dialled,
                context,
                exten,
                seconds,
                caller=caller,
                variables=variables,
                channel_id=channel_id,
            )
        )
        return ended.ok

    async def beep(self, channel: str) -> None:
        """Play a short tone that only this leg hears."""
        values = {
            "Channel": f"Local/spy@{TONE}/n",
            "Context": TONE,
            "Exten": "play",
            "Priority": "1",
            "Timeout": "5000",
            "Async": "true",
            "Variable": f"HL_SPIED={channel}",
        }
        await self.asterisk.send(actions.Custom("Originate", values))
