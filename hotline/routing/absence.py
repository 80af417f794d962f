"""Brings in the calls that nobody watched, once Asterisk's own journal has told them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import timedelta

from hotline.calls import reconcile
from hotline.calls.live import Call
from hotline.calls.reconcile import Past
from hotline.routing.people import AgentKind
from hotline.routing.room import Room

LONG_AGO = timedelta(seconds=60)
"""Asterisk's journal has told of a call that began before, or will never tell."""


def bring_in(
    room: Room,
    past: Iterable[Past],
    kept: Mapping[str, Call],
    over: Collection[str],
    recording_due: Callable[[str, str | None], None],
) -> int:
    """Tell of each past call that we do not know to be over, as if it had been watched.

    Args:
        room: where they are told.
        past: the calls as the journal tells them.
        kept: those that are written down without an end.
        over: those that are written down with one.
        recording_due: told of each call that left a talk, or a message (its file's name).

    Returns:
        How many there were.
    """
    unwatched = 0
    for one in past:
        goes_on = one.call_id in room.calls.live and one.call_id not in room.vanished
        if one.call_id in over or goes_on:
            continue
        reconcile.tell(room.calls, one, kept.get(one.call_id), lambda name: _person(room, name))
        room.vanished.discard(one.call_id)
        room.known.open_calls.pop(one.call_id, None)
        if one.answered_at is not None or one.message:
            recording_due(one.call_id, one.message)
        unwatched += 1
    return unwatched


def end_untold(room: Room) -> None:
    """End calls of which not even Asterisk's journal knows: Asterisk itself went down."""
    now = room.clock.now()
    for call_id in list(room.vanished):
        live = room.calls.live.get(call_id)
        room.vanished.discard(call_id)
        if live is not None:
            room.calls.ends(live, None, now)
    for call_id, call in list(room.known.open_calls.items()):
        if call.started_at < now - LONG_AGO and call_id not in room.calls.live:
            room.calls.ends(room.calls.resumes(call, ""), None, now)
        room.known.open_calls.pop(call_id, None)


def _person(room: Room, name: str) -> tuple[str, str, bool]:
    """Return the id and name behind a person's id or telephone, and whether it is a station."""
    people = room.board.people
    agent = room.agent_of(name)
    if agent is None and name in people:
        agent = people[name].agent
    if agent is None:
        return name, name, False
    return agent.id, agent.name, agent.kind is AgentKind.STATION
