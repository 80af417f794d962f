"""The browser's telephone: who is handed a credential, for how long, and who may open its line."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import WSServerHandshakeError, web
from aiohttp.test_utils import TestServer
from sqlalchemy import select

import hotline.store.schema  # noqa: F401 - knows every package's tables
from agents.pages import seat_phone
from agents.phones.credentials import Credentials, SwitchAwayError
from agents.phones.lines import browser_endpoint
from agents.phones.proxy import AWAY, ELSEWHERE, SIGNED_OUT
from agents.phones.tables import PhoneCredentialTable
from agents.routes import section as agents_section
from agents.tables import AgentTable
from hotline.clock import ManualClock
from hotline.store import Database
from hotline.web.permissions import Role
from hotline.web.section import Section


class Switch:
    """Keeps secrets as Asterisk does."""

    def __init__(self) -> None:
        self.secrets: dict[str, str] = {}
        self.away = False

    async def put(self, name: str, secret: str) -> None:
        if self.away:
            raise SwitchAwayError
        self.secrets[name] = secret

    async def forget(self, name: str) -> None:
        if self.away:
            raise SwitchAwayError
        self.secrets.pop(name, None)


@pytest.fixture
def switch() -> Switch:
    return Switch()


@pytest.fixture
def sections(monkeypatch: pytest.MonkeyPatch, switch: Switch) -> list[Section]:
    class Ours:
        def __new__(cls, settings: object) -> Any:
            del settings
            switch.close = _nothing  # type: ignore[attr-defined]
            return switch

    monkeypatch.setattr(seat_phone, "AsteriskSwitch", Ours)
    return [agents_section]


async def _nothing() -> None:
    return None


@pytest.fixture
async def lawyers(database: Database) -> None:
    """Wang and Zhao answer in the browser; Li has a telephone on the desk."""
    async with database.write() as session:
        for name in ("wang", "zhao", "li-min"):
            end = f"PJSIP/{browser_endpoint(name)}" if name != "li-min" else "PJSIP/lawyer3"
            session.add(AgentTable(id=name, staff_no=name, name=name, kind="lawyer", endpoint=end))


async def ask(browser: Any) -> Any:
    answer = await browser.send(
        "POST",
        "/seat/phone",
        headers={"X-CSRF-Token": await browser.token(), "Accept": "application/json"},
    )
    answer.json = json.loads(answer.text)
    return answer


async def test_a_credential_replaces_the_one_before(
    signed_in: Any, lawyers: None, switch: Switch
) -> None:
    wang = await signed_in("wangli", Role.LAWYER, agent_id="wang")
    first = (await ask(wang)).json
    second = (await ask(wang)).json
    assert first["user"] == second["user"] == "web_wang"
    assert len(first["secret"]) >= 40
    assert first["secret"] != second["secret"]
    # Asterisk knows the newest alone: who replays an older one is refused by it.
    assert switch.secrets == {"web_wang": second["secret"]}
    page = (await wang.get("/seat")).text
    assert second["secret"] not in page


async def test_a_credential_that_nobody_renews_is_taken_back(
    signed_in: Any, lawyers: None, switch: Switch, app: web.Application, clock: ManualClock
) -> None:
    wang = await signed_in("wangli", Role.LAWYER, agent_id="wang")
    await ask(wang)
    credentials = app[seat_phone.CREDENTIALS]
    clock.advance(timedelta(minutes=9).total_seconds())
    assert await credentials.take_back() == []
    clock.advance(timedelta(minutes=2).total_seconds())
    assert await credentials.take_back() == ["web_wang"]
    assert switch.secrets == {}


async def test_with_the_sign_in_ends_the_credential(
    signed_in: Any, lawyers: None, switch: Switch, app: web.Application
) -> None:
    wang = await signed_in("wangli", Role.LAWYER, agent_id="wang")
    await ask(wang)
    await wang.post("/signout")
    assert await app[seat_phone.CREDENTIALS].take_back() == ["web_wang"]
    assert switch.secrets == {}


async def test_what_asterisk_could_not_be_told_is_taken_back_later(
    database: Database, clock: ManualClock, switch: Switch, lawyers: None
) -> None:
    credentials = Credentials(database, clock, switch)
    await credentials.issue("wang", 1)
    switch.away = True
    with pytest.raises(SwitchAwayError):
        await credentials.give_back("wang", 1)
    switch.away = False
    assert await credentials.take_back() == ["web_wang"]
    async with database.read() as session:
        assert list(await session.scalars(select(PhoneCredentialTable))) == []


async def test_an_asterisk_that_is_away_is_told_in_words(
    signed_in: Any, lawyers: None, switch: Switch
) -> None:
    switch.away = True
    wang = await signed_in("wangli", Role.LAWYER, agent_id="wang")
    answer = await ask(wang)
    assert answer.status == 503
    assert answer.json["error_id"] == "switch-away"
    assert "自动重试" in answer.json["message"]


@pytest.mark.parametrize(
    ("role", "agent", "status", "words"),
    [
        (Role.SUPERVISOR, "wang", 403, "不能坐席接听"),
        (Role.LAWYER, "", 403, "还没有坐席"),
        (Role.LAWYER, "nobody", 403, "还没有坐席"),
        (Role.LAWYER, "li-min", 422, "接听方式"),
    ],
)
async def test_who_has_no_seat_in_the_browser_gets_none(  # noqa: PLR0917 - a table
    signed_in: Any, lawyers: None, switch: Switch, role: Role, agent: str, status: int, words: str
) -> None:
    more = {"agent_id": agent} if agent else {}
    answer = await ask(await signed_in("somebody", role, **more))
    assert answer.status == status
    assert words in answer.json["message"]
    assert switch.secrets == {}


async def test_a_forged_request_gets_none(signed_in: Any, lawyers: None, switch: Switch) -> None:
    wang = await signed_in("wangli", Role.LAWYER, agent_id="wang")
    forged = await wang.send("POST", "/seat/phone", headers={"X-CSRF-Token": "forged"})
    assert forged.status == 403
    token = await wang.token()
    elsewhere = {"X-CSRF-Token": token, "Origin": "https://evil.example"}
    assert (await wang.send("POST", "/seat/phone", headers=elsewhere)).status == 403
    assert switch.secrets == {}


async def test_the_line_is_chosen_and_the_desk_telephone_remembered(
    signed_in: Any, lawyers: None, database: Database
) -> None:
    li = await signed_in("limin", Role.LAWYER, agent_id="li-min")
    for line, endpoint in (
        ("browser", "PJSIP/web_liDmin"),
        ("desk", "PJSIP/lawyer3"),
    ):
        assert (await li.post("/seat/line", {"line": line})).to == "/seat"
        async with database.read() as session:
            assert (await session.get_one(AgentTable, "li-min")).endpoint == endpoint
    mobile = await li.post("/seat/line", {"line": "mobile"})
    assert mobile.status == 422
    assert "没有登记" in mobile.text
    assert (await li.post("/seat/line", {"line": "satellite"})).status == 422


@pytest.fixture
async def asterisk(app: web.Application, server: TestServer) -> AsyncIterator[list[str]]:
    """Stands for Asterisk's WebSocket: keeps what it was told and answers it."""
    heard: list[str] = []

    async def answer(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(protocols=("sip",))
        await socket.prepare(request)
        async for message in socket:
            heard.append(message.data)
            await socket.send_str("SIP/2.0 200 OK\r\n\r\n")
        return socket

    other = web.Application()
    other.router.add_get("/ws", answer)
    async with TestServer(other) as running:
        app[seat_phone.PROXY].url = str(running.make_url("/ws"))
        app[seat_phone.PROXY].look_seconds = 0.05
        yield heard


def line(browser: Any, **more: Any) -> Any:
    headers = {"Origin": str(browser.server.make_url("/")).rstrip("/")} | more
    return browser.session.ws_connect(
        browser.server.make_url("/sip"), protocols=("sip",), headers=headers
    )


async def test_what_the_browser_says_reaches_asterisk_and_back(
    signed_in: Any, lawyers: None, asterisk: list[str]
) -> None:
    wang = await signed_in("wangli", Role.LAWYER, agent_id="wang")
    await ask(wang)
    async with line(wang) as socket:
        assert socket.protocol == "sip"
        await socket.send_str("REGISTER sip:x SIP/2.0\r\n\r\n")
        assert (await socket.receive()).data.startswith("SIP/2.0 200")
    assert asterisk == ["REGISTER sip:x SIP/2.0\r\n\r\n"]


async def test_the_line_needs_a_sign_in_a_credential_and_our_own_page(
    signed_in: Any, lawyers: None, asterisk: list[str], browser: Any
) -> None:
    wang = await signed_in("wangli", Role.LAWYER, agent_id="wang")
    zhao = await signed_in("zhaoqiang", Role.LAWYER, agent_id="zhao")
    boss = await signed_in("boss", Role.SUPERVISOR)
    await ask(wang)
    for one, more in (
        (zhao, {}),
        (boss, {}),
        (browser(), {}),
        (wang, {"Origin": "https://evil.example"}),
    ):
        with pytest.raises(WSServerHandshakeError):
            await line(one, **more)
    assert asterisk == []


async def test_a_second_browser_takes_the_line_and_the_first_is_told(
    signed_in: Any, lawyers: None, asterisk: list[str], browser: Any
) -> None:
    wang = await signed_in("wangli", Role.LAWYER, agent_id="wang")
    await ask(wang)
    first = await line(wang)
    other = browser()
    await other.sign_in("wangli")
    await ask(other)
    second = await line(other)
    await first.receive()
    assert first.close_code == ELSEWHERE
    with pytest.raises(WSServerHandshakeError):
        await line(wang)  # its credential is the older one
    await second.close()


async def test_a_revoked_sign_in_ends_the_line(
    signed_in: Any, lawyers: None, asterisk: list[str]
) -> None:
    wang = await signed_in("wangli", Role.LAWYER, agent_id="wang")
    await ask(wang)
    socket = await line(wang)
    await wang.post("/signout")
    async with asyncio.timeout(5):
        await socket.receive()
    assert socket.close_code == SIGNED_OUT


async def test_a_line_without_asterisk_is_closed_with_its_reason(
    signed_in: Any, lawyers: None, app: web.Application, free_port: Any
) -> None:
    wang = await signed_in("wangli", Role.LAWYER, agent_id="wang")
    app[seat_phone.PROXY].url = f"ws://127.0.0.1:{free_port()}/ws"
    await ask(wang)
    socket = await line(wang)
    await socket.receive()
    assert socket.close_code == AWAY


async def test_a_message_that_no_telephone_sends_ends_the_line(
    signed_in: Any, lawyers: None, asterisk: list[str]
) -> None:
    wang = await signed_in("wangli", Role.LAWYER, agent_id="wang")
    await ask(wang)
    socket = await line(wang)
    await socket.send_str("x" * 200_000)
    await socket.receive()
    assert socket.closed
    assert asterisk == []
