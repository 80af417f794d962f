"""The link to Asterisk: logs in, watches, reconnects; one ordered reader, typed both ways.

    link = Link(Address("127.0.0.1", 5038, "hotline", secret), on_event=handle)
    await link.start()                       # AuthenticationError, LinkDownError
    await link.send(Redirect(channel, "offer", "s"))
    async with asyncio.timeout(40):
        ended = await link.originate(Originate("PJSIP/lawyer1", "offer", "s"))
    await link.close()

``on_event`` is called in the order of arrival, from the reader itself, and must be quick; use a
:class:`~hotline.ami.mailbox.Mailbox` for a consumer that awaits. After each
:class:`~hotline.ami.events.LinkUp` read back what is there: events of the time without a link are
gone for good.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from random import Random
from typing import Self

import structlog

from hotline.ami import actions, events
from hotline.ami.errors import (
    ActionFailedError,
    ActionLostError,
    ActionTimeoutError,
    AmiError,
    AuthenticationError,
    LinkDownError,
    NotIdempotentError,
)
from hotline.ami.protocol import Pending, Protocol, Response
from hotline.clock import Clock, SystemClock

log = structlog.get_logger(__name__)

_UNSENT_LIMIT = 1024 * 1024


@dataclass(frozen=True)
class Address:
    """Where Asterisk's manager listens and who we are there."""

    host: str
    port: int
    user: str
    secret: str = field(repr=False)


@dataclass(frozen=True)
class Timings:
    """Seconds that the link waits for things."""

    connect: float = 3.0
    login: float = 5.0
    boot: float = 60.0
    action: float = 5.0
    silence: float = 1.0
    """Nothing heard for so long: ask for a sign of life."""
    dead: float = 4.0
    """Nothing heard for so long: the link is half-open; drop it."""
    backoff: float = 0.1
    longest_backoff: float = 3.0


class State(StrEnum):
    """How the link is."""

    CLOSED = "closed"
    CONNECTING = "connecting"
    UP = "up"


class Link:
    """A link that stays. ``state`` and ``last_error`` tell how it is."""

    def __init__(
        self,
        address: Address,
        *,
        on_event: Callable[[events.Event], None],
        timings: Timings | None = None,
        clock: Clock | None = None,
        random: Random | None = None,
        wanted: Mapping[str, str] | None = None,
        calm: float = 0.0,
    ) -> None:
        """Prepare; nothing is opened yet.

        ``wanted`` names the only events of Asterisk that are decoded and told, each with what its
        message must hold (empty: any of that name); none: all.
        ``calm`` is how long to leave the link alone after each look at it. Asterisk writes event
        by event; to wake up for each costs more than the event.
        """
        self._calm = calm
        self.address = address
        self.state = State.CLOSED
        self.last_error: AmiError | None = None
        self.sessions = 0
        self._on_event = on_event
        self._wanted = {**wanted, "FullyBooted": ""} if wanted else {}
        self._timings = timings or Timings()
        self._clock = clock or SystemClock()
        self._random = random or Random()  # noqa: S311 - spreads reconnects, guards nothing
        self._protocol: Protocol | None = None
        self._runner: asyncio.Task[None] | None = None
        self._changed = asyncio.Event()

    async def start(self, patience: float = 10.0) -> None:
        """Begin, and wait up to ``patience`` seconds for the link; with 0 go on without waiting.

        Raises:
            AuthenticationError: Asterisk knows no such user or secret.
            LinkDownError: no Asterisk answered in time.
        """
        if self._runner is None:
            self.state = State.CONNECTING
            self._runner = asyncio.create_task(self._run(), name="ami-link")
        if patience <= 0:
            return
        try:
            async with asyncio.timeout(patience):
                await self._until_up()
        except AuthenticationError:
            await self.close()
            raise
        except TimeoutError as error:
            reason = self.last_error or LinkDownError()
            await self.close()
            raise LinkDownError(
                f"连不上 Asterisk 的管理端口 {self.address.host}:{self.address.port}："
                f"{reason.message}"
            ) from error

    async def close(self) -> None:
        """End the link; waiting actions fail."""
        runner, self._runner = self._runner, None
        if runner is not None:
            runner.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await runner
        if self._protocol is not None:
            self._protocol.drop("closed by us")
            self._protocol = None
        self.state = State.CLOSED
        self._announce_change()

    async def __aenter__(self) -> Self:
        """Start."""
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close."""
        await self.close()

    async def send(
        self,
        action: actions.Action,
        *,
        within: float | None = None,
        wait: bool = False,
        at_once: Callable[[Response], None] | None = None,
    ) -> Response:
        """Send ``action`` and return its whole answer.

        ``at_once`` is called with the answer from inside the reader: whoever only awaits it goes
        on after events that are newer. What it raises is raised here.

        With ``wait`` an idempotent action waits for a broken link, ``within`` so many seconds,
        and is sent again if the link breaks under it. Nothing else is ever sent twice.

        Raises:
            ActionFailedError: Asterisk refused; ``details["reason"]`` is its message.
            ActionTimeoutError: no answer ``within`` so many seconds.
            LinkDownError: there is no link now.
            ActionLostError: the link broke before the answer; the action may have been done.
            UnsafeValueError: a value holds a line break or control character.
            NotIdempotentError: ``wait`` with an action that must not be done twice.
        """
        if wait and not action.idempotent:
            raise NotIdempotentError(
                f"{type(action).__name__} 重发会造成重复动作，断线时不能排队等待"
            )
        limit = self._timings.action if within is None else within
        sent: Pending | None = None
        try:
            async with asyncio.timeout(limit):
                while True:
                    if wait:
                        await self._until_up()
                    sent = self._up().transmit(action, at_once)
                    try:
                        return await sent.future
                    except ActionLostError:
                        if not wait:
                            raise
        except TimeoutError as error:
            name = type(action).__name__
            if sent is None:
                raise LinkDownError from error
            raise ActionTimeoutError(
                f"Asterisk 在 {limit:g} 秒内没有答复 {name}", action=name, seconds=limit
            ) from error
        finally:
            if sent is not None and self._protocol is not None:
                self._protocol.forget(sent)

    async def originate(self, action: actions.Originate) -> events.OriginateResponse:
        """Call out and return how that ended, answered or not (``ok``).

        Raises:
            ActionFailedError: Asterisk refused at once.
            ActionTimeoutError: it told nothing for the ring time and a while.
            LinkDownError: no link, or it broke; the call may go on.
        """
        limit = action.ring_seconds + self._timings.action
        response = await self.send(action, within=limit)
        ended = next(e for e in response.events if e.get("Event") == "OriginateResponse")
        frame = "\r\n".join(f"{key}: {value}" for key, value in ended.items())
        decoded = events.decode(frame)
        if not isinstance(decoded, events.OriginateResponse):
            raise ActionFailedError("Asterisk 对外呼的答复无法识别", action="Originate")
        return decoded

    @property
    def silence(self) -> float:
        """Seconds since Asterisk was last heard; endless without a link.

        A link that is up is asked for a sign of life after :attr:`Timings.silence`, so that more
        than that and an answer's time is a bad sign, long before the link is given up.
        """
        protocol = self._protocol
        if self.state is not State.UP or protocol is None:
            return float("inf")
        return asyncio.get_running_loop().time() - protocol.last_heard

    def _up(self) -> Protocol:
        protocol = self._protocol
        if self.state is not State.UP or protocol is None:
            raise self.last_error or LinkDownError()
        if protocol.unsent > _UNSENT_LIMIT:
            protocol.drop("Asterisk takes nothing from us")
            raise LinkDownError
        return protocol

    async def _until_up(self) -> None:
        while self.state is not State.UP:
            if self.state is State.CLOSED:
                raise LinkDownError
            if isinstance(self.last_error, AuthenticationError):
                raise self.last_error
            await self._changed.wait()

    def _announce_change(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    async def _run(self) -> None:
        delay, logged = self._timings.backoff, ""
        while True:
            reason = ""
            before = self.sessions
            try:
                reason = await self._session()
                self.last_error = LinkDownError()
            except AuthenticationError as error:
                self.last_error = error
                reason = error.message
            except AmiError as error:
                self.last_error = error
                reason = error.error_id
            except (OSError, TimeoutError) as error:
                self.last_error = LinkDownError(f"连接失败（{error or '超时'}）")
                reason = str(error) or "timeout"
            was_up, self.state = self.state is State.UP, State.CONNECTING
            self._protocol = None
            if was_up:
                self._tell(events.LinkDown(self._now(), reason))
            # Once for each reason of an outage, not for each try to come back.
            if was_up or reason != logged:
                log.warning("ami link down", reason=reason, host=self.address.host)
                logged = reason
            self._announce_change()
            if self.sessions > before:
                delay = self._timings.backoff
            # Spread, so that several controllers don't come back in step.
            await asyncio.sleep(delay * self._random.uniform(0.5, 1.0))
            delay = min(delay * 2, self._timings.longest_backoff)

    async def _session(self) -> str:
        """Live one connection from its start to its end; return why it ended."""
        loop = asyncio.get_running_loop()
        closed: asyncio.Future[str] = loop.create_future()
        booted: asyncio.Future[None] = loop.create_future()

        def on_closed(reason: str) -> None:
            if not closed.done():
                closed.set_result(reason)
            if not booted.done():
                booted.set_exception(LinkDownError())
                booted.exception()

        def on_event(event: events.Event) -> None:
            if self.state is State.UP:
                self._tell(event)
            elif isinstance(event, events.FullyBooted):
                # Told from inside the reader, so that nothing can overtake it.
                self._went_up(protocol)
                booted.set_result(None)
                self._tell(replace(event, at=self._now()))

        async with asyncio.timeout(self._timings.connect):
            _, protocol = await loop.create_connection(
                lambda: Protocol(on_event, on_closed, self._wanted, self._calm),
                self.address.host,
                self.address.port,
            )
        try:
            await self._login(protocol)
            async with asyncio.timeout(self._timings.boot):
                await booted
            return await self._watch(protocol, closed)
        finally:
            protocol.drop("session over")

    async def _login(self, protocol: Protocol) -> None:
        login = actions.Custom(
            "Login",
            {"Username": self.address.user, "Secret": self.address.secret, "Events": "on"},
        )
        pending = protocol.transmit(login)
        try:
            async with asyncio.timeout(self._timings.login):
                await pending.future
        except ActionFailedError as error:
            raise AuthenticationError(
                f"Asterisk 拒绝 AMI 用户“{self.address.user}”登录：用户名或密钥不对。请执行 "
                "hotline asterisk render 后重启 Asterisk；由别人管理的 Asterisk 请核对 manager.conf"
            ) from error
        if not protocol.greeting.startswith("Asterisk Call Manager"):
            raise AmiError(
                f"{self.address.host}:{self.address.port} 上运行的不是 Asterisk 的管理接口"
            )

    def _went_up(self, protocol: Protocol) -> None:
        self._protocol = protocol
        self.state = State.UP
        self.last_error = None
        self.sessions += 1
        self._tell(events.LinkUp(self._now(), self.sessions))
        self._announce_change()

    async def _watch(self, protocol: Protocol, closed: asyncio.Future[str]) -> str:
        """Ask for signs of life until the connection ends; drop it when none comes."""
        loop = asyncio.get_running_loop()
        asked: Pending | None = None
        asked_at = 0.0
        while not closed.done():
            await asyncio.wait([closed], timeout=self._timings.silence / 2)
            now = loop.time()
            if asked is not None and asked.future.done():
                asked = None
            if asked is not None and protocol.last_heard > asked_at:
                # Any word is a sign of life; the answer itself may stand behind many events.
                asked_at = now
            elif asked is not None and now - asked_at >= self._timings.dead:
                protocol.drop("half-open: Asterisk is silent")
            elif asked is None and now - protocol.last_heard >= self._timings.silence:
                asked, asked_at = protocol.transmit(actions.Ping()), now
        return closed.result()

    def _tell(self, event: events.Event) -> None:
        try:
            self._on_event(event)
        except Exception:
            # One event that the house can't take must not end the link for all others.
            log.exception("event handler failed", ami_event=type(event).__name__)

    def _now(self) -> float:
        return self._clock.now().timestamp()
