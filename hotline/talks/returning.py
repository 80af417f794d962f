"""What telephones do by themselves: hold, and come back to a talk after their page was loaded anew.

The browser calls in and asks Asterisk to let the new leg take the place of the old one (Replaces,
RFC 3891). Neither the caller nor the dialplan notices; here the talk learns its new leg, and the
recording goes on there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hotline.ami import events
from hotline.calls.live import Phase
from hotline.talks import legs, words
from hotline.talks.state import Party, Talk

if TYPE_CHECKING:
    from hotline.talks.desk import Desk


def by_phone(desk: Desk, event: events.Hold) -> None:
    """Take that a telephone held the caller or took them back; one that returns says so too."""
    if event.channel.exten == legs.TO_RETURN and not event.channel.variables.get("HL_CALL"):
        desk.returning[event.channel.endpoint] = event.channel
        return
    live = desk.room.calls.live.get(event.channel.variables.get("HL_CALL", ""))
    if live is None or live.phase is not Phase.TALKING:
        return
    talk = desk.talk_of(live)
    if not desk.leads(talk, event.channel) or talk.held_by_phone == event.held:
        return
    talk.held_by_phone = event.held
    sentence = words.HELD_BY_PHONE if event.held else words.TAKEN_BACK_BY_PHONE
    desk.note(live.call.id, "hold" if event.held else "unhold", sentence)
    desk.changed(talk)


def came_back(desk: Desk, gone: events.Channel) -> bool:
    """Take that a leg is gone; whether another leg of the same telephone has its place."""
    fresh = desk.returned.pop(gone.uniqueid, None)
    if fresh is None and gone.exten == legs.TO_RETURN:
        # In a room the new leg goes on as the old one, which ends as what the new one had been.
        fresh = desk.returning.pop(gone.endpoint, None)
    live = desk.room.calls.live.get(gone.variables.get("HL_CALL", ""))
    if fresh is None or live is None or fresh.endpoint != gone.endpoint:
        return False
    known = desk.talks.get(live.call.id)
    party = next(
        (p for p in known.parties.values() if p.channel == gone.uniqueid) if known else iter(()),
        None,
    )
    if known is not None and party is not None:
        party.channel = fresh.uniqueid
        desk.note(live.call.id, "came_back", words.came_back(party.words))
        desk.changed(known)
        desk.spawn(_mark(desk, fresh, gone, party))
        return True
    if live.phase is not Phase.TALKING:
        return False
    talk = desk.talk_of(live)
    talk.channel = fresh.uniqueid
    talk.held_by_phone = False
    desk.note(live.call.id, "came_back", words.came_back(talk.words))
    desk.changed(talk)
    desk.spawn(_go_on(desk, talk, fresh, gone))
    return True


async def _mark(
    desk: Desk, fresh: events.Channel, gone: events.Channel, party: Party | None = None
) -> None:
    """Let the new leg say which call it belongs to, as the old one did."""
    if party is not None:
        await desk.legs.mark(fresh.name, "HL_PART", party.mark)
    for name in ("HL_CALL", "HL_OFFER"):
        if value := gone.variables.get(name, ""):
            await desk.legs.mark(fresh.name, name, value)


async def _go_on(desk: Desk, talk: Talk, fresh: events.Channel, gone: events.Channel) -> None:
    await _mark(desk, fresh, gone)
    await desk.record_again(talk)
