"""The controller's heartbeat: what the dialplan looks at to know whether callers are served.

It is told in Asterisk's own time, which the dialplan compares it with: a clock that is set, or one
that goes otherwise on another machine, must not make a controller that serves look dead. The
plain queue would take each caller from it, and it would take each of them back.
"""

from __future__ import annotations

from hotline.ami import Link, actions

STALE_SECONDS = 4.0
"""The dialplan's own measure of a heartbeat."""
NAME = "HL_HEARTBEAT"
_WITHIN = 2.0


class Heartbeat:
    """Beats in the Asterisk behind ``link``; ``life`` names this life of the controller."""

    def __init__(self, link: Link, life: str) -> None:
        self._link = link
        self._life = life
        self._told = (0, "")
        """The session in which Asterisk was told who we are and where to ask, and where that is."""

    async def beat(self, asked_at: str) -> None:
        """Say that callers are served, and where the waiting room asks (where that changed).

        Raises:
            hotline.ami.AmiError: Asterisk does not hear it.
        """
        now = await asterisks_time(self._link)
        told = (self._link.sessions, asked_at)
        if self._told != told:
            # Before the heartbeat: what an earlier life laid out is not to be taken any more.
            await self._link.send(actions.Setvar("HL_LIFE", self._life), within=_WITHIN)
            await self._link.send(actions.Setvar("HL_ASK", asked_at), within=_WITHIN)
            self._told = told
        await self._link.send(actions.Setvar(NAME, str(int(now))), within=_WITHIN)


async def is_stale(link: Link) -> bool:
    """Whether nobody's heart beats in Asterisk.

    Raises:
        hotline.ami.AmiError: Asterisk does not tell.
    """
    beat = (await link.send(actions.Getvar(NAME), within=_WITHIN))["Value"]
    last = float(beat) if beat.isdigit() else 0.0
    return abs(await asterisks_time(link) - last) > STALE_SECONDS


async def asterisks_time(link: Link) -> float:
    """Return the seconds that Asterisk's clock shows.

    Raises:
        hotline.ami.AmiError: Asterisk does not tell.
    """
    told = (await link.send(actions.Getvar("EPOCH"), within=_WITHIN))["Value"]
    return float(told) if told.isdigit() else 0.0
