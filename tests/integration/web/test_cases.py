"""Cases of every service through the staff's pages: opened at the counter, acted on, looked at."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import func, select

import hotline.store.schema  # noqa: F401 - knows every package's tables
from agents.cases.names import naming
from agents.cases.routes import section as cases_section
from agents.persons.routes import section as persons_section
from agents.routes import section as agents_section
from hotline.casework import Case
from hotline.casework.windows import Choice
from hotline.clock import CHINA, ManualClock
from hotline.public.forms import Lists
from hotline.public.intake import Request, submit
from hotline.store import Database, Outbox
from hotline.tickets import CallFacts, shipped
from hotline.web.permissions import Role
from hotline.web.section import Section
from hotline.web.tables import AuditEntry


@pytest.fixture
def sections() -> list[Section]:
    return [agents_section, cases_section, persons_section]


MEDIATION = {
    "caller_name": "张建军",
    "phone": "13812345678",
    "other_party": "李四",
    "kind": "neighbour",
    "title": "宅基地滴水纠纷",
    "submission": "once",
}


async def opened(browser: Any, service: str, **form: str) -> str:
    answer = await browser.post(f"/cases/new/{service}", form)
    assert answer.status == 303, answer.text
    return str(answer.to.rsplit("/", 1)[1])


async def did(browser: Any, number: str, action: str, **form: str) -> None:
    answer = await browser.post(f"/cases/{number}/acts/{action}", form)
    assert answer.status == 303, re.sub(r"<[^>]+>", " ", answer.text)


@pytest.mark.usefixtures("county")
async def test_a_walk_in_is_registered_once_however_often_the_form_is_sent(
    signed_in: Any, database: Database
) -> None:
    bureau = await signed_in("ju", Role.BUREAU)
    assert "宅基地" not in (await bureau.get("/cases")).text
    first = await opened(bureau, "mediation", **MEDIATION)
    again = await opened(bureau, "mediation", **MEDIATION)
    assert first == again
    async with database.read() as session:
        case = await session.scalar(select(Case).where(Case.number == first))
        assert await session.scalar(select(func.count()).select_from(Case)) == 1
    assert case is not None
    assert (case.channel, case.caller_number) == ("counter", "13812345678")
    assert "宅基地滴水纠纷" in (await bureau.get("/cases?service=mediation")).text


@pytest.mark.usefixtures("county")
async def test_a_refused_form_keeps_what_was_typed_and_names_the_field(signed_in: Any) -> None:
    bureau = await signed_in("ju", Role.BUREAU)
    answer = await bureau.post("/cases/new/mediation", {**MEDIATION, "phone": "abc", "title": ""})
    assert answer.status == 422
    assert "请填写电话号码" in answer.text
    assert "张建军" in answer.text
    assert 'value="once"' in answer.text


@pytest.mark.usefixtures("county")
async def test_personal_data_is_hidden_until_somebody_asks_on_the_record(
    signed_in: Any, database: Database
) -> None:
    bureau = await signed_in("ju", Role.BUREAU)
    number = await opened(bureau, "mediation", **MEDIATION)
    page = (await bureau.get(f"/cases/{number}")).text
    assert "13812345678" not in page
    assert "张建军" not in page
    shown = (await bureau.post(f"/cases/{number}/reveal")).text
    assert "13812345678" in shown
    assert "张建军" in shown
    async with database.read() as session:
        actions = set(await session.scalars(select(AuditEntry.action)))
    assert {"case.open", "case.see", "case.reveal"} <= actions


@pytest.mark.usefixtures("county")
async def test_two_people_save_one_case_and_the_later_one_decides(signed_in: Any) -> None:
    bureau, station = await signed_in("ju", Role.BUREAU), await signed_in("ban", Role.BUREAU)
    form = {
        "kind": "village",
        "place": "shangwan",
        "adviser_name": "王晓梅",
        "adviser_kind": "lawyer",
        "licence_until": "2027-05-31",
        "contract_until": "2027-12-31",
        "submission": "a",
    }
    number = await opened(bureau, "adviser", **form)
    await did(bureau, number, "confirm")
    page = (await bureau.get(f"/cases/{number}/acts/renew")).text
    revision = re.search(r'name="revision" value="(\d+)"', page)
    assert revision is not None
    seen = {"revision": revision[1], "licence_until": "2028-05-31"}
    await did(station, number, "renew", **seen, contract_until="2029-12-31", submission="s")
    late = {**seen, "contract_until": "2030-12-31", "submission": "l"}
    answer = await bureau.post(f"/cases/{number}/acts/renew", late)
    assert answer.status == 409
    assert "2030-12-31" in answer.text
    assert "别人改成了：<b>2029-12-31</b>" in answer.text
    shown = re.search(r'name="revision" value="(\d+)"', answer.text)
    assert shown is not None
    await did(bureau, number, "renew", **{**late, "revision": shown[1], "submission": "m"})
    assert "2030-12-31" in (await bureau.get(f"/cases/{number}")).text


@pytest.mark.usefixtures("county")
async def test_nobody_is_booked_twice_at_one_time(signed_in: Any) -> None:
    bureau = await signed_in("ju", Role.BUREAU)
    numbers = [
        await opened(bureau, "lawyer_appointment", caller_name=name, title="继承", submission=name)
        for name in ("甲某", "乙某")
    ]
    wanted = {"assignee_id": "wang", "appointment_at": "2026-11-25T09:00"}
    await did(bureau, numbers[0], "book", **wanted)
    refused = await bureau.post(f"/cases/{numbers[1]}/acts/book", {**wanted, "way": "video"})
    assert refused.status == 422
    assert "这个时间已经有预约" in refused.text
    assert "2026-11-25T09:00" in refused.text
    calendar = await bureau.get(
        "/cases/slots/lawyer_appointment?whose=assignee_id:wang&day=2026-11-25"
    )
    assert "09:00 已约" in calendar.text
    await did(bureau, numbers[0], "cancel", note="来电取消")
    await did(bureau, numbers[1], "book", **wanted)


@pytest.mark.usefixtures("county")
async def test_a_station_opens_its_own_window_and_sees_what_was_booked_in_it(
    signed_in: Any, database: Database, clock: ManualClock
) -> None:
    station = await signed_in("zhan", Role.STATION, organisation="qingshi")
    path = "/cases/slots/lawyer_appointment"
    wrong = await station.post(path, {"place": "qingshi", "days": "wed", "hours": "九点"})
    assert wrong.status == 422
    assert "时段应写成" in wrong.text
    assert "九点" in wrong.text
    elsewhere = await station.post(
        path, {"place": "district", "days": "wed", "hours": "09:00-10:00"}
    )
    assert elsewhere.status == 403
    good = {"place": "qingshi", "days": "wed", "hours": "09:00—10:00、14:00-15:00"}
    none = await station.post(path, good | {"capacity": "0"})
    assert none.status == 422
    assert "请填 1 到 50 的数" in none.text
    assert (await station.post(path, good | {"capacity": "2"})).status == 303
    week = f"{path}?whose=organisation_id:qingshi&day=2026-11-25"
    assert "09:30 网上可约 ×2" in (await station.get(week)).text
    desk = shipped().desk
    async with database.write() as session:
        given = {"caller_name": "张小兰", "title": "房屋漏水"}
        choice = Choice("qingshi", datetime(2026, 11, 25, 9, 30, tzinfo=CHINA))
        asked = Request("lawyer_appointment", given, "mark-0001", choice=choice)
        case = await submit(desk, session, asked, Lists(), clock.now())
    page = (await station.get(week)).text
    assert "09:30 已约" in page
    assert re.search(r"09:30 网上可约\s*<", page), "one counter is left"
    assert f"/cases/{case.number}" in page
    assert (await station.post(path, {"place": "qingshi", "close": "1"})).status == 303
    page = (await station.get(week)).text
    assert "网上可约" not in page
    assert "09:30 已约" in page


@pytest.mark.usefixtures("county")
async def test_notices_and_documents_name_people_and_places(
    signed_in: Any, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shipped().desk, "names", naming)
    bureau = await signed_in("ju", Role.BUREAU)
    await opened(
        bureau,
        "village_visit",
        assignee_id="wang",
        place="shangwan",
        planned_on="2026-12-01",
        submission="v",
    )
    async with database.read() as session:
        rows = await session.scalars(select(Outbox).where(Outbox.topic == "case.notice"))
        texts = [row.payload["text"] for row in rows]
    assert any("到 上湾村 开展" in text for text in texts), texts


@pytest.mark.usefixtures("county")
async def test_a_station_sees_its_own_part_of_the_tree(signed_in: Any) -> None:
    bureau = await signed_in("ju", Role.BUREAU)
    station = await signed_in("zhan", Role.STATION, organisation="qingshi")
    there = await opened(bureau, "mediation", **MEDIATION, place="shangwan")
    elsewhere = await opened(
        bureau, "mediation", **{**MEDIATION, "submission": "b"}, place="district"
    )
    assert (await station.get(f"/cases/{there}")).status == 200
    assert (await station.get(f"/cases/{elsewhere}")).status == 404
    listed = (await station.get("/cases")).text
    assert there in listed
    assert elsewhere not in listed


@pytest.mark.usefixtures("county")
async def test_a_special_group_record_is_for_its_officer_and_the_bureau(signed_in: Any) -> None:
    officer = await signed_in("zhan", Role.STATION, organisation="qingshi")
    other = await signed_in("bie", Role.STATION, organisation="qingshi")
    leader = await signed_in("banzhang", Role.SUPERVISOR)
    number = await opened(
        officer, "special_group", caller_name="赵六", kind="released", submission="x"
    )
    assert (await officer.get(f"/cases/{number}")).status == 200
    assert (await other.get(f"/cases/{number}")).status == 404
    assert (await leader.get(f"/cases/{number}")).status == 404
    assert number not in (await leader.get("/cases?tab=all")).text


@pytest.mark.usefixtures("county")
async def test_gaps_of_coverage_and_the_hours_of_a_month(
    signed_in: Any, clock: ManualClock
) -> None:
    assert clock.now().year == 2026
    bureau = await signed_in("ju", Role.BUREAU)
    number = await opened(
        bureau,
        "adviser",
        kind="village",
        place="shangwan",
        adviser_name="王晓梅",
        adviser_kind="lawyer",
        licence_until="2027-05-31",
        contract_until="2027-12-31",
        submission="a",
    )
    await did(bureau, number, "confirm")
    page = (await bureau.get("/cases/coverage/adviser")).text
    assert "50.0%" in page
    assert page.count('class="tile gap"') == 1
    visit = await opened(
        bureau, "village_visit", place="shangwan", assignee_id="wang", planned_on="2026-11-24"
    )
    lawyer = await signed_in("wangxm", Role.LAWYER, agent_id="wang")
    station = await signed_in("zhan", Role.STATION, organisation="qingshi")
    await did(lawyer, visit, "arrive", visited_on="2026-11-24")
    await did(lawyer, visit, "record", hours="3.5", work="lecture", record="讲座", served="40")
    await did(station, visit, "verify", adviser_kind="lawyer")
    totals = (await bureau.get("/cases/totals/village_visit?month=2026-11")).text
    assert "上湾村" in totals
    assert "3.5" in totals


@pytest.mark.usefixtures("county")
async def test_pages_of_services_answer_and_unknown_ones_are_not_there(signed_in: Any) -> None:
    bureau = await signed_in("ju", Role.BUREAU)
    for path in (
        "/cases/new",
        "/cases/calendar/publicity",
        "/cases/calendar/publicity?month=2026-12&lane=wechat",
        "/cases/totals/publicity",
        "/cases/slots/notary",
        "/cases?service=special_group&tab=due",
    ):
        assert (await bureau.get(path)).status == 200, path
    for path in ("/cases/coverage/notary", "/cases/calendar/nothing", "/cases/1"):
        assert (await bureau.get(path)).status == 404, path
    lawyer = await signed_in("lv", Role.LAWYER, agent_id="wang")
    assert (await lawyer.get("/cases/new/special_group")).status == 403


@pytest.mark.usefixtures("county")
async def test_what_callers_ask_most_is_a_choice_for_publicity(
    signed_in: Any, database: Database, clock: ManualClock
) -> None:
    bureau = await signed_in("ju", Role.BUREAU)
    facts = [
        CallFacts(f"1.{n}", "13900001111", clock.now(), topic="wages" if n else "lending")
        for n in range(3)
    ]
    async with database.write() as session:
        await shipped().open_for_calls(session, facts, clock.now())
    page = (await bureau.get("/cases/calendar/publicity")).text
    hot = page.partition("近 30 天热线热点")[2]
    assert hot.index("2 件工单") < hot.index("1 件工单")
    assert "还没有内容" in hot
    form = (await bureau.get("/cases/new/publicity?topic=wages")).text
    assert '<option value="wages" selected>' in form
    await opened(
        bureau,
        "publicity",
        title="欠薪怎么讨",
        kind="article",
        topic="wages",
        publish_on="2026-11-30",
        submission="p",
    )
    assert "已有 1 篇" in (await bureau.get("/cases/calendar/publicity")).text


@pytest.mark.usefixtures("county")
async def test_an_act_that_is_sent_twice_acts_once(signed_in: Any) -> None:
    bureau = await signed_in("ju", Role.BUREAU)
    number = await opened(bureau, "lawyer_appointment", caller_name="甲某", title="继承")
    sent = {"note": "来电取消", "submission": "once-only"}
    await did(bureau, number, "cancel", **sent)
    again = await bureau.post(f"/cases/{number}/acts/cancel", sent)
    assert again.to == f"/cases/{number}"
    assert (await bureau.get(f"/cases/{number}")).text.count("：取消") == 1


@pytest.mark.usefixtures("county")
async def test_who_did_the_step_before_reads_that_another_must_do_the_next(
    signed_in: Any, database: Database
) -> None:
    bureau, other = await signed_in("ju", Role.BUREAU), await signed_in("ban", Role.BUREAU)
    form = {"caller_name": "张某", "phone": "13900001111", "matter": "civil"}
    number = await opened(bureau, "legal_aid", **form, title="欠薪", means="declared")
    async with database.write() as session:
        case = (await session.scalars(select(Case).where(Case.number == number))).one()
        case.state, case.acts = "subsidy", {"assess": ["ju", 1]}
    page = (await bureau.get(f"/cases/{number}")).text
    assert "“审核补贴”要由另一人办理" in page
    refused = await bureau.get(f"/cases/{number}/acts/approve_subsidy")
    assert refused.status == 403
    assert "要由另一人办理，您已办过前一步" in refused.text
    assert "要由另一人办理" not in (await other.get(f"/cases/{number}")).text
    assert (await other.get(f"/cases/{number}/acts/approve_subsidy")).status == 200
    # What the case is past is nobody's lack of rights.
    assert (await other.get(f"/cases/{number}/acts/grant")).status == 409


@pytest.mark.usefixtures("county")
async def test_the_record_tells_what_was_filled_in_and_why(signed_in: Any) -> None:
    bureau = await signed_in("ju", Role.BUREAU)
    form = {"caller_name": "周某", "phone": "13900001111", "kind": "dna", "title": "亲子鉴定"}
    number = await opened(bureau, "forensic", **form)
    moved = {"appointment_at": "2026-11-25T10:00", "note": "鉴定人外出"}
    assert (await bureau.post(f"/cases/{number}/acts/move", moved)).status == 303
    page = (await bureau.get(f"/cases/{number}")).text
    assert "预约时间：2026-11-25 10:00；鉴定人外出" in page
