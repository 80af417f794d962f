"""Every route of every section has its door, and every look at somebody's data is on record."""

from __future__ import annotations

import re
import string
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from argon2 import PasswordHasher
from hypothesis import Phase, find, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from agents.places import organisation_tree
from hotline.app.processes import every_section
from hotline.casework import Case
from hotline.clock import ManualClock
from hotline.demo.sample import PASSWORD, fill
from hotline.demo.sample.day import ticket_of
from hotline.demo.sample.talks import WAGES
from hotline.settings import Settings
from hotline.store import Database
from hotline.web.context import ACCOUNTS, SECTIONS
from hotline.web.passwords import Hasher
from hotline.web.permissions import PUBLIC, SIGNED_IN, Permission, Role
from hotline.web.server import create_app
from hotline.web.tables import AuditEntry

OPEN_TO_ALL = re.compile(
    r"/|/favicon\.ico|/health|/signin(/code|/oidc|/oidc/back)?|/preferences/(theme|language)"
    r"|/static/.*|/rota/feed/.*\.ics|/public(/.*)?|/api/.*"
)
"""Addresses that anybody may ask for. Another one is added here on purpose or not at all. The
calendar's address carries its own key, and so does every request to the programs' door."""

_PLACE = re.compile(r"\{(\w+)(?::((?:[^{}]|\{[^{}]*\})*))?\}")


@pytest.fixture
def app(tmp_path: Path, database: Database, clock: ManualClock) -> web.Application:
    quick = Hasher(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    house = Settings(home=tmp_path)
    sections = every_section(house, database, clock)
    return create_app(
        house, database, clock, sections, organisations=organisation_tree, hasher=quick
    )


_LETTERS = string.ascii_letters + string.digits + "-._+"


def routes(app: web.Application) -> list[tuple[str, str, Permission]]:
    return [(r.method, r.path, r.permission) for s in app[SECTIONS] for r in s.routes]


def address(path: str) -> str:
    """Return an address that a route may be asked by."""

    return _PLACE.sub(lambda place: word(place.group(2) or "[a-z]+"), path)


@cache
def word(pattern: str) -> str:
    """Return the simplest word that fits; whether there is such a thing is no matter."""
    fitting = st.from_regex(pattern, fullmatch=True, alphabet=_LETTERS)
    once = settings(database=None, max_examples=10, phases=[Phase.generate])
    return find(fitting, bool, settings=once)


def test_the_walk_leaves_no_route_out(app: web.Application) -> None:
    walked = {(method, _PLACE.sub(r"{\1}", path)) for method, path, _ in routes(app)}
    for route in app.router.routes():
        if route.resource is not None and route.method != "HEAD":
            path = route.resource.canonical
            assert (route.method, path) in walked or path.startswith("/static/"), path


def test_only_what_is_meant_to_be_is_open_to_all(app: web.Application) -> None:
    opened = {path for _, path, permission in routes(app) if permission is PUBLIC}
    assert not [path for path in opened if not OPEN_TO_ALL.fullmatch(path)]
    closed = {path for _, path, permission in routes(app) if permission is not PUBLIC}
    assert not [path for path in closed if OPEN_TO_ALL.fullmatch(path)]


def test_the_administrator_of_the_system_sees_nobodys_data(app: web.Application) -> None:
    personal = re.compile(r"/(tickets|cases|persons|seat|recordings|transcripts|review)(/|$)")
    for method, path, permission in routes(app):
        if personal.match(path):
            assert Role.ADMIN not in permission.roles, f"{method} {path}"


async def test_a_stranger_comes_in_nowhere(app: web.Application, browser: Any) -> None:
    one = browser()
    for method, path, permission in routes(app):
        if permission is PUBLIC or method == "HEAD":
            continue
        answer = await one.send(method, address(path))
        led = answer.status == 303 and answer.to.startswith("/signin")
        assert led or answer.status == 401, f"{method} {path}: {answer.status}"


@pytest.mark.parametrize("role", list(Role))
async def test_a_role_that_may_not_is_refused(
    app: web.Application, signed_in: Any, role: Role
) -> None:
    one = await signed_in("somebody", role)
    token = await one.token()
    for method, path, permission in routes(app):
        if permission in {PUBLIC, SIGNED_IN} or role in permission.roles or method == "HEAD":
            continue
        answer = await one.send(method, address(path), headers={"X-CSRF-Token": token})
        assert answer.status == 403, f"{method} {path}: {answer.status}"


LOOKS = (
    ("banzhang", "/tickets/{ticket}", "ticket.see"),
    ("zhijian", "/tickets/{ticket}/preview", "ticket.see"),
    ("chen", "/tickets/{own}/panels/recording", "ticket.see"),
    ("wang", "/seat", "ticket.see"),
    ("banzhang", "/calls/{call}/recording.wav", "recording.listen"),
    ("banzhang", "/cases/{case}", "case.see"),
    ("banzhang", "/persons/{person}", "person.see"),
)
"""Who looks at what, and what must stand in the audit: ticket, drawer, a panel alone, seat, sound,
the file of a case, the file of a person."""


async def test_each_look_at_somebodys_data_is_on_record_once(
    app: web.Application, browser: Any, database: Database, clock: ManualClock, tmp_path: Path
) -> None:
    await fill(
        database,
        app[ACCOUNTS],
        tmp_path / "recordings",
        clock.now(),
        today=20,
        earlier=10,
        weeks_before=False,
    )
    names = await what_there_is(database)
    one = browser()
    await one.sign_in("banzhang", PASSWORD)
    begun = await one.post("/persons", {"case": names["case"]})
    names["person"] = begun.to.removeprefix("/persons/")
    for account, path, action in LOOKS:
        one = browser()
        await one.sign_in(account, PASSWORD)
        before = await on_record(database, action)
        for _ in range(2):
            answer = await one.get(path.format(**names))
            assert answer.status == 200, (path, answer.text)
        assert await on_record(database, action) == before + 1, path


async def what_there_is(database: Database) -> dict[str, str]:
    async with database.read() as session:
        ticket = await ticket_of(session, WAGES.title, oldest=True)
        call = await session.scalar(select(Case.call_id).where(Case.number == ticket))
        own = await session.scalar(
            select(Case.number).where(Case.service == "ticket", Case.assignee_id == "chen")
        )
        case = await session.scalar(select(Case.number).where(Case.service == "legal_aid"))
    return {
        "ticket": ticket,
        "call": str(call),
        "own": str(own),
        "case": str(case),
    }


async def on_record(database: Database, action: str) -> int:
    async with database.read() as session:
        query = select(func.count()).where(AuditEntry.action == action)
        return await session.scalar(query) or 0
