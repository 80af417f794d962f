"""panoramisk's protocol with its hazards closed.

What is replaced, and why: text was decoded per TCP segment (torn characters); an action without
``Async`` and ``QueueAdd`` broke or never resolved (their shape is declared here instead of being
guessed from messages); ``OriginateResponse`` to an own action was not told to anybody; actions of
a lost link were queued and replayed.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import structlog
from panoramisk.actions import Action as PanoramiskAction
from panoramisk.ami_protocol import AMIProtocol

from hotline.ami import actions, events, wire
from hotline.ami.errors import ActionFailedError, ActionLostError

log = structlog.get_logger(__name__)

_AT_ONCE = 4
"""Messages handed out without a pause: half a millisecond's work."""
_EVERYTHING: Mapping[str, str] = MappingProxyType({})
_OURS = "action/"
"""How panoramisk's ids of actions begin."""


@dataclass(frozen=True)
class Response:
    """Asterisk's whole answer to one action."""

    fields: Mapping[str, str]
    events: tuple[Mapping[str, str], ...] = field(default=())

    def __getitem__(self, name: str) -> str:
        """Return a field of the response, or ``""``."""
        return self.fields.get(name, "")

    @property
    def lines(self) -> list[str]:
        """A console command's output."""
        return self["Output"].split("\n")


class Pending(PanoramiskAction):  # type: ignore[misc]  # panoramisk has no types
    """An action on its way, and what has come back so far."""

    def __init__(
        self, action: actions.Action, at_once: Callable[[Response], None] | None = None
    ) -> None:
        fields = action.fields()
        wire.check(fields)
        name = action.action if isinstance(action, actions.Custom) else action.name
        wire.check({"Action": name})
        super().__init__({"Action": name, **fields})
        listing = isinstance(action, actions.Custom) and action.listing
        self.answer = actions.Answer.LIST if listing else action.answer
        self.future: asyncio.Future[Response]
        self._at_once = at_once
        self._collected: list[Mapping[str, str]] = []
        self._response: Mapping[str, str] = {}

    def add_message(self, fields: Mapping[str, str]) -> bool:
        """Take what came back; return whether the answer is whole now."""
        if "Response" in fields and "Event" not in fields:
            self._response = fields
            if fields["Response"] == "Error":
                self._fail(fields.get("Message", ""))
                return True
            return self._whole(self.answer is actions.Answer.SINGLE)
        self._collected.append(fields)
        if self.answer is actions.Answer.ORIGINATE:
            return self._whole(fields.get("Event") == "OriginateResponse")
        return self._whole(fields.get("EventList", "") in {"Complete", "Cancelled"})

    def _whole(self, done: bool) -> bool:
        if done and not self.future.done():
            response = Response(self._response, tuple(self._collected))
            try:
                if self._at_once is not None:
                    self._at_once(response)
            except Exception as error:  # noqa: BLE001 - whoever waits for the answer is told
                self.future.set_exception(error)
            else:
                self.future.set_result(response)
        return done

    def _fail(self, reason: str) -> None:
        if not self.future.done():
            name = self["Action"]
            self.future.set_exception(
                ActionFailedError(f"Asterisk 拒绝了 {name}：{reason}", action=name, reason=reason)
            )


class Protocol(AMIProtocol):  # type: ignore[misc]  # panoramisk has no types
    """One connection: answers go to their actions, everything else to ``on_event``, in order."""

    def __init__(
        self,
        on_event: Callable[[events.Event], None],
        on_closed: Callable[[str], None],
        wanted: Mapping[str, str] = _EVERYTHING,
        calm: float = 0.0,
    ) -> None:
        self._calm = calm
        self._on_event = on_event
        self._on_closed = on_closed
        self._wanted = wanted
        self._framer = wire.Framer()
        self._frames: deque[str] = deque()
        """Messages that are not handed out yet; nothing is read meanwhile."""
        self._loop = asyncio.get_running_loop()
        self.last_heard = self._loop.time()
        self.closed = True
        self.encoding = "utf-8"

    @property
    def greeting(self) -> str:
        """The peer's first line; empty while nothing came."""
        return self._framer.greeting

    @property
    def unsent(self) -> int:
        """Bytes that the peer has not taken yet."""
        return 0 if self.closed else self.transport.get_write_buffer_size()

    def data_received(self, data: bytes) -> None:
        """Cut, decode and hand out what came."""
        self.last_heard = self._loop.time()
        try:
            frames = self._framer.feed(data)
        except wire.FrameTooLongError:
            self.drop("peer sends no AMI")
            return
        if self._calm and not self.closed:
            self.transport.pause_reading()
            self._frames.extend(frames)
            self._hand_out()
            return
        for frame in frames:
            self._take(frame)

    def _hand_out(self) -> None:
        """Hand out a few messages, then let those be heard who ask us elsewhere; then the rest."""
        for _ in range(min(_AT_ONCE, len(self._frames))):
            self._take(self._frames.popleft())
        if self.closed:
            self._frames.clear()
        elif self._frames:
            self._loop.call_soon(self._hand_out)
        else:
            self._loop.call_later(self._calm, self._read_on)

    def _read_on(self) -> None:
        if not self.closed:
            self.transport.resume_reading()

    def _take(self, frame: str) -> None:
        if frame.startswith("Event: "):
            # One that we send ourselves comes back with our id, as an event for everybody.
            own = frame.startswith("Event: UserEvent\r")
            if not own and "\r\nActionID: " in frame and self._answered(frame):
                return
            # Decoding costs far more than looking at the name.
            name = frame[7 : frame.find("\r", 7)]
            if not self._wanted or (name in self._wanted and self._wanted[name] in frame):
                self._on_event(events.decode(frame))
        elif frame.startswith("Response: "):
            self._answered(frame)
        else:
            # Asterisk sends nothing else: somebody's value has become lines of its own.
            log.warning("ami frame of no known kind", begins=frame[:40])

    def _answered(self, frame: str) -> bool:
        """Give ``frame`` to the action that it answers; return whether nobody else wants it."""
        fields = wire.parse(frame)
        pending = self.responses.get(fields.get("ActionID", ""))
        if pending is not None and pending.add_message(fields):
            self.forget(pending)
        is_event = frame.startswith("Event: ")
        if is_event and fields.get("Event") == "OriginateResponse":
            return False
        # Late rows of a list that nobody waits for any more end here too.
        return not is_event or pending is not None or fields["ActionID"].startswith(_OURS)

    def transmit(
        self, action: actions.Action, at_once: Callable[[Response], None] | None = None
    ) -> Pending:
        """Write ``action``; its answer comes through the returned future.

        ``at_once`` takes the answer before anything that was told after it.

        Raises:
            UnsafeValueError: a value would be read as another action.
            ActionLostError: this connection is closed.
        """
        pending = Pending(action, at_once)
        if self.closed:
            raise ActionLostError
        self.send(pending)
        return pending

    def forget(self, pending: Pending) -> None:
        """Wait for no answer to ``pending`` any more."""
        self.responses.pop(pending.id, None)

    def drop(self, reason: str) -> None:
        """End this connection now, even if the peer doesn't answer."""
        if not self.closed:
            self._end(reason)
            self.transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Notice that the peer has gone."""
        self._end(str(exc) if exc else "closed by Asterisk")

    def _end(self, reason: str) -> None:
        if self.closed:
            return
        self.closed = True
        waiting: list[Pending] = list(self.responses.values())
        self.responses.clear()
        for pending in waiting:
            if not pending.future.done():
                pending.future.set_exception(ActionLostError())
                # Whoever gave up waiting has no use for it; asyncio must not complain.
                pending.future.exception()
        self._on_closed(reason)

    def close(self) -> None:
        """End this connection; never queues anything for a later one."""
        self.drop("closed by us")
