"""Where each telephone can be reached: what Asterisk tells of their addresses.

Of one telephone there may be several at a time, an old page and a new one; it can be reached while
there is any.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from hotline.ami import events
from hotline.routing.room import Room
from hotline.routing.tables import OfferOutcome

_GONE = frozenset({"Unreachable", "Removed"})


class Telephones:
    """See the module; who can be reached is noted on the board of ``room``."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._addresses: dict[str, set[str]] = {}
        """Where each telephone can be reached, as far as was told."""

    def can_reach(self, endpoint: str) -> bool:
        """Whether an endpoint, such as the trunk, was told to be there."""
        return bool(self._addresses.get(endpoint))

    def read(self, telephones: Mapping[str, Collection[str]]) -> None:
        """Take over at which addresses each telephone can be reached; no others can be."""
        self._addresses = {name: set(there) for name, there in telephones.items()}
        for agent in [person.agent for person in self._room.board.people.values()]:
            self._note(agent.endpoint.removeprefix("PJSIP/"))

    def told(self, event: events.ContactStatus, at: datetime) -> None:
        """Follow the addresses of a telephone: a new one may be told before the old one goes."""
        addresses = self._addresses.setdefault(event.endpoint, set())
        if event.status in _GONE:
            addresses.discard(event.contact)
        else:
            addresses.add(event.contact)
        self._note(event.endpoint)
        if not addresses:
            self._rings_at_nobody(event.endpoint, at)

    def _note(self, endpoint: str) -> None:
        now, reachable = self._room.clock.monotonic(), self.can_reach(endpoint)
        for person in list(self._room.board.people.values()):
            # Several districts may be reached through one trunk.
            if person.agent.endpoint == f"PJSIP/{endpoint}":
                self._room.board.set_reachable(person.agent.id, now, reachable=reachable)

    def _rings_at_nobody(self, endpoint: str, at: datetime) -> None:
        """Let the caller go on whose offer rings where nobody is any more: a page was closed.

        Asterisk itself would ring on for the whole time.
        """
        agent = self._room.agent_of(f"PJSIP/{endpoint}")
        ringing = self._room.offers.to(agent.id) if agent is not None else None
        if ringing is None or ringing.outside:
            return
        live = self._room.calls.live.get(ringing.offered.call_id)
        if live is not None:
            self._room.offers.ended(live, OfferOutcome.UNREACHABLE, at)
