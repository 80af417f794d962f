"""Acts during a call, as the seat's and the supervisor's pages ask for them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import select

import hotline.store.schema  # noqa: F401 - knows every package's tables
from agents.routes import section as agents_section
from agents.tables import AgentTable, PresenceTable
from agents.talks import jobs
from agents.talks.routes import section as talks_section
from hotline.calls.tables import CallTable
from hotline.casework import Case
from hotline.clock import ManualClock
from hotline.jobs import Job
from hotline.routing.people import Presence
from hotline.routing.tables import PresenceWishTable
from hotline.store import Database, Outbox
from hotline.talks.state import Party, PartyKind, Place, Talk
from hotline.talks.tables import (
    BroadcastTable,
    CallOrderTable,
    DialledTable,
    EmergencyTable,
    TalkTable,
)
from hotline.tickets import CallFacts, shipped
from hotline.web.live import projected
from hotline.web.permissions import Role
from hotline.web.section import Section
from hotline.web.tables import AuditEntry
from hotline.web.viewer import Viewer

CALL = "1790000000.1"


@pytest.fixture
def sections() -> list[Section]:
    return [talks_section, agents_section]


@pytest.fixture
async def talking(database: Database, clock: ManualClock) -> None:
    """Wang talks with a caller; Zhao is free; somebody else waits."""
    now = clock.now()
    async with database.write() as session:
        for number, (name, state) in enumerate((("wang", "busy"), ("zhao", "ready"))):
            session.add(
                AgentTable(
                    id=name,
                    staff_no=f"10{number}",
                    name=f"{name}敏",
                    kind="lawyer",
                    endpoint=f"PJSIP/{name}",
                    skills={"wages": 3},
                )
            )
            await session.flush()
            session.add(PresenceTable(agent_id=name, state=Presence(state), since=now))
        for call_id, agent in ((CALL, "wang"), ("1790000000.9", None)):
            session.add(
                CallTable(
                    id=call_id,
                    number="13812345678",
                    topic="wages",
                    menu_path=["1"],
                    started_at=now,
                    waiting_since=now,
                    answered_at=now if agent else None,
                    agent_id=agent,
                )
            )
        await session.flush()
        await shipped().open_for_call(session, CallFacts(CALL, "13812345678", now), now)


async def orders(database: Database) -> list[CallOrderTable]:
    async with database.read() as session:
        return list(await session.scalars(select(CallOrderTable).order_by(CallOrderTable.id)))


async def audited(database: Database, action: str) -> list[AuditEntry]:
    async with database.read() as session:
        return list(await session.scalars(select(AuditEntry).where(AuditEntry.action == action)))


async def test_a_seat_asks_and_the_same_key_asks_once(
    signed_in: Any, talking: None, database: Database
) -> None:
    wang = await signed_in("wangli", Role.LAWYER, agent_id="wang")
    asked = {"target": "agent:zhao", "key": "tab1-7"}
    first = await wang.post("/seat/call/consult", asked)
    again = await wang.post("/seat/call/consult", asked)
    assert (first.status, again.status) == (202, 202)
    assert json.loads(first.text) == json.loads(again.text)
    (row,) = await orders(database)
    assert (row.call_id, row.agent_id, row.kind, row.target) == (
        CALL,
        "wang",
        "consult",
        "agent:zhao",
    )
    assert await audited(database, "call.consult")


@pytest.mark.parametrize(
    ("kind", "form", "status"),
    [
        ("pause_recording", {}, 422),
        ("transfer", {"target": "mars:1"}, 422),
        ("consult", {"target": "topic:wages"}, 422),
        ("hold", {"target": "agent:zhao"}, 422),
        ("hold", {"call": "1; DROP"}, 422),
        ("emergency", {"reason": "a\nb"}, 422),
        ("emergency", {"reason": "字" * 201}, 422),
        ("listen", {}, 404),
        ("nonsense", {}, 404),
        ("dial", {"target": "number:"}, 422),
        ("dial", {"target": "case:999"}, 404),
    ],
)
@pytest.mark.usefixtures("talking")
async def test_what_could_never_be_right_is_refused_in_words(
    signed_in: Any,
    database: Database,
    kind: str,
    form: dict[str, str],
    status: int,
) -> None:
    wang = await signed_in("wangli", Role.LAWYER, agent_id="wang")
    answer = await wang.post(f"/seat/call/{kind}", form, Accept="application/json")
    assert answer.status == status
    assert json.loads(answer.text)["message"]
    assert await orders(database) == []


async def test_who_has_no_seat_and_who_forges_gets_nothing(
    signed_in: Any, talking: None, database: Database
) -> None:
    boss = await signed_in("boss", Role.SUPERVISOR)
    assert (await boss.post("/seat/call/hold")).status == 403
    wang = await signed_in("wangli", Role.LAWYER, agent_id="wang")
    assert (await wang.send("POST", "/seat/call/hold", data={"csrf": "made up"})).status == 403
    assert (await wang.post("/wallboard/call/listen", {"call": CALL})).status == 403
    assert (await wang.post("/wallboard/broadcast", {"words": "x"})).status == 403
    assert await orders(database) == []


async def test_the_state_and_the_choices_of_a_seat(signed_in: Any, talking: None) -> None:
    wang = await signed_in("wangli", Role.LAWYER, agent_id="wang")
    state = json.loads((await wang.get("/seat/talk.json")).text)
    assert state["call_id"] == CALL
    assert [p["id"] for p in state["parties"]] == ["caller", "wang"]
    assert "hold" in state["can"]
    assert "unhold" not in state["can"]
    found = json.loads((await wang.get("/seat/targets.json")).text)
    assert found["agents"] == [
        {"target": "agent:zhao", "words": "zhao敏律师", "detail": "劳动报酬", "free": True}
    ]
    assert "outside:110" in [one["target"] for one in found["outside"]]
    zhao = await signed_in("zhaomin", Role.LAWYER, agent_id="zhao")
    idle = json.loads((await zhao.get("/seat/talk.json")).text)
    assert (idle["call_id"], idle["can"]) == (None, ["dial"])


async def test_who_is_asked_into_a_talk_sees_who_asked_and_what_about(
    signed_in: Any, talking: None, database: Database, clock: ManualClock
) -> None:
    zhao = await signed_in("zhaomin", Role.LAWYER, agent_id="zhao")
    assert "正在参加的通话" not in (await zhao.get("/seat")).text
    talk = Talk(CALL, "wang", "wang敏律师", clock.now(), place=Place.HOLD)
    talk.parties["p1"] = Party("p1", PartyKind.AGENT, "zhao敏律师", "c", "zhao", talking=True)
    async with database.write() as session:
        state = talk.shown()
        session.add(TalkTable(call_id=CALL, agent_id="wang", state=state, changed_at=clock.now()))
    told = json.loads((await zhao.get("/seat/talk.json")).text)
    assert (told["call_id"], told["third"], told["asked_by"]) == (CALL, "p1", "wang敏律师")
    assert told["can"] == ["hangup"]
    shown = (await zhao.get("/seat")).text
    assert "wang敏律师请您先商量" in shown
    assert "劳动报酬" in shown
    assert "13812345678" not in shown
    assert (await zhao.post("/seat/call/hangup", {"call": CALL})).status == 202
    (row,) = await orders(database)
    assert (row.call_id, row.agent_id, row.kind) == (CALL, "zhao", "hangup")
    other = await signed_in("qian", Role.LAWYER, agent_id="wang")
    assert "正在参加的通话" not in (await other.get("/seat")).text


async def test_a_ticket_is_called_back_by_a_click_without_its_number_in_the_audit(
    signed_in: Any, talking: None, database: Database
) -> None:
    wang = await signed_in("wangli", Role.LAWYER, agent_id="wang")
    async with database.write() as session:
        case = await session.scalar(select(Case).where(Case.call_id == CALL))
        assert case is not None
        case.assignee_id = "wang"
        case_id = case.id
    assert (await wang.post("/seat/call/dial", {"target": f"case:{case_id}"})).status == 202
    (row,) = await orders(database)
    assert row.target == "number:13812345678"
    async with database.read() as session:
        kept = await session.get(DialledTable, f"dial-{row.id}")
    assert kept is not None
    assert (kept.case_id, kept.agent_id) == (case_id, "wang")
    (entry,) = await audited(database, "call.dial")
    assert "138" not in json.dumps(entry.detail)


async def test_listening_needs_a_basis_and_leaves_a_mark(
    signed_in: Any, talking: None, database: Database
) -> None:
    boss = await signed_in("boss", Role.SUPERVISOR, agent_id="zhao", name="周班长")
    refused = await boss.post("/wallboard/call/listen", {"call": CALL}, Accept="application/json")
    assert refused.status == 422
    assert await audited(database, "call.listen") == []
    form = {"call": CALL, "basis": "coaching"}
    assert (await boss.post("/wallboard/call/listen", form)).status == 303
    (entry,) = await audited(database, "call.listen")
    assert (entry.subject_id, entry.detail["basis"]) == (CALL, "coaching")
    (row,) = await orders(database)
    assert row.by.endswith(":周班长")
    assert "带教" in row.reason


async def test_a_supervisor_without_a_telephone_is_told_so(signed_in: Any, talking: None) -> None:
    boss = await signed_in("boss", Role.SUPERVISOR)
    form = {"call": CALL, "basis": "coaching"}
    answer = await boss.post("/wallboard/call/listen", form, Accept="application/json")
    assert answer.status == 422
    assert "绑定" in answer.text


async def test_a_state_is_forced_with_a_reason_that_the_person_sees(
    signed_in: Any, talking: None, database: Database
) -> None:
    boss = await signed_in("boss", Role.SUPERVISOR, name="周班长")
    form = {"agent": "zhao"}
    assert (
        await boss.post("/wallboard/agent/paused", form, Accept="application/json")
    ).status == 422
    assert (await boss.post("/wallboard/agent/paused", form | {"reason": "协助窗口"})).status == 303
    async with database.read() as session:
        (wish,) = await session.scalars(select(PresenceWishTable))
    assert (wish.agent_id, wish.wish, wish.reason) == ("zhao", "paused", "协助窗口（班长周班长）")
    assert await audited(database, "presence.force")


async def test_a_broadcast_stands_until_each_seat_has_read_it(
    signed_in: Any, talking: None, database: Database
) -> None:
    boss = await signed_in("boss", Role.SUPERVISOR, name="周班长")
    words = "<b>18:00</b> 维护，请保存"
    assert (await boss.post("/wallboard/broadcast", {"words": words})).status == 303
    wang = await signed_in("wangli", Role.LAWYER, agent_id="wang")
    (shown,) = json.loads((await wang.get("/seat/broadcasts.json")).text)["broadcasts"]
    assert (shown["words"], shown["by"]) == (words, "周班长")
    for _ in range(2):
        assert (await wang.post(f"/seat/broadcast/{shown['id']}/read")).status == 200
    assert json.loads((await wang.get("/seat/broadcasts.json")).text)["broadcasts"] == []
    assert (await wang.post("/seat/broadcast/99/read")).status == 404
    page = (await boss.get("/control")).text
    assert "&lt;b&gt;18:00" in page
    assert "1 人已确认" in page
    async with database.read() as session:
        assert len(list(await session.scalars(select(BroadcastTable)))) == 1


async def test_the_control_page_shows_alarms_talks_and_who_waits(
    signed_in: Any, talking: None, database: Database, clock: ManualClock
) -> None:
    boss = await signed_in("boss", Role.SUPERVISOR, agent_id="zhao")
    async with database.write() as session:
        session.add(
            EmergencyTable(
                call_id=CALL, agent_id="wang", reason="来电人说要自杀", raised_at=clock.now()
            )
        )
    clock.advance(40)
    page = (await boss.get("/control")).text
    assert "wang敏律师 紧急求助" in page
    assert "来电人说要自杀" in page
    assert "排到最前" in page
    assert "138****5678" in page
    assert "13812345678" not in page
    assert (await boss.post("/wallboard/call/emergency_seen", {"call": CALL})).status == 303


async def test_the_seat_is_told_its_own_orders_and_no_other_seat_is() -> None:
    rules = [*talks_section.event_rules, *agents_section.event_rules]
    payload = {"order": 1, "call_id": CALL, "agent_id": "wang", "by": "wang", "kind": "hold"}
    row = Outbox(id=7, topic="call.order", key="1", payload=payload)

    def seat(agent_id: str) -> Viewer:
        return Viewer(1, "a", "甲", frozenset({Role.LAWYER}), None, agent_id, 1)

    own = projected(rules, row, seat("wang"))
    assert own is not None
    assert '"order": 1' in own
    assert projected(rules, row, seat("zhao")) is None


async def test_the_emergency_key_makes_the_ticket_an_emergency(
    talking: None, database: Database, clock: ManualClock
) -> None:
    row = Outbox(id=1, topic="call.emergency", key=CALL, payload={"seen": False})
    (asked,) = jobs.RULES["call.emergency"](row)
    handler = jobs.handlers(database, clock)[asked.kind]
    await handler(Job(id=1, kind=asked.kind, payload=asked.payload, attempt=1))
    async with database.read() as session:
        case = await session.scalar(select(Case).where(Case.call_id == CALL))
    assert case is not None
    assert case.urgency == "emergency"
    row = Outbox(id=2, topic="call.emergency", key=CALL, payload={"seen": True})
    assert list(jobs.RULES["call.emergency"](row)) == []
