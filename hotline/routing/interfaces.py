"""What routing asks of the rooms above it; they hand it down, so that it need not know them.

And what the parts of the controller ask of it and of Asterisk.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from hotline.ami import Response, actions, events
from hotline.calls.live import Call, Live
from hotline.routing.people import Agent, Presence, Wish

if TYPE_CHECKING:
    from hotline.routing.takeup import Leg


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


class Talks(Protocol):
    """What becomes of a talk beside its beginning and end: holding, thirds, listening."""

    def said(self, event: events.UserEvent) -> None:
        """Take what the dialplan says of talks (``HLTalk``, ``HLDialled``)."""
        ...

    def held(self, event: events.Hold) -> None:
        """Take that a telephone put the other side on hold, or took it back."""
        ...

    def hung_up(self, channel: events.Channel, at: datetime) -> bool:
        """Take that a leg other than the caller's is gone; ``True``: it needs nothing more."""
        ...

    def replaced(self, channel: events.Channel, before: str) -> None:
        """Take that a leg took the place of another, whose Uniqueid is ``before``."""
        ...

    def over(self, call_id: str) -> None:
        """Take that the caller's leg is gone."""
        ...

    def found(self, live: Live, leg: Leg, others: Sequence[Leg]) -> bool:
        """Take up a call as it was found; ``False``: there is no more to it than a talk."""
        ...

    def taken_up(self, legs: Sequence[Leg]) -> None:
        """Take that all calls are taken up."""
        ...

    async def run(self) -> None:
        """Carry out what is asked, until cancelled."""
        ...


class NoTalks:
    """For a controller that only connects."""

    def said(self, event: events.UserEvent) -> None:
        """Take nothing."""

    def held(self, event: events.Hold) -> None:
        """Take nothing."""

    def hung_up(self, channel: events.Channel, at: datetime) -> bool:
        """Take nothing."""
        del channel, at
        return False

    def replaced(self, channel: events.Channel, before: str) -> None:
        """Take nothing."""

    def over(self, call_id: str) -> None:
        """Take nothing."""

    def found(self, live: Live, leg: Leg, others: Sequence[Leg]) -> bool:
        """Find nothing."""
        del live, leg, others
        return False

    def taken_up(self, legs: Sequence[Leg]) -> None:
        """Take nothing."""

    async def run(self) -> None:
        """Do nothing."""


class Asterisk(Protocol):
    """What the controller needs of :class:`hotline.ami.Link`."""

    async def send(
        self, action: actions.Action, *, within: float | None = None, wait: bool = False
    ) -> Response:
        """Send an action and return its answer."""
        ...


class Controls(Protocol):
    """What those who bring something to Asterisk need of the controller."""

    asterisk: Asterisk
    ready: bool
    """Whether what is there has been taken up."""
    lost: Callable[[], None]
    """Has read back what is there."""

    def decide(self) -> None:
        """Do all that can be done now."""
        ...

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run something beside."""
        ...
