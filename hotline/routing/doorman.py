"""A second, small process beside the controller that answers the waiting room where it hangs.

Asterisk waits for the answer to a FastAGI question as long as the socket is open, whatever time
limit the call has; a process that is stopped, or that computes for ever, can't close it. A dead
one needs no doorman: the kernel refuses for it.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import structlog

from hotline.routing import beats
from hotline.routing.turns_away import PATIENCE

log = structlog.get_logger(__name__)

PULSE_SECONDS = 0.25
_PROGRAM = Path(__file__).with_name("turns_away.py")


class Doorman:
    """Stands beside one listening socket; :meth:`start`, :meth:`close`."""

    def __init__(self, woke: Callable[[], None] = lambda: None) -> None:
        """Prepare; ``woke`` is called where we have hung ourselves and go on."""
        self._woke = woke
        self._beats_at = float("inf")
        self._process: subprocess.Popen[bytes] | None = None
        self._pulse = -1
        self._listener: socket.socket | None = None
        self._timer: asyncio.TimerHandle | None = None

    def start(self, listener: socket.socket) -> None:
        """Begin to give signs of life to a process of its own."""
        self._listener = listener
        self._hire(listener)
        self._beat()

    @property
    def slept(self) -> bool:
        """Whether no sign of life was given for so long that who asked was turned away."""
        return self._beats_at + PATIENCE < time.monotonic()

    def close(self) -> None:
        """Let it go."""
        if self._timer is not None:
            self._timer.cancel()
        self._listener = None
        self._dismiss()

    def _hire(self, listener: socket.socket) -> None:
        theirs, self._pulse = os.pipe()
        os.set_blocking(self._pulse, False)
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-IS", str(_PROGRAM), str(listener.fileno()), str(theirs)],
                pass_fds=(listener.fileno(), theirs),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
            )
        except OSError:
            log.exception("no doorman; a controller that hangs would hold who asks")
            self._dismiss()
        finally:
            os.close(theirs)

    def _dismiss(self) -> None:
        if self._pulse >= 0:
            os.close(self._pulse)
            self._pulse = -1
        if self._process is not None:
            # The end of the pipe ends it at once.
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(2.0)
            self._process = None

    def _beat(self) -> None:
        if self.slept:
            self._woke()
        self._beats_at = time.monotonic()
        if self._pulse >= 0 and self._listener is not None:
            try:
                os.write(self._pulse, b".")
            except BlockingIOError:
                pass  # it is stopped itself
            except OSError:
                log.warning("the doorman is gone; another comes")
                self._dismiss()
                self._hire(self._listener)
        self._timer = beats.call_later(PULSE_SECONDS, self._beat)
