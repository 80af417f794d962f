"""Handing a caller on without staying: to a person, to a topic, to an outside body.

The caller keeps the place that waiting earned; the time of the talk does not count as waiting.
"""

from __future__ import annotations

from hotline.calls import events as said
from hotline.calls.live import Live, Phase
from hotline.routing.decide import Code, Decision, Kind, Reason
from hotline.routing.policy import Step, To
from hotline.talks import legs, thirds, words
from hotline.talks.desk import Desk
from hotline.talks.refusing import Refused
from hotline.talks.state import Place, Talk
from hotline.talks.tables import CallOrderTable


async def transfer(desk: Desk, live: Live, talk: Talk, row: CallOrderTable) -> str:
    """Hand a caller on to ``row.target``."""
    kind, _, name = row.target.partition(":")
    if kind == "agent":
        return await _to_person(desk, live, talk, name, row.reason)
    if kind == "topic":
        return await _to_topic(desk, live, talk, name, row.reason)
    return await _outside(desk, live, talk, name, row.reason)


async def _keep_place(desk: Desk, live: Live, talk: Talk) -> float:
    """Write down since when the caller counts as waiting; return it in epoch seconds."""
    since = int(desk.now().timestamp()) - talk.waited
    await desk.legs.mark(live.channel, "HL_SINCE", str(since))
    await desk.legs.mark(live.channel, "HL_WAITED", str(talk.waited))
    return float(since)


async def _leg_to_end(desk: Desk, live: Live, talk: Talk) -> str:
    """Return the leader's leg where Asterisk does not end it by itself."""
    return "" if talk.place is Place.BRIDGE else await desk.leader_leg(talk, live)


def _still(live: Live, talk: Talk) -> None:
    if live.phase is not Phase.TALKING or live.call.agent_id != talk.agent_id:
        raise Refused(words.NOT_YOURS)


async def _to_person(desk: Desk, live: Live, talk: Talk, name: str, reason: str) -> str:
    third = thirds.choose(desk, talk, f"agent:{name}")
    leg = await _leg_to_end(desk, live, talk)
    tries = await desk.legs.read(live.channel, "HL_TRIES")
    since = await _keep_place(desk, live, talk)
    _still(live, talk)
    if not thirds.is_free(desk, name):
        raise Refused(words.busy(third.words))
    sentence = words.transferred(third.words, reason)
    desk.note(talk.call_id, "transfer", sentence)
    _line_up(desk, live, talk, since, int(tries) if tries.isdigit() else 0)
    offer_to(desk, live, name)
    desk.forget(talk)
    if leg:
        desk.spawn(desk.legs.hang_up(leg))
    return sentence


async def _to_topic(desk: Desk, live: Live, talk: Talk, code: str, reason: str) -> str:
    topics = desk.room.known.topics
    if code not in topics:
        raise Refused(words.NO_TOPIC)
    leg = await _leg_to_end(desk, live, talk)
    tries = await desk.legs.read(live.channel, "HL_TRIES")
    since = await _keep_place(desk, live, talk)
    await desk.legs.mark(live.channel, "HL_TOPIC", code)
    _still(live, talk)
    await desk.legs.send_to(live.channel, "waiting-room")
    sentence = words.transferred(f"“{topics[code]}”等候区", reason)
    desk.note(talk.call_id, "transfer", sentence, topic=code)
    if live.phase is Phase.TALKING or live.call.id not in desk.room.board.waiting:
        live.call.topic = code
        _line_up(desk, live, talk, since, int(tries) if tries.isdigit() else 0)
        desk.controller.decide()
    desk.forget(talk)
    if leg:
        desk.spawn(desk.legs.hang_up(leg))
    return sentence


async def _outside(desk: Desk, live: Live, talk: Talk, code: str, reason: str) -> str:
    body = desk.book.bodies().get(code)
    if body is None:
        raise Refused(words.NO_BODY)
    leg = await _leg_to_end(desk, live, talk)
    await _keep_place(desk, live, talk)
    _still(live, talk)
    exten = f"o*{body.code}*{body.trunk}*{body.number}*{desk.book.ring_seconds}"
    await desk.legs.send_to(live.channel, legs.OUTSIDE, exten)
    sentence = words.transferred(body.words, reason)
    if live.phase in {Phase.TALKING, Phase.SURVEY}:
        desk.room.leaves_to_outside(live, sentence, desk.now())
    desk.note(talk.call_id, "unrecorded", words.unrecorded(body.words))
    desk.forget(talk)
    if leg:
        desk.spawn(desk.legs.hang_up(leg))
    return sentence


def _line_up(desk: Desk, live: Live, talk: Talk, since: float, tries: int) -> None:
    """Put the caller back in line with the place kept, for anybody but who handed on."""
    room, call, at = desk.room, live.call, desk.now()
    if live.phase is Phase.TALKING:
        room.talk_ended(live, at)
    room.waits(
        live,
        said.Waits(
            call.id, call.number, call.topic, call.language, call.place, since, tries, offer=""
        ),
        at,
    )
    waiting = room.board.waiting.get(call.id)
    if waiting is not None:
        waiting.excluded[talk.agent_id] = room.board.now + room.board.policy.again_after


def offer_to(desk: Desk, live: Live, agent_id: str) -> None:
    """Offer a caller who waits to one person, whom somebody chose.

    Raises:
        Refused: the person is not free any more, or the caller does not wait.
    """
    room = desk.room
    board, call_id = room.board, live.call.id
    board.advance(desk.controller.clock.monotonic())
    waiting, person = board.waiting.get(call_id), board.people.get(agent_id)
    if waiting is None or call_id in board.offers or person is None or person.entry is None:
        raise Refused(words.busy(desk.name(agent_id)))
    step = Step(after=0, to=To.LAWYERS)
    reason = Reason(
        Code.HANDED_ON,
        live.call.topic,
        board.now - waiting.caller.since,
        max(0.0, board.now - person.idle_since),
        step,
        step,
        len(board.waiting),
        1,
        person.agent.name,
        person.agent.kind.value,
    )
    ringing = room.offers.make(live, Decision(Kind.OFFER, call_id, agent_id, reason))
    desk.controller.dialling.dial(live, ringing)
