"""UDP sockets that tell when the kernel took a datagram: our own slowness counts for nothing."""

from __future__ import annotations

import asyncio
import socket
import struct
import time
from collections.abc import Callable

_TIMESTAMP = 35
"""Linux' SO_TIMESTAMPNS, which Python does not name."""
_TIMESPEC = struct.Struct("@ll")
_LARGEST = 65536
_BUFFER = 4 * 1024 * 1024

Address = tuple[str, int]
Taken = Callable[[bytes, Address, float], None]
"""A datagram, who sent it, and when it arrived (seconds of the machine's clock)."""


class Wire:
    """One UDP socket on the loop."""

    def __init__(self, local_ip: str, taken: Taken) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
        self._socket.setsockopt(socket.SOL_SOCKET, _TIMESTAMP, 1)
        self._socket.bind((local_ip, 0))
        self.address: Address = self._socket.getsockname()
        self._taken = taken
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._socket.fileno(), self._read)

    def send(self, data: bytes, to: Address) -> float:
        """Send, and return when: taken just before, so that a wait in the kernel counts."""
        now = time.time()
        self._socket.sendto(data, to)
        return now

    def close(self) -> None:
        """Close it."""
        self._loop.remove_reader(self._socket.fileno())
        self._socket.close()

    def _read(self) -> None:
        while True:
            try:
                data, notes, _, sender = self._socket.recvmsg(_LARGEST, 64)
            except BlockingIOError:
                return
            at = time.time()
            for level, kind, value in notes:
                if level == socket.SOL_SOCKET and kind == _TIMESTAMP:
                    seconds, nanoseconds = _TIMESPEC.unpack_from(value)
                    at = seconds + nanoseconds / 1e9
            self._taken(data, sender, at)
