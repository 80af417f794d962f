"""What goes wrong at the seat, told in the page with what to do; nothing that was typed is lost."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, StorageState, expect
from sqlalchemy import delete, func, select, update

from agents.phones.lines import browser_endpoint
from agents.routes import section as agents_section
from agents.tables import AgentTable
from agents.talks.routes import section as talks_section
from hotline.calls.tables import CallTable
from hotline.casework import Case
from hotline.clock import ManualClock
from hotline.demo.poses import POSES
from hotline.demo.sample import seats
from hotline.demo.screens import MOMENT, SampleServer, sample_server, sign_in
from hotline.routing.tables import OfferTable
from hotline.store import append
from hotline.web.tables import WebSession
from knowledge_base.routes import section as knowledge_section
from tests.acceptance.chromium import launched
from tests.acceptance.judging import broken

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[SampleServer]:
    """The made-up day without any Asterisk; Wang talks, and answers in the browser."""
    home: Path = tmp_path_factory.mktemp("home")
    sections = [talks_section, agents_section, knowledge_section]
    async with sample_server(home, sections, ManualClock(MOMENT), today=12, earlier=0) as running:
        async with running.database.write() as session:
            await session.execute(
                update(AgentTable)
                .where(AgentTable.id == "wang")
                .values(endpoint=f"PJSIP/{browser_endpoint('wang')}")
            )
        yield running


Seat = Callable[..., Awaitable[Page]]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def signed_in(browser: Browser, server: SampleServer) -> StorageState:
    """Wang's sign-in, for every window that does not end it."""
    context = await browser.new_context()
    await sign_in(await context.new_page(), server.address, "wang")
    state = await context.storage_state()
    await context.close()
    return state


@pytest_asyncio.fixture(loop_scope="session")
async def seat(
    browser: Browser, server: SampleServer, signed_in: StorageState
) -> AsyncIterator[Seat]:
    """Return a function that opens Wang's seat; its windows are closed at the end."""
    opened: list[BrowserContext] = []

    async def open_seat(*permissions: str, of: Browser = browser, script: str = "") -> Page:
        context = await of.new_context(
            permissions=list(permissions), locale="zh-CN", storage_state=signed_in
        )
        if script:
            await context.add_init_script(script)
        opened.append(context)
        page = await context.new_page()
        await page.goto(f"{server.address}/seat")
        return page

    yield open_seat
    for context in opened:
        await context.close()


async def told(page: Page, fault: str, words: str) -> None:
    await expect(page.locator("[data-dock]")).to_have_attribute("data-phone", fault, timeout=9000)
    await expect(page.locator("[data-phone-fault]")).to_contain_text(words)


async def test_a_refused_microphone_is_told_and_tried_again(seat: Seat) -> None:
    page = await seat()
    await told(page, "refused", "改为“允许”")
    await page.context.grant_permissions(["microphone"])
    await page.click('[data-dock] [data-act="again"]')
    await told(page, "away", "自动接上")


async def test_a_computer_without_microphone_is_told(seat: Seat) -> None:
    async with launched() as bare:
        page = await seat("microphone", of=bare)
        await told(page, "nodevice", "插好耳机")


async def test_a_page_that_is_not_trusted_is_told(seat: Seat) -> None:
    untrusted = "Object.defineProperty(window, 'isSecureContext', {get: () => false})"
    await told(await seat(script=untrusted), "insecure", "证书")


async def test_the_form_outlives_the_session(seat: Seat, server: SampleServer) -> None:
    page = await seat()
    await page.context.clear_cookies()
    await sign_in(page, server.address, "wang")
    await page.goto(f"{server.address}/seat")
    number = str(await page.get_attribute("[data-sheet-form]", "data-sheet-form"))
    async with server.database.write() as session:
        newest = await session.scalar(select(func.max(WebSession.id)))
        await session.execute(delete(WebSession).where(WebSession.id == newest))
    await page.fill("#s-demand", "付清三个月工资")
    await expect(page.locator("[data-kept]")).to_contain_text("登录已过期")
    await expect(page.locator("[data-sheet-state]")).to_have_text("未保存")
    # Signed in again in another window of this browser: the page goes on by itself.
    other = await page.context.new_page()
    await sign_in(other, server.address, "wang")
    await expect(page.locator("[data-sheet-state]")).to_contain_text("已保存", timeout=15000)
    async with server.database.read() as session:
        case = (await session.scalars(select(Case).where(Case.number == number))).one()
        assert case.data["demand"] == "付清三个月工资"


async def test_somebody_else_who_signs_in_gets_neither_talk_nor_ticket(
    seat: Seat, server: SampleServer
) -> None:
    page = await seat()
    await page.context.clear_cookies()
    await page.fill("#s-jurisdiction", "示范县")
    await told(page, "signedout", "通话不会断")
    other = await page.context.new_page()
    await sign_in(other, server.address, "chen")
    await page.evaluate("dispatchEvent(new Event('focus'))")
    await told(page, "stranger", "原来的账号")
    await other.context.clear_cookies()
    await sign_in(other, server.address, "wang")
    await page.evaluate("dispatchEvent(new Event('focus'))")
    await expect(page.locator("[data-sheet-state]")).to_contain_text("已保存", timeout=15000)
    await expect(page.locator("#s-jurisdiction")).to_have_value("示范县")


async def test_a_form_that_could_not_be_sent_is_there_after_a_reload(
    seat: Seat, server: SampleServer
) -> None:
    page = await seat()
    await page.route("**/seat/tickets/*", lambda route: route.abort())
    await page.fill("#s-risk", "逾期未起诉的，判决生效")
    await expect(page.locator("[data-kept]")).to_contain_text("网络不通")
    await page.unroute("**/seat/tickets/*")
    await page.reload()
    await expect(page.locator("#s-risk")).to_have_value("逾期未起诉的，判决生效")
    await expect(page.locator("[data-sheet-state]")).to_contain_text("已保存", timeout=15000)


async def test_two_who_save_one_field_see_each_other(seat: Seat, server: SampleServer) -> None:
    page = await seat()
    number = await page.get_attribute("[data-sheet-form]", "data-sheet-form")
    async with server.database.write() as session:
        case = (await session.scalars(select(Case).where(Case.number == number))).one()
        case.data = {**case.data, "referral": "人民法院"}
    await page.fill("#s-referral", "劳动仲裁委员会")
    theirs = page.locator('[data-theirs="referral"]')
    await expect(theirs).to_contain_text("别人改成了：人民法院")
    await theirs.get_by_role("button", name="用我的").click()
    await expect(page.locator("[data-sheet-state]")).to_contain_text("已保存")
    await expect(theirs).to_be_hidden()


async def test_news_of_the_call_move_nothing_and_keep_what_is_typed(
    seat: Seat, server: SampleServer
) -> None:
    page = await seat()
    await page.fill("#s-answer", "可以申请劳动仲裁")
    await expect(page.locator("[data-sheet-state]")).to_contain_text("已保存")
    await page.fill("#s-answer", "可以申请劳动仲裁，不收费")
    await page.evaluate(
        """() => { window.shift = 0; new PerformanceObserver(list => {
        for (const entry of list.getEntries()) window.shift += entry.value;
        }).observe({type: "layout-shift"}); }"""
    )
    async with page.expect_response("**/seat/parts"), server.database.write() as session:
        call = (
            await session.scalars(
                select(CallTable).where(CallTable.agent_id == "wang", CallTable.ended_at.is_(None))
            )
        ).one()
        append(session, "call.noted", call.id, {"agent_id": "wang"}, MOMENT)
    await expect(page.locator("#s-answer")).to_have_value("可以申请劳动仲裁，不收费")
    await expect(page.locator("[data-sheet-state]")).to_contain_text("已保存")
    assert await page.evaluate("window.shift") < 0.02


async def test_the_seat_is_light(seat: Seat) -> None:
    page = await seat("microphone")
    address = page.url
    await page.goto("about:blank")  # what the first page still loads isn't counted
    client: Any = await page.context.new_cdp_session(page)
    await client.send("Network.enable")
    await client.send("Network.clearBrowserCache")
    sizes: list[float] = []
    client.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    await page.goto(address)
    await told(page, "away", "自动接上")
    assert 30_000 < sum(sizes) <= 200_000


MOVES = """window.moved = 0; new PerformanceObserver(list => {
  for (const entry of list.getEntries()) window.moved += entry.value;
}).observe({type: "layout-shift", buffered: true})"""


async def test_before_the_second_ring_the_lawyer_knows_the_caller(
    browser: Browser, server: SampleServer
) -> None:
    """Everything stands there at once, and answering moves nothing."""
    async with server.database.write() as session:
        # A telephone on the desk: without Asterisk the one in the page would say what it lacks.
        agent = await session.get_one(AgentTable, seats.RINGS)
        agent.endpoint = f"PJSIP/{seats.RINGS}"
    context = await browser.new_context(locale="zh-CN", viewport={"width": 1440, "height": 900})
    await context.add_init_script(MOVES)
    page = await context.new_page()
    await sign_in(page, server.address, seats.RINGS)
    await page.goto(f"{server.address}/seat")
    centre = await page.inner_text(".seat-centre")
    for words in (
        *("婚姻家庭", "三岔河民族乡公共法律服务站", "甘肃定西", "等待", "妇女"),
        *("李建国通话中；来电人已等 36 秒", "现在方便说话吗", "时效将届满", "还剩 5 天"),
        *("上次没有解决", "离婚后探望孩子受阻", "可再次起诉；满足分居满一年应准予离婚"),
    ):
        assert words in centre
    async with server.database.read() as session:
        number = (await session.get_one(CallTable, seats.RINGING_CALL)).number
    assert number not in await page.content()
    assert f"{number[:3]}****{number[-4:]}" in centre
    async with server.database.write() as session:
        call = await session.get_one(CallTable, seats.RINGING_CALL)
        offer = await session.get_one(OfferTable, f"o-{call.id}")
        call.agent_id, call.answered_at, offer.ended_at = seats.RINGS, MOMENT, MOMENT
        offer.outcome = "answered"
        append(session, "call.answered", call.id, {"agent_id": seats.RINGS}, MOMENT)
    await expect(page.locator(".seat-page")).to_have_class("seat-page in-talking")
    await expect(page.locator('[data-act="hold"]')).to_be_visible()
    assert await page.evaluate("window.moved") < 0.01
    await context.close()


@pytest.mark.parametrize(
    ("account", "pose"),
    [
        (seats.TALKS, "transferring"),
        (seats.TALKS, "three"),
        (seats.TALKS, "police"),
        (seats.TALKS, "merged"),
        (seats.FILLS, "refused"),
    ],
)
async def test_no_moment_of_the_seat_keeps_anyone_out(
    browser: Browser, server: SampleServer, account: str, pose: str
) -> None:
    """WCAG 2.2 A and AA, as far as axe can judge, in what no page shows by itself."""
    context = await browser.new_context(
        locale="zh-CN", color_scheme="dark", reduced_motion="reduce"
    )
    page = await context.new_page()
    await sign_in(page, server.address, account)
    await page.goto(f"{server.address}/seat")
    await POSES[pose](page)
    found = await broken(page)
    await context.close()
    assert found == []
