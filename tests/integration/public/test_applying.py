"""Applications from the public page: what is taken, what is refused, how often it counts."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest
from sqlalchemy import func, select

from hotline.casework import Case, events, services
from hotline.casework.fields import FieldType
from hotline.public import catalogue, forms
from hotline.public.face import Face
from hotline.store import Database, Outbox

AID = "/public/services/legal_aid/apply"
GOOD = {
    "caller_name": "张小兰",
    "phone": "13900001111",
    "matter": "civil",
    "title": "工地拖欠工资八个月",
    "means": "declared",
}


async def cases(database: Database) -> list[Case]:
    async with database.read() as session:
        return list(await session.scalars(select(Case).order_by(Case.id)))


@pytest.mark.each_database
async def test_an_application_opens_a_case_and_gives_number_and_code(
    visitor: Any, database: Database, face: Face
) -> None:
    one = visitor()
    answer = await one.apply(AID, GOOD)
    assert answer.status == 303, answer.text
    (case,) = await cases(database)
    assert answer.to == f"/public/cases/{case.number}"
    assert (case.service, case.channel, case.state) == ("legal_aid", "web", "reception")
    assert case.caller_number == "13900001111"
    receipt = await one.get(answer.to)
    assert case.number in receipt.text
    assert face.codes.code(case.number) in receipt.text


async def test_the_applicant_is_told_by_the_workflow(visitor: Any, database: Database) -> None:
    await visitor().apply(AID, GOOD)
    async with database.read() as session:
        told = list(await session.scalars(select(Outbox).where(Outbox.topic == "case.notice")))
    assert told[0].payload["recipient"] == "13900001111"


async def test_a_refused_form_names_field_reason_and_way_out_and_keeps_what_was_typed(
    visitor: Any, database: Database
) -> None:
    wrong = GOOD | {"phone": "不是号码", "caller_name": "", "title": "<b>欠薪</b>"}
    answer = await visitor().apply(AID, wrong)
    assert answer.status == 422
    assert "请填写电话号码，如 13900001111" in answer.text
    assert "请填写申请人" in answer.text
    assert 'href="#f-phone"' in answer.text
    assert 'value="不是号码"' in answer.text
    assert "&lt;b&gt;欠薪&lt;/b&gt;" in answer.text
    assert await cases(database) == []


async def test_the_question_is_not_asked_again_when_only_a_field_was_wrong(visitor: Any) -> None:
    answer = await visitor().apply(AID, GOOD | {"title": ""})
    assert answer.status == 422
    assert "一加一等于多少" not in answer.text


@pytest.mark.each_database
async def test_a_form_sent_twice_makes_one_case(visitor: Any, database: Database) -> None:
    one = visitor()
    from_page = (await one.get(AID)).text
    one.clock.advance(40)
    from_hidden = re.findall(
        r'<input type="hidden" name="([^"]+)" value="([^"]*)"', from_page.partition("<main")[2]
    )
    data = {**dict(from_hidden), "human_answer": "2", "agree": "1", **GOOD}
    first = await one.send("POST", AID, data=data)
    second = await one.send("POST", AID, data=data)
    assert first.to == second.to
    assert len(await cases(database)) == 1


@pytest.mark.each_database
async def test_a_form_sent_twice_at_the_same_moment_makes_one_case(
    visitor: Any, database: Database
) -> None:
    one = visitor()
    found = re.findall(
        r'<input type="hidden" name="([^"]+)" value="([^"]*)"',
        (await one.get(AID)).text.partition("<main")[2],
    )
    one.clock.advance(40)
    data = {**dict(found), "human_answer": "2", "agree": "1", **GOOD}
    answers = await asyncio.gather(*(one.send("POST", AID, data=data) for _ in range(3)))
    assert {answer.status for answer in answers} == {303}
    assert len({answer.to for answer in answers}) == 1
    assert len(await cases(database)) == 1


async def test_a_wrong_answer_a_quick_robot_and_a_filled_trap_are_doubted(
    visitor: Any, database: Database
) -> None:
    one = visitor()
    wrong = await one.apply(AID, GOOD | {"human_answer": "三"})
    assert "答案不对" in wrong.text
    trapped = await one.apply(AID, GOOD | {"website": "http://spam.example"})
    assert "自动填表" in trapped.text
    hurried = await one.post(AID, GOOD | {"human_answer": "二", "agree": "1"})
    assert "太快" in hurried.text
    assert await cases(database) == []


async def test_an_old_page_asks_anew_and_keeps_what_was_typed(visitor: Any) -> None:
    one = visitor()
    hidden = re.findall(
        r'<input type="hidden" name="([^"]+)" value="([^"]*)"',
        (await one.get(AID)).text.partition("<main")[2],
    )
    one.clock.advance(4 * 3600)
    data = {**dict(hidden), "human_answer": "二", "agree": "1", **GOOD}
    answer = await one.send("POST", AID, data=data)
    assert answer.status == 422
    assert "页面打开太久" in answer.text
    assert "工地拖欠工资八个月" in answer.text


async def test_without_agreement_nothing_is_kept(visitor: Any, database: Database) -> None:
    answer = await visitor().apply(AID, GOOD | {"agree": ""})
    assert "勾选同意" in answer.text
    assert await cases(database) == []


async def test_an_applicant_cannot_fill_in_what_staff_decide(
    visitor: Any, database: Database
) -> None:
    await visitor().apply(AID, GOOD | {"way": "appointed", "assignee_id": "wang", "grade": "fail"})
    (case,) = await cases(database)
    assert case.assignee_id is None
    assert "way" not in case.data
    assert "grade" not in case.data


async def test_a_place_must_be_one_of_the_list(visitor: Any, database: Database) -> None:
    path = "/public/services/lawyer_appointment/apply"
    good = {"caller_name": "李四", "title": "房子漏水", "place": "qingshi", "topic": "property"}
    refused = await visitor().apply(path, good | {"place": "nowhere"})
    assert "请从列表中选择" in refused.text
    taken = await visitor().apply(path, good)
    assert taken.status == 303
    (case,) = await cases(database)
    assert case.place == "qingshi"


async def test_a_message_is_a_ticket_with_its_24_hours_running(
    visitor: Any, database: Database, clock: Any
) -> None:
    answer = await visitor().apply(
        "/public/consult/message",
        {"title": "押金不退", "details": "租期满了，房东不退押金。", "phone": "13900001111"},
    )
    assert answer.status == 303
    (case,) = await cases(database)
    assert (case.service, case.channel) == ("ticket", "web")
    assert case.clocks["message"]["due"] > case.clocks["message"]["started"]
    hours = (case.due_at - clock.now()).total_seconds() / 3600
    assert hours <= 24


async def test_an_empty_message_is_refused_with_what_is_missing(
    visitor: Any, database: Database
) -> None:
    answer = await visitor().apply("/public/consult/message", {"phone": "13900001111"})
    assert answer.status == 422
    assert "请填写想问什么事" in answer.text
    assert 'value="13900001111"' in answer.text
    assert await cases(database) == []


async def test_who_wants_to_be_called_waits_for_the_call_back(
    visitor: Any, database: Database
) -> None:
    answer = await visitor().apply(
        "/public/consult/callback",
        {"phone": "0830-1234567", "callback_window": "morning", "title": "工伤认定"},
    )
    assert answer.status == 303, answer.text
    (case,) = await cases(database)
    assert case.state == "callback"
    assert case.caller_number == "08301234567"
    assert case.data["callback_window"] == "上午"
    async with database.read() as session:
        acts = [event.action for event in await events(session, case.id)]
    assert acts == ["open", "leave_for_callback"]


async def test_the_request_for_a_call_needs_a_number(visitor: Any, database: Database) -> None:
    answer = await visitor().apply("/public/consult/callback", {"callback_window": "any"})
    assert answer.status == 422
    assert "请填写联系电话" in answer.text
    async with database.read() as session:
        assert await session.scalar(select(func.count()).select_from(Case)) == 0


async def test_one_address_cannot_flood(visitor: Any) -> None:
    one = visitor()
    answers = [await one.apply(AID, GOOD | {"title": ""}) for _ in range(11)]
    # Each took 40 seconds: fifteen fit into ten minutes, ten are allowed.
    assert {a.status for a in answers[:10]} == {422}
    assert answers[-1].status == 429
    assert "12348" in answers[-1].text
    assert int(answers[-1].headers["Retry-After"]) > 0


async def test_a_service_for_staff_alone_is_not_there(visitor: Any) -> None:
    for code in ("self_inspection", "annual_target", "nothing"):
        assert (await visitor().get(f"/public/services/{code}")).status == 404
        assert (await visitor().get(f"/public/services/{code}/apply")).status == 404


@pytest.mark.parametrize(
    "code", [s.code for s in catalogue.listed(services.load()) if catalogue.takes_applications(s)]
)
async def test_every_form_refuses_with_field_and_reason_and_keeps_what_was_typed(
    code: str, visitor: Any, database: Database, face: Face
) -> None:
    path = f"/public/services/{code}/apply"
    fields = forms.with_contact(forms.opening_fields(face.desk.services.get(code)))
    typed = {"phone": "打不通的号码"} if any(f.name == "phone" for f in fields) else {}
    words = [f for f in fields if f.type in {FieldType.TEXT, FieldType.LONG_TEXT}]
    typed |= {f.name: "控制符\x07" for f in words[:1]}
    answer = await visitor().apply(path, typed)
    assert answer.status == 422
    assert "还差一点，请改正后再提交" in answer.text
    for field in fields:
        if field.required and field.when is None and field.name not in typed:
            assert f'href="#f-{field.name}"' in answer.text, field.name
            assert f"请填写{field.label}" in answer.text
    assert 'value="打不通的号码"' in answer.text or "phone" not in typed
    assert "含有看不见的控制字符" in answer.text
    assert await cases(database) == []


@pytest.mark.parametrize("code", ["special_group", "adviser", "village_visit", "publicity"])
async def test_what_nobody_applies_for_here_stands_in_the_catalogue_alone(
    code: str, visitor: Any, face: Face
) -> None:
    entry = face.desk.services.get(code).catalogue
    one = visitor()
    assert f"/public/services/{code}" in (await one.get("/public/services")).text
    page = (await one.get(f"/public/services/{code}")).text
    assert entry.counter in page
    assert entry.price_basis in page
    assert "网上申请" not in page
    assert (await one.get(f"/public/services/{code}/apply")).status == 403
