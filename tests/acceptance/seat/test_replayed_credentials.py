"""Who replays the credential of a browser telephone is refused: by our line and by Asterisk."""

from __future__ import annotations

import hashlib
import re
import secrets
from typing import Any

import aiohttp
import pytest
from playwright.async_api import Page
from sqlalchemy import select

from agents.phones.tables import PhoneCredentialTable

from .conftest import Desk

pytestmark = pytest.mark.asyncio(loop_scope="session")

CONTACT = "<sip:replay@replay.invalid;transport=ws>"


class Thief:
    """Speaks SIP over a WebSocket with a secret that was kept."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._call = secrets.token_hex(8)
        self._sequence = 0

    async def register(self, user: str, secret: str) -> int:
        """Register with a user's secret; return what Asterisk said in the end."""
        status, challenge = await self._ask(user, "")
        if status != 401:
            return status
        given = dict(re.findall(r'(\w+)="?([^",]+)"?', challenge))
        uri = "sip:hotline.invalid"
        ours = _md5(f"{user}:{given['realm']}:{secret}")
        nonce = secrets.token_hex(4)
        proof = _md5(f"{ours}:{given['nonce']}:00000001:{nonce}:auth:{_md5(f'REGISTER:{uri}')}")
        status, _ = await self._ask(
            user,
            f'Authorization: Digest username="{user}", realm="{given["realm"]}", '
            f'nonce="{given["nonce"]}", uri="{uri}", response="{proof}", algorithm=MD5, '
            f'qop=auth, nc=00000001, cnonce="{nonce}"'
            + (f', opaque="{given["opaque"]}"' if "opaque" in given else "")
            + "\r\n",
        )
        return status

    async def _ask(self, user: str, proof: str) -> tuple[int, str]:
        self._sequence += 1
        await self._socket.send_str(
            "REGISTER sip:hotline.invalid SIP/2.0\r\n"
            f"Via: SIP/2.0/WS replay.invalid;branch=z9hG4bK{secrets.token_hex(6)}\r\n"
            f"From: <sip:{user}@hotline.invalid>;tag=replay\r\n"
            f"To: <sip:{user}@hotline.invalid>\r\n"
            f"Call-ID: {self._call}\r\nCSeq: {self._sequence} REGISTER\r\n"
            f"Contact: {CONTACT}\r\nExpires: 0\r\nMax-Forwards: 70\r\n{proof}"
            "Content-Length: 0\r\n\r\n"
        )
        text = ""
        while not text.startswith("SIP/2.0 "):
            # Asterisk asks telephones in between whether they are there.
            heard = (await self._socket.receive(timeout=5)).data
            text = heard if isinstance(heard, str) else heard.decode()
        challenge = re.search(r"WWW-Authenticate: Digest (.*)\r\n", text)
        return int(text.split(" ", 2)[1]), challenge.group(1) if challenge else ""


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


async def credential(desk: Desk, page: Page) -> dict[str, Any]:
    """Ask for a credential as the page does."""
    told: dict[str, Any] = await page.evaluate(
        """async () => (await fetch("/seat/phone", {method: "POST", headers: {
        "X-CSRF-Token": document.documentElement.dataset.csrf, Accept: "application/json",
        "X-Fragment": "1"}})).json()"""
    )
    return told


async def test_an_old_credential_is_refused_by_asterisk_and_by_the_line(desk: Desk) -> None:
    page = await desk.page()
    await desk.ready(page)
    own = desk.settings.asterisk
    async with (
        aiohttp.ClientSession() as client,
        client.ws_connect(f"ws://{own.bind}:{own.http_port}/ws", protocols=("sip",)) as socket,
    ):
        thief = Thief(socket)
        kept = await credential(desk, page)
        assert await thief.register(kept["user"], kept["secret"]) == 200
        # A fresh one was handed out: the one before is worth nothing.
        fresh = await credential(desk, page)
        assert await thief.register(kept["user"], kept["secret"]) == 401
        # Nor does a good secret open another person's line.
        assert await thief.register("web_zhao", fresh["secret"]) == 401
        # The sign-in ends, and the credential with it.
        cookie = await page.context.cookies()
        await page.click(".menu summary:has(.who-name)")
        await page.click("text=退出登录")
        await page.wait_for_url("**/signin*")
        await desk.until(lambda: taken_back(desk), 20)
        # Asterisk knows no secret of this telephone any more and cannot even ask for it.
        assert await thief.register(fresh["user"], fresh["secret"]) == 500

        # Our own line asks for the sign-in that the credential was made for.
        jar = {str(one["name"]): str(one["value"]) for one in cookie}
        assert await knock(desk, client, jar) == 401


async def taken_back(desk: Desk) -> bool:
    async with desk.database.read() as session:
        return await session.scalar(select(PhoneCredentialTable.endpoint).limit(1)) is None


async def test_a_credential_of_another_sign_in_opens_no_line(desk: Desk) -> None:
    first, second = await desk.page(), await desk.page()
    await desk.ready(second)
    async with aiohttp.ClientSession() as client:
        for page, wanted in ((first, 403), (second, 101)):
            kept = {str(c["name"]): str(c["value"]) for c in await page.context.cookies()}
            assert await knock(desk, client, kept) == wanted


async def knock(desk: Desk, client: aiohttp.ClientSession, cookies: dict[str, str]) -> int:
    """Try to open the SIP line with a sign-in's cookies; return the answer's status."""
    held = "; ".join(f"{name}={value}" for name, value in cookies.items())
    headers = {"Cookie": held, "Origin": desk.address}
    try:
        async with client.ws_connect(f"{desk.address}/sip", protocols=("sip",), headers=headers):
            return 101
    except aiohttp.WSServerHandshakeError as error:
        return error.status
