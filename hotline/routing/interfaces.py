"""What routing asks of the rooms above it; they hand it down, so that it need not know them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from hotline.calls.live import Call
from hotline.routing.people import Agent, Presence, Wish


@dataclass(frozen=True, slots=True)
class Duty:
    """What a person wished when they were last heard of, and since when."""

    wish: Wish
    reason: str = ""


@dataclass(frozen=True)
class Roster:
    """Who may answer, and which numbers belong to which place."""

    agents: tuple[Agent, ...]
    duties: Mapping[str, Duty] = field(default_factory=dict)
    """By agent; who is not named has not signed in."""
    numbers: Mapping[str, str] = field(default_factory=dict)
    """Beginning of a telephone number to the code of its place."""


@dataclass(frozen=True, slots=True)
class PresenceChange:
    """What a person is doing now."""

    agent_id: str
    state: Presence
    reason: str
    since: datetime
    wish: Wish
    call_id: str | None
    reachable: bool
    missed: int


class People(Protocol):
    """Who may answer, and where what they do is kept."""

    async def load(self) -> Roster:
        """Read everybody."""
        ...

    async def keep(self, session: AsyncSession, changes: Sequence[PresenceChange]) -> None:
        """Keep what people do, in ``session``'s transaction."""
        ...


class Tickets(Protocol):
    """What a call was about. A call that is told twice keeps its one ticket.

    What a call's end means for its ticket follows from the outbox (``call.ended``), elsewhere.
    """

    async def prepare(self) -> None:
        """Read what making tickets needs; it may take seconds and holds nothing up."""
        ...

    async def born(self, session: AsyncSession, calls: Sequence[Call], now: datetime) -> None:
        """Make the tickets of calls whose menu is done, in ``session``'s transaction."""
        ...


class NoTickets:
    """For a hotline without tickets, and tests of routing alone."""

    async def prepare(self) -> None:
        """Need nothing."""

    async def born(self, session: AsyncSession, calls: Sequence[Call], now: datetime) -> None:
        """Make none."""
