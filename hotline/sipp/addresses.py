"""Free ports for simulated telephones."""

from __future__ import annotations

import itertools
import socket

_LOWEST, _HIGHEST = 30000, 32000
"""RTP ports of telephones; below Linux' ephemeral range, above Asterisk's."""

_next = itertools.cycle(range(_LOWEST, _HIGHEST, 4))


def free_udp_port(address: str) -> int:
    """Return a UDP port of ``address`` that nobody uses now."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind((address, 0))
        return int(probe.getsockname()[1])


def free_udp_ports(address: str, count: int) -> int:
    """Return the first of ``count`` UDP ports in a row, an even one (RTP, RTCP, …).

    Raises:
        OSError: there are none.
    """
    for _ in range((_HIGHEST - _LOWEST) // 4):
        first = next(_next)
        if all(_is_free(address, first + step) for step in range(count)):
            return first
    raise OSError("no free UDP ports for telephones")


def _is_free(address: str, port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((address, port))
        except OSError:
            return False
    return True
