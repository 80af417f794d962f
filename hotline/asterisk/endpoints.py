"""Phones that Asterisk knows: a lawyer's browser, a desk phone, a station, a fixed address."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from enum import StrEnum

from hotline.asterisk.errors import InvalidEndpointError

_NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9_]{0,59}\Z")
_CONTEXT = re.compile(r"^[A-Za-z0-9_-]{1,79}\Z")
_SECRET = re.compile(r"^[A-Za-z0-9_.~+/=-]{8,128}\Z")
_CONTACT = re.compile(r"^sips?:[A-Za-z0-9_.+-]+@[A-Za-z0-9_.:\[\]-]+(;[A-Za-z0-9_=.-]+)*\Z")
_TAKEN = frozenset(
    {"trunk", "global", "system", "udp", "tcp", "ws", "wss", "phone", "desk", "browser"}
    | {"registering"}
)

AUTH_FAMILY = "hotline/auth"
"""The family of Asterisk's database that holds secrets of phones (``sorcery.conf``)."""


class Kind(StrEnum):
    """How a phone speaks."""

    SIP = "sip"
    WEBRTC = "webrtc"


@dataclass(frozen=True)
class Endpoint:
    """A phone: it registers with ``secret``, or is always at ``contact``.

    A browser may have no secret of its own: it is handed one that lives for minutes (see
    :mod:`hotline.asterisk.phones`). ``name`` has no hyphen, so that the channel
    ``PJSIP/name-0000002a`` names it without doubt.
    """

    name: str
    kind: Kind = Kind.SIP
    secret: str = field(default="", repr=False)
    contact: str | None = None
    context: str = "from-agent"
    qualify: int = 15
    """Seconds between two checks whether the phone is there; 0 for none."""

    def __post_init__(self) -> None:
        if not _NAME.match(self.name) or self.name in _TAKEN:
            raise InvalidEndpointError(
                f"话机名 {self.name[:60]!r} 不可用：只能用字母、数字和下划线，且不能是保留名"
            )
        if not _CONTEXT.match(self.context):
            raise InvalidEndpointError(f"话机 {self.name} 的上下文 {self.context[:79]!r} 不可用")
        if self.contact is not None and not _CONTACT.match(self.contact):
            raise InvalidEndpointError(
                f"话机 {self.name} 的固定地址应如 sip:name@192.0.2.10:5060，"
                f"现为 {self.contact[:80]!r}"
            )
        if self.contact is None and not self.handed_out and not _SECRET.match(self.secret):
            raise InvalidEndpointError(
                f"话机 {self.name} 需要 8 至 128 位的密码（字母、数字和 _.~+/=-）"
            )

    @property
    def handed_out(self) -> bool:
        """Whether its secrets are handed out one by one, and none is kept."""
        return self.kind is Kind.WEBRTC and not self.secret


def auth_record(name: str, secret: str) -> str:
    """Return what Asterisk's database keeps for a phone's secret.

    Raises:
        InvalidEndpointError: the name or secret can't be used.
    """
    Endpoint(name, secret=secret)
    return json.dumps({"auth_type": "userpass", "username": name, "password": secret})
