"""What we ask of Asterisk, as typed values.

``idempotent`` actions do no harm when they are done twice; only those may wait for a broken link
and be sent again. ``answer`` tells when the answer is whole.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import ClassVar

FieldValue = str | Sequence[str]


class Answer(Enum):
    """When an action's answer is whole."""

    SINGLE = auto()
    """One response."""
    LIST = auto()
    """A response, then events until ``EventList: Complete``."""
    ORIGINATE = auto()
    """A response, then ``OriginateResponse`` when the leg was answered or failed."""


@dataclass(frozen=True)
class Action:
    """Anything that can be sent; subclasses say what."""

    name: ClassVar[str]
    idempotent: ClassVar[bool] = False
    answer: ClassVar[Answer] = Answer.SINGLE

    def fields(self) -> dict[str, FieldValue]:
        """Return the fields beside ``Action`` and ``ActionID``."""
        return {}


@dataclass(frozen=True)
class Ping(Action):
    """Ask for a sign of life."""

    name = "Ping"
    idempotent = True


@dataclass(frozen=True)
class Redirect(Action):
    """Send ``channel`` elsewhere in the dialplan. Watch for what follows: success alone may lie."""

    name = "Redirect"
    channel: str
    context: str
    exten: str
    priority: int = 1

    def fields(self) -> dict[str, FieldValue]:
        """Return its fields."""
        return {
            "Channel": self.channel,
            "Context": self.context,
            "Exten": self.exten,
            "Priority": str(self.priority),
        }


@dataclass(frozen=True)
class Hangup(Action):
    """End a leg; on one that has ended, Asterisk answers with an error and nothing happens."""

    name = "Hangup"
    idempotent = True
    channel: str
    cause: int = 16

    def fields(self) -> dict[str, FieldValue]:
        """Return its fields."""
        return {"Channel": self.channel, "Cause": str(self.cause)}


@dataclass(frozen=True)
class Setvar(Action):
    """Set a channel's variable, or a global one where ``channel`` is empty."""

    name = "Setvar"
    idempotent = True
    variable: str
    value: str
    channel: str = ""

    def fields(self) -> dict[str, FieldValue]:
        """Return its fields."""
        found: dict[str, FieldValue] = {"Variable": self.variable, "Value": self.value}
        return {"Channel": self.channel, **found} if self.channel else found


@dataclass(frozen=True)
class Getvar(Action):
    """Read a channel's variable (or function), or a global one; ``response["Value"]``."""

    name = "Getvar"
    idempotent = True
    variable: str
    channel: str = ""

    def fields(self) -> dict[str, FieldValue]:
        """Return its fields."""
        found: dict[str, FieldValue] = {"Variable": self.variable}
        return {"Channel": self.channel, **found} if self.channel else found


@dataclass(frozen=True)
class Originate(Action):
    """Call ``channel`` and, once it answers, send it to the dialplan.

    Always asynchronous: panoramisk's own Originate breaks the link without ``Async``. Send it
    with :meth:`hotline.ami.Link.originate`, which waits for how it ended.
    """

    name = "Originate"
    answer = Answer.ORIGINATE
    channel: str
    context: str
    exten: str
    ring_seconds: float = 30.0
    caller: str = ""
    variables: Mapping[str, str] = field(default_factory=dict)
    priority: int = 1
    channel_id: str = ""
    early_media: bool = False

    def fields(self) -> dict[str, FieldValue]:
        """Return its fields."""
        found: dict[str, FieldValue] = {
            "Channel": self.channel,
            "Context": self.context,
            "Exten": self.exten,
            "Priority": str(self.priority),
            "Timeout": str(int(self.ring_seconds * 1000)),
            "Async": "true",
        }
        if self.caller:
            found["CallerID"] = self.caller
        if self.channel_id:
            found["ChannelId"] = self.channel_id
        if self.early_media:
            found["EarlyMedia"] = "true"
        if self.variables:
            found["Variable"] = [f"{key}={value}" for key, value in self.variables.items()]
        return found


@dataclass(frozen=True)
class CoreShowChannels(Action):
    """List every leg."""

    name = "CoreShowChannels"
    idempotent = True
    answer = Answer.LIST


@dataclass(frozen=True)
class Status(Action):
    """Describe one leg or all, with ``variables``; one event ``Status`` each."""

    name = "Status"
    idempotent = True
    answer = Answer.LIST
    channel: str = ""
    variables: Sequence[str] = ()

    def fields(self) -> dict[str, FieldValue]:
        """Return its fields."""
        found: dict[str, FieldValue] = {"Channel": self.channel} if self.channel else {}
        return {**found, "Variables": ",".join(self.variables)} if self.variables else found


@dataclass(frozen=True)
class QueueAdd(Action):
    """Add a member to a queue; on one that is there, Asterisk answers with an error."""

    name = "QueueAdd"
    idempotent = True
    queue: str
    interface: str
    member: str = ""
    penalty: int = 0
    paused: bool = False

    def fields(self) -> dict[str, FieldValue]:
        """Return its fields."""
        found: dict[str, FieldValue] = {
            "Queue": self.queue,
            "Interface": self.interface,
            "Penalty": str(self.penalty),
            "Paused": "true" if self.paused else "false",
        }
        return {**found, "MemberName": self.member} if self.member else found


@dataclass(frozen=True)
class QueueStatus(Action):
    """List a queue's callers and members."""

    name = "QueueStatus"
    idempotent = True
    answer = Answer.LIST
    queue: str = ""

    def fields(self) -> dict[str, FieldValue]:
        """Return its fields."""
        return {"Queue": self.queue} if self.queue else {}


@dataclass(frozen=True)
class Command(Action):
    """Run a console command; ``response["Output"]`` holds its lines, one a line break."""

    name = "Command"
    command: str

    def fields(self) -> dict[str, FieldValue]:
        """Return its fields."""
        return {"Command": self.command}


@dataclass(frozen=True)
class Reload(Action):
    """Load a module's configuration again; calls go on."""

    name = "Reload"
    idempotent = True
    module: str = ""

    def fields(self) -> dict[str, FieldValue]:
        """Return its fields."""
        return {"Module": self.module} if self.module else {}


@dataclass(frozen=True)
class DBPut(Action):
    """Keep a value in Asterisk's own database."""

    name = "DBPut"
    idempotent = True
    family: str
    key: str
    value: str

    def fields(self) -> dict[str, FieldValue]:
        """Return its fields."""
        return {"Family": self.family, "Key": self.key, "Val": self.value}


@dataclass(frozen=True)
class DBDel(Action):
    """Take a value out of Asterisk's own database."""

    name = "DBDel"
    idempotent = True
    family: str
    key: str

    def fields(self) -> dict[str, FieldValue]:
        """Return its fields."""
        return {"Family": self.family, "Key": self.key}


@dataclass(frozen=True)
class Custom(Action):
    """Any other action, by name: never idempotent unless it says so."""

    name = ""
    action: str = ""
    values: Mapping[str, FieldValue] = field(default_factory=dict)
    listing: bool = False

    def fields(self) -> dict[str, FieldValue]:
        """Return its fields."""
        return dict(self.values)
