"""The public's pages in a real browser: small screens, keyboard, no script, axe, weight."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest
import pytest_asyncio
from aiohttp import web
from playwright.async_api import Browser, Page, async_playwright
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.api.routes import section as api_section
from hotline.casework import Case, Desk, services
from hotline.casework.windows import Window, open_window
from hotline.clock import ManualClock
from hotline.debian import chromium
from hotline.messages.wording import evaluation_path
from hotline.public import own
from hotline.public.face import Face, open_face
from hotline.public.humanity import Humanity, Riddle
from hotline.public.intake import Request, submit
from hotline.public.routes import section as public_section
from hotline.public.stations import Station
from hotline.settings import Settings
from hotline.store import Base, Database, Outbox
from hotline.store.discovery import all_tables
from hotline.web.server import create_app
from hotline.worktime import load
from tests.acceptance.judging import COLOURS, broken

pytestmark = pytest.mark.asyncio(loop_scope="module")

HEAVIEST = 100_000
"""Bytes of one page with all that it loads, compressed."""

WEEK = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), ("08:30-12:00", "14:00-17:30"))
AT_ONCE = 4
STATIONS = (
    Station("district", None, "district", "示范县公共法律服务中心", "0830-6112348", WEEK),
    Station("qingshi", "district", "township", "青石镇公共法律服务站", "0830-6110001", WEEK),
    Station(
        "dongfeng", "qingshi", "village", "东风村公共法律服务室", "", {"wed": ("09:00-11:30",)}
    ),
)
PAGES = (
    "/public",
    "/public/services",
    "/public/services/legal_aid",
    "/public/services/legal_aid/apply",
    "/public/services/lawyer_appointment/times",
    "/public/services/lawyer_appointment/times?place=qingshi",
    "/public/services/lawyer_appointment/apply?slot=qingshi@2026-11-25T09:00",
    "/public/consult",
    "/public/consult/message",
    "/public/consult/callback",
    "/public/laws",
    "/public/laws?q=老板拖欠工资",
    "/public/laws/divorce",
    "/public/stations",
    "/public/follow",
    "/public/privacy",
    "/public/embed",
    "/public/services/nothing",
    "/api/v1/docs",
)


async def _stations(session: AsyncSession) -> Sequence[Station]:
    del session
    return STATIONS


def _one_and_one(random: Random) -> Riddle:
    del random
    return Riddle("一加一等于多少？", frozenset({"二", "2"}))


class House:
    """The public's door, served on a free port, and a case to follow."""

    def __init__(self, address: str, face: Face, case: Case) -> None:
        self.address, self.face, self.case = address, face, case

    @property
    def code(self) -> str:
        return self.face.codes.code(self.case.number)


@pytest_asyncio.fixture(loop_scope="module")
async def house(tmp_path: Path) -> AsyncIterator[House]:
    all_tables()
    clock = ManualClock(datetime(2026, 11, 24, 2, 0, tzinfo=UTC))
    settings = Settings(home=tmp_path / "home")
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'public.db'}")
    async with database.engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    face = open_face(
        settings,
        database,
        clock,
        stations=_stations,
        desk=Desk(services.load(), load()),
        humanity=Humanity("secret", clock, riddles=[_one_and_one]),
    )
    app = create_app(settings, database, clock, [public_section(face), api_section(face)])
    given = {"caller_name": "张小兰", "phone": "13900001111", "kind": "inheritance"}
    async with database.write() as session:
        for place in ("qingshi", "district"):
            window = Window(place, {"wed": ["09:00-11:30"], "thu": ["14:00-17:00"]})
            appointment = face.desk.services.get("lawyer_appointment")
            await open_window(session, appointment, window, by="zhan", now=clock.now())
        asked = Request("notary", given | {"title": "父亲留下的房子要过户"}, "first")
        case = await submit(face.desk, session, asked, await face.lists(session), clock.now())
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    yield House(f"http://{host}:{port}", face, case)
    await runner.cleanup()
    await database.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def launched() -> AsyncIterator[Browser]:
    tool = await asyncio.to_thread(chromium)
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(
            executable_path=tool.command[0],
            args=[*tool.command[1:], "--no-sandbox"],
            env=tool.environment(),
        )
        yield opened
        await opened.close()


@pytest_asyncio.fixture(loop_scope="module")
async def browser(launched: Browser) -> AsyncIterator[Browser]:
    """The one Chromium, with no window of another test."""
    yield launched
    for context in launched.contexts:
        await context.close()


async def narrow(browser: Browser, *, dark: bool = False, scripts: bool = True) -> Page:
    context = await browser.new_context(
        viewport={"width": 320, "height": 640},
        color_scheme="dark" if dark else "light",
        java_script_enabled=scripts,
        locale="zh-CN",
    )
    page = await context.new_page()
    page.set_default_timeout(60_000)
    return page


async def enter(page: Page, house: House) -> None:
    await page.goto(f"{house.address}/public/follow")
    await page.get_by_label("编号", exact=True).fill(house.case.number)
    await page.get_by_label("查询码").fill(house.code)
    await page.get_by_role("button", name="查询").click()
    await page.get_by_role("heading", name="公证").wait_for()


async def problems(page: Page) -> list[str]:
    """Return what axe finds, and whether the page is wider than the window."""
    dark = await page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    told = [f"{page.url} {one}" for one in await broken(page, COLOURS if dark else None)]
    wider = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return told + ([f"{page.url} is {wider} px too wide"] if wider > 0 else [])


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
async def test_every_page_fits_320_pixels_and_is_accessible(
    house: House, browser: Browser, dark: bool
) -> None:
    """The dark scheme changes colours alone."""
    page = await narrow(browser, dark=dark)
    found: list[str] = []
    for path in PAGES:
        await page.goto(house.address + path)
        found += await problems(page)
    await enter(page, house)
    found += await problems(page)
    await page.goto(house.address + f"/public/cases/{house.case.number}/acts/cancel")
    found += await problems(page)
    found += await own_view(page, house)
    assert found == []


async def own_view(page: Page, house: House) -> list[str]:
    """Go to what is held about the applicant, by the code of a text message."""
    await page.goto(f"{house.address}/public/cases/{house.case.number}")
    await page.get_by_role("link", name="查看热线保存了我的哪些信息").click()
    found = await problems(page)
    await page.get_by_role("button", name="发送验证码").click()
    await page.get_by_label("短信里的 6 位验证码").wait_for()
    found += await problems(page)
    async with house.face.database.read() as session:
        row = await session.scalar(select(Outbox).where(Outbox.topic == own.TOPIC))
    assert row is not None
    await page.get_by_label("短信里的 6 位验证码").fill(str(row.payload["text"]))
    await page.get_by_role("button", name="查看").click()
    await page.get_by_role("heading", name="热线保存的您的信息").wait_for()
    return found + await problems(page)


async def test_large_print_fits_as_well(house: House, browser: Browser) -> None:
    page = await narrow(browser)
    await page.goto(f"{house.address}/public")
    await page.get_by_role("button", name="大字").click()
    assert "large" in (await page.locator("html").get_attribute("class") or "")
    found: list[str] = []
    for path in PAGES:
        await page.goto(house.address + path)
        found += await problems(page)
    assert found == []


async def test_a_refused_form_is_accessible_and_takes_the_focus_to_what_is_wrong(
    house: House, browser: Browser
) -> None:
    page = await narrow(browser)
    await page.goto(f"{house.address}/public/services/legal_aid/apply")
    await page.get_by_label("案情摘要").fill("工地拖欠工资")
    await page.get_by_role("button", name="提交申请").click()
    await page.get_by_role("alert").wait_for()
    assert await problems(page) == []
    assert await page.evaluate("document.activeElement.id") == "problems"
    assert await page.get_by_label("案情摘要").input_value() == "工地拖欠工资"
    await page.get_by_role("alert").get_by_role("link", name="申请人", exact=True).click()
    assert await page.evaluate("document.activeElement.id") == "f-caller_name"


async def test_what_is_wrong_is_told_to_who_hears_the_page(house: House, browser: Browser) -> None:
    page = await narrow(browser)
    await page.goto(f"{house.address}/public/services/legal_aid/apply")
    name = page.locator("#f-caller_name")
    assert await name.get_attribute("aria-required") == "true"
    assert await page.locator("#f-agent_name").get_attribute("aria-required") is None
    await page.get_by_role("button", name="提交申请").press("Enter")
    await focused(page, "problems")
    assert (await page.title()).startswith("请改正：")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await focused(page, "f-caller_name")
    for above in ("label[for=f-caller_name]", "#p-caller_name"):
        assert (await _top(page, above)) >= 0, f"{above} is out of sight"

    await page.goto(f"{house.address}/public/follow")
    await page.locator("#f-number").fill("261124")
    await page.locator("#f-code").fill("000000")
    await page.keyboard.press("Enter")
    await focused(page, "problems")
    number = page.get_by_role("textbox", name="编号")
    assert await number.get_attribute("aria-invalid") == "true"
    assert await number.get_attribute("aria-describedby") == "problems"

    await enter(page, house)
    paper = {"name": "a.exe", "mimeType": "application/x-msdownload", "buffer": b"MZ"}
    await page.locator("#f-paper").set_input_files([paper])
    await page.get_by_role("button", name="上传", exact=True).click()
    await page.locator("#p-paper").wait_for()
    await focused(page, "f-paper")


async def focused(page: Page, element: str) -> None:
    """Wait until the page's script has taken the focus there."""
    await page.wait_for_function("id => document.activeElement.id === id", arg=element)


async def _top(page: Page, selector: str) -> float:
    box = await page.locator(selector).bounding_box()
    assert box is not None
    return box["y"]


async def test_buttons_that_change_the_page_say_what_they_do_and_no_state_against_it(
    house: House, browser: Browser
) -> None:
    page = await narrow(browser)
    await page.goto(f"{house.address}/public")
    await page.get_by_role("button", name="大字").press("Enter")
    standard = page.get_by_role("button", name="标准字")
    await standard.wait_for()
    assert await standard.get_attribute("aria-pressed") is None
    await page.get_by_role("button", name="English").press("Enter")
    read = page.locator("[data-read-aloud]")
    begins = await read.inner_text()
    assert await read.get_attribute("data-stop") == "Stop"
    assert not any("\u4e00" <= letter <= "\u9fff" for letter in begins)


async def test_a_form_is_filled_in_and_sent_by_keyboard_alone(
    house: House, browser: Browser
) -> None:
    page = await narrow(browser)
    await page.goto(f"{house.address}/public/consult/callback")
    assert isinstance(house.face.clock, ManualClock)
    house.face.clock.advance(30)
    await page.locator("#f-phone").focus()
    await page.keyboard.type("13900001111")
    await page.keyboard.press("Tab")
    await page.keyboard.type("张女士")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Space")
    for words in ("工伤认定", "", "二"):
        await page.keyboard.press("Tab")
        await page.keyboard.type(words)
    await page.keyboard.press("Tab")
    await page.keyboard.press("Space")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await page.get_by_role("heading", name="已提交").wait_for()
    assert await problems(page) == []


async def test_without_scripts_everything_is_read_and_an_application_is_sent(
    house: House, browser: Browser
) -> None:
    page = await narrow(browser, scripts=False)
    await page.goto(f"{house.address}/public")
    assert await page.get_by_role("link", name="拨打 12348").first.is_visible()
    await page.get_by_role("link", name="法律援助").first.click()
    await page.get_by_role("link", name="网上申请").click()
    assert await page.get_by_text("时填写").first.is_visible()
    assert isinstance(house.face.clock, ManualClock)
    house.face.clock.advance(60)
    await page.get_by_label("申请人 必填").fill("张小兰")
    await page.get_by_label("援助事项").select_option("civil")
    await page.get_by_label("案情摘要").fill("工地拖欠工资")
    await page.get_by_label("请回答").fill("2")
    await page.get_by_label("我看过").check()
    await page.get_by_role("button", name="提交申请").click()
    await page.get_by_role("heading", name="已提交").wait_for()


async def test_a_condition_shows_its_field_when_it_is_met(house: House, browser: Browser) -> None:
    page = await narrow(browser)
    await page.goto(f"{house.address}/public/services/legal_aid/apply")
    ground = page.get_by_label("免予核查或不受限制的情形")
    await ground.wait_for(state="hidden")
    await page.get_by_label("免予核查（第四十二条）", exact=True).check()
    await ground.wait_for(state="visible")


async def test_a_case_is_evaluated_on_a_telephone(house: House, browser: Browser) -> None:
    page = await narrow(browser)
    async with house.face.database.write() as session:
        case = await session.get(Case, house.case.id)
        assert case is not None
        service = await house.face.desk.definition(session, case)
        assert service.evaluation is not None
        case.state = service.evaluation.states[0]
    await page.goto(house.address + evaluation_path(house.face.codes, house.case.number))
    assert await problems(page) == []
    await page.get_by_text("满意", exact=True).click()
    await page.get_by_role("button", name="提交评价").click()
    await page.get_by_text("谢谢您的评价").wait_for()


async def test_no_page_is_heavier_than_100_kilobytes(house: House, browser: Browser) -> None:
    heavy: dict[str, float] = {}
    queue = iter(PAGES)

    async def weigh() -> None:
        for path in queue:
            page = await narrow(browser)
            session = await page.context.new_cdp_session(page)
            await session.send("Network.enable")
            sizes: list[float] = []
            session.on(
                "Network.loadingFinished", lambda e, s=sizes: s.append(e["encodedDataLength"])
            )
            await page.goto(house.address + path)
            await page.wait_for_load_state("networkidle")
            heavy[path] = sum(sizes)
            await page.context.close()

    # To be idle takes each of them half a second.
    await asyncio.gather(*(weigh() for _ in range(AT_ONCE)))
    assert set(heavy) == set(PAGES)
    assert {path: size for path, size in heavy.items() if size > HEAVIEST} == {}
    assert all(size > 2000 for size in heavy.values())
