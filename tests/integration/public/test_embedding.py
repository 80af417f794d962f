"""Other sites: they may show one page of links inside theirs, and ask the API, where named."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from hotline.api.routes import section as api_section
from hotline.casework import Desk
from hotline.clock import ManualClock
from hotline.public.face import open_face
from hotline.public.routes import section
from hotline.settings import PublicSettings, Settings
from hotline.store import Database
from hotline.web.server import create_app

PORTAL = "https://www.example.gov.cn"


@pytest.fixture
async def portal(
    tmp_path: Path, database: Database, clock: ManualClock, desk: Desk
) -> AsyncIterator[TestClient[Any, Any]]:
    named = PublicSettings(embed_origins=[PORTAL], api_origins=[PORTAL])
    own = Settings(home=tmp_path / "home", public=named)
    face = open_face(own, database, clock, desk=desk)
    app = create_app(own, database, clock, [section(face), api_section(face)])
    async with TestClient(TestServer(app)) as client:
        yield client


async def test_only_the_page_of_links_may_stand_in_a_named_site(
    portal: TestClient[Any, Any],
) -> None:
    framed = await portal.get("/public/embed")
    text = await framed.text()
    assert f"frame-ancestors 'self' {PORTAL};" in framed.headers["Content-Security-Policy"]
    assert "X-Frame-Options" not in framed.headers
    assert "<form" not in text
    assert "<script" not in text
    assert text.count('target="_blank"') >= 7
    usual = await portal.get("/public")
    assert usual.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert PORTAL not in usual.headers["Content-Security-Policy"]


async def test_a_named_site_may_ask_the_api_and_no_other(portal: TestClient[Any, Any]) -> None:
    ask = {"Access-Control-Request-Method": "GET"}
    first = await portal.options("/api/v1/services", headers={"Origin": PORTAL, **ask})
    assert first.status == 204
    assert first.headers["Access-Control-Allow-Origin"] == PORTAL
    told = await portal.get("/api/v1/services", headers={"Origin": PORTAL})
    assert told.headers["Access-Control-Allow-Origin"] == PORTAL
    assert "Access-Control-Allow-Credentials" not in told.headers
    other = await portal.get("/api/v1/services", headers={"Origin": "https://other.example"})
    assert "Access-Control-Allow-Origin" not in other.headers
    assert other.headers["Vary"] == "Origin"
    page = await portal.get("/public", headers={"Origin": PORTAL})
    assert "Access-Control-Allow-Origin" not in page.headers


@pytest.mark.parametrize("wrong", ["www.example.gov.cn", "https://a.cn/path", "https://a.cn; x"])
def test_an_origin_that_is_none_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match="应写成"):
        PublicSettings(embed_origins=[wrong])
