"""A telephone that calls in to take its own talk up again, as a page does that was loaded anew."""

from __future__ import annotations

import secrets

from hotline.sipp import Phone, Ringing, addresses, messages
from hotline.sipp.messages import Message
from hotline.sipp.rtp import Audio
from hotline.talks.legs import TO_RETURN


async def comes_back(phone: Phone, old: Ringing) -> Ringing:
    """Call in with ``Replaces`` (RFC 3891) of ``old``; return the new end of the talk."""
    new = _NewLeg(phone, old)
    audio = await Audio.open(phone.address, new.port, secrets.randbits(32))
    first = await phone._transact(new.invite(1), new.body)
    assert first.status == 401, first
    phone.send(messages.compose(new.lines("ACK", 1, to=first["To"])), phone.account.server)
    second = await phone._transact(new.invite(2, first["WWW-Authenticate"]), new.body)
    assert second.status == 200, second
    phone.send(messages.compose(new.lines("ACK", 2, to=second["To"])), phone.account.server)
    # From here on as if Asterisk had called: what it says and what we say look alike.
    called = (("From", second["To"]), ("To", f"<sip:{phone.account.name}@{new.server}>"))
    named = (("Contact", second["Contact"]), ("Call-ID", new.call_id), ("CSeq", "1 INVITE"))
    made = Ringing(phone, Message("INVITE", (*called, *named)), phone.account.server)
    made._tag, made.audio = new.tag, audio
    target = messages.media_address(second.body)
    assert target is not None
    audio.talk_to(target)
    phone.calls[new.call_id] = made
    return made


class _NewLeg:
    """The requests of one such call."""

    def __init__(self, phone: Phone, old: Ringing) -> None:
        self.phone, self.server = phone, phone.account.server[0]
        self.uri = f"sip:{TO_RETURN}@{self.server}:{phone.account.server[1]}"
        self.call_id, self.tag = secrets.token_hex(8), secrets.token_hex(6)
        self.port = addresses.free_udp_ports(phone.address, 2)
        self.body = messages.sdp(phone.address, self.port)
        theirs = old.invite["From"].partition("tag=")[2]
        self.replaces = f"{old.invite['Call-ID']};to-tag={theirs};from-tag={old._tag}"

    def lines(self, method: str, number: int, to: str = "") -> list[str]:
        return [
            f"{method} {self.uri} SIP/2.0",
            self.phone.via(),
            f"From: <sip:{self.phone.account.name}@{self.server}>;tag={self.tag}",
            f"To: {to or f'<{self.uri}>'}",
            f"Call-ID: {self.call_id}",
            f"CSeq: {number} {method}",
            self.phone.contact,
            "Max-Forwards: 70",
        ]

    def invite(self, number: int, challenge: str = "") -> list[str]:
        account = self.phone.account
        more = ["Content-Type: application/sdp", f"Replaces: {self.replaces}"]
        if challenge:
            answer = messages.authorization(
                challenge, user=account.name, secret=account.secret, method="INVITE", uri=self.uri
            )
            more.append(f"Authorization: {answer}")
        return [*self.lines("INVITE", number), *more]
