"""A running web application on a real database, and people who look at it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, CookieJar, web
from aiohttp.test_utils import TestServer
from argon2 import PasswordHasher

import hotline.web.tables  # noqa: F401 - the tables must be known before the database is made
from agents.places import organisation_tree
from agents.tables import AgentTable, OrganisationKind, OrganisationTable
from hotline.clock import ManualClock
from hotline.settings import Settings
from hotline.store import Database
from hotline.web.accounts import NewUser
from hotline.web.context import ACCOUNTS
from hotline.web.passwords import Hasher
from hotline.web.permissions import Role
from hotline.web.section import Section
from hotline.web.server import create_app

PASSWORD = "Zhongxin-2026"


@dataclass
class Answer:
    status: int
    text: str
    headers: Any

    @property
    def to(self) -> str:
        """Where a redirect leads."""
        return str(self.headers.get("Location", ""))


class Browser:
    """One browser with its cookies. It follows no redirects, so that tests see them."""

    def __init__(self, server: TestServer) -> None:
        self.server = server
        self.session = ClientSession(
            cookie_jar=CookieJar(unsafe=True), headers={"Accept": "text/html"}
        )

    async def send(self, method: str, path: str, **more: Any) -> Answer:
        async with self.session.request(
            method, self.server.make_url(path), allow_redirects=False, **more
        ) as response:
            body = await response.read()
            return Answer(response.status, body.decode("utf-8", "replace"), response.headers)

    async def get(self, path: str, **headers: str) -> Answer:
        return await self.send("GET", path, headers=headers)

    async def token(self, page: str = "/account") -> str:
        """Read the form token from a page."""
        for path in (page, "/account/password", "/signin"):
            found = re.search(r'data-csrf="([^"]+)"', (await self.get(path)).text)
            if found:
                return found.group(1)
        raise AssertionError("no page carries a form token")

    async def post(self, path: str, data: dict[str, str] | None = None, **headers: str) -> Answer:
        """Send a form as our own pages do."""
        form = (data or {}) | {"csrf": await self.token()}
        return await self.send("POST", path, data=form, headers=headers)

    async def sign_in(self, account: str, password: str = PASSWORD) -> Answer:
        return await self.post("/signin", {"account": account, "password": password})


@pytest.fixture
def sections() -> list[Section]:
    """Sections beside the web's own; tests of other pages override this."""
    return []


@pytest.fixture
def app(
    tmp_path: Path, database: Database, clock: ManualClock, sections: list[Section]
) -> web.Application:
    quick = Hasher(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    return create_app(
        Settings(home=tmp_path),
        database,
        clock,
        sections,
        hasher=quick,
        organisations=organisation_tree,
    )


@pytest.fixture
async def server(app: web.Application) -> AsyncIterator[TestServer]:
    async with TestServer(app) as running:
        yield running


@pytest.fixture
async def browser(server: TestServer) -> AsyncIterator[Callable[[], Browser]]:
    """Return a function that opens another browser."""
    opened: list[Browser] = []

    def fresh() -> Browser:
        opened.append(Browser(server))
        return opened[-1]

    yield fresh
    for one in opened:
        await one.session.close()


@pytest.fixture
def add_user(app: web.Application) -> Callable[..., Awaitable[Any]]:
    async def add(account: str, *roles: Role, **more: str) -> Any:
        new = NewUser(account, more.pop("name", account), frozenset(roles), **more)
        user, _ = await app[ACCOUNTS].add(new, PASSWORD)
        return user

    return add


@pytest.fixture
def signed_in(
    add_user: Callable[..., Awaitable[Any]], browser: Callable[[], Browser]
) -> Callable[..., Awaitable[Browser]]:
    """Return a function that makes an account with roles and signs in."""

    async def enter(account: str, *roles: Role, **more: str) -> Browser:
        await add_user(account, *roles, **more)
        one = browser()
        answer = await one.sign_in(account)
        assert answer.status == 303, answer.text
        return one

    return enter


@pytest.fixture
async def county(database: Database) -> None:
    """A centre, a township, two villages and a lawyer."""
    async with database.write() as session:
        root = OrganisationTable(kind=OrganisationKind.DISTRICT, code="district", name="县中心")
        session.add(root)
        await session.flush()
        town = OrganisationTable(
            kind=OrganisationKind.TOWNSHIP, code="qingshi", name="青石镇站", parent_id=root.id
        )
        session.add(town)
        await session.flush()
        for code, name in (("shangwan", "上湾村"), ("xiawan", "下湾村")):
            session.add(
                OrganisationTable(
                    kind=OrganisationKind.VILLAGE, code=code, name=name, parent_id=town.id
                )
            )
        session.add(
            AgentTable(
                id="wang",
                staff_no="101",
                name="王晓梅",
                kind="lawyer",
                organisation_id=root.id,
                endpoint="PJSIP/wang",
            )
        )
