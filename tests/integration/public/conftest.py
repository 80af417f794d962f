"""The public's door on a real database, and visitors who walk in."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from random import Random
from typing import Any

import pytest
from aiohttp import ClientSession, CookieJar, FormData, web
from aiohttp.test_utils import TestServer
from argon2 import PasswordHasher
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.casework import Desk
from hotline.clock import ManualClock
from hotline.public.face import Face, open_face
from hotline.public.humanity import Humanity, Riddle
from hotline.public.routes import section
from hotline.public.stations import Station
from hotline.settings import Settings
from hotline.store import Database
from hotline.store.discovery import all_tables
from hotline.web.passwords import Hasher
from hotline.web.server import create_app

all_tables()

OFFICE = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), ("08:30-12:00", "14:00-17:30"))
STATIONS = (
    Station("district", None, "district", "示范县公共法律服务中心", "0830-6112348", OFFICE),
    Station("qingshi", "district", "township", "青石镇公共法律服务站", "0830-6110001", OFFICE),
    Station("dongfeng", "qingshi", "village", "东风村公共法律服务室"),
)


async def stations(session: AsyncSession) -> Sequence[Station]:
    del session
    return STATIONS


@dataclass
class Answer:
    status: int
    text: str
    headers: Any
    body: bytes = field(repr=False, default=b"")

    @property
    def to(self) -> str:
        return str(self.headers.get("Location", ""))

    @property
    def error_id(self) -> str:
        return str(self.headers.get("X-Error-Id", ""))


class Visitor:
    """One visitor's browser. It follows no redirects, so that tests see them."""

    def __init__(self, server: TestServer, clock: ManualClock) -> None:
        self.server, self.clock = server, clock
        self.session = ClientSession(
            cookie_jar=CookieJar(unsafe=True), headers={"Accept": "text/html"}
        )

    async def send(self, method: str, path: str, **more: Any) -> Answer:
        async with self.session.request(
            method, self.server.make_url(path), allow_redirects=False, **more
        ) as response:
            body = await response.read()
            text = body.decode("utf-8", "replace")
            return Answer(response.status, text, response.headers, body)

    async def get(self, path: str, **headers: str) -> Answer:
        return await self.send("GET", path, headers=headers)

    async def post(self, path: str, data: Mapping[str, Any], page: str | None = None) -> Answer:
        """Send a form that stands on ``page`` (its own address where none is given)."""
        hidden = hidden_fields((await self.get(page or path)).text)
        return await self.send("POST", path, data={**hidden, **data})

    async def apply(self, path: str, data: Mapping[str, Any]) -> Answer:
        """Fill in an application as a person does: read, answer, agree, take one's time."""
        hidden = hidden_fields((await self.get(path)).text)
        self.clock.advance(40)
        whole = {**hidden, "human_answer": "二", "agree": "1", **data}
        return await self.send("POST", path, data=whole)

    async def upload(self, path: str, page: str, name: str, content: bytes) -> Answer:
        token = hidden_fields((await self.get(page)).text)["csrf"]
        form = FormData()
        form.add_field("csrf", token)
        form.add_field("paper", BytesIO(content), filename=name, content_type="text/plain")
        return await self.send("POST", path, data=form)


def hidden_fields(text: str) -> dict[str, str]:
    """Return the hidden fields of a page's main form."""
    main = text.partition("<main")[2].partition("</main>")[0]
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', main)
    return {name: value.replace("&#34;", '"') for name, value in found}


def _one_and_one(random: Random) -> Riddle:
    del random
    return Riddle("一加一等于多少？", frozenset({"2", "二", "两"}))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home")


@pytest.fixture
def face(settings: Settings, database: Database, clock: ManualClock, desk: Desk) -> Face:
    humanity = Humanity("secret", clock, riddles=[_one_and_one])
    return open_face(settings, database, clock, stations=stations, desk=desk, humanity=humanity)


@pytest.fixture
def app(settings: Settings, database: Database, clock: ManualClock, face: Face) -> web.Application:
    quick = Hasher(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    return create_app(settings, database, clock, [section(face)], hasher=quick)


@pytest.fixture
async def server(app: web.Application) -> AsyncIterator[TestServer]:
    async with TestServer(app) as running:
        yield running


@pytest.fixture
async def visitor(server: TestServer, clock: ManualClock) -> AsyncIterator[Callable[[], Visitor]]:
    """Return a function that opens another visitor's browser."""
    opened: list[Visitor] = []

    def fresh() -> Visitor:
        opened.append(Visitor(server, clock))
        return opened[-1]

    yield fresh
    for one in opened:
        await one.session.close()
