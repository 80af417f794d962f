"""RTP with A-law, in real time: what a telephone says and hears."""

from __future__ import annotations

import asyncio
import struct
from collections import deque

FRAME = 160
"""Bytes of A-law in 20 ms."""
_SECONDS = 0.02
_BEHIND = 0.1
"""Seconds that a packet may be late and the next ones still catch up."""
_SILENCE = b"\xd5" * FRAME
_TELEPHONE_EVENT = 101
_MARK = 0x80


class Pace:
    """When each packet is due.

    A process that was kept from running must not send at once what it did not send meanwhile: who
    mixes talks (ConfBridge) throws away what comes faster than it is spoken, with the word that
    comes next. So a longer pause is left out, as a telephone's own clock would.
    """

    def __init__(self, now: float) -> None:
        self._due = now

    def missed(self, now: float) -> int:
        """Return how many packets are left out before the one that is sent now."""
        late = now - self._due
        missed = int(late / _SECONDS) if late > _BEHIND else 0
        self._due += missed * _SECONDS
        return missed

    def until_next(self, now: float) -> float:
        """Return the seconds until the next packet is due."""
        self._due += _SECONDS
        return max(0.0, self._due - now)


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
        """Begin to send, 50 packets a second; never more, see :class:`Pace`."""
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
        pace, stamp = Pace(loop.time()), 0
        while True:
            missed = pace.missed(loop.time())
            stamp += missed * FRAME
            if self._queue:
                payload = self._queue.popleft().ljust(FRAME, b"\xd5")
            else:
                payload = _SILENCE
                self._spoken.set()
            kind = 8 | (_MARK if missed else 0)
            head = struct.pack(
                "!BBHII",
                0x80,
                kind,
                self._sequence & 0xFFFF,
                stamp & 0xFFFFFFFF,
                self._source,
            )
            if self._transport is not None and self._peer is not None and not self.quiet:
                self._transport.sendto(head + payload, self._peer)
            self._sequence += 1
            stamp += FRAME
            await asyncio.sleep(pace.until_next(loop.time()))

    def close(self) -> None:
        """Stop."""
        if self._sender is not None:
            self._sender.cancel()
        self._spoken.set()
        if self._transport is not None:
            self._transport.abort()  # what could not be sent yet comes too late anyhow
