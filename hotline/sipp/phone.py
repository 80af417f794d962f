"""A simulated desk phone: a real SIP endpoint that registers, answers, speaks and hangs up.

    phone = Phone(Account("lawyer1", secret, ("127.0.0.1", 5060)), on_call=answer)
    await phone.start()                  # registered, by digest

    async def answer(call: Ringing) -> None:
        await call.answer()
        await call.speak(alaw)
        await call.hang_up()

SIPp cannot register and be called on one socket and choose its speech by who calls; this can.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import structlog

from hotline.errors import HotlineError
from hotline.sipp import messages
from hotline.sipp.addresses import free_udp_ports
from hotline.sipp.messages import Message
from hotline.sipp.rtp import Audio

log = structlog.get_logger(__name__)

_T1 = 0.5
_GIVE_UP = 64 * _T1


class RegistrationError(HotlineError):
    """模拟话机登记失败。"""

    error_id = "phone-registration"


@dataclass(frozen=True)
class Account:
    """Who the phone is and where it registers."""

    name: str
    secret: str = field(repr=False)
    server: tuple[str, int]
    expires: int = 300


class Ringing:
    """One call to this phone, from its INVITE to its end."""

    def __init__(self, phone: Phone, invite: Message, peer: tuple[str, int]) -> None:
        self.number = invite.caller
        """Who calls, as told in From."""
        self.invite = invite
        self.ended: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        """Set to ``cancelled``, ``rejected``, ``peer`` or ``us`` when the call is over."""
        self.audio: Audio | None = None
        self._phone = phone
        self._peer = peer
        self._tag = secrets.token_hex(6)
        self._cseq = itertools.count(100)
        self._confirmed = asyncio.Event()
        self._last_reply = b""

    def ring(self) -> None:
        """Say that it rings."""
        self._reply("180 Ringing", [self._phone.contact])

    async def answer(self) -> None:
        """Pick up; returns when the other side has confirmed.

        Raises:
            HotlineError: the caller went away meanwhile, or never confirmed.
        """
        port = free_udp_ports(self._phone.address, 2)
        self.audio = await Audio.open(self._phone.address, port, secrets.randbits(32))
        body = messages.sdp(self._phone.address, port)
        extra = [self._phone.contact, "Content-Type: application/sdp"]
        delay, waited = _T1, 0.0
        while not self._confirmed.is_set() and not self.ended.done() and waited < _GIVE_UP:
            self._reply("200 OK", extra, body)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._confirmed.wait(), delay)
            waited, delay = waited + delay, min(delay * 2, 4.0)
        if not self._confirmed.is_set() or self.ended.done():
            self.end("cancelled")
            raise HotlineError("来电在接听前已经结束")
        if (target := messages.media_address(self.invite.body)) is not None:
            self.audio.talk_to(target)

    def reject(self, status: str = "486 Busy Here") -> None:
        """Refuse."""
        self._reply(status)
        self.end("rejected")

    async def speak(self, alaw: bytes) -> None:
        """Say raw A-law in real time; returns when it is said or the call is over."""
        if self.audio is None or self.ended.done():
            return
        # Closing the audio at the call's end lets go of whoever speaks.
        await self.audio.speak(alaw)

    async def hang_up(self) -> None:
        """End the call."""
        if not self.ended.done():
            await self._phone.request(self, "BYE", next(self._cseq))
            self.end("us")

    async def press(self, digit: str) -> None:
        """Press a key, told by SIP INFO."""
        if not self.ended.done():
            body = f"Signal={digit}\r\nDuration=160\r\n"
            await self._phone.request(self, "INFO", next(self._cseq), body)

    @property
    def heard(self) -> bytes:
        """The A-law that came so far."""
        return bytes(self.audio.heard) if self.audio is not None else b""

    def take(self, message: Message) -> None:
        """Handle a request within this call."""
        match message.method:
            case "ACK":
                self._confirmed.set()
            case "BYE":
                self._phone.send(message.reply("200 OK"), self._peer)
                self.end("peer")
            case "CANCEL":
                self._phone.send(message.reply("200 OK", tag=self._tag), self._peer)
                self._reply("487 Request Terminated")
                self.end("cancelled")
            case "INVITE" if self._last_reply and self.audio is None:
                self._phone.send(self._last_reply, self._peer)
            case "INVITE":
                self._reinvited(message)
            case _:
                self._phone.send(message.reply("200 OK"), self._peer)

    def _reinvited(self, message: Message) -> None:
        if message["CSeq"] == self.invite["CSeq"]:
            self._phone.send(self._last_reply, self._peer)
            return
        answer = self._last_reply.partition(b"\r\n\r\n")[2].decode()
        extra = [self._phone.contact, "Content-Type: application/sdp"]
        self._phone.send(message.reply("200 OK", extra, answer), self._peer)

    def dialogue(self, method: str, cseq: int) -> list[str]:
        """Return the headers of a request of ours within this call."""
        contact = self.invite["Contact"].partition("<")[2].partition(">")[0]
        return [
            f"{method} {contact or self.invite['Contact']} SIP/2.0",
            self._phone.via(),
            f"From: {self.invite['To']};tag={self._tag}",
            f"To: {self.invite['From']}",
            f"Call-ID: {self.invite['Call-ID']}",
            f"CSeq: {cseq} {method}",
            self._phone.contact,
            "Max-Forwards: 70",
        ]

    def _reply(self, status: str, extra: list[str] | None = None, body: str = "") -> None:
        self._last_reply = self.invite.reply(status, extra or (), body, self._tag)
        self._phone.send(self._last_reply, self._peer)

    def end(self, how: str) -> None:
        """Close what is open."""
        if not self.ended.done():
            self.ended.set_result(how)
        if self.audio is not None:
            self.audio.close()


class Phone(asyncio.DatagramProtocol):
    """One telephone on one UDP socket."""

    def __init__(
        self,
        account: Account,
        on_call: Callable[[Ringing], Awaitable[None]],
        *,
        address: str = "127.0.0.3",
    ) -> None:
        self.account = account
        self.address = address
        self.calls: dict[str, Ringing] = {}
        self._on_call = on_call
        self._port = 0
        self._transport: asyncio.DatagramTransport | None = None
        self._answers: dict[str, asyncio.Future[Message]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._register_id = secrets.token_hex(8)
        self._register_count = itertools.count(1)
        self._renewing: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Register, and stay registered.

        Raises:
            RegistrationError: the server refused or didn't answer.
        """
        await self.listen()
        await self.register(self.account.expires)
        self._renewing = asyncio.create_task(self._renew())

    async def listen(self, port: int = 0) -> None:
        """Take calls without registering, as the far end of a trunk does."""
        loop = asyncio.get_running_loop()
        await loop.create_datagram_endpoint(lambda: self, local_addr=(self.address, port))

    async def stop(self) -> None:
        """Hang up, unregister and close."""
        if self._renewing is not None:
            self._renewing.cancel()
        for call in list(self.calls.values()):
            with contextlib.suppress(HotlineError):
                await call.hang_up()
        with contextlib.suppress(HotlineError):
            await self.register(0)
        self.vanish()

    def vanish(self) -> None:
        """Go off the net without a word, as a phone does that loses its power."""
        if self._renewing is not None:
            self._renewing.cancel()
        for task in list(self._tasks):
            task.cancel()
        for call in list(self.calls.values()):
            call.end("us")
        if self._transport is not None:
            self._transport.close()

    @property
    def contact(self) -> str:
        """The header that tells where this phone is."""
        return f"Contact: <sip:{self.account.name}@{self.address}:{self._port}>"

    def via(self) -> str:
        """Return the header of a new transaction."""
        branch = f"z9hG4bK{secrets.token_hex(8)}"
        return f"Via: SIP/2.0/UDP {self.address}:{self._port};rport;branch={branch}"

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]
        """Keep the socket."""
        self._transport = transport
        self._port = transport.get_extra_info("sockname")[1]

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Take a message."""
        message = Message.parse(data)
        if message is None:
            return
        if message.status:
            waiting = self._answers.get(message["CSeq"] + message["Call-ID"])
            if waiting is not None and message.status >= 200 and not waiting.done():
                waiting.set_result(message)
            return
        call = self.calls.get(message["Call-ID"])
        if call is not None:
            call.take(message)
        elif message.method == "INVITE":
            self._rung(message, addr)
        elif message.method != "ACK":
            known = message.method in {"OPTIONS", "NOTIFY"}
            self.send(message.reply("200 OK" if known else "481 Call Does Not Exist"), addr)

    def _rung(self, invite: Message, peer: tuple[str, int]) -> None:
        call = Ringing(self, invite, peer)
        self.calls[invite["Call-ID"]] = call
        call.ended.add_done_callback(lambda _: self._forget_later(invite["Call-ID"]))
        call.ring()
        task = asyncio.create_task(self._attend(call))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _forget_later(self, call_id: str) -> None:
        # Late retransmissions still find their call.
        asyncio.get_running_loop().call_later(_GIVE_UP, self.calls.pop, call_id, None)

    async def _attend(self, call: Ringing) -> None:
        try:
            await self._on_call(call)
        except asyncio.CancelledError:
            # Whoever ends the program without hanging up leaves no socket open.
            call.end("us")
            raise
        except HotlineError as error:
            log.info("phone gave up a call", phone=self.account.name, reason=error.error_id)
        except Exception:
            # A mistake in a test's or demo's script must not take the phone off the net.
            log.exception("phone script failed", phone=self.account.name)
            await call.hang_up()

    def send(self, data: bytes, peer: tuple[str, int]) -> None:
        """Write one datagram."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.sendto(data, peer)

    async def request(self, call: Ringing, method: str, cseq: int, body: str = "") -> Message:
        """Send a request within ``call`` and return its final response."""
        lines = call.dialogue(method, cseq)
        if body:
            lines.append("Content-Type: application/dtmf-relay")
        return await self._transact(lines, body)

    async def register(self, expires: int) -> None:
        """Register for ``expires`` seconds; 0 takes the registration back.

        Raises:
            RegistrationError: the server refused.
        """
        answer = await self._transact(self._register_lines(expires, ""))
        if answer.status == 401:
            answer = await self._transact(self._register_lines(expires, answer["WWW-Authenticate"]))
        if answer.status != 200:
            raise RegistrationError(f"模拟话机 {self.account.name} 登记失败：{answer.start}")

    def _register_lines(self, expires: int, challenge: str) -> list[str]:
        host, port = self.account.server
        uri, name = f"sip:{host}:{port}", self.account.name
        lines = [
            f"REGISTER {uri} SIP/2.0",
            self.via(),
            f"From: <sip:{name}@{host}>;tag={secrets.token_hex(6)}",
            f"To: <sip:{name}@{host}>",
            f"Call-ID: {self._register_id}",
            f"CSeq: {next(self._register_count)} REGISTER",
            self.contact,
            f"Expires: {expires}",
            "Max-Forwards: 70",
        ]
        if challenge:
            answer = messages.authorization(
                challenge, user=name, secret=self.account.secret, method="REGISTER", uri=uri
            )
            lines.append(f"Authorization: {answer}")
        return lines

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(self.account.expires * 0.8)
            try:
                await self.register(self.account.expires)
            except HotlineError as error:
                log.warning("phone lost its registration", phone=self.account.name, why=str(error))

    async def _transact(self, lines: list[str], body: str = "") -> Message:
        headers = Message.parse(messages.compose(lines))
        if headers is None:
            raise RegistrationError
        key = headers["CSeq"] + headers["Call-ID"]
        answer: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        self._answers[key] = answer
        delay, waited = _T1, 0.0
        try:
            while waited < _GIVE_UP / 4:
                self.send(messages.compose(lines, body), self.account.server)
                with contextlib.suppress(TimeoutError):
                    return await asyncio.wait_for(asyncio.shield(answer), delay)
                waited, delay = waited + delay, min(delay * 2, 4.0)
        finally:
            self._answers.pop(key, None)
        raise RegistrationError(f"{self.account.server[0]}:{self.account.server[1]} 没有答复")
