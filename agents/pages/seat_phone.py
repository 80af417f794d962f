"""The seat's telephone: credentials of the browser, its SIP, and which line is rung."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import structlog
from aiohttp import web

from agents.pages.seat_answers import done
from agents.pages.seat_rights import SIT
from agents.phones.credentials import (
    RENEW_AFTER,
    AsteriskSwitch,
    Credentials,
    SwitchAwayError,
)
from agents.phones.lines import Line, choose, line_of
from agents.phones.proxy import PROTOCOL, Proxy
from agents.tables import AgentTable
from hotline.errors import ForbiddenError, InvalidInputError
from hotline.web import csrf
from hotline.web.context import (
    AUDIT,
    CLOCK,
    DATABASE,
    SESSION_TOKEN,
    SESSIONS,
    SETTINGS,
    address_of,
    on_record,
    viewer_of,
)
from hotline.web.translating import told

CREDENTIALS = web.AppKey("credentials", Credentials)
PROXY = web.AppKey("sip_proxy", Proxy)
SWEEP_SECONDS = 15.0

log = structlog.get_logger(__name__)


class NoSeatError(ForbiddenError):
    """您的账号还没有坐席，不能使用软电话。请系统管理员在“账号”里填写坐席标识。"""

    error_id = "no-seat"


async def open_phones(app: web.Application) -> AsyncIterator[None]:
    """Keep credentials and open telephones as long as the server (a ``cleanup_ctx`` generator)."""
    own = app[SETTINGS].asterisk
    host = own.bind if own.bind.startswith("127.") else "127.0.0.1"
    switch = AsteriskSwitch(app[SETTINGS])
    app[CREDENTIALS] = Credentials(app[DATABASE], app[CLOCK], switch)
    app[PROXY] = Proxy(f"ws://{host}:{own.http_port}/ws")
    sweeper = asyncio.create_task(_sweep(app))
    yield
    sweeper.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await sweeper
    await switch.close()


async def close_phones(app: web.Application) -> None:
    """End the browsers' SIP, so that the server stops at once (an ``on_shutdown`` signal)."""
    await app[PROXY].close()


async def _sweep(app: web.Application) -> None:
    while True:
        await asyncio.sleep(SWEEP_SECONDS)
        try:
            await app[CREDENTIALS].take_back()
        except SwitchAwayError:
            # Asterisk is away: nobody can register either. It is tried again.
            log.info("credentials are taken back when asterisk is there again")
        except Exception:
            # Whatever it is, later credentials must still end.
            log.exception("credentials could not be taken back")


async def credential(request: web.Request) -> web.StreamResponse:
    """Hand out a fresh credential to the browser that is signed in."""
    app, viewer = request.app, viewer_of(request)
    if viewer.agent_id is None:
        raise NoSeatError
    async with app[DATABASE].read() as session:
        agent = await session.get(AgentTable, viewer.agent_id)
    if agent is None or not agent.active:
        raise NoSeatError
    if line_of(agent) is not Line.BROWSER:
        raise InvalidInputError("本坐席现在用的不是浏览器接听，请先在“接听方式”里选择浏览器。")
    try:
        made = await app[CREDENTIALS].issue(viewer.agent_id, viewer.session_id)
    except SwitchAwayError as error:
        # No fault of the pages: the browser says so and tries again.
        away = {"error_id": error.error_id, "message": told(error.message)}
        return web.json_response(away, status=503)
    async with app[DATABASE].write() as session:
        await app[AUDIT].look(
            session, viewer, "phone.credential", "phone", made.user, address=address_of(request)
        )
    return web.json_response(
        {
            "user": made.user,
            "secret": made.secret,
            "domain": "hotline.invalid",
            "renew_seconds": int(RENEW_AFTER.total_seconds()),
        }
    )


async def sip(request: web.Request) -> web.StreamResponse:
    """Pass the browser's SIP on to Asterisk."""
    app, viewer = request.app, viewer_of(request)
    if viewer.agent_id is None:
        raise NoSeatError
    if "Origin" not in request.headers:
        raise csrf.ForgedRequestError
    csrf.check_origin(request, app[SETTINGS].web.public_url)
    asked = request.headers.get("Sec-WebSocket-Protocol", "")
    if PROTOCOL not in {word.strip() for word in asked.split(",")}:
        raise InvalidInputError("这里只接受软电话的连接。")
    if await app[CREDENTIALS].holder(viewer.agent_id) != viewer.session_id:
        raise ForbiddenError("软电话凭据已失效，请刷新页面。")
    token, agent_id = request[SESSION_TOKEN], viewer.agent_id

    async def still_good() -> bool:
        now = await app[SESSIONS].viewer(token)
        return now is not None and now.agent_id == agent_id and now.may(SIT)

    return await app[PROXY].serve(request, agent_id, still_good)


async def set_line(request: web.Request) -> web.StreamResponse:
    """Choose what rings: the browser, the telephone on the desk, the mobile."""
    app, viewer = request.app, viewer_of(request)
    asked = str((await request.post()).get("line", ""))
    if viewer.agent_id is None:
        raise NoSeatError
    if asked not in set(Line):
        raise InvalidInputError("没有这种接听方式，请刷新页面后再选。", field="line")
    async with app[DATABASE].write() as session:
        agent = await session.get_one(AgentTable, viewer.agent_id)
        before = agent.endpoint
        choose(agent, Line(asked))
        if agent.endpoint != before:
            on_record(
                request,
                session,
                "seat.line",
                "agent",
                agent.id,
                before=before,
                after=agent.endpoint,
            )
    if Line(asked) is not Line.BROWSER:
        with contextlib.suppress(SwitchAwayError):
            await app[CREDENTIALS].give_back(viewer.agent_id, viewer.session_id)
    return done(request, _CHANGED[Line(asked)])


_CHANGED = {
    Line.BROWSER: "已改为浏览器接听，请允许使用麦克风",
    Line.DESK: "已改为桌面话机接听，约 15 秒后生效",
    Line.MOBILE: "已改为手机接听，约 15 秒后生效；来电时按 1 接听",
}
