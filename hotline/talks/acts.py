"""How each order is carried out.

First what could fail at Asterisk, then what is noted: whatever stops in between leaves the
caller where the dialplan knows the way.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from hotline.ami import ActionFailedError, AmiError
from hotline.calls.live import Live, Phase
from hotline.talks import legs, supervision, thirds, transfers, words
from hotline.talks.desk import Desk
from hotline.talks.orders import SEAT_KINDS, Kind, Outcome
from hotline.talks.refusing import Refused
from hotline.talks.state import PartyKind, Place, Talk, already, refusal
from hotline.talks.tables import CallOrderTable

Seat = Callable[[Desk, Live, Talk, CallOrderTable], Awaitable[str]]


async def carry_out(desk: Desk, row: CallOrderTable) -> tuple[Outcome, str]:
    """Carry out an order; return how it ended, in words.

    Raises:
        AmiError: Asterisk did not answer.
    """
    try:
        return Outcome.DONE, await _carry_out(desk, row)
    except Refused as refused:
        return Outcome.REFUSED, refused.words
    except ActionFailedError:
        # The leg is gone; the news of it is on its way.
        return Outcome.FAILED, words.LEG_GONE


async def _carry_out(desk: Desk, row: CallOrderTable) -> str:
    kind = Kind(row.kind)
    if kind is Kind.DIAL:
        return await supervision.dial(desk, row)
    if kind not in SEAT_KINDS:
        return await supervision.supervise(desk, kind, row)
    live = desk.room.calls.live.get(row.call_id)
    if live is None or live.phase is not Phase.TALKING:
        raise Refused(words.NOT_YOURS)
    if live.call.agent_id != row.agent_id:
        return await _of_a_third(desk, live, kind, row)
    talk = desk.talk_of(live)
    why = refusal(kind, talk)
    if why is None:
        return await _SEAT[kind](desk, live, talk, row)
    if already(kind, why):
        return why
    raise Refused(why)


async def _of_a_third(desk: Desk, live: Live, kind: Kind, row: CallOrderTable) -> str:
    """Carry out what somebody asks who was asked into the talk: they may leave it."""
    talk = desk.talks.get(live.call.id)
    own = [p for p in talk.parties.values() if p.agent_id == row.agent_id] if talk else []
    if talk is None or not own:
        raise Refused(words.NOT_YOURS)
    if kind is not Kind.HANGUP:
        raise Refused(words.ONLY_LEAVE)
    for party in own:
        await thirds.take_out(desk, live, talk, party)
    return words.left(own[0].words)


async def _hold(desk: Desk, live: Live, talk: Talk, row: CallOrderTable) -> str:
    del row
    await thirds.to_hold(desk, live, talk)
    desk.note(talk.call_id, "hold", words.HELD)
    desk.changed(talk)
    return words.HELD


async def _unhold(desk: Desk, live: Live, talk: Talk, row: CallOrderTable) -> str:
    del row
    await thirds.to_room(desk, live, talk)
    desk.note(talk.call_id, "unhold", words.TAKEN_BACK)
    desk.changed(talk)
    return words.TAKEN_BACK


async def _consult(desk: Desk, live: Live, talk: Talk, row: CallOrderTable) -> str:
    third = thirds.choose(desk, talk, row.target)
    if talk.place is not Place.HOLD:
        await thirds.to_hold(desk, live, talk)
    return thirds.invite(desk, talk, third, consult=True)


async def _conference(desk: Desk, live: Live, talk: Talk, row: CallOrderTable) -> str:
    third = thirds.choose(desk, talk, row.target)
    if talk.place is not Place.ROOM:
        await thirds.to_room(desk, live, talk)
    return thirds.invite(desk, talk, third, consult=False)


async def _back(desk: Desk, live: Live, talk: Talk, row: CallOrderTable) -> str:
    del row
    for party in list(talk.parties.values()):
        await thirds.take_out(desk, live, talk, party)
    await thirds.to_room(desk, live, talk)
    desk.note(talk.call_id, "unhold", words.TAKEN_BACK)
    desk.changed(talk)
    return words.TAKEN_BACK


async def _join(desk: Desk, live: Live, talk: Talk, row: CallOrderTable) -> str:
    del row
    await thirds.to_room(desk, live, talk)
    desk.note(talk.call_id, "join", words.JOINED)
    desk.changed(talk)
    return words.JOINED


async def _handover(desk: Desk, live: Live, talk: Talk, row: CallOrderTable) -> str:
    del row
    to = min(talk.standing(), key=lambda p: p.kind is PartyKind.SUPERVISOR)
    leg = await desk.leader_leg(talk, live)
    if talk.place is not Place.ROOM:
        await thirds.to_room(desk, live, talk)
    # Who goes on follows from the leg's end, as when the person had just hung up.
    await desk.legs.hang_up(leg)
    return words.transferred(to.words, "")


async def _drop(desk: Desk, live: Live, talk: Talk, row: CallOrderTable) -> str:
    party = talk.parties.get(row.target.partition(":")[2])
    if party is None:
        raise Refused(words.CALLER_STAYS)
    await thirds.take_out(desk, live, talk, party)
    return words.left(party.words)


async def _emergency(desk: Desk, live: Live, talk: Talk, row: CallOrderTable) -> str:
    # The alarm first: it must be heard even where Asterisk does not answer.
    now = desk.now()
    talk.emergency = desk.emergencies[talk.call_id] = "raised"
    desk.keeper.emergency(
        talk.call_id,
        agent_id=talk.agent_id,
        reason=row.reason,
        raised_at=now,
        seen_at=None,
        seen_by="",
    )
    sentence = words.emergency(talk.words, row.reason)
    desk.note(talk.call_id, "emergency", sentence)
    desk.room.moves_up(live, "emergency", now)
    desk.changed(talk)
    try:
        await desk.legs.mark(live.channel, "HL_WAITED", str(talk.waited))
        await desk.legs.mark(live.channel, "HL_EMERGENCY", "raised")
    except AmiError:
        return words.ALARM_ALONE
    return sentence


async def _pause(desk: Desk, live: Live, talk: Talk, row: CallOrderTable) -> str:
    await desk.legs.mute_recording(await desk.leader_leg(talk, live), muted=True)
    talk.recording_paused, talk.pause_reason = True, row.reason
    await desk.legs.mark(live.channel, "HL_PAUSED", row.reason)
    desk.note(talk.call_id, "recording_paused", words.paused(row.reason), reason=row.reason)
    desk.changed(talk)
    return words.PAUSED


async def _resume(desk: Desk, live: Live, talk: Talk, row: CallOrderTable) -> str:
    del row
    await desk.legs.mute_recording(await desk.leader_leg(talk, live), muted=False)
    talk.recording_paused, talk.pause_reason = False, ""
    await desk.legs.mark(live.channel, "HL_PAUSED", "")
    desk.note(talk.call_id, "recording_resumed", words.RESUMED)
    desk.changed(talk)
    return words.RESUMED


async def _hang_up(desk: Desk, live: Live, talk: Talk, row: CallOrderTable) -> str:
    del row
    if talk.place is Place.HOLD and talk.parties:
        raise Refused("来电人还在保持中，请先“接回”或“移交”")
    leg = await desk.leader_leg(talk, live)
    if talk.place is Place.HOLD:
        await desk.legs.send_to(live.channel, legs.OVER)
        desk.room.talk_ended(live, desk.now())
        desk.forget(talk)
    await desk.legs.hang_up(leg)
    return "已挂机"


_SEAT: Mapping[Kind, Seat] = {
    Kind.HOLD: _hold,
    Kind.UNHOLD: _unhold,
    Kind.TRANSFER: transfers.transfer,
    Kind.CONSULT: _consult,
    Kind.CONFERENCE: _conference,
    Kind.BACK: _back,
    Kind.JOIN: _join,
    Kind.HANDOVER: _handover,
    Kind.DROP: _drop,
    Kind.EMERGENCY: _emergency,
    Kind.PAUSE_RECORDING: _pause,
    Kind.RESUME_RECORDING: _resume,
    Kind.HANGUP: _hang_up,
}
