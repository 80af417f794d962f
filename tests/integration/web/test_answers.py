"""What every answer carries, and what failures say."""

from __future__ import annotations

import gzip
import io
from typing import Any

import pytest
from aiohttp import web

from hotline.errors import ConflictError, NotFoundError
from hotline.store import Database, DatabaseUnavailableError
from hotline.web.permissions import PUBLIC, Role
from hotline.web.section import Route, Section


async def _crash(request: web.Request) -> web.StreamResponse:
    raise RuntimeError("the secret is 4711")


async def _conflict(request: web.Request) -> web.StreamResponse:
    raise ConflictError("工单已被张三改动，请刷新")


async def _missing(request: web.Request) -> web.StreamResponse:
    raise NotFoundError("没有工单 <script>alert(1)</script>")


async def _no_database(request: web.Request) -> web.StreamResponse:
    raise DatabaseUnavailableError("磁盘已满")


async def _take(request: web.Request) -> web.StreamResponse:
    await request.post()
    return web.Response(text="ok")


@pytest.fixture
def sections() -> list[Section]:
    pages = {"crash": _crash, "conflict": _conflict, "missing": _missing, "full": _no_database}
    return [
        Section(
            name="tests",
            routes=(
                *(Route("GET", f"/{name}", handler, PUBLIC) for name, handler in pages.items()),
                Route("POST", "/take", _take, PUBLIC),
            ),
        )
    ]


async def test_pages_run_no_script_but_ours(browser: Any) -> None:
    answer = await browser().get("/signin")
    policy = answer.headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'self'" in policy
    assert "<script>" not in answer.text
    assert " style=" not in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def test_static_files_are_kept_for_a_year_and_compressed(browser: Any) -> None:
    one = browser()
    page = (await one.get("/signin")).text
    address = page.split('rel="stylesheet" href="')[1].split('"')[0]
    async with one.session.get(
        one.server.make_url(address), headers={"Accept-Encoding": "gzip"}
    ) as response:
        assert response.headers["Content-Encoding"] == "gzip"
        assert "immutable" in response.headers["Cache-Control"]
        assert b"--primary" in await response.read()
    old = address.replace(address.split("/")[2], "0123456789ab")
    assert (await one.get(old)).headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("path", ["/static/x/web/../../secrets.json", "/static/x/web/%2e%2e/a"])
async def test_static_files_are_only_those_of_the_sections(browser: Any, path: str) -> None:
    assert (await browser().get(path)).status == 404


async def test_an_unknown_address_says_what_to_do(browser: Any, signed_in: Any) -> None:
    answer = await browser().get("/nowhere")
    assert answer.status == 404
    assert "没有找到" in answer.text
    inside = await (await signed_in("wangli", Role.LAWYER)).get("/nowhere")
    assert "主导航" in inside.text


async def test_a_crash_gives_a_number_and_no_inside(browser: Any) -> None:
    answer = await browser().get("/crash")
    assert answer.status == 500
    assert "编号" in answer.text
    assert "4711" not in answer.text


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [("/conflict", 409, "张三"), ("/missing", 404, "&lt;script&gt;"), ("/full", 503, "磁盘已满")],
)
async def test_known_failures_keep_their_words(
    browser: Any, path: str, status: int, words: str
) -> None:
    answer = await browser().get(path)
    assert answer.status == status
    assert words in answer.text
    assert "<script>alert" not in answer.text
    told = await browser().get(path, Accept="application/json")
    assert '"error_id"' in told.text


async def test_a_form_that_is_too_large_is_refused(browser: Any) -> None:
    one = browser()
    csrf = await one.token()
    form = f"csrf={csrf}&text={'x' * 1_100_000}"
    answer = await one.send(
        "POST",
        "/take",
        data=io.BytesIO(form.encode()),
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )
    assert answer.status == 413
    assert "1 MB" in answer.text
    assert (await one.send("POST", "/take", data={"csrf": csrf, "text": "小"})).status == 200


async def test_pages_are_small(browser: Any) -> None:
    one = browser()
    page = (await one.get("/signin")).text
    address = page.split('rel="stylesheet" href="')[1].split('"')[0]
    style = (await one.get(address)).text
    assert len(gzip.compress(page.encode())) + len(gzip.compress(style.encode())) < 20_000


async def test_health_asks_the_database(browser: Any, database: Database) -> None:
    assert (await browser().get("/health")).status == 200


async def test_the_theme_is_kept(browser: Any) -> None:
    one = browser()
    answer = await one.post("/preferences/theme", {"theme": "dark", "back": "/signin"})
    assert answer.to == "/signin"
    assert 'data-theme="dark"' in (await one.get("/signin")).text
    await one.post("/preferences/theme", {"theme": '"><script>', "back": "//evil.example"})
    assert 'data-theme="dark"' in (await one.get("/signin")).text
