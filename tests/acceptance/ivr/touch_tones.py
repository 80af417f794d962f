"""A caller whose keys go out as RTP telephone events (RFC 4733), which SIPp cannot send."""

from __future__ import annotations

import asyncio
import re
import secrets
import struct

_EVENTS = "0123456789*#"


class TouchTones:
    """One call of a telephone with RFC 4733 keys."""

    def __init__(self, server: tuple[str, int], number: str, dialled: str) -> None:
        self._server = server
        self._uri = f"sip:{dialled}@{server[0]}:{server[1]}"
        self._number = number
        self._id, self._tag, self._peer_tag = secrets.token_hex(8), secrets.token_hex(4), ""
        self._sequence = 0
        self._inbox: asyncio.Queue[bytes] = asyncio.Queue()
        self._sip: asyncio.DatagramTransport
        self._rtp: asyncio.DatagramTransport

    async def dial(self) -> None:
        """Call and wait until it is answered."""
        self._sip, port = await self._open(self._inbox)
        self._rtp, audio = await self._open(None)
        self._port = port
        body = (
            "v=0\r\no=- 1 1 IN IP4 127.0.0.2\r\ns=-\r\nc=IN IP4 127.0.0.2\r\nt=0 0\r\n"
            f"m=audio {audio} RTP/AVP 8 101\r\na=rtpmap:8 PCMA/8000\r\n"
            "a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\n"
        )
        self._send("INVITE", 1, body)
        async with asyncio.timeout(5):
            while not (answer := (await self._inbox.get()).decode()).startswith("SIP/2.0 200"):
                pass
        tag = re.search(r"^To:.*;(tag=\S+)", answer, re.MULTILINE)
        media = re.search(r"^m=audio (\d+)", answer, re.MULTILINE)
        assert tag is not None
        assert media is not None
        self._peer_tag = f";{tag[1]}"
        self._peer = (self._server[0], int(media[1]))
        self._send("ACK", 1)

    async def press(self, key: str) -> None:
        """Press a key for a tenth of a second."""
        stamp = 8_000 + self._sequence * 160
        for packet in range(8):
            ends = 0x80 if packet >= 5 else 0
            event = struct.pack("!BBH", _EVENTS.index(key), ends | 10, min(packet + 1, 6) * 160)
            head = struct.pack(
                "!BBHII", 0x80, 101 | (0x80 if packet == 0 else 0), self._sequence, stamp, 77
            )
            self._rtp.sendto(head + event, self._peer)
            self._sequence += 1
            await asyncio.sleep(0.02)

    def hang_up(self) -> None:
        """Send BYE and forget the call."""
        self._send("BYE", 2)
        self._sip.close()
        self._rtp.close()

    async def _open(
        self, inbox: asyncio.Queue[bytes] | None
    ) -> tuple[asyncio.DatagramTransport, int]:
        class Reader(asyncio.DatagramProtocol):
            def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
                del addr
                if inbox is not None:
                    inbox.put_nowait(data)

        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(Reader, local_addr=("127.0.0.2", 0))
        return transport, int(transport.get_extra_info("sockname")[1])

    def _send(self, method: str, cseq: int, body: str = "") -> None:
        lines = [
            f"{method} {self._uri} SIP/2.0",
            f"Via: SIP/2.0/UDP 127.0.0.2:{self._port};branch=z9hG4bK{secrets.token_hex(6)}",
            f"From: <sip:{self._number}@127.0.0.2>;tag={self._tag}",
            f"To: <{self._uri}>{self._peer_tag}",
            f"Call-ID: {self._id}",
            f"CSeq: {cseq} {method}",
            f"Contact: <sip:{self._number}@127.0.0.2:{self._port}>",
            "Max-Forwards: 70",
            *(["Content-Type: application/sdp"] if body else []),
            f"Content-Length: {len(body)}",
        ]
        self._sip.sendto(("\r\n".join(lines) + "\r\n\r\n" + body).encode(), self._server)
