"""A lawyer's browser, as far as Asterisk sees it: SIP over a WebSocket that may vanish at any time.

It plays no sound, so that Asterisk hears of a talk only that it is silent.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import secrets
from collections.abc import Sequence

import aiohttp

from hotline.sipp.messages import Message, authorization, compose
from tests.acceptance.house import SECRET

_FINGERPRINT = ":".join(["AB"] * 32)


class Browser:
    """One telephone; ``rings`` and ``talks`` tell how far a call has come."""

    def __init__(self, name: str, url: str) -> None:
        self.name = name
        self._url = url
        self._session = aiohttp.ClientSession()
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._reading: asyncio.Task[None] | None = None
        self._registered = asyncio.Event()
        self._invite: Message | None = None
        self.rings = asyncio.Event()
        self.talks = asyncio.Event()

    async def open(self) -> None:
        """Open the page: it registers."""
        self.rings.clear()
        self.talks.clear()
        self._registered.clear()
        self._socket = await self._session.ws_connect(self._url, protocols=("sip",))
        self._reading = asyncio.create_task(self._read(self._socket))
        await self._register(1)
        async with asyncio.timeout(5):
            await self._registered.wait()

    async def answer(self) -> None:
        """Take the call that rings."""
        assert self._invite is not None
        body = _answer_to(self._invite.body)
        extra = [self._contact, "Content-Type: application/sdp"]
        await self._say(self._invite.reply("200 OK", extra, body, tag=self.name))
        async with asyncio.timeout(5):
            await self.talks.wait()

    async def vanish(self) -> None:
        """Close the page, or lose the network: no farewell."""
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)
        if self._socket is not None:
            response = self._socket._response
            if response.connection is not None and response.connection.transport is not None:
                response.connection.transport.abort()
            with contextlib.suppress(aiohttp.ClientError, ConnectionError):
                await self._socket.close()
        self._socket = None

    async def close(self) -> None:
        """Vanish for good."""
        await self.vanish()
        await self._session.close()

    @property
    def _contact(self) -> str:
        return f"Contact: <sip:{self.name}@{self.name}.invalid;transport=ws>"

    async def _register(self, cseq: int, extra: Sequence[str] = ()) -> None:
        lines = [
            "REGISTER sip:127.0.0.1 SIP/2.0",
            f"Via: SIP/2.0/WS {self.name}.invalid;branch=z9hG4bK{secrets.token_hex(6)}",
            "Max-Forwards: 70",
            f"From: <sip:{self.name}@127.0.0.1>;tag={self.name}",
            f"To: <sip:{self.name}@127.0.0.1>",
            f"Call-ID: register-{self.name}",
            f"CSeq: {cseq} REGISTER",
            self._contact,
            "Expires: 120",
            *extra,
        ]
        await self._say(compose(lines))

    async def _say(self, data: bytes) -> None:
        assert self._socket is not None
        await self._socket.send_str(data.decode())

    async def _read(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        async for told in socket:
            data = told.data.encode() if isinstance(told.data, str) else told.data
            message = Message.parse(data)
            if message is not None:
                await self._take(message)

    async def _take(self, message: Message) -> None:
        match message.method, message.status:
            case "REGISTER", 401:
                challenge = message["WWW-Authenticate"]
                proof = authorization(
                    challenge,
                    user=self.name,
                    secret=SECRET,
                    method="REGISTER",
                    uri="sip:127.0.0.1",
                )
                await self._register(2, [f"Authorization: {proof}"])
            case "REGISTER", 200:
                self._registered.set()
            case "INVITE", 0:
                self._invite = message
                await self._say(message.reply("180 Ringing", [self._contact], tag=self.name))
                self.rings.set()
            case "ACK", 0:
                self.talks.set()
            case _, 0:
                await self._say(message.reply("200 OK"))


def _answer_to(offer: str) -> str:
    port_line = next(line for line in offer.splitlines() if line.startswith("m=audio"))
    profile = port_line.split()[2]
    payload = re.search(r"a=rtpmap:(\d+) PCMA/8000", offer)
    number = payload[1] if payload else "8"
    lines = ["v=0", "o=page 1 1 IN IP4 127.0.0.4", "s=-", "c=IN IP4 127.0.0.4", "t=0 0"]
    lines += [f"m=audio 9 {profile} {number}", f"a=rtpmap:{number} PCMA/8000", "a=rtcp-mux"]
    lines += ["a=ice-ufrag:page", "a=ice-pwd:pagepagepagepagepagepage", "a=setup:active"]
    mid = re.search(r"^a=mid:(\S+)", offer, re.MULTILINE)
    lines += [f"a=fingerprint:sha-256 {_FINGERPRINT}", "a=sendrecv"]
    lines += [f"a=mid:{mid[1]}"] if mid else []
    lines += ["a=candidate:1 1 udp 2130706431 127.0.0.4 9 typ host"]
    return "\r\n".join([*lines, ""])
