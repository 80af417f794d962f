"""The doorman's own program: answers the waiting room for a controller that hangs.

Run by :mod:`hotline.routing.doorman` with the controller's listening socket and the end of a pipe.
It needs the standard library alone, so that it starts at once and is small; it ends when the
controller does.
"""

from __future__ import annotations

import os
import select
import signal
import socket
import sys
import time

PATIENCE = 1.5
"""Seconds without a sign of life after which the controller hangs."""
_LINGER = 1.0
"""As the controller's own: to close before all is read would take the answer back."""
_LARGEST = 8192
WORDS = b'SET VARIABLE TIMEOUT(absolute) 0\nEXEC Goto "fallback,s,1"\n'
"""Who asks goes to the plain queue."""


def serve(listener: socket.socket, pulse: int) -> None:
    """Look on while the controller lives; answer in its place while it hangs."""
    listener.setblocking(False)
    hangs = False
    answered: list[tuple[float, socket.socket]] = []
    while True:
        doors: list[int | socket.socket] = [pulse, listener] if hangs else [pulse]
        ready, _, _ = select.select(doors, [], [], PATIENCE)
        while answered and answered[0][0] < time.monotonic():
            answered.pop(0)[1].close()
        if pulse in ready:
            if not os.read(pulse, _LARGEST):
                return
            hangs = False
        elif listener in ready:
            asker = _turn_away(listener)
            if asker is not None:
                answered.append((time.monotonic() + _LINGER, asker))
        else:
            hangs = True


def _turn_away(listener: socket.socket) -> socket.socket | None:
    try:
        asker, _ = listener.accept()
    except OSError:
        return None
    asker.setblocking(False)
    try:
        asker.recv(_LARGEST)
        asker.send(WORDS)
        asker.shutdown(socket.SHUT_WR)
    except OSError:
        asker.close()
        return None
    return asker


if __name__ == "__main__":
    for ours_alone in (signal.SIGINT, signal.SIGTSTP):
        # Told to the whole terminal: it is the controller's to obey.
        signal.signal(ours_alone, signal.SIG_IGN)
    serve(socket.socket(fileno=int(sys.argv[1])), int(sys.argv[2]))
