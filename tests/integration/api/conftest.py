"""The open API on a real database, and programs that call it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer
from argon2 import PasswordHasher
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.api import keys
from hotline.api.routes import section as api_section
from hotline.api.signing import Signer
from hotline.casework import Desk
from hotline.clock import ManualClock
from hotline.public.face import Face, open_face
from hotline.public.routes import section as public_section
from hotline.public.stations import Station
from hotline.settings import Settings
from hotline.store import Database
from hotline.store.discovery import all_tables
from hotline.web.passwords import Hasher
from hotline.web.server import create_app

all_tables()

STATIONS = (
    Station("district", None, "district", "示范县公共法律服务中心", "0830-6112348"),
    Station("qingshi", "district", "township", "青石镇公共法律服务站", "0830-6110001"),
)


async def stations(session: AsyncSession) -> Sequence[Station]:
    del session
    return STATIONS


@dataclass
class Answer:
    status: int
    headers: Any
    body: Any


class Program:
    """A program with or without a key."""

    def __init__(self, server: TestServer, face: Face, key: str = "") -> None:
        self.server, self.face, self.key = server, face, key
        self.session = ClientSession()

    async def call(
        self, method: str, path: str, content: Any = None, *, signed: str = "", **more: Any
    ) -> Answer:
        """Call an operation; ``signed`` is the message's id."""
        headers: dict[str, str] = dict(more.pop("headers", {}))
        if self.key:
            headers["Authorization"] = f"Bearer {self.key}"
        body = None
        if content is not None:
            body = json.dumps(content, ensure_ascii=False).encode()
            headers.setdefault("Content-Type", "application/json")
        if signed and body is not None:
            owner = f"key:{self.key.split('_')[1]}"
            signer = Signer.of(self.face.settings.home)
            headers |= signer.headers(owner, signed, body, self.face.clock.now())
        async with self.session.request(
            method, self.server.make_url(f"/api/v1{path}"), data=body, headers=headers, **more
        ) as response:
            text = await response.text()
            return Answer(response.status, response.headers, json.loads(text) if text else None)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home")


@pytest.fixture
def face(settings: Settings, database: Database, clock: ManualClock, desk: Desk) -> Face:
    return open_face(settings, database, clock, stations=stations, desk=desk)


@pytest.fixture
def app(settings: Settings, database: Database, clock: ManualClock, face: Face) -> web.Application:
    quick = Hasher(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    sections = [public_section(face), api_section(face)]
    return create_app(settings, database, clock, sections, hasher=quick)


@pytest.fixture
async def server(app: web.Application) -> AsyncIterator[TestServer]:
    async with TestServer(app) as running:
        yield running


@pytest.fixture
async def program(
    server: TestServer, face: Face, database: Database, clock: ManualClock
) -> AsyncIterator[Callable[..., Awaitable[Program]]]:
    """Return a function that makes a program with a key for some scopes (none: no key)."""
    opened: list[Program] = []

    async def make(*scopes: str, **more: Any) -> Program:
        key = ""
        if scopes:
            async with database.write() as session:
                key = await keys.add(session, "县政务服务网", scopes, clock.now(), **more)
        opened.append(Program(server, face, key))
        return opened[-1]

    yield make
    for one in opened:
        await one.session.close()
