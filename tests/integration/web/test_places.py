"""Places through the staff's pages: overview, gaps, form, workbook out and in."""

from __future__ import annotations

import io
from typing import Any

import pytest
from aiohttp import FormData
from openpyxl import load_workbook

import hotline.store.schema  # noqa: F401 - knows every package's tables
from agents.cases.routes import section as cases_section
from agents.places.routes import section as places_section
from agents.routes import section as agents_section
from hotline.web.permissions import Role
from hotline.web.section import Section

CENTRE = {"code": "district", "name": "示范县公共法律服务中心", "kind": "district"}
TOWN = {
    "code": "qingshi",
    "name": "青石镇公共法律服务站",
    "kind": "township",
    "parent": "district",
    "phone": "+86 830 1234567",
    "mon": "09:00-12:00，14:00-17:30",
    "windows": "1 号 法律援助\n2 号 人民调解",
    "staff": "周明，站长，专职，13900001111\n吴芳，调解员，兼职\n郑强，接待",
}


@pytest.fixture
def sections() -> list[Section]:
    return [agents_section, cases_section, places_section]


async def add(browser: Any, form: dict[str, str]) -> None:
    answer = await browser.post("/places-new", form)
    assert answer.status == 303, answer.text


async def test_a_place_with_too_few_people_is_flagged(signed_in: Any) -> None:
    bureau = await signed_in("ju", Role.BUREAU)
    assert "还没有站点" in (await bureau.get("/places")).text
    await add(bureau, CENTRE)
    await add(bureau, TOWN)
    await add(bureau, {"code": "sw", "name": "上湾村", "kind": "village", "parent": "qingshi"})
    page = (await bureau.get("/places")).text
    assert "人员 0 人，不足 3 人" in page
    assert "0.0%" in page
    town = (await bureau.get("/places/qingshi")).text
    assert "人员 3 人，不足" not in town
    assert "1 号 法律援助" in town
    assert "周一" in town


async def test_a_wrong_form_is_refused_field_by_field_and_kept(signed_in: Any) -> None:
    bureau = await signed_in("ju", Role.BUREAU)
    await add(bureau, CENTRE)
    wrong = {**TOWN, "mon": "九点到五点", "parent": "nowhere", "phone": "打不通"}
    answer = await bureau.post("/places-new", wrong)
    assert answer.status == 422
    for words in (
        "周一：时段应写成 08:30-12:00",
        "没有代码为 nowhere 的站点",
        "请填写电话号码",
        "九点到五点",
    ):
        assert words in answer.text
    lawyer = await signed_in("lv", Role.LAWYER)
    assert (await lawyer.get("/places")).status == 200
    assert (await lawyer.get("/places-new")).status == 403


async def test_the_workbook_goes_out_and_comes_in_again(signed_in: Any) -> None:
    bureau = await signed_in("ju", Role.BUREAU)
    await add(bureau, CENTRE)
    await add(bureau, TOWN)
    async with bureau.session.get(bureau.server.make_url("/places.xlsx")) as answer:
        content = await answer.read()
    book = load_workbook(io.BytesIO(content))
    book["站点"].append(["sw", "qingshi", "公共法律服务室", "上湾村", "0830-7654321"])
    book["人员"].append(["sw", "钱进", "人民调解员", "兼职", ""])

    async def sent(book: Any) -> str:
        out = io.BytesIO()
        book.save(out)
        form = FormData({"csrf": await bureau.token()})
        form.add_field("file", out.getvalue(), filename="站点.xlsx")
        await bureau.send("POST", "/places.xlsx", data=form)
        return str((await bureau.get("/places")).text)

    assert "已导入 3 个站点" in await sent(book)
    assert "钱进" in (await bureau.get("/places/sw")).text
    assert "09:00-12:00" in (await bureau.get("/places/qingshi/edit")).text
    book["站点"].append(["xw", "nowhere", "公共法律服务室", "下湾村"])
    page = await sent(book)
    assert "站点 第 5 行：没有代码为 nowhere 的站点" in page
    assert "下湾村" not in page
    form = FormData({"csrf": await bureau.token()})
    form.add_field("file", b"not a workbook", filename="x.xlsx")
    await bureau.send("POST", "/places.xlsx", data=form)
    assert "这不是 xlsx 表格" in (await bureau.get("/places")).text
