"""Every page in a real browser: accessible, quiet, quick, live, and usable without scripts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect
from sqlalchemy import select, update

from hotline.app.processes import SECTIONS
from hotline.calls.tables import CallTable
from hotline.casework import Case
from hotline.clock import ManualClock
from hotline.demo.poses import POSES
from hotline.demo.sample import PASSWORD
from hotline.demo.screens import MOMENT, SampleServer, sample_server, shots, sign_in
from hotline.store import append
from hotline.web.tables import AuditEntry
from tests.acceptance.chromium import launched
from tests.acceptance.judging import judged
from transcripts.tables import RecordingState, RecordingTable, TranscriptTable, TurnTable

pytestmark = pytest.mark.asyncio(loop_scope="module")

FIRST_PAGE_BYTES = 200_000


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[SampleServer]:
    home = tmp_path_factory.mktemp("home")
    async with sample_server(home, SECTIONS, ManualClock(MOMENT), today=40, earlier=0) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with launched() as opened:
        yield opened


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def cookies(browser: Browser, server: SampleServer) -> dict[str | None, Any]:
    """Sign-ins of the made-up people, so that each test needs not sign in."""
    found: dict[str | None, Any] = {None: None}
    accounts = {shot.account for shot in shots(server.tickets) if shot.account} | {"guanli"}
    for account in sorted(accounts):
        context = await browser.new_context()
        door = f"{server.address}/signin"
        form = await (await context.request.get(door)).text()
        token = form.split('name="csrf" value="')[1].split('"')[0]
        given = {"csrf": token, "account": account, "password": PASSWORD}
        answer = await context.request.post(door, form=given, max_redirects=0)
        assert answer.status == 303, account
        found[account] = await context.storage_state()
        await context.close()
    return found


class Watched:
    """A page whose complaints are kept: nothing may be refused, fail or leave the house."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address
        self.complaints: list[str] = []
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", self._console)
        page.on("request", self._request)

    def _console(self, message: Any) -> None:
        expected = "status of 40" in message.text
        if message.type in {"error", "warning"} and not expected:
            self.complaints.append(message.text)

    def _request(self, request: Any) -> None:
        if not request.url.startswith((self.address, "data:", "blob:")):
            self.complaints.append(f"asked others: {request.url}")

    async def go(self, path: str) -> Page:
        await self.page.goto(self.address + path)
        return self.page


@pytest_asyncio.fixture(loop_scope="module")
async def look(
    browser: Browser, server: SampleServer, cookies: dict[str | None, Any]
) -> AsyncIterator[Any]:
    """Return a function that opens a page as one of the people; complaints fail the test."""
    opened: list[Any] = []

    async def open_as(account: str | None = "banzhang", **options: Any) -> Watched:
        context = await browser.new_context(
            storage_state=cookies[account],
            locale="zh-CN",
            viewport={"width": 1440, "height": 900},
            **options,
        )
        watched = Watched(await context.new_page(), server.address)
        opened.append((context, watched))
        return watched

    yield open_as
    complaints = [words for _, watched in opened for words in watched.complaints]
    for context, _ in opened:
        await context.close()
    assert not complaints


AT_ONCE = 2


async def test_no_page_keeps_anyone_out_or_hangs_over_the_edge(
    look: Any, browser: Browser, server: SampleServer, cookies: dict[str | None, Any]
) -> None:
    """WCAG 2.2 A and AA as far as axe can judge, light and dark; none wider than its window."""
    found: dict[str, list[str]] = {}
    queue = iter(shots(server.tickets))

    async def look_through() -> None:
        pages: dict[str | None, Watched] = {}
        for shot in queue:
            if shot.pose:
                context = await browser.new_context(
                    storage_state=cookies[shot.account], reduced_motion="reduce"
                )
                page = await context.new_page()
                await page.goto(server.address + shot.path)
                await POSES[shot.pose](page)
            else:
                if shot.account not in pages:
                    pages[shot.account] = await look(shot.account, reduced_motion="reduce")
                page = await pages[shot.account].go(shot.path)
            wrong = await judged(page)
            if wrong:
                found[shot.name] = wrong
            if shot.pose:
                await page.context.close()

    await asyncio.gather(*(look_through() for _ in range(AT_ONCE)))
    told = [f"{name}: {one}" for name, wrong in found.items() for one in wrong]
    assert not told, "\n".join(told)


@pytest.mark.parametrize("path", ["/wallboard", "/tickets", "/tickets/WAGES"])
async def test_the_first_page_is_light(look: Any, server: SampleServer, path: str) -> None:
    watched = await look()
    client = await watched.page.context.new_cdp_session(watched.page)
    await client.send("Network.enable")
    sizes: list[float] = []
    client.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    page = await watched.go(path.replace("WAGES", server.tickets["wages"]))
    await page.wait_for_load_state("load")
    audio = 1_100_000  # the player reads the recording's beginning; that is no part of the page
    assert sum(size for size in sizes if size < audio / 10) <= FIRST_PAGE_BYTES


async def test_the_wallboard_follows_the_calls_without_a_jump(
    look: Any, server: SampleServer
) -> None:
    watched = await look()
    page = await watched.go("/wallboard")
    await expect(page.locator(".big.first .value")).to_have_text("4")
    await page.evaluate(
        """() => { window.shift = 0; new PerformanceObserver(list => {
        for (const entry of list.getEntries()) window.shift += entry.value;
        }).observe({type: "layout-shift"}); }"""
    )
    await page.evaluate("document.body.dataset.mark = 'same page'")
    async with server.database.write() as session:
        session.add(
            CallTable(
                id="new-1",
                number="13899990000",
                topic="wages",
                menu_path=["1"],
                started_at=MOMENT - timedelta(seconds=9),
                waiting_since=MOMENT - timedelta(seconds=3),
            )
        )
        append(session, "call.waiting", "new-1", {"number": "13899990000"}, MOMENT)
    await expect(page.locator(".big.first .value")).to_have_text("5")
    await expect(page.locator('[data-id="line-wages"] .num').first).to_have_text("3")
    assert await page.evaluate("document.body.dataset.mark") == "same page"
    assert await page.evaluate("window.shift") < 0.01
    assert "13899990000" not in await page.content()
    async with server.database.write() as session:
        await session.delete(await session.get_one(CallTable, "new-1"))
        append(session, "call.ended", "new-1", {}, MOMENT)
    await expect(page.locator(".big.first .value")).to_have_text("4")


async def test_timers_run_in_the_page(look: Any) -> None:
    page = await (await look()).go("/wallboard")
    timer = page.locator(".seat .timer").first
    before = await timer.inner_text()
    await expect(timer).not_to_have_text(before)


async def test_tickets_are_read_with_the_keyboard(look: Any, server: SampleServer) -> None:
    page = await (await look()).go("/tickets")
    first = await page.locator("tbody tr").nth(0).get_attribute("data-href")
    second = await page.locator("tbody tr").nth(1).get_attribute("data-href")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("ArrowDown")
    await expect(page.locator("tr.chosen")).to_have_attribute("data-href", str(second))
    await page.keyboard.press(" ")
    drawer = page.locator(".drawer[data-preview]")
    await expect(drawer).to_contain_text("打开工单")
    await page.keyboard.press("ArrowUp")
    await expect(drawer.locator("h2")).to_contain_text(str(first).removeprefix("/tickets/"))
    await page.keyboard.press("Escape")
    await expect(drawer).to_be_hidden()
    await page.keyboard.press("?")
    await expect(page.locator("#keys")).to_contain_text("查找工单")
    await page.keyboard.press("Escape")
    await page.keyboard.press("/")
    await page.keyboard.type("99999")
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(f"{server.address}/tickets?text=99999")
    await expect(page.locator("main")).to_contain_text("没有符合条件的工单")


async def test_filters_stand_in_the_address(look: Any, server: SampleServer) -> None:
    page = await (await look()).go("/tickets")
    await page.select_option("#f-topic", "wages")
    await expect(page).to_have_url(f"{server.address}/tickets?topic=wages")
    topics = await page.locator("tbody td:nth-child(4) .nowrap").all_inner_texts()
    assert set(topics) == {"劳动报酬"}
    page = await (await look()).go("/tickets")
    numbers = await page.locator("tbody td:nth-child(2) a").all_inner_texts()
    await page.keyboard.press("n")
    await page.wait_for_url("**/tickets?after=*")
    following = await page.locator("tbody td:nth-child(2) a").all_inner_texts()
    assert not set(numbers) & set(following)


async def test_a_new_ticket_is_told_not_pushed_in(look: Any, server: SampleServer) -> None:
    page = await (await look()).go("/tickets")
    await page.wait_for_load_state("load")
    async with server.database.write() as session:
        append(session, "case.opened", "1", {"number": "2611241009999"}, MOMENT)
    await expect(page.locator("[data-fresh]")).to_contain_text("1 张工单新建或变动")


async def test_a_finding_leads_to_its_second(look: Any, server: SampleServer) -> None:
    page = await (await look()).go(f"/tickets/{server.tickets['wages']}")
    await expect(page.locator(".player audio")).to_be_hidden()
    button = page.locator(".finding.bad [data-seek]").first
    second = float(str(await button.get_attribute("data-seek")))
    await button.click()
    await page.wait_for_function("document.querySelector('audio').currentTime > 0")
    place = await page.evaluate("document.querySelector('audio').currentTime")
    assert second - 0.1 <= place < second + 3
    await expect(page.locator(".turn.now")).to_contain_text("两年")
    await expect(page.locator("[data-play]")).to_have_attribute("aria-label", "暂停")
    await page.locator("[data-play]").click()
    await page.locator("[data-transcript] .when").first.click()
    await expect(page.locator(".turn.now")).to_contain_text("101 号律师")
    await page.check("text=静音来电人")
    await expect(page.locator(".leg.caller")).to_have_class("leg caller muted")
    assert await page.evaluate("document.querySelector('audio').seekable.length") == 1


async def test_the_transcript_says_what_it_is(look: Any, server: SampleServer) -> None:
    page = await (await look()).go(f"/tickets/{server.tickets['wages']}")
    recording = page.locator("[data-panel=recording]")
    await expect(recording).to_contain_text("机器转写，仅供参考")
    await expect(recording).to_contain_text("hotline-tiny")
    await expect(recording.locator(".unsure").first).to_have_text("八")


async def test_a_transcript_that_is_done_appears_by_itself(look: Any, server: SampleServer) -> None:
    page = await (await look()).go(f"/tickets/{server.tickets['waiting']}")
    await expect(page.locator("[data-panel=recording]")).to_contain_text("排队转写中")
    async with server.database.write() as session:
        row = await session.scalar(
            select(RecordingTable).where(RecordingTable.state == RecordingState.WAITING)
        )
        assert row is not None
        turn = TurnTable(
            position=0, leg="agent", start=0.5, end=4.0, text="您好", said="您好",
            confidence=0.9, words=[],
        )  # fmt: skip
        session.add(
            TranscriptTable(
                recording_id=row.id, engine="vosk", model="m", model_description="d",
                seconds_taken=1.0, created_at=MOMENT, turns=[turn],
            )
        )  # fmt: skip
        append(session, "transcript.ready", row.call_id, {}, MOMENT)
    await expect(page.locator("[data-transcript]")).to_contain_text("您好")
    await page.locator("[data-transcript] .when").click()
    await page.wait_for_function("document.querySelector('audio').currentTime >= 0.5")


async def test_failures_are_told(look: Any, server: SampleServer) -> None:
    page = await (await look()).go(f"/tickets/{server.tickets['damaged']}")
    await expect(page.locator("[data-panel=recording]")).to_contain_text("录音损坏，无法转写")
    await expect(page.locator("[data-panel=score]")).to_contain_text("无法初评")


async def test_a_number_is_shown_on_the_record(look: Any, server: SampleServer) -> None:
    number = server.tickets["divorce"]
    async with server.database.read() as session:
        caller = await session.scalar(select(Case.caller_number).where(Case.number == number))
    page = await (await look()).go(f"/tickets/{number}")
    assert caller not in await page.content()
    await page.locator("form[data-reveal] button").click()
    await expect(page.locator("[data-masked] .number")).to_have_text(str(caller))
    async with server.database.read() as session:
        rows = list(
            await session.scalars(select(AuditEntry.action).where(AuditEntry.subject_id == number))
        )
    assert "number.reveal" in rows
    assert "ticket.see" in rows


async def test_markup_in_a_ticket_is_text(look: Any, server: SampleServer) -> None:
    number, evil = server.tickets["lending"], '<img src=x onerror="window.evil=1">'
    async with server.database.write() as session:
        await session.execute(update(Case).where(Case.number == number).values(title=evil))
    watched = await look()
    page = await watched.go(f"/tickets/{number}")
    await expect(page.locator("h1")).to_have_text(evil)
    page = await watched.go("/tickets")
    assert await page.evaluate("window.evil") is None


async def test_without_scripts_everything_is_still_there(
    browser: Browser, server: SampleServer
) -> None:
    context = await browser.new_context(java_script_enabled=False, locale="zh-CN")
    page = await context.new_page()
    await sign_in(page, server.address, "banzhang")
    assert "等待中" in await page.inner_text("main")
    number = server.tickets["wages"]
    await page.goto(f"{server.address}/tickets/{number}")
    assert await page.locator("audio").is_visible()
    await page.click("form[data-reveal] button")
    assert "已记录本次查看" in await page.inner_text("main")
    await page.goto(f"{server.address}/tickets")
    await page.select_option("#f-topic", "wages")
    await page.click("form.filters > button")
    assert page.url.startswith(f"{server.address}/tickets?")
    await context.close()


async def test_an_administrator_sees_accounts_and_no_tickets(look: Any) -> None:
    watched = await look("guanli")
    page = await watched.go("/")
    await expect(page.locator(".rail")).to_contain_text("账号")
    await expect(page.locator(".rail")).not_to_contain_text("工单")
    await watched.go("/tickets")
    await expect(page.locator("main")).to_contain_text("没有权限")


async def test_a_lawyer_sees_the_own_tickets_alone(look: Any) -> None:
    page = await (await look("wang")).go("/tickets")
    people = await page.locator("tbody td:nth-child(5)").all_inner_texts()
    assert set(people) == {"王晓梅"}


async def test_a_shift_is_moved_by_hand_by_key_and_back(look: Any, server: SampleServer) -> None:
    """Chen's Monday morning: dragged to the afternoon, back half an hour by key, then as it was."""
    watched = await look()
    page = await watched.go("/rota?week=2026-12-07")
    await page.click("text=加一班")
    await page.select_option("[name=agent]", "chen")
    await page.fill("[name=day]", "2026-12-07")
    await page.click("button:has-text('保存')")
    shift = page.locator("tr[data-agent=chen] a.shift")
    assert await shift.get_attribute("title") == "陈静，08:30–12:00"
    where = await shift.bounding_box()
    track = await page.locator("tr[data-agent=chen] .track").first.bounding_box()
    assert where is not None
    assert track is not None
    await page.mouse.move(where["x"] + 5, where["y"] + 5)
    await page.mouse.down()
    half_hour = track["width"] / 20
    await page.mouse.move(where["x"] + 5 + 11 * half_hour, where["y"] + 6, steps=5)
    assert await page.locator(".ghost").inner_text() == "14:00–17:30"
    await page.mouse.up()
    moved = page.locator("tr[data-agent=chen] a.shift[title='陈静，14:00–17:30']")
    await moved.wait_for()
    await moved.focus()
    await page.keyboard.press("ArrowLeft")
    earlier = page.locator("a.shift[title='陈静，13:30–17:00']")
    await earlier.wait_for()
    # The focus stays on the shift, so that keys go on.
    await page.keyboard.press("Shift+ArrowRight")
    await page.locator("a.shift[title='陈静，13:30–17:30']").wait_for()
    page.on("dialog", lambda dialog: dialog.accept())
    await page.keyboard.press("Delete")
    await page.locator("tr[data-agent=chen] a.shift").wait_for(state="detached")


async def test_a_supervisor_acknowledges_on_the_wallboard(look: Any, server: SampleServer) -> None:
    watched = await look()
    page = await watched.go("/wallboard")
    alarm = page.locator(".alarm", has_text="话机不通")
    await alarm.locator(".ack").click()
    await alarm.locator("text=已确认").wait_for()
    assert await page.locator(".curve.plotted .uplot, .curve svg").count() > 0
    lawyer = await (await look("wang")).go("/wallboard")
    assert await lawyer.locator(".ack:visible").count() == 0


async def tab_to(page: Page, words: str) -> None:
    """Press Tab until what has the focus is called ``words``."""
    for _ in range(90):
        await page.keyboard.press("Tab")
        focused = await page.evaluate(
            """(() => { const at = document.activeElement, own = at.labels?.[0] ?? at;
            return own.innerText ?? ""; })()"""
        )
        if str(focused).strip().startswith(words):
            return
    raise AssertionError(words)


async def enter(page: Page) -> None:
    """Press Enter where it leads to another page."""
    async with page.expect_navigation():
        await page.keyboard.press("Enter")


async def test_a_station_works_by_keyboard_alone_on_a_small_computer(look: Any) -> None:
    """Signs for a ticket, asks for more time, gives another back with its cause, opens late."""
    watched = await look("qingshi")
    page = watched.page
    await page.set_viewport_size({"width": 1024, "height": 768})
    await watched.go("/station")
    waiting = page.locator(".tabs a", has_text="待签收").locator(".count")
    await expect(waiting).to_have_text("2")
    await tab_to(page, "签收")
    await enter(page)
    await tab_to(page, "签收")
    await enter(page)
    await watched.go("/station")
    await expect(waiting).to_have_text("1")
    await tab_to(page, "申请退单")
    await enter(page)
    await tab_to(page, "退单原因")
    await page.keyboard.press("ArrowDown")
    await tab_to(page, "理由")
    await page.keyboard.type("不在本镇，在邻县")
    await tab_to(page, "申请退单")
    await enter(page)
    await watched.go("/station")
    await expect(waiting).to_have_text("0")
    await tab_to(page, "办理中")
    await enter(page)
    await tab_to(page, "申请延期")
    await enter(page)
    await tab_to(page, "理由")
    await page.keyboard.type("当事人外出，周末才能到场")
    await tab_to(page, "申请延期")
    await enter(page)
    await watched.go("/station")
    await page.keyboard.press("a")
    await page.wait_for_url("**/cases/new/ticket")
    await watched.go("/station")
    await tab_to(page, "修改")
    await enter(page)
    await tab_to(page, "周六")
    await page.keyboard.type("09:00-11:30")
    await tab_to(page, "保存")
    await enter(page)
    await expect(page.locator(".station-side")).to_contain_text("09:00-11:30")
