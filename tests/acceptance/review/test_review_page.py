"""The reviewer's page in a real browser: the waveform, one key a finding, and without scripts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect
from sqlalchemy import select

from agents.routes import section as agents_section
from hotline.clock import ManualClock
from hotline.demo.screens import MOMENT, SampleServer, sample_server, shots, sign_in
from tests.acceptance.chromium import launched
from tests.acceptance.judging import judged
from transcripts.review.tables import JudgementTable, ResultTable
from transcripts.routes import section as transcripts_section

pytestmark = pytest.mark.asyncio(loop_scope="module")

OURS = ("review", "quality")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[SampleServer]:
    home = tmp_path_factory.mktemp("home")
    sections = [agents_section, transcripts_section]
    size: dict[str, Any] = {"today": 20, "earlier": 12, "weeks_before": False}
    async with sample_server(home, sections, ManualClock(MOMENT), **size) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with launched() as opened:
        yield opened


async def entered(browser: Browser, server: SampleServer, account: str, **options: Any) -> Page:
    context = await browser.new_context(
        locale="zh-CN", viewport={"width": 1440, "height": 900}, **options
    )
    page = await context.new_page()
    await sign_in(page, server.address, account)
    return page


async def test_the_pages_of_review_keep_nobody_out_and_hang_over_no_edge(
    browser: Browser, server: SampleServer
) -> None:
    found: dict[str, list[str]] = {}
    pages: dict[str, Page] = {}
    for shot in shots(server.tickets):
        if not shot.name.startswith(OURS) or shot.account is None:
            continue
        if shot.account not in pages:
            pages[shot.account] = await entered(
                browser, server, shot.account, reduced_motion="reduce"
            )
        page = pages[shot.account]
        await page.goto(server.address + shot.path)
        wrong = await judged(page)
        if wrong:
            found[shot.name] = wrong
    assert found == {}


async def test_a_finding_is_confirmed_with_one_key_and_the_waveform_shows_both_legs(
    browser: Browser, server: SampleServer
) -> None:
    page = await entered(browser, server, "zhijian")
    complaints: list[str] = []
    page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
    call = server.tickets["wages_call"]
    await page.goto(f"{server.address}/review/{call}")
    await expect(page.locator("[data-sound].drawn")).to_be_visible()
    assert await page.locator(".canvas canvas").count() >= 2
    await page.keyboard.press("j")
    await page.keyboard.press("y")
    first = page.locator("[data-finding]").first
    await expect(first.locator(".tag.good")).to_have_text("属实")
    await expect(page.locator("[data-finding]").nth(1)).to_be_focused()
    async with server.database.read() as session:
        verdicts = list(await session.scalars(select(JudgementTable.verdict)))
    assert verdicts == ["confirm"]
    await page.locator(".item .levels").first.locator("label").first.click()
    await expect(page.locator("[data-running]")).to_have_text("还有 8 项")
    assert complaints == []


async def test_without_scripts_the_call_is_heard_and_graded_all_the_same(
    browser: Browser, server: SampleServer
) -> None:
    page = await entered(browser, server, "zhijian2", java_script_enabled=False)
    call = server.tickets["wages_call"]
    await page.goto(f"{server.address}/review/{call}")
    assert await page.locator("audio").is_visible()
    for item in await page.locator(".item .levels").all():
        await item.locator("input").first.check(force=True)
    await page.fill("#f-note", "时效讲错，须核对第二十七条")
    await page.click("text=提交评分")
    assert "已提交：100 分" in await page.inner_text("body")
    async with server.database.read() as session:
        assert (await session.get_one(ResultTable, call)).total == 100
