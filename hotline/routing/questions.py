"""The waiting room's question: "whom may this caller talk to?", asked and answered on a socket.

An event reaches us behind everything else that Asterisk tells, and a Redirect goes the same way
back. The dialplan therefore asks by FastAGI first: who can be served at once is told so in the
same step. Whoever is not asks no more and announces themselves by events; so does everybody
while nobody listens here. Each life of the controller has a port and a word of its own, which it
tells Asterisk beside its heartbeat: what another program of this machine asks is not answered.
Should the controller hang, its doorman (:mod:`hotline.routing.doorman`) answers.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import os
import secrets
import socket
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from hotline.calls import events as said
from hotline.routing import beats
from hotline.routing.doorman import Doorman

log = structlog.get_logger(__name__)

_LARGEST = 8192
_BACKLOG = 256
_PATIENCE = 0.5
"""Seconds in which a question must be there; it is no 2 KiB and comes from the same machine."""
_LINGER = 1.0
"""Seconds after an answer until its socket is closed. Asterisk is told the end at once; to close
before all is read that it still says of the channel would take the answer back."""
_LOOKS = 20
_REQUEST = b"agi_network_script: "
_NO_GUARD = b"SET VARIABLE TIMEOUT(absolute) 0\n"
"""The dialplan asks with a time limit on the call; context ``offer`` takes it off by itself."""
_FIELDS = ("Call", "Number", "Topic", "Lang", "Place", "Since", "Tries", "Offer", "Dialled")
"""What the dialplan asks with, in this order; what a caller could choose is filtered there."""


@dataclass(frozen=True, slots=True)
class Question:
    """Somebody waits and asks."""

    waits: said.Waits
    channel: str
    dialled: str


@dataclass(frozen=True, slots=True)
class Way:
    """Where a caller goes next in the dialplan."""

    context: str
    exten: str


Answer = Callable[[Question], Way | None]


class Desk:
    """Listens on a free port of this machine and answers at once; :meth:`open`, :meth:`close`."""

    def __init__(
        self,
        answer: Answer,
        doorman: Doorman | None = None,
        answered: Callable[[], None] = lambda: None,
    ) -> None:
        """``answered`` is called once an answer is out, for what need not be there before it."""
        self._answer = answer
        self._answered = answered
        self._word = secrets.token_hex(16)
        self._socket: socket.socket | None = None
        self._asking: dict[socket.socket, bytearray] = {}
        self._reading: set[socket.socket] = set()
        """Who has not said all yet."""
        self._doorman = doorman or Doorman()

    @property
    def address(self) -> str:
        """What the dialplan puts behind ``agi://``; empty while nobody listens."""
        if self._socket is None:
            return ""
        host, port = self._socket.getsockname()
        return f"{host}:{port}/{self._word}"

    def open(self) -> None:
        """Begin to listen; where that can't be, callers are heard by their events."""
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            listener.setblocking(False)
            # Wakes us when there is something to read and not when somebody is about to ask.
            listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, 1)
            listener.bind(("127.0.0.1", 0))
            listener.listen(_BACKLOG)
        except OSError:
            log.exception("nobody can ask; callers are heard by their events")
            listener.close()
            return
        self._socket = listener
        asyncio.get_running_loop().add_reader(listener.fileno(), self._accept)
        self._doorman.start(listener)

    def close(self) -> None:
        """Listen no more; whoever asks now waits as if nobody were here."""
        if self._socket is not None:
            self._doorman.close()
            asyncio.get_running_loop().remove_reader(self._socket.fileno())
            self._socket.close()
            self._socket = None
        for asker in list(self._asking):
            self._end(asker)

    def _accept(self) -> None:
        while self._socket is not None:
            try:
                asker, _ = self._socket.accept()
            except OSError:
                return
            self._asking[asker] = bytearray()
            if not self._read(asker):
                asker.setblocking(False)
                self._reading.add(asker)
                asyncio.get_running_loop().add_reader(asker.fileno(), self._read, asker)
            # Last, as all that need not be there before the answer.
            beats.call_later(_PATIENCE + _LINGER, self._end, asker)

    def _read(self, asker: socket.socket) -> bool:
        """Read on; return whether the question was there, or never will be."""
        text = self._asking[asker]
        for _ in range(_LOOKS):
            try:
                data = asker.recv(_LARGEST, socket.MSG_DONTWAIT)
            except BlockingIOError:
                # The rest is being written just now: sooner there than we would be woken again.
                os.sched_yield()
                continue
            except OSError:
                data = b""
            text += data
            line = text.find(_REQUEST)
            end = text.find(b"\n", line) if line >= 0 else -1
            if data and end < 0 and len(text) < _LARGEST:
                continue
            self._heard(asker)
            if data and end >= 0 and not _has_gone(asker, text):
                self._reply(asker, bytes(text[line + len(_REQUEST) : end]))
            return True
        return False

    def _heard(self, asker: socket.socket) -> None:
        if asker in self._reading:
            self._reading.discard(asker)
            asyncio.get_running_loop().remove_reader(asker.fileno())

    def _reply(self, asker: socket.socket, request: bytes) -> None:
        question = read(request.decode("utf-8", "replace"), self._word)
        way = None
        try:
            way = self._answer(question) if question is not None else None
        except Exception:
            log.exception("question could not be answered; the caller waits on")
        words = b"" if way is not None and way.context == "offer" else _NO_GUARD
        if way is not None:
            words += f'EXEC Goto "{way.context},{way.exten},1"\n'.encode()
        with contextlib.suppress(OSError):
            # With the end in the same segment: Asterisk goes on once it has heard both, and
            # whoever is woken by the first may keep us from saying the second.
            asker.send(words, socket.MSG_DONTWAIT | socket.MSG_MORE)
            asker.shutdown(socket.SHUT_WR)
        self._answered()

    def _end(self, asker: socket.socket) -> None:
        if self._asking.pop(asker, None) is not None:
            self._heard(asker)
            asker.close()


def _has_gone(asker: socket.socket, text: bytearray) -> bool:
    """Whether the caller behind a question has hung up meanwhile."""
    if b"\nHANGUP\n" in text:
        return True
    with contextlib.suppress(BlockingIOError):
        while data := asker.recv(_LARGEST, socket.MSG_DONTWAIT):
            text += data
        return True
    return b"\nHANGUP\n" in text


def read(request: str, word: str) -> Question | None:
    """Return the question that Asterisk asks; ``None`` where it is not one of ours."""
    given, *values = request.split("/")
    if not hmac.compare_digest(given.encode(), word.encode()):
        log.warning("somebody asks who does not know the word")
        return None
    channel, *rest = values if len(values) > len(_FIELDS) else ("",)
    fields = dict(zip(_FIELDS, rest, strict=False))
    waits = said.waits(fields.get("Call", ""), fields)
    if waits is None or not channel:
        return None
    return Question(waits, f"PJSIP/{channel}", said.number(fields["Dialled"]))
