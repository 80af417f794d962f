"""Takes talks up as they are found in Asterisk: a restarted controller, a lost link.

The legs themselves tell: the caller's context says whether there is a room or music, ``HL_PART``
who a third is, ``HL_EMERGENCY`` and ``HL_PAUSED`` what was asked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from hotline.calls.live import Live, Phase
from hotline.routing.people import Agent
from hotline.routing.takeup import Leg
from hotline.talks import legs
from hotline.talks.state import Party, PartyKind, Place, Talk

if TYPE_CHECKING:
    from hotline.talks.desk import Desk

_PLACES = {legs.CALLER: Place.ROOM, legs.HOLD: Place.HOLD}


def found(desk: Desk, live: Live, leg: Leg, others: Sequence[Leg]) -> bool:
    """Take up one call; ``False``: the controller knows all there is to it."""
    emergency = leg.variables.get("HL_EMERGENCY", "")
    if emergency in {"raised", "seen"}:
        desk.emergencies[live.call.id] = emergency
    if leg.context == legs.OUTSIDE:
        desk.talks.pop(live.call.id, None)
        if live.phase is Phase.TALKING:
            desk.room.talk_ended(live, desk.now())
        live.phase = Phase.OUTSIDE
        return True
    place = _PLACES.get(leg.context)
    if place is None:
        if leg.variables.get("HL_EMERGENCY") or leg.variables.get("HL_PAUSED"):
            _marked(desk, live, leg, others)
        return False
    if not leg.bridge and place is Place.ROOM and not others:
        return False
    _in_room(desk, live, leg, others, place)
    return True


def _marked(desk: Desk, live: Live, leg: Leg, others: Sequence[Leg]) -> None:
    """A plain talk of which more is to be remembered; the controller takes up the talk itself."""
    person = next((o for o in others if o.bridge and o.bridge == leg.bridge), None)
    agent = desk.room.agent_of(person.endpoint) if person is not None else None
    if person is None or agent is None:
        return
    talk = _talk(desk, live, leg, agent.id)
    talk.channel = person.name
    desk.talks[live.call.id] = talk


def _talk(desk: Desk, live: Live, leg: Leg, agent_id: str) -> Talk:
    waited, paused = (leg.variables.get(name, "") for name in ("HL_WAITED", "HL_PAUSED"))
    return Talk(
        live.call.id,
        agent_id,
        desk.name(agent_id),
        live.call.answered_at or desk.now(),
        waited=int(waited) if waited.isdigit() else 0,
        emergency=desk.emergencies.get(live.call.id, ""),
        recording_paused=bool(paused),
        pause_reason=paused,
    )


def _in_room(desk: Desk, live: Live, leg: Leg, others: Sequence[Leg], place: Place) -> None:
    at = desk.now()
    parties = {o.uniqueid: party for o in others if (party := _party(desk, o)) is not None}
    leader = _leader(desk, live, leg, others, parties)
    if leader is not None:
        # A third who came to lead the talk still carries what they were asked in as.
        parties.pop(leader[0].uniqueid, None)
    standing = [p for p in parties.values() if p.talking]
    known = desk.talks.pop(live.call.id, None)
    if leader is None:
        _without_person(desk, live, standing, place, known or _talk(desk, live, leg, ""))
        return
    person, agent = leader
    talk = _talk(desk, live, leg, agent.id)
    talk.place, talk.channel = place, person.name
    talk.parties = {p.id: p for p in parties.values()}
    talk.made = max((int(p.id[1:]) for p in parties.values()), default=0)
    if known is not None:
        talk.reminded, talk.warned = known.reminded, known.warned
        talk.made = max(talk.made, known.made)
    desk.talks[live.call.id] = talk
    if live.phase is not Phase.TALKING or live.call.agent_id != agent.id:
        desk.room.talks(live, agent, at)
    elif live.call.id not in desk.room.board.people[agent.id].talks:
        desk.room.board.talks(live.call.id, agent.id, desk.controller.clock.monotonic())
    desk.changed(talk)


def _leader(
    desk: Desk, live: Live, leg: Leg, others: Sequence[Leg], parties: Mapping[str, Party]
) -> tuple[Leg, Agent] | None:
    """Return who leads: whom we know to, else who was not asked in, else who is there."""
    own = desk.room.agent(live.call.agent_id or leg.variables.get("HL_AGENT", ""))
    there = []
    for other in others:
        # A mobile's leg is the trunk's; who was not asked in is whom the caller was offered to.
        asked_in = other.uniqueid in parties
        agent = desk.room.agent_of(other.endpoint) or (None if asked_in else own)
        if other.bridge and agent is not None:
            there.append((other, agent))
    there.sort(key=lambda pair: (pair[1].id != live.call.agent_id, pair[0].uniqueid in parties))
    return there[0] if there else None


def _without_person(
    desk: Desk, live: Live, standing: Sequence[Party], place: Place, talk: Talk
) -> None:
    if live.phase is Phase.TALKING:
        desk.room.talk_ended(live, desk.now())
    if not standing:
        # Music, and nobody who will come back: into line again.
        desk.spawn(desk.legs.send_to(live.channel, legs.AGAIN))
        return
    live.phase = Phase.OUTSIDE
    talk.place, talk.parties = Place.ROOM, {p.id: p for p in standing}
    desk.talks[live.call.id] = talk
    if place is Place.HOLD:
        desk.spawn(desk.legs.send_to(live.channel, legs.CALLER))


def _party(desk: Desk, leg: Leg) -> Party | None:
    """Return the third that a leg is, from what it carries."""
    party_id, _, rest = leg.variables.get("HL_PART", "").partition("*")
    kind, _, agent_id = rest.partition("*")
    if not party_id.startswith("p") or not party_id[1:].isdigit() or kind not in set(PartyKind):
        return None
    name = desk.name(agent_id) if agent_id else _NAMES[PartyKind(kind)]
    return Party(party_id, PartyKind(kind), name, leg.uniqueid, agent_id, talking=bool(leg.bridge))


_NAMES = {PartyKind.OUTSIDE: "外部机构", PartyKind.SUPERVISOR: "班长", PartyKind.AGENT: "第三方"}


def taken_up(desk: Desk, all_legs: Sequence[Leg]) -> None:
    """All calls are taken up: put right what lies beside them."""
    board, now = desk.room.board, desk.controller.clock.monotonic()
    live_calls = desk.room.calls.live
    for call_id, talk in list(desk.talks.items()):
        live = live_calls.get(call_id)
        if live is None or call_id in desk.room.vanished:
            desk.forget(talk)
            continue
        for party in talk.parties.values():
            if party.agent_id:
                board.talks(call_id, party.agent_id, now)
    desk.emergencies = {k: v for k, v in desk.emergencies.items() if k in live_calls}
    callers = {leg.uniqueid for leg in all_legs}
    dialling: dict[str, str] = {}
    for leg in all_legs:
        if leg.context == legs.PERSON and leg.call_id and leg.call_id not in callers:
            # The caller went while nobody watched; nobody shall sit in an empty room.
            desk.spawn(desk.legs.hang_up(leg.uniqueid))
        dial_id, agent = leg.variables.get("HL_DIAL", ""), desk.room.agent_of(leg.endpoint)
        if dial_id and agent is not None:
            dialling[dial_id] = agent.id
            board.talks(dial_id, agent.id, now)
    desk.dialling = dialling
