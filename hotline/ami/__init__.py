"""The hardened link to Asterisk's manager interface, over panoramisk.

:class:`Link` stays connected, watches for half-open connections and never does anything twice.
:mod:`~hotline.ami.actions` says what can be asked, :mod:`~hotline.ami.events` what is told.

    from hotline.ami import Address, Link, Mailbox, actions, events

    mailbox = Mailbox()
    async with Link(Address(host, port, user, secret), on_event=mailbox) as link:
        await link.send(actions.Setvar("HL_HEARTBEAT", "1790000000"), wait=True)
        async for event in mailbox:
            match event:
                case events.UserEvent(name="HLWaiting", channel=channel, fields=fields): ...
                case events.Hangup(channel=channel, cause=cause): ...
                case events.LinkUp(): ...     # read back what is there
"""

from hotline.ami import actions, events
from hotline.ami.errors import (
    ActionFailedError,
    ActionLostError,
    ActionTimeoutError,
    AmiError,
    AuthenticationError,
    LinkDownError,
    NotIdempotentError,
    UnsafeValueError,
)
from hotline.ami.link import Address, Link, State, Timings
from hotline.ami.mailbox import Mailbox
from hotline.ami.protocol import Response

__all__ = [
    "ActionFailedError",
    "ActionLostError",
    "ActionTimeoutError",
    "Address",
    "AmiError",
    "AuthenticationError",
    "Link",
    "LinkDownError",
    "Mailbox",
    "NotIdempotentError",
    "Response",
    "State",
    "Timings",
    "UnsafeValueError",
    "actions",
    "events",
]
