"""Reads back what goes on in Asterisk: at the start, after a lost link, after lost events.

Everything that must outlive the controller is in Asterisk's own channels: which call a leg
belongs to, since when the caller waits, which offer rings. What is found there is the truth; the
board and the calls are brought to it, before any event that is newer: a caller who hangs up
meanwhile must not come to life again.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import structlog

from hotline.ami import ActionFailedError, Link, Response, actions, events, values
from hotline.calls import events as said
from hotline.calls import reconcile
from hotline.calls.live import Live, Phase
from hotline.routing.controller import Controller
from hotline.routing.offers import Ringing
from hotline.routing.tables import OfferOutcome

log = structlog.get_logger(__name__)

VARIABLES = (
    "HL_CALL",
    "HL_NUMBER",
    "HL_TOPIC",
    "HL_LANG",
    "HL_PLACE",
    "HL_PATH",
    "HL_SINCE",
    "HL_TRIES",
    "HL_OFFER",
    "HL_AGENT",
    "HL_MESSAGE",
    "HL_PART",
    "HL_WAITED",
    "HL_EMERGENCY",
    "HL_PAUSED",
    "HL_DIAL",
    "HL_TAKEN",
    "HL_ANSWERED",
    "HL_TALKED",
    "HL_SATISFACTION",
    "HL_SOLVED",
    "ANSWEREDTIME",
    "MEMBERINTERFACE",
)
_EPOCH = re.compile(r"[0-9]{1,10}")
_GONE = frozenset({"Unavailable", "Invalid", "Unknown"})
_CONTACT = re.compile(r"[^/,]+/([^,]+)")
_IN_LINE = frozenset({"waiting-room", "waiting-says"})
_SURVEY = (("satisfaction", "HL_SATISFACTION"), ("solved", "HL_SOLVED"))
_AFTERWARDS = {"survey": Phase.SURVEY, "voicemail": Phase.VOICEMAIL}
_RINGING_STATES = frozenset({"Ring", "Ringing", "Down"})


@dataclass(frozen=True)
class Leg:
    """One leg in Asterisk."""

    name: str
    uniqueid: str
    state: str
    context: str
    bridge: str
    seconds: int
    """Since it came to be."""
    variables: Mapping[str, str] = field(default_factory=dict)

    @property
    def endpoint(self) -> str:
        """``PJSIP/lawyer1`` of ``PJSIP/lawyer1-0000002a``."""
        return self.name.rpartition("-")[0]

    @property
    def call_id(self) -> str:
        """The call that it belongs to."""
        return self.variables.get("HL_CALL", "")


async def read_back(controller: Controller, link: Link) -> None:
    """Ask for every leg and every telephone, and bring the controller to what is there.

    Raises:
        hotline.ami.AmiError: Asterisk does not tell.
    """
    await _read_telephones(controller, link)
    begun = controller.clock.monotonic()

    def told(status: Response) -> None:
        legs = [_leg(e) for e in status.events if e.get("Event") == "Status"]
        take_up(controller, legs, begun=begun)

    await link.send(actions.Status(variables=VARIABLES), within=30.0, at_once=told)


async def _read_telephones(controller: Controller, link: Link) -> None:
    """Take over at which addresses each telephone is, then which of them do not answer.

    The list of contacts holds those that registered, and not a trunk's own address.
    """

    def told(answer: Response) -> None:
        listed = [e for e in answer.events if e.get("Event") == "EndpointList"]
        controller.telephones.read(
            {
                values.identity(e.get("ObjectName", "")): _addresses(e.get("Contacts", ""))
                for e in listed
                if e.get("DeviceState", "") not in _GONE
            }
        )

    def told_more(answer: Response) -> None:
        for contact in answer.events:
            if contact.get("Event") == "ContactList" and contact.get("Status") == "Unreachable":
                name = values.identity(contact.get("Endpoint", ""))
                address = values.text(contact.get("Uri", ""))
                controller.on_event(events.ContactStatus(0.0, name, address, "Unreachable", 0.0))

    for listing, at_once in (("PJSIPShowEndpoints", told), ("PJSIPShowContacts", told_more)):
        try:
            await link.send(actions.Custom(listing, {}, listing=True), within=30.0, at_once=at_once)
        except ActionFailedError:
            # So Asterisk says that there is none at all.
            at_once(Response({}))


def _addresses(contacts: str) -> set[str]:
    """Return the addresses in ``wang/sip:wang@192.0.2.1:5060,``."""
    return {values.text(address) for address in _CONTACT.findall(contacts)}


def _leg(event: Mapping[str, str]) -> Leg:
    variables = {}
    for line in event.get("Variable", "").split("\n"):
        name, _, value = line.partition("=")
        if value and value != "(null)":
            variables[name] = value
    return Leg(
        values.text(event.get("Channel", "")),
        values.identity(event.get("Uniqueid", "")),
        event.get("ChannelStateDesc", ""),
        event.get("Context", ""),
        event.get("BridgeID", ""),
        values.integer(event.get("Seconds", "")),
        variables,
    )


def take_up(
    controller: Controller,
    legs: Sequence[Leg],
    telephones: Mapping[str, Collection[str]] | None = None,
    *,
    begun: float = float("inf"),
) -> None:
    """Bring the controller to what is there; then it may decide.

    ``begun`` is when Asterisk was asked (monotonic): a call that came later isn't among ``legs``.
    """
    callers = {leg.uniqueid: leg for leg in legs if leg.call_id == leg.uniqueid}
    others: dict[str, list[Leg]] = {}
    for leg in legs:
        if leg.call_id and leg.call_id != leg.uniqueid:
            others.setdefault(leg.call_id, []).append(leg)
    now = controller.clock.now()
    if telephones is not None:
        controller.telephones.read(telephones)
    for live in list(controller.room.calls.live.values()):
        if live.call.id not in callers and live.came < begun:
            controller.room.vanishes(live)
    for leg in callers.values():
        _call(controller, leg, others.get(leg.uniqueid, []), now)
    controller.room.free_the_forgotten()
    controller.talks.taken_up(legs)
    controller.next_up.forget()
    controller.ready = True
    log.info(
        "taken up",
        calls=len(callers),
        waiting=len(controller.room.board.waiting),
    )
    controller.decide()
    for leg in callers.values():
        if leg.context == "fallback":
            _comes_back(controller, controller.room.calls.live[leg.uniqueid])


def _comes_back(controller: Controller, live: Live) -> None:
    """Take a caller out of the plain queue, unless that rings somebody or we just have."""
    waits = live.call.id in controller.room.board.waiting
    if waits and live.call.id not in controller.room.offers.out:
        controller.dialling.redirect(live, "waiting-room", "s")


def _call(controller: Controller, leg: Leg, others: list[Leg], now: datetime) -> None:
    live = controller.room.calls.live.get(leg.uniqueid)
    if live is None:
        live = _known_again(controller, leg, now)
    person = next((o for o in others if controller.room.agent_of(o.endpoint) is not None), None)
    _has_waited(controller, live, leg)
    _has_rated(controller, live, leg, now)
    if controller.talks.found(live, leg, others):
        return
    if person is not None and person.bridge and person.bridge == leg.bridge:
        _talks(controller, live, person, now)
    elif _is_called_back(live, leg):
        _picks_up(controller, live, leg, now)
    elif leg.context == "mobile" and leg.bridge:
        _talks_outside(controller, live, leg, now)
    elif leg.context in {"waiting-room", "waiting-says", "fallback", "offer", "mobile"}:
        _waits(controller, live, leg, person, now)
    else:
        _waits_no_more(controller, live, leg, now)
    live.phase = _AFTERWARDS.get(leg.context, live.phase)


def _known_again(controller: Controller, leg: Leg, now: datetime) -> Live:
    of = leg.variables.get
    kept = controller.room.known.open_calls.pop(leg.uniqueid, None)
    if kept is not None:
        live = controller.room.calls.resumes(kept, leg.name)
        controller.room.calls.found(live, now)
        return live
    live = controller.room.calls.starts(
        leg.uniqueid,
        leg.name,
        said.number(of("HL_NUMBER", "")),
        now - timedelta(seconds=leg.seconds),
        dialled="",
        place=said.word(of("HL_PLACE", "")),
    )
    live.call.topic = said.word(of("HL_TOPIC", ""))
    live.call.language = said.word(of("HL_LANG", "")) or "zh"
    live.call.menu_path = tuple(of("HL_PATH", ""))
    controller.room.calls.found(live, now)
    return live


def _talks(controller: Controller, live: Live, person: Leg, now: datetime) -> None:
    agent = controller.room.agent_of(person.endpoint)
    if agent is None or live.call.id in controller.room.board.people[agent.id].talks:
        return
    since = _moment(person, "HL_ANSWERED") or now - timedelta(seconds=person.seconds)
    controller.room.talks(live, agent, since)


def _has_waited(controller: Controller, live: Live, leg: Leg) -> None:
    """The menu was done unwatched; the caller's leg keeps what was chosen, and when."""
    since = _moment(leg, "HL_SINCE")
    if since is None or live.phase is not Phase.MENU or live.call.callback_id is not None:
        return
    calls, call, path = controller.room.calls, live.call, tuple(leg.variables.get("HL_PATH", ""))
    calls.menu_done(live, said.word(leg.variables.get("HL_TOPIC", "")), call.language, path, since)
    calls.waits(live, since, since)


def _waits_no_more(controller: Controller, live: Live, leg: Leg, now: datetime) -> None:
    room = controller.room
    ended = now
    if leg.context == "survey":
        ended = _moment(leg, "HL_TALKED") or now
        if live.call.answered_at is None:
            _has_talked(controller, live, leg, ended)
    if live.phase is Phase.TALKING:
        room.talk_ended(live, ended)
    elif live.phase in {Phase.WAITING, Phase.RINGING}:
        if live.call.id in room.offers.out:
            room.offers.ended(live, OfferOutcome.LOST, now)
        room.board.leaves(live.call.id, controller.clock.monotonic())


def _has_talked(controller: Controller, live: Live, leg: Leg, ended: datetime) -> None:
    """A talk began and ended unwatched; the caller's leg keeps how long it was, and with whom."""
    seconds = leg.variables.get("ANSWEREDTIME", "")
    agent = controller.room.agent_of(leg.variables.get("MEMBERINTERFACE", ""))
    agent = agent or controller.room.agent(said.word(leg.variables.get("HL_AGENT", "")))
    if agent is not None and seconds.isdigit():
        controller.room.talks(live, agent, ended - timedelta(seconds=int(seconds)))


def _has_rated(controller: Controller, live: Live, leg: Leg, now: datetime) -> None:
    for question, variable in _SURVEY:
        answer = reconcile.survey_answer(leg.variables.get(variable, ""))
        if answer is not None and getattr(live.call, question) is None:
            controller.room.calls.surveyed(live, question, answer, now)


def _moment(leg: Leg, variable: str) -> datetime | None:
    """Return the time that the dialplan keeps in a variable, in seconds of the epoch."""
    seconds = leg.variables.get(variable, "")
    return datetime.fromtimestamp(int(seconds), UTC) if _EPOCH.fullmatch(seconds) else None


def _is_called_back(live: Live, leg: Leg) -> bool:
    """Whether we are calling this caller just now, or greet them: a person is reserved."""
    on_the_way = leg.context == "callback" or leg.state in _RINGING_STATES
    return live.call.callback_id is not None and on_the_way


def _picks_up(controller: Controller, live: Live, leg: Leg, now: datetime) -> None:
    """Keep the person reserved; what comes of it is told by the dialplan, or by the hang-up."""
    if leg.variables.get("HL_TAKEN") == "no":
        controller.picked_up(live, False)
        return
    known = controller.room.offers.out.get(live.call.id)
    _waits(controller, live, leg, None, now)
    ringing = _adopted(controller, live, leg, rings=False)
    if ringing is not None and known is None:
        controller.reserved(live, ringing)


def _adopted(
    controller: Controller, live: Live, leg: Leg, agent_id: str = "", *, rings: bool = True
) -> Ringing | None:
    """Take over the offer that the caller's leg tells of."""
    agent = agent_id or said.word(leg.variables.get("HL_AGENT", ""))
    offer = said.word(leg.variables.get("HL_OFFER", ""))
    if not offer or controller.room.agent(agent) is None:
        return None
    return controller.room.offers.adopt(live, offer, agent, rings=rings)


def _talks_outside(controller: Controller, live: Live, leg: Leg, now: datetime) -> None:
    """Somebody outside pressed the key; their leg is the trunk's, so the caller's says who."""
    agent = controller.room.agent(leg.variables.get("HL_AGENT", ""))
    if agent is None or live.call.id in controller.room.board.people[agent.id].talks:
        return
    controller.room.talks(live, agent, now)


def _waits(controller: Controller, live: Live, leg: Leg, person: Leg | None, now: datetime) -> None:
    since = leg.variables.get("HL_SINCE", "")
    waits = said.Waits(
        leg.uniqueid,
        live.call.number,
        live.call.topic,
        live.call.language,
        live.call.place,
        float(since) if since.isdigit() else 0.0,
        0,
        leg.variables.get("HL_OFFER", "") if leg.context in _IN_LINE else "",
    )
    controller.room.waits(live, waits, now)
    rings = person is not None and person.state in _RINGING_STATES
    agent = controller.room.agent_of(person.endpoint) if rings and person is not None else None
    if leg.context == "fallback" and agent is not None:
        _rings_on(controller, controller.room.offers.rung_by_the_queue(live, agent.id))
    elif leg.context == "offer" and agent is not None:
        _rings_on(controller, _adopted(controller, live, leg, agent.id))
    elif leg.context == "mobile":
        # The leg outside is the trunk's; the caller's own says whose it is.
        _rings_on(controller, _adopted(controller, live, leg))


def _rings_on(controller: Controller, ringing: Ringing | None) -> None:
    if ringing is not None:
        controller.dialling.watch_ring(ringing)
