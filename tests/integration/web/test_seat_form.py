"""The ticket beside the call: saved as one types, merged field by field."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from sqlalchemy import select, update

import hotline.store.schema  # noqa: F401 - knows every package's tables
from agents.routes import section as agents_section
from agents.tables import AgentTable, PresenceTable
from hotline.calls.tables import CallTable
from hotline.casework import Case
from hotline.clock import ManualClock
from hotline.routing.people import Presence
from hotline.routing.tables import OfferTable
from hotline.store import Database
from hotline.tickets import CallFacts, shipped
from hotline.web.permissions import Role
from hotline.web.section import Section
from hotline.web.tables import AuditEntry
from knowledge_base.routes import section as knowledge_section

NUMBER = "13812345678"


@pytest.fixture
def sections() -> list[Section]:
    return [agents_section, knowledge_section]


@pytest.fixture
async def ticket(database: Database, clock: ManualClock) -> str:
    """Wang talks with a caller about wages; Zhao is there too. Returns the ticket's number."""
    now = clock.now()
    async with database.write() as session:
        for name in ("wang", "zhao"):
            session.add(
                AgentTable(id=name, staff_no=name, name=name, kind="lawyer", endpoint="PJSIP/x")
            )
            await session.flush()
            session.add(PresenceTable(agent_id=name, state=Presence.BUSY, since=now))
        call = CallTable(
            id="1.1",
            number=NUMBER,
            topic="wages",
            menu_path=["1"],
            started_at=now,
            waiting_since=now,
            answered_at=now,
            agent_id="wang",
        )
        session.add(call)
        await session.flush()
        case_id = await shipped().open_for_call(
            session, CallFacts("1.1", NUMBER, now, topic="wages"), now
        )
        session.add(
            OfferTable(
                id="o1",
                call_id="1.1",
                agent_id="wang",
                made_at=now,
                ended_at=now,
                outcome="answered",
                reason_code="skill",
                words="专长相符",
                detail={},
            )
        )
        return str((await session.get_one(Case, case_id)).number)


async def save(browser: Any, ticket: str, **changes: tuple[str, Any]) -> Any:
    body = {"changes": {name: {"was": was, "now": now} for name, (was, now) in changes.items()}}
    return await raw(browser, ticket, json.dumps(body))


async def raw(browser: Any, ticket: str, body: str, token: str | None = None) -> Any:
    token = await browser.token() if token is None else token
    headers = {"X-CSRF-Token": token, "X-Fragment": "1", "Content-Type": "application/json"}
    data = io.BytesIO(body.encode())
    answer = await browser.send("POST", f"/seat/tickets/{ticket}", data=data, headers=headers)
    answer.json = json.loads(answer.text)
    return answer


async def case_of(database: Database, ticket: str) -> Case:
    async with database.read() as session:
        return (await session.scalars(select(Case).where(Case.number == ticket))).one()


async def test_what_is_typed_is_saved_field_by_field(
    signed_in: Any, ticket: str, database: Database
) -> None:
    wang = await signed_in("wangli", Role.LAWYER, agent_id="wang")
    page = (await wang.get("/seat")).text
    assert "data-sheet-form" in page
    answer = await save(wang, ticket, title=("", "拖欠工资"), special_group=("", ["migrant"]))
    assert answer.status == 200
    assert sorted(answer.json["saved"]) == ["special_group", "title"]
    case = await case_of(database, ticket)
    assert case.title == "拖欠工资"
    assert case.data["special_group"] == ["migrant"]
    assert case.state == "accepted"
    async with database.read() as session:
        looks = select(AuditEntry).where(AuditEntry.action == "ticket.fill")
        assert len(list(await session.scalars(looks))) == 1


async def test_two_savers_of_different_fields_disturb_nobody(
    signed_in: Any, ticket: str, database: Database
) -> None:
    wang = await signed_in("wangli", Role.LAWYER, agent_id="wang")
    boss = await signed_in("boss", Role.LAWYER, Role.SUPERVISOR, agent_id="zhao")
    await save(boss, ticket, demand=("", "付清工资"))
    answer = await save(wang, ticket, title=("", "拖欠工资"))
    assert answer.json["theirs"] == {}
    assert answer.json["values"]["demand"] == "付清工资"


async def test_two_savers_of_one_field_see_each_other(
    signed_in: Any, ticket: str, database: Database
) -> None:
    wang = await signed_in("wangli", Role.LAWYER, agent_id="wang")
    boss = await signed_in("boss", Role.LAWYER, Role.SUPERVISOR, agent_id="zhao")
    await save(boss, ticket, title=("", "欠薪"), urgency=("normal", "urgent"))
    answer = await save(
        wang, ticket, title=("", "拖欠工资"), urgency=("normal", "emergency"), demand=("", "付钱")
    )
    assert answer.json["saved"] == ["demand"]
    assert answer.json["theirs"] == {
        "title": {"value": "欠薪", "words": "欠薪"},
        "urgency": {"value": "urgent", "words": "紧急"},
    }
    assert (await case_of(database, ticket)).title == "欠薪"
    # Mine, knowing theirs.
    settled = await save(wang, ticket, title=("欠薪", "拖欠工资"))
    assert settled.json["saved"] == ["title"]


async def test_the_same_words_twice_are_no_quarrel(signed_in: Any, ticket: str) -> None:
    wang = await signed_in("wangli", Role.LAWYER, agent_id="wang")
    await save(wang, ticket, title=("", "拖欠工资"))
    again = await save(wang, ticket, title=("", "拖欠工资"))
    assert again.json["saved"] == ["title"]
    assert again.json["theirs"] == {}


async def test_one_wrong_field_keeps_no_other_back(
    signed_in: Any, ticket: str, database: Database
) -> None:
    wang = await signed_in("wangli", Role.LAWYER, agent_id="wang")
    answer = await save(
        wang,
        ticket,
        amount=("", "一万二"),
        title=("", "拖欠工资"),
        limitation_deadline=("", "明天"),
        state=("", "archived"),
    )
    assert answer.json["saved"] == ["title"]
    assert set(answer.json["problems"]) == {"amount", "limitation_deadline", "state"}
    assert "刷新" in answer.json["problems"]["state"]
    case = await case_of(database, ticket)
    assert (case.title, case.state) == ("拖欠工资", "accepted")
    assert "amount" not in case.data


async def test_a_huge_paste_is_told_at_its_field(
    signed_in: Any, ticket: str, database: Database
) -> None:
    wang = await signed_in("wangli", Role.LAWYER, agent_id="wang")
    answer = await save(wang, ticket, details=("", "工" * 60_000), title=("", "拖欠工资"))
    assert answer.json["saved"] == ["title"]
    assert "details" in answer.json["problems"]
    beyond = await raw(wang, ticket, json.dumps({"changes": {"details": "工" * 2_000_000}}))
    assert beyond.status == 413
    assert "1 MB" in beyond.json["message"]


@pytest.mark.parametrize(
    "body", ["", "[]", "{", '{"changes": {"title": 1}}', '{"changes": {}, "state": "archived"}']
)
async def test_what_is_no_form_is_refused(signed_in: Any, ticket: str, body: str) -> None:
    wang = await signed_in("wangli", Role.LAWYER, agent_id="wang")
    answer = await raw(wang, ticket, body)
    assert answer.status == 422
    assert "刷新" in answer.json["message"]


MARKUP = '</textarea><script>alert(1)</script>"><img src=x onerror=alert(1)>'


async def test_markup_in_any_field_stays_text(signed_in: Any, ticket: str) -> None:
    wang = await signed_in("wangli", Role.LAWYER, agent_id="wang")
    texts = ("details", "demand", "answer", "risk", "evidence", "other_party", "referral")
    await save(wang, ticket, **dict.fromkeys(texts, ("", MARKUP)), title=("", MARKUP[:60]))
    page = (await wang.get("/seat")).text
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert page.count("&lt;script&gt;alert") >= len(texts)


async def test_a_form_without_its_token_is_refused(
    signed_in: Any, ticket: str, database: Database
) -> None:
    wang = await signed_in("wangli", Role.LAWYER, agent_id="wang")
    body = json.dumps({"changes": {"title": {"was": "", "now": "伪造"}}})
    answer = await raw(wang, ticket, body, token="forged")
    assert answer.status == 403
    assert answer.json["error_id"] == "csrf"
    assert "刷新" in answer.json["message"]
    assert (await case_of(database, ticket)).title is None


async def test_others_tickets_are_not_there(signed_in: Any, ticket: str) -> None:
    zhao = await signed_in("zhaoqiang", Role.LAWYER, agent_id="zhao")
    assert (await save(zhao, ticket, title=("", "别人的"))).status == 404
    assert (await zhao.get(f"/seat/tickets/{ticket}")).status == 404
    reviewer = await signed_in("zhijian", Role.REVIEWER, agent_id="wang")
    assert (await save(reviewer, ticket, title=("", "别的角色"))).status == 403


async def test_a_session_that_is_over_is_told_as_such(signed_in: Any, ticket: str) -> None:
    wang = await signed_in("wangli", Role.LAWYER, agent_id="wang")
    token = await wang.token()
    wang.session.cookie_jar.clear()
    answer = await raw(
        wang, ticket, json.dumps({"changes": {"title": {"was": "", "now": "x"}}}), token
    )
    assert answer.status == 401
    assert "重新登录" in answer.json["message"]


async def test_the_whole_number_is_shown_on_the_record(
    signed_in: Any, ticket: str, database: Database
) -> None:
    wang = await signed_in("wangli", Role.LAWYER, agent_id="wang")
    assert NUMBER not in (await wang.get("/seat")).text
    assert (await wang.post(f"/seat/tickets/{ticket}/number")).text == NUMBER
    async with database.read() as session:
        query = select(AuditEntry).where(AuditEntry.action == "number.reveal")
        assert (await session.scalars(query)).one().subject_id == ticket


async def test_a_last_day_is_reckoned(signed_in: Any, ticket: str) -> None:
    wang = await signed_in("wangli", Role.LAWYER, agent_id="wang")
    answer = json.loads((await wang.get("/seat/limitation?rule=labour&since=2025-11-27")).text)
    assert answer["last"] == "2026-11-27"
    assert answer["near"] is True
    assert answer["cite"] == "劳动争议调解仲裁法 第二十七条"
    assert (await wang.get("/seat/limitation?rule=labour&since=x")).status == 422
    assert (await wang.get("/seat/limitation?rule=none&since=2025-11-27")).status == 404


async def test_before_the_first_word_the_seat_says_what_to_take_care_of(
    signed_in: Any, ticket: str, database: Database, clock: ManualClock
) -> None:
    now = clock.now()
    async with database.write() as session:
        await session.execute(update(Case).where(Case.number == ticket).values(confidential=False))
        for n, values in enumerate(({"confidential": True}, {"solved": 2}, {})):
            await session.flush()
            session.add(
                CallTable(id=f"old{n}", number=NUMBER, topic="wages", menu_path=[], started_at=now)
            )
            await session.flush()
            facts = CallFacts(f"old{n}", NUMBER, now)
            old = await session.get_one(Case, await shipped().open_for_call(session, facts, now))
            for name, value in values.items():
                setattr(old, name, value)
            if not values:
                old.data = {"limitation_deadline": "2026-11-27", "special_group": ["migrant"]}
                old.title = "工资没结清"
    page = (await (await signed_in("wangli", Role.LAWYER, agent_id="wang")).get("/seat")).text
    assert "先问：现在方便说话吗？" in page
    assert "上次没有解决" in page
    assert "工资没结清：11 月 27 日届满，还剩 3 天" in page
    assert "农民工" in page


async def test_the_ticket_stays_through_the_wrap_up_and_leaves_the_stage_after_it(
    signed_in: Any, ticket: str, database: Database, clock: ManualClock
) -> None:
    wang = await signed_in("wangli", Role.LAWYER, agent_id="wang")
    for state, there in ((Presence.WRAPUP, True), (Presence.READY, False)):
        async with database.write() as session:
            call = await session.get_one(CallTable, "1.1")
            call.talk_ended_at = call.ended_at = clock.now()
            presence = await session.get_one(PresenceTable, "wang")
            presence.state = state
        page = (await wang.get("/seat")).text
        assert ("data-sheet-form" in page) is there
        assert ('data-id="wrap-up"' in page) is there
        assert ticket in page


async def test_filling_the_form_is_one_step_of_the_tickets_way(
    signed_in: Any, ticket: str, clock: ManualClock
) -> None:
    wang = await signed_in("wangli", Role.LAWYER, agent_id="wang")
    boss = await signed_in("boss", Role.SUPERVISOR)
    for n, word in enumerate("拖欠工资"):
        await save(wang, ticket, **{("title", "demand", "answer", "risk")[n]: ("", word)})
        clock.advance(60)
    page = (await boss.get(f"/tickets/{ticket}")).text
    assert page.count("wang：记录") == 1
