"""RTP with A-law, in real time: what a telephone says and hears."""

from __future__ import annotations

import asyncio
import struct
from collections import deque

FRAME = 160
"""Bytes of A-law in 20 ms."""
_SECONDS = 0.02
_SILENCE = b"\xd5" * FRAME
_TELEPHONE_EVENT = 101


class Audio(asyncio.DatagramProtocol):
    """One RTP session; sends silence while there is nothing to say."""

    def __init__(self, source: int) -> None:
        self.heard = bytearray()
        """A-law as it came, lost packets left out."""
        self._source = source
        self._sequence = 0
        self._queue: deque[bytes] = deque()
        self._spoken = asyncio.Event()
        self._spoken.set()
        self._transport: asyncio.DatagramTransport | None = None
        self._peer: tuple[str, int] | None = None
        self._sender: asyncio.Task[None] | None = None
        self.quiet = False
        """Nothing is sent, as by a line whose network is away."""

    @classmethod
    async def open(cls, address: str, port: int, source: int) -> Audio:
        """Listen on ``port``."""
        loop = asyncio.get_running_loop()
        _, audio = await loop.create_datagram_endpoint(
            lambda: cls(source), local_addr=(address, port)
        )
        return audio

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]
        """Keep the socket."""
        self._transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Keep what is heard."""
        del addr
        if len(data) > 12 and data[1] & 0x7F == 8:
            self.heard += data[12:]

    def talk_to(self, peer: tuple[str, int]) -> None:
        """Begin to send, 50 packets a second."""
        self._peer = peer
        if self._sender is None:
            self._sender = asyncio.create_task(self._send())

    async def speak(self, alaw: bytes) -> None:
        """Say ``alaw`` and return when the last of it was sent."""
        self._queue.extend(alaw[i : i + FRAME] for i in range(0, len(alaw), FRAME))
        self._spoken.clear()
        await self._spoken.wait()

    async def _send(self) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            if self._queue:
                payload = self._queue.popleft().ljust(FRAME, b"\xd5")
            else:
                payload = _SILENCE
                self._spoken.set()
            stamp = self._sequence * FRAME & 0xFFFFFFFF
            head = struct.pack("!BBHII", 0x80, 8, self._sequence & 0xFFFF, stamp, self._source)
            if self._transport is not None and self._peer is not None and not self.quiet:
                self._transport.sendto(head + payload, self._peer)
            self._sequence += 1
            due += _SECONDS
            await asyncio.sleep(max(0.0, due - loop.time()))

    def close(self) -> None:
        """Stop."""
        if self._sender is not None:
            self._sender.cancel()
        self._spoken.set()
        if self._transport is not None:
            self._transport.abort()  # what could not be sent yet comes too late anyhow
