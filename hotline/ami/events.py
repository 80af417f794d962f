"""What Asterisk tells, as typed values. Names are AMI's own.

``WANTED`` is what the rendered ``manager.conf`` lets through to us; an event without a class
here still arrives, as :class:`Raw`. ``at`` is Asterisk's clock, epoch seconds with microseconds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from hotline.ami import values
from hotline.ami.wire import parse

Fields = Mapping[str, str]
_NOTHING: Fields = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened in Asterisk, or on the link to it."""

    at: float


@dataclass(frozen=True, slots=True)
class Channel:
    """One leg of a call at the moment of an event."""

    name: str
    uniqueid: str
    linkedid: str
    state: str
    number: str
    """The caller's number where it is one, else empty."""
    caller_name: str
    connected: str
    context: str
    exten: str
    variables: Fields = field(default_factory=dict)
    """The few variables that ``manager.conf`` adds to every event (``HL_CALL``, ``HL_OFFER``)."""

    @property
    def endpoint(self) -> str:
        """``PJSIP/lawyer1`` of ``PJSIP/lawyer1-0000002a``."""
        return self.name.rpartition("-")[0]


@dataclass(frozen=True, slots=True)
class Raw(Event):
    """An event that has no class of its own, or whose values could not be what they claim."""

    name: str
    fields: Fields


@dataclass(frozen=True, slots=True)
class Hangup(Event):
    """A leg ended. ``cause`` is Q.850: 16 normal, 17 busy, 19 no answer, 26 answered elsewhere."""

    channel: Channel
    cause: int
    cause_text: str


@dataclass(frozen=True, slots=True)
class DialBegin(Event):
    """``called`` is being rung, for ``caller`` where there is one."""

    caller: Channel | None
    called: Channel
    dialled: str


@dataclass(frozen=True, slots=True)
class DialEnd(Event):
    """Ringing ended: ``ANSWER``, ``BUSY``, ``NOANSWER``, ``CANCEL``, ``CONGESTION``, …"""

    caller: Channel | None
    called: Channel
    status: str


@dataclass(frozen=True, slots=True)
class BridgeEnter(Event):
    """A leg joined others and can talk."""

    bridge: str
    members: int
    channel: Channel
    swapped: str = ""
    """The Uniqueid of the leg whose place it took; empty where it took nobody's."""


@dataclass(frozen=True, slots=True)
class BridgeLeave(Event):
    """A leg left the others."""

    bridge: str
    members: int
    channel: Channel


@dataclass(frozen=True, slots=True)
class UserEvent(Event):
    """What our dialplan says; ``fields`` holds its own values, unchecked, by their names."""

    name: str
    channel: Channel | None
    fields: Fields


@dataclass(frozen=True, slots=True)
class Hold(Event):
    """A leg was put on hold (``held``) or taken back."""

    channel: Channel
    held: bool


@dataclass(frozen=True, slots=True)
class QueueEvent(Event):
    """The plain fallback queue: ``name`` is QueueCallerJoin, AgentConnect, … as AMI says."""

    name: str
    queue: str
    channel: Channel
    member: str
    fields: Fields


@dataclass(frozen=True, slots=True)
class ContactStatus(Event):
    """A phone or trunk was reached (``Reachable``), lost (``Unreachable``) or removed."""

    endpoint: str
    contact: str
    status: str
    round_trip: float
    """Seconds; 0 where it wasn't measured."""


@dataclass(frozen=True, slots=True)
class OriginateResponse(Event):
    """How an ``Originate`` ended. ``reason``: 4 answered, 5 busy, 3 no answer, 8 congested."""

    action_id: str
    ok: bool
    channel: str
    uniqueid: str
    reason: int


@dataclass(frozen=True, slots=True)
class FullyBooted(Event):
    """Asterisk has loaded everything."""

    uptime: int


@dataclass(frozen=True, slots=True)
class Shutdown(Event):
    """Asterisk is going."""

    restart: bool


@dataclass(frozen=True, slots=True)
class LinkUp(Event):
    """We are logged in and Asterisk has booted. Read back what is there: events were missed."""

    session: int


@dataclass(frozen=True, slots=True)
class LinkDown(Event):
    """The link broke; it is being made anew."""

    reason: str


@dataclass(frozen=True, slots=True)
class EventsLost(Event):
    """A reader was too slow and ``count`` events were dropped: read back what is there."""

    count: int


def _channel(fields: Fields, prefix: str = "") -> Channel | None:
    get = fields.get
    uniqueid = values.identity(get(prefix + "Uniqueid", ""))
    name = values.text(get(prefix + "Channel", ""))
    if not uniqueid or not name:
        return None
    chosen = get(prefix + "ChanVariable")
    return Channel(
        name,
        uniqueid,
        values.identity(get(prefix + "Linkedid", "")) or uniqueid,
        get(prefix + "ChannelStateDesc", ""),
        values.number(get(prefix + "CallerIDNum", "")),
        values.text(get(prefix + "CallerIDName", "")),
        values.number(get(prefix + "ConnectedLineNum", "")),
        get(prefix + "Context", ""),
        values.text(get(prefix + "Exten", "")),
        _variables(chosen) if chosen else _NOTHING,
    )


def _variables(text: str) -> Fields:
    found: dict[str, str] = {}
    for pair in text.split("\n"):
        name, equals, value = pair.partition("=")
        if equals:
            found[name] = value
    return found


def _hangup(at: float, fields: Fields) -> Event | None:
    channel = _channel(fields)
    if channel is None:
        return None
    cause = values.integer(fields.get("Cause", ""))
    return Hangup(at, channel, cause, values.text(fields.get("Cause-txt", "")))


def _dial(cls: type[DialBegin | DialEnd]) -> Callable[[float, Fields], Event | None]:
    def decode(at: float, fields: Fields) -> Event | None:
        called = _channel(fields, "Dest")
        if called is None:
            return None
        caller = _channel(fields)
        if cls is DialBegin:
            return DialBegin(at, caller, called, values.text(fields.get("DialString", "")))
        return DialEnd(at, caller, called, fields.get("DialStatus", ""))

    return decode


def _bridge_enter(at: float, fields: Fields) -> Event | None:
    left = _bridge_leave(at, fields)
    if not isinstance(left, BridgeLeave):
        return None
    swapped = values.identity(fields.get("SwapUniqueid", ""))
    return BridgeEnter(at, left.bridge, left.members, left.channel, swapped)


def _bridge_leave(at: float, fields: Fields) -> Event | None:
    channel = _channel(fields)
    bridge = values.identity(fields.get("BridgeUniqueid", ""))
    if channel is None or not bridge:
        return None
    return BridgeLeave(at, bridge, values.integer(fields.get("BridgeNumChannels", "")), channel)


_SNAPSHOT = frozenset(
    {
        "Event",
        "Privilege",
        "Timestamp",
        "SystemName",
        "Channel",
        "ChannelState",
        "ChannelStateDesc",
        "CallerIDNum",
        "CallerIDName",
        "ConnectedLineNum",
        "ConnectedLineName",
        "Language",
        "AccountCode",
        "Context",
        "Exten",
        "Priority",
        "Uniqueid",
        "Linkedid",
        "ChanVariable",
        "UserEvent",
        "TenantID",
    }
)


def _user_event(at: float, fields: Fields) -> Event | None:
    own = {key: value for key, value in fields.items() if key not in _SNAPSHOT}
    return UserEvent(at, values.text(fields.get("UserEvent", "")), _channel(fields), own)


def _hold(held: bool) -> Callable[[float, Fields], Event | None]:
    def decode(at: float, fields: Fields) -> Event | None:
        channel = _channel(fields)
        return Hold(at, channel, held) if channel else None

    return decode


def _queue(at: float, fields: Fields) -> Event | None:
    channel = _channel(fields)
    if channel is None:
        return None
    own = {key: value for key, value in fields.items() if key not in _SNAPSHOT}
    member = values.text(fields.get("MemberName", ""))
    return QueueEvent(at, fields["Event"], fields.get("Queue", ""), channel, member, own)


def _contact(at: float, fields: Fields) -> Event | None:
    # Microseconds, or "N/A" while it was never measured.
    microseconds = values.seconds(fields.get("RoundtripUsec", ""))
    return ContactStatus(
        at,
        values.identity(fields.get("EndpointName", "")),
        values.text(fields.get("URI", "")),
        fields.get("ContactStatus", ""),
        microseconds / 1e6,
    )


def _originate(at: float, fields: Fields) -> Event | None:
    return OriginateResponse(
        at,
        fields.get("ActionID", ""),
        fields.get("Response") == "Success",
        values.text(fields.get("Channel", "")),
        values.identity(fields.get("Uniqueid", "")),
        values.integer(fields.get("Reason", "")),
    )


_DECODERS: dict[str, Callable[[float, Fields], Event | None]] = {
    "Hangup": _hangup,
    "DialBegin": _dial(DialBegin),
    "DialEnd": _dial(DialEnd),
    "BridgeEnter": _bridge_enter,
    "BridgeLeave": _bridge_leave,
    "UserEvent": _user_event,
    "Hold": _hold(True),
    "Unhold": _hold(False),
    "QueueCallerJoin": _queue,
    "QueueCallerLeave": _queue,
    "QueueCallerAbandon": _queue,
    "AgentCalled": _queue,
    "AgentConnect": _queue,
    "AgentComplete": _queue,
    "AgentRingNoAnswer": _queue,
    "ContactStatus": _contact,
    "OriginateResponse": _originate,
    "FullyBooted": lambda at, fields: FullyBooted(at, values.integer(fields.get("Uptime", ""))),
    "Shutdown": lambda at, fields: Shutdown(at, fields.get("Restart") == "True"),
}

WANTED = (*_DECODERS, "AttendedTransfer", "BlindTransfer")
"""The events that our AMI user is sent.

``Newchannel`` and its like are not among them: they are told before the dialplan can take line
breaks out of a caller's number, and one with ``%0D%0A`` in it would become lines, even whole
events, of the caller's own making.
"""


UNHEARD = (
    "AGIExecEnd",
    "AGIExecStart",
    "BridgeCreate",
    "BridgeDestroy",
    "ChallengeResponseFailed",
    "ChallengeSent",
    "DeviceStateChange",
    "DialState",
    "DTMFBegin",
    "DTMFEnd",
    "ExtensionStatus",
    "HangupRequest",
    "LocalBridge",
    "MixMonitorStart",
    "MixMonitorStop",
    "MusicOnHoldStart",
    "MusicOnHoldStop",
    "NewCallerid",
    "Newchannel",
    "NewConnectedLine",
    "Newexten",
    "Newstate",
    "QueueMemberStatus",
    "RTCPReceived",
    "RTCPSent",
    "SoftHangupRequest",
    "SuccessfulAuth",
    "VarSet",
)
"""Events of every call that our AMI user is not sent; Asterisk need not write them at all."""


def decode(message: str) -> Event:
    """Return the event that ``message`` (one frame that starts with ``Event: ``) tells."""
    fields = parse(message)
    name = fields.get("Event", "")
    at = values.seconds(fields.get("Timestamp", ""))
    decoder = _DECODERS.get(name)
    event = decoder(at, fields) if decoder is not None else None
    return event if event is not None else Raw(at, values.text(name), fields)
