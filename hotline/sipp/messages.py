"""SIP messages as far as a simulated telephone needs them. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import md5

_URI_USER = re.compile(r"<?sips?:([^@;>]*)@")
_PARAMETER = re.compile(r'(\w+)="?([^",]*)"?')


@dataclass(frozen=True)
class Message:
    """A request or a response."""

    start: str
    headers: tuple[tuple[str, str], ...]
    body: str = ""

    @classmethod
    def parse(cls, data: bytes) -> Message | None:
        """Read one datagram; ``None`` for a keep-alive or anything that is no SIP."""
        head, _, body = data.decode("utf-8", "replace").partition("\r\n\r\n")
        start, *lines = head.split("\r\n")
        if "SIP/2.0" not in start:
            return None
        pairs = (line.partition(":") for line in lines)
        return cls(start, tuple((n.strip(), v.strip()) for n, _, v in pairs), body)

    def all(self, name: str) -> list[str]:
        """Return every value of a header, in order."""
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def __getitem__(self, name: str) -> str:
        """Return a header's first value, or ``""``."""
        return next(iter(self.all(name)), "")

    @property
    def method(self) -> str:
        """The request's method, or that of the request which a response answers."""
        return self["CSeq"].partition(" ")[2] if self.status else self.start.partition(" ")[0]

    @property
    def status(self) -> int:
        """The response's code; 0 for a request."""
        return int(self.start.split(" ")[1]) if self.start.startswith("SIP/") else 0

    @property
    def caller(self) -> str:
        """The user of From."""
        match = _URI_USER.search(self["From"])
        return match[1] if match else ""

    def reply(self, status: str, extra: Sequence[str] = (), body: str = "", tag: str = "") -> bytes:
        """Return the response ``status`` to this request."""
        to = self["To"]
        if tag and ";tag=" not in to:
            to += f";tag={tag}"
        lines = [f"SIP/2.0 {status}"]
        lines += [f"Via: {via}" for via in self.all("Via")]
        lines += [f"Record-Route: {route}" for route in self.all("Record-Route")]
        lines += [f"From: {self['From']}", f"To: {to}"]
        lines += [f"Call-ID: {self['Call-ID']}", f"CSeq: {self['CSeq']}", *extra]
        return compose(lines, body)


def compose(lines: Sequence[str], body: str = "") -> bytes:
    """Return a whole message."""
    return "\r\n".join([*lines, f"Content-Length: {len(body.encode())}", "", body]).encode()


def authorization(challenge: str, *, user: str, secret: str, method: str, uri: str) -> str:
    """Answer a digest challenge (RFC 2617, with and without qop=auth)."""
    given = dict(_PARAMETER.findall(challenge.removeprefix("Digest ")))
    realm, nonce = given.get("realm", ""), given.get("nonce", "")
    first, second = _hash(f"{user}:{realm}:{secret}"), _hash(f"{method}:{uri}")
    words = [f'username="{user}"', f'realm="{realm}"', f'nonce="{nonce}"', f'uri="{uri}"']
    if "qop" in given:
        count, own = "00000001", _hash(nonce)[:16]
        response = _hash(f"{first}:{nonce}:{count}:{own}:auth:{second}")
        words += [f"nc={count}", f'cnonce="{own}"', "qop=auth"]
    else:
        response = _hash(f"{first}:{nonce}:{second}")
    words += [f'response="{response}"', "algorithm=MD5"]
    if "opaque" in given:
        words.append(f'opaque="{given["opaque"]}"')
    return "Digest " + ", ".join(words)


def _hash(text: str) -> str:
    return md5(text.encode(), usedforsecurity=False).hexdigest()


def media_address(sdp: str) -> tuple[str, int] | None:
    """Return where the other side wants its audio."""
    host = re.search(r"^c=IN IP4 (\S+)", sdp, re.MULTILINE)
    port = re.search(r"^m=audio (\d+)", sdp, re.MULTILINE)
    return (host[1], int(port[1])) if host and port else None


def sdp(address: str, port: int) -> str:
    """Offer or answer A-law."""
    lines = ["v=0", f"o=phone 1 1 IN IP4 {address}", "s=-", f"c=IN IP4 {address}", "t=0 0"]
    lines += [f"m=audio {port} RTP/AVP 8 101", "a=rtpmap:8 PCMA/8000"]
    lines += ["a=rtpmap:101 telephone-event/8000", "a=fmtp:101 0-15", "a=ptime:20", "a=sendrecv"]
    return "\r\n".join([*lines, ""])
