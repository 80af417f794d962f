"""What a supervisor does to a call, and calls that a person places."""

from __future__ import annotations

import contextlib
import re

from hotline.ami import ActionFailedError
from hotline.calls import events as said
from hotline.calls.live import Live, Phase
from hotline.talks import legs, thirds, transfers, words
from hotline.talks.desk import Desk
from hotline.talks.orders import Kind
from hotline.talks.refusing import Refused
from hotline.talks.state import PartyKind, Place, refusal
from hotline.talks.tables import CallOrderTable

_INLAND = re.compile(r"^(\+86)?(0[1-9][0-9]{8,10}|1[0-9]{10}|[1-9][0-9]{2,7})$")
"""What a seat may dial: dear numbers abroad are what a stolen account is used for."""
OWN_PHONE_SECONDS = 25.0
CALLED_SECONDS = 40
FRONT = "emergency"
"""The priority class of who is moved to the front."""


async def supervise(desk: Desk, kind: Kind, row: CallOrderTable) -> str:
    """Carry out a supervisor's order.

    Raises:
        Refused: it is not possible as things stand.
        AmiError: Asterisk did not do it.
    """
    live = desk.room.calls.live.get(row.call_id)
    if kind is Kind.SEEN:
        return await _seen(desk, live, row)
    if live is None:
        raise Refused("这个通话已经结束")
    if kind is Kind.MOVE:
        return await _move(desk, live, row)
    if live.phase is not Phase.TALKING:
        raise Refused("现在没有人与来电人通话，不能监听")
    if desk.room.agent(row.agent_id) is None:
        raise Refused(words.NO_PHONE)
    if row.agent_id == live.call.agent_id:
        raise Refused("这是您自己的通话")
    act = _barge if kind is Kind.BARGE else _listen
    answer = await act(desk, live, kind, row)
    desk.note(row.call_id, kind.value, words.listened(kind.words, _who(row), row.reason))
    return answer


def _who(row: CallOrderTable) -> str:
    """Return the asker's name; ``user:NUMBER:NAME``."""
    return row.by.split(":", 2)[2] if row.by.count(":") >= 2 else "班长"


async def _listen(desk: Desk, live: Live, kind: Kind, row: CallOrderTable) -> str:
    talk = desk.talk_of(live)
    if kind is Kind.WHISPER and talk.place is Place.BRIDGE:
        # What is whispered is mixed into what the leg is sent. A room sends without pause; of a
        # caller whose line is silent (comfort noise, a network that is away) there is nothing.
        await thirds.to_room(desk, live, talk)
        desk.changed(talk)
    leg = await desk.leader_leg(talk, live)
    ear = desk.ears.get(row.call_id, row.agent_id)
    if ear:
        with contextlib.suppress(ActionFailedError):
            # The telephone is at the ear already: it only changes what it does.
            await desk.legs.mark(ear, "HL_SPIED", leg)
            await desk.legs.send_to(ear, legs.LISTEN, kind.value)
            desk.ears.does(row.call_id, row.agent_id, kind)
            return words.switched(kind.words)
    ear = desk.ears.begins(row, kind)
    desk.spawn(_ring_ear(desk, ear, kind, row.agent_id, leg))
    return words.CALLING_YOU


async def _ring_ear(desk: Desk, ear: str, kind: Kind, agent_id: str, leg: str) -> None:
    answered = False
    try:
        answered = await desk.legs.ring(
            thirds.telephone_of(desk, agent_id),
            legs.LISTEN,
            kind.value,
            OWN_PHONE_SECONDS,
            variables={"HL_SPIED": leg},
            channel_id=ear,
            caller=f'"{kind.value}" <{desk.book.dial_caller}>',
        )
    finally:
        if not answered:
            desk.ears.gone(ear)


async def _barge(desk: Desk, live: Live, kind: Kind, row: CallOrderTable) -> str:
    talk = desk.talk_of(live)
    why = refusal(Kind.CONFERENCE, talk)
    if any(party.agent_id == row.agent_id for party in talk.parties.values()):
        why = words.THERE_ALREADY
    if why is not None:
        raise Refused(why)
    if talk.place is Place.BRIDGE:
        await thirds.to_room(desk, live, talk)
    third = thirds.Third(
        PartyKind.SUPERVISOR,
        words.party(PartyKind.SUPERVISOR, _who(row)),
        thirds.telephone_of(desk, row.agent_id),
        row.agent_id,
    )
    ear = desk.ears.get(row.call_id, row.agent_id)
    if ear:
        with contextlib.suppress(ActionFailedError):
            await thirds.bring_in(desk, talk, third, ear)
            desk.ears.gone(ear)
            return words.switched(kind.words)
    thirds.invite(desk, talk, third, consult=False)
    return words.CALLING_YOU


async def _seen(desk: Desk, live: Live | None, row: CallOrderTable) -> str:
    now, who = desk.now(), _who(row)
    desk.keeper.emergency(row.call_id, seen_at=now, seen_by=who)
    sentence = words.seen(who)
    if live is not None:
        desk.note(row.call_id, "emergency_seen", sentence)
        talk = desk.talks.get(row.call_id)
        if row.call_id in desk.emergencies:
            desk.emergencies[row.call_id] = "seen"
        if talk is not None and talk.emergency:
            talk.emergency = "seen"
            desk.changed(talk)
        await desk.legs.mark(live.channel, "HL_EMERGENCY", "seen")
    return sentence


async def _move(desk: Desk, live: Live, row: CallOrderTable) -> str:
    if live.phase is not Phase.WAITING or live.call.id not in desk.room.board.waiting:
        raise Refused("来电人现在不在等候（正在振铃、通话或已挂机）")
    kind, _, name = row.target.partition(":")
    if kind == "agent":
        if desk.room.agent(name) is None:
            raise Refused(words.NO_PERSON)
        if not thirds.is_free(desk, name):
            raise Refused(words.busy(desk.name(name)))
        where = desk.name(name)
    elif kind == "topic":
        if name not in desk.room.known.topics:
            raise Refused(words.NO_TOPIC)
        await desk.legs.mark(live.channel, "HL_TOPIC", name)
        where = f"“{desk.room.known.topics[name]}”"
    else:
        where = "队首"
    sentence = words.moved(_who(row), where, row.reason)
    desk.note(row.call_id, "moved", sentence)
    if kind == "agent":
        transfers.offer_to(desk, live, name)
    elif kind == "topic":
        _to_topic(desk, live, name)
    else:
        desk.room.moves_up(live, FRONT, desk.now())
    desk.controller.decide()
    return sentence


def _to_topic(desk: Desk, live: Live, code: str) -> None:
    waiting = desk.room.board.waiting.get(live.call.id)
    if waiting is None or live.phase is not Phase.WAITING:
        raise Refused("来电人刚刚离开了等候")
    call, caller = live.call, waiting.caller
    told = said.Waits(
        call.id, call.number, code, call.language, call.place, 0.0, caller.tries, offer=""
    )
    desk.room.waits(live, told, desk.now())


async def dial(desk: Desk, row: CallOrderTable) -> str:
    """Ring a person's own telephone, then the number that they asked for."""
    board = desk.room.board
    person = board.people.get(row.agent_id)
    if person is None:
        raise Refused(words.NO_PHONE)
    number = row.target.partition(":")[2]
    if not _INLAND.fullmatch(number):
        raise Refused("只能拨打国内号码（手机、固话加区号或短号），请核对后再拨")
    if person.offer or person.talks:
        raise Refused(words.IN_CALL)
    dial_id = f"dial-{row.id}"
    board.talks(dial_id, row.agent_id, desk.controller.clock.monotonic())
    desk.dialling[dial_id] = row.agent_id
    desk.controller.spawn(_dial(desk, dial_id, row.agent_id, number))
    return words.CALLING_YOU


async def _dial(desk: Desk, dial_id: str, own: str, number: str) -> None:
    answered = False
    try:
        answered = await desk.legs.ring(
            thirds.telephone_of(desk, own),
            legs.DIAL,
            f"d*{desk.book.dial_trunk}*{number}*{CALLED_SECONDS}",
            OWN_PHONE_SECONDS,
            variables={"HL_DIAL": dial_id, "HL_SHOWN": desk.book.dial_caller},
            caller=f'"{number}" <{number}>',
        )
    finally:
        agent_id = "" if answered else desk.dialling.pop(dial_id, "")
        if agent_id:
            desk.room.board.let_go(dial_id, agent_id, desk.controller.clock.monotonic())
            desk.keeper.dialled(dial_id, ended_at=desk.now(), status="PHONE")
            desk.controller.decide()
