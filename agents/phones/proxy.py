"""The browser's SIP: a WebSocket of ours, passed on to Asterisk's on this machine.

Same origin, same certificate and same sign-in as the pages; Asterisk's own port stays closed to
the outside. What is said is passed on as it is: Asterisk itself asks for the credential.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import structlog
from aiohttp import (
    ClientError,
    ClientSession,
    ClientTimeout,
    ClientWebSocketResponse,
    ClientWSTimeout,
    WSMsgType,
    web,
)

PROTOCOL = "sip"
LONGEST_MESSAGE = 64 * 1024
"""An INVITE with its SDP has some 4 KB; more than this is no telephone's."""
FAREWELL_SECONDS = 2.0
"""How long either side may take to answer a goodbye; one that is gone never does."""
LOOK_SECONDS = 15.0
"""How often it is asked whether the sign-in is still good."""

AWAY = 4001
"""Close code: Asterisk does not answer."""
SIGNED_OUT = 4002
"""Close code: the sign-in is over."""
ELSEWHERE = 4003
"""Close code: the same person's telephone was opened by another browser."""

log = structlog.get_logger(__name__)


@dataclass
class Proxy:
    """The open telephones of all browsers, one a person."""

    url: str
    """Asterisk's WebSocket."""
    look_seconds: float = LOOK_SECONDS
    _open: dict[str, web.WebSocketResponse] = field(default_factory=dict)
    _closing: set[asyncio.Task[bool]] = field(default_factory=set)

    async def serve(
        self, request: web.Request, agent_id: str, still_good: Callable[[], Awaitable[bool]]
    ) -> web.WebSocketResponse:
        """Pass on what both sides say until one of them ends it."""
        browser = web.WebSocketResponse(
            protocols=(PROTOCOL,),
            max_msg_size=LONGEST_MESSAGE,
            heartbeat=20.0,
            timeout=FAREWELL_SECONDS,
        )
        await browser.prepare(request)
        before = self._open.get(agent_id)
        self._open[agent_id] = browser
        if before is not None:
            # Beside: a browser that is gone answers no farewell, and the new one must not wait.
            closing = asyncio.create_task(before.close(code=ELSEWHERE, message=b"elsewhere"))
            self._closing.add(closing)
            closing.add_done_callback(self._closing.discard)
        try:
            await self._join(browser, still_good)
        finally:
            if self._open.get(agent_id) is browser:
                del self._open[agent_id]
        return browser

    async def close(self) -> None:
        """End all, so that the server stops at once; the browsers come back by themselves."""
        await asyncio.gather(
            *(browser.close(code=1012, message=b"restart") for browser in self._open.values())
        )

    async def _join(
        self, browser: web.WebSocketResponse, still_good: Callable[[], Awaitable[bool]]
    ) -> None:
        async with ClientSession(timeout=ClientTimeout(sock_connect=3.0)) as client:
            try:
                switch = await client.ws_connect(
                    self.url,
                    protocols=(PROTOCOL,),
                    max_msg_size=LONGEST_MESSAGE,
                    timeout=ClientWSTimeout(ws_close=FAREWELL_SECONDS),
                )
            except (ClientError, TimeoutError, OSError) as error:
                log.warning("asterisk's websocket is away", reason=str(error))
                await browser.close(code=AWAY, message=b"asterisk away")
                return
            async with switch:
                works = [
                    asyncio.ensure_future(_pass_on(browser, switch)),
                    asyncio.ensure_future(_pass_on(switch, browser)),
                    asyncio.ensure_future(self._watch(browser, still_good)),
                ]
                _, rest = await asyncio.wait(works, return_when=asyncio.FIRST_COMPLETED)
                for work in rest:
                    work.cancel()
                with contextlib.suppress(ConnectionError):
                    await asyncio.gather(*works, return_exceptions=True)
                if not browser.closed:
                    await browser.close(code=AWAY, message=b"asterisk went away")

    async def _watch(
        self, browser: web.WebSocketResponse, still_good: Callable[[], Awaitable[bool]]
    ) -> None:
        while await still_good():  # noqa: ASYNC110 - a sign-in tells nobody that it is over
            await asyncio.sleep(self.look_seconds)
        await browser.close(code=SIGNED_OUT, message=b"signed out")


async def _pass_on(
    source: web.WebSocketResponse | ClientWebSocketResponse,
    target: web.WebSocketResponse | ClientWebSocketResponse,
) -> None:
    with contextlib.suppress(ConnectionError):
        async for message in source:
            if message.type is WSMsgType.TEXT:
                await target.send_str(message.data)
            elif message.type is WSMsgType.BINARY:
                await target.send_bytes(message.data)
