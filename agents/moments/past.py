"""Rebuilds a moment from what was written down. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Where(StrEnum):
    """Where a call was."""

    MENU = "menu"
    WAITING = "waiting"
    QUEUE = "queue"
    """In the plain queue: the controller was away."""
    RINGING = "ringing"
    TALKING = "talking"
    SURVEY = "survey"
    VOICEMAIL = "voicemail"
    LEAVING = "leaving"
    """Asked for a call-back, or was turned away."""
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a call's timeline."""

    at: datetime
    kind: str
    to: str = ""
    """Of a decision: whom the step of the ladder allowed."""
    words: str = ""
    """Of a priority class: how it is called."""


@dataclass(frozen=True, slots=True)
class PastCall:
    """A call and its steps, oldest first."""

    id: str
    number: str
    topic: str
    place: str
    priority: str
    since: datetime
    """When it began to wait, else when it came."""
    steps: Sequence[Step]

    @property
    def preferred(self) -> str:
        """The priority class in words; empty where the caller has none."""
        return next((step.words for step in reversed(self.steps) if step.words), "")


@dataclass(frozen=True, slots=True)
class PastOffer:
    """An offer."""

    call_id: str
    agent_id: str
    made_at: datetime
    ended_at: datetime | None
    words: str


@dataclass(frozen=True, slots=True)
class PastState:
    """What a person did from ``at`` on."""

    agent_id: str
    at: datetime
    state: str
    reason: str
    call_id: str | None
    reachable: bool


@dataclass(frozen=True)
class Moment:
    """All of a moment."""

    at: datetime
    waiting: tuple[PastCall, ...]
    """In line or ringing, who waited longest first."""
    elsewhere: Mapping[Where, tuple[PastCall, ...]]
    offers: Mapping[str, PastOffer]
    """Offers that were out, by call."""
    people: Mapping[str, PastState]
    """By person; who is not named had not been heard of."""
    in_plain_queue: frozenset[str]
    """Calls of ``waiting`` that were with Asterisk's own queue."""


_MESSAGE = "voicemail"
"""Where a decision sends a caller who is asked for a message."""
_TO = {
    "waiting": Where.WAITING,
    "fallback": Where.QUEUE,
    "answered": Where.TALKING,
    "talk_ended": Where.SURVEY,
    "voicemail": Where.VOICEMAIL,
    "callback": Where.LEAVING,
    "refused": Where.LEAVING,
    "end": Where.GONE,
}
_LINE = frozenset({Where.WAITING, Where.QUEUE, Where.RINGING})


def where(steps: Iterable[Step], at: datetime) -> Where:
    """Return where a call with these steps was; the steps are in order."""
    now = Where.MENU
    for step in steps:
        if step.at > at:
            break
        if step.kind == "decision":
            now = Where.VOICEMAIL if step.to == _MESSAGE else Where.RINGING
        elif step.kind.startswith("offer_"):
            # A talk that began meanwhile, or the end, is not undone by a late word.
            now = Where.WAITING if now in _LINE else now
        else:
            now = _TO.get(step.kind, now)
    return now


def rebuild(
    at: datetime,
    calls: Iterable[PastCall],
    offers: Iterable[PastOffer],
    states: Iterable[PastState],
) -> Moment:
    """Return what was at ``at``; what happened later may be among what is given."""
    places: dict[Where, list[PastCall]] = {}
    for call in calls:
        if call.steps and call.steps[0].at <= at:
            places.setdefault(where(call.steps, at), []).append(call)
    line = [call for place in _LINE for call in places.pop(place, [])]
    queue = {c.id for c in line if where(c.steps, at) is Where.QUEUE}
    places.pop(Where.GONE, None)
    people: dict[str, PastState] = {}
    for state in sorted(states, key=lambda s: s.at):
        if state.at <= at:
            people[state.agent_id] = state
    return Moment(
        at,
        tuple(sorted(line, key=lambda call: (call.since, call.id))),
        {place: tuple(sorted(there, key=lambda c: c.since)) for place, there in places.items()},
        {
            offer.call_id: offer
            for offer in offers
            if offer.made_at <= at and (offer.ended_at is None or offer.ended_at > at)
        },
        people,
        frozenset(queue),
    )
