"""Guessing is slowed down by address too, and the address cannot be made up."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from argon2 import PasswordHasher

from hotline.clock import ManualClock
from hotline.settings import Settings, SettingsError, WebSettings, load
from hotline.store import Database
from hotline.web.context import THROTTLE
from hotline.web.passwords import Hasher
from hotline.web.permissions import Role
from hotline.web.server import create_app
from hotline.web.throttle import BLOCK, TRIES, WINDOW, AddressBlockedError, network_of


@pytest.fixture
def app(tmp_path: Path, database: Database, clock: ManualClock) -> web.Application:
    """Behind a proxy on this machine."""
    quick = Hasher(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    settings = Settings(home=tmp_path, web=WebSettings(trusted_proxies=("127.0.0.1",)))
    return create_app(settings, database, clock, [], hasher=quick)


async def test_one_password_on_everybody_is_stopped_by_address(
    browser: Any, add_user: Any, clock: ManualClock
) -> None:
    await add_user("wangli", Role.LAWYER)
    attacker, other = browser(), browser()
    form = {"account": "wangli", "password": "Wrong-Password-1"}
    for number in range(TRIES):
        answer = await attacker.post(
            "/signin", form | {"account": f"somebody{number}"}, **{"X-Forwarded-For": "10.0.0.9"}
        )
        assert answer.status == 403
    right = {"account": "wangli", "password": "Zhongxin-2026"}
    blocked = await attacker.post("/signin", right, **{"X-Forwarded-For": "10.0.0.9"})
    assert blocked.status == 429
    assert "10:15 后可以再试" in blocked.text
    # What stands left of what the proxy wrote is the browser's own invention.
    forged = {"X-Forwarded-For": "10.0.0.77, 10.0.0.9"}
    assert (await attacker.post("/signin", right, **forged)).status == 429
    assert (await other.post("/signin", right, **{"X-Forwarded-For": "10.0.0.8"})).status == 303
    clock.advance(BLOCK.total_seconds() + 1)
    assert (await attacker.post("/signin", right, **{"X-Forwarded-For": "10.0.0.9"})).status == 303


async def test_old_failures_are_forgotten_and_an_address_can_be_released(
    app: web.Application, clock: ManualClock
) -> None:
    throttle = app[THROTTLE]
    for _ in range(TRIES - 1):
        await throttle.failed("10.0.0.9")
    clock.advance(WINDOW.total_seconds() + 1)
    await throttle.failed("10.0.0.9")
    await throttle.check("10.0.0.9")
    for _ in range(TRIES):
        await throttle.failed("10.0.0.9")
    with pytest.raises(AddressBlockedError):
        await throttle.check("10.0.0.9")
    assert await throttle.release("10.0.0.9")
    await throttle.check("10.0.0.9")
    assert not await throttle.release("10.0.0.9")


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("10.0.0.9", "10.0.0.9"),
        ("::ffff:10.0.0.9", "10.0.0.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("nonsense", "nonsense"),
        ("", "unknown"),
    ],
)
def test_what_is_counted_of_an_address(address: str, counted: str) -> None:
    assert network_of(address) == counted


@pytest.mark.parametrize(
    "text",
    [
        '[web]\ntrusted_proxies = ["proxy"]\n',
        '[web.oidc]\nissuer = "http://sso.example.cn"\nclient_id = "hotline"\n',
        '[web.oidc]\nissuer = "https://sso.example.cn"\n',
    ],
)
def test_settings_that_cannot_be_are_refused(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "hotline.toml"
    file.write_text(text)
    monkeypatch.setenv("HOTLINE_TOML", str(file))
    with pytest.raises(SettingsError):
        load()
