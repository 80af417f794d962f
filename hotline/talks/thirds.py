"""Bringing a third into a talk and out of it, and the caller between music and the room."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass

from hotline.ami import ActionFailedError, AmiError
from hotline.calls.live import Live
from hotline.routing.people import AgentKind
from hotline.talks import legs, words
from hotline.talks.desk import Desk
from hotline.talks.legs import Telephone
from hotline.talks.refusing import Refused
from hotline.talks.state import Party, PartyKind, Place, Talk


@dataclass(frozen=True)
class Third:
    """Somebody who may be rung."""

    kind: PartyKind
    words: str
    telephone: Telephone
    agent_id: str = ""


async def to_hold(desk: Desk, live: Live, talk: Talk) -> None:
    """Let the caller hear music, and the persons speak among themselves."""
    await _part(desk, live, talk, legs.HOLD)
    talk.place = Place.HOLD


async def to_room(desk: Desk, live: Live, talk: Talk) -> None:
    """Bring the caller to the persons in the room."""
    await _part(desk, live, talk, legs.CALLER)
    talk.place = Place.ROOM


async def _part(desk: Desk, live: Live, talk: Talk, context: str) -> None:
    if talk.place is not Place.BRIDGE:
        await desk.legs.send_to(live.channel, context)
        return
    leg = await desk.leader_leg(talk, live)
    # What the dialplan needs should we be gone when the caller has to wait again.
    await desk.legs.mark(live.channel, "HL_WAITED", str(talk.waited))
    await desk.legs.part(live.channel, context, leg)


def choose(desk: Desk, talk: Talk, target: str) -> Third:
    """Return whom ``agent:ID`` or ``outside:CODE`` means.

    Raises:
        Refused: there is nobody of that name, or they are not free.
    """
    kind, _, name = target.partition(":")
    if kind == "outside":
        body = desk.book.bodies().get(name)
        if body is None:
            raise Refused(words.NO_BODY)
        telephone = Telephone(f"PJSIP/{body.number}@{body.trunk}")
        return Third(PartyKind.OUTSIDE, body.words, telephone)
    if desk.room.agent(name) is None or name == talk.agent_id:
        raise Refused(words.NO_PERSON)
    if not is_free(desk, name):
        raise Refused(words.busy(desk.name(name)))
    return Third(PartyKind.AGENT, desk.name(name), telephone_of(desk, name), name)


def is_free(desk: Desk, agent_id: str) -> bool:
    """Whether a person can be rung now, at their desk or on their mobile."""
    person = desk.room.board.people.get(agent_id)
    return person is not None and person.entry is not None


def telephone_of(desk: Desk, agent_id: str) -> Telephone:
    """Return where a person is rung now: at the desk, or on the mobile, as routing would."""
    person = desk.room.board.people[agent_id]
    agent = person.agent
    if person.on_mobile or agent.kind is AgentKind.DISTRICT:
        return desk.legs.mobile(agent.mobile)
    return Telephone(agent.endpoint)


def invite(desk: Desk, talk: Talk, third: Third, *, consult: bool) -> str:
    """Ring a third; they come into the room when they answer. Return what is said of it."""
    talk.made += 1
    party_id = f"p{talk.made}"
    channel = f"hl-{talk.call_id}-{party_id}"
    party = Party(party_id, third.kind, third.words, channel, third.agent_id)
    talk.parties[party_id] = party
    if third.agent_id:
        # Nobody else is offered to who is being rung.
        desk.room.board.talks(talk.call_id, third.agent_id, desk.controller.clock.monotonic())
    sentence = words.asked(third.words, consult=consult)
    desk.note(talk.call_id, "third", sentence)
    desk.changed(talk)
    desk.controller.spawn(_ring(desk, talk, party, third.telephone))
    return sentence


async def bring_in(desk: Desk, talk: Talk, third: Third, channel: str) -> None:
    """Bring somebody into the room whose leg is there already.

    Raises:
        ActionFailedError: it is gone.
    """
    talk.made += 1
    party = Party(f"p{talk.made}", third.kind, third.words, channel, third.agent_id)
    await desk.legs.mark(channel, "HL_CALL", talk.call_id)
    await desk.legs.mark(channel, "HL_PART", party.mark)
    await desk.legs.send_to(channel, legs.PERSON)
    talk.parties[party.id] = party
    if third.agent_id:
        desk.room.board.talks(talk.call_id, third.agent_id, desk.controller.clock.monotonic())
    desk.came(talk, party)


async def _ring(desk: Desk, talk: Talk, party: Party, telephone: Telephone) -> None:
    variables = {"HL_CALL": talk.call_id, "HL_PART": party.mark}
    try:
        answered = await desk.legs.ring(
            telephone,
            legs.PERSON,
            "s",
            desk.book.ring_seconds,
            variables=variables,
            channel_id=party.channel,
            caller=f'"12348" <{desk.book.dial_caller}>',
        )
    except AmiError:
        answered = False
    live = desk.room.calls.live.get(talk.call_id)
    here = talk.parties.get(party.id) is party
    if answered and here and live is not None:
        # Who has to press a key says so in the dialplan; whose leg ends before did not come.
        if not telephone.asks:
            desk.came(talk, party)
    elif answered or not here or live is None:
        # They were taken out meanwhile, or the caller is gone.
        desk.spawn(desk.legs.hang_up(party.channel))
    else:
        desk.party_left(talk, live, party)


async def take_out(desk: Desk, live: Live, talk: Talk, party: Party) -> None:
    """End a third's part in the talk."""
    # One that is not there yet is hung up when it answers, as it is not of the talk any more.
    with contextlib.suppress(ActionFailedError):
        await desk.legs.hang_up(party.channel)
    desk.party_left(talk, live, party)
