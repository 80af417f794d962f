"""Notices to staff go out as text messages and e-mail, as each person has chosen."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

import hotline.store.schema  # noqa: F401 - knows every package's tables
from agents.cases import notices, sending
from agents.cases.routes import section as cases_section
from agents.cases.tables import StaffMessageTable
from agents.persons.routes import section as persons_section
from agents.routes import section as agents_section
from agents.tables import OrganisationKind, OrganisationTable
from hotline.casework import Actor, Case
from hotline.clock import ManualClock
from hotline.jobs import Job
from hotline.messages import MessageState, OutgoingText, UndeliverableError
from hotline.messages.provider import CarrierError
from hotline.settings import Settings
from hotline.store import Database, Outbox
from hotline.tickets import shipped
from hotline.web.permissions import Role
from hotline.web.section import Section

BUREAU = Actor("ju", frozenset({"bureau"}))
EVERYTHING = {
    "mobile": "139 0000 1111",
    "email": "wang@example.gov.cn",
    "text-deadline": "1",
    "text-task": "1",
    "mail-task": "1",
}


@pytest.fixture
def sections() -> list[Section]:
    return [agents_section, cases_section, persons_section]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "installation"


class Post:
    """The jobs of a worker, run by hand; each twice, as after a crash."""

    def __init__(self, database: Database, clock: ManualClock, home: Path) -> None:
        self.database, self.home, self.seen = database, home, 0
        self.handlers = {
            **notices.handlers(database, clock),
            **sending.handlers(Settings(home=home), database, clock, shipped().desk),
        }

    async def deliver(self) -> None:
        rules = {**notices.RULES, **sending.RULES}
        while True:
            async with self.database.read() as session:
                query = select(Outbox).where(Outbox.id > self.seen).order_by(Outbox.id)
                rows = list(await session.scalars(query))
            if not rows:
                return
            self.seen = rows[-1].id
            for row in rows:
                for job in rules[row.topic](row) if row.topic in rules else ():
                    for attempt in (1, 2):
                        await self.handlers[job.kind](Job(1, job.kind, dict(job.payload), attempt))

    def written(self, name: str) -> list[dict[str, Any]]:
        file = self.home / "messages" / name
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


@pytest.fixture
def post(database: Database, clock: ManualClock, home: Path) -> Post:
    return Post(database, clock, home)


async def booked(database: Database, clock: ManualClock, **more: Any) -> Case:
    desk = shipped().desk
    async with database.write() as session:
        case = await desk.open(
            session,
            "lawyer_appointment",
            {"caller_name": "张建军", "title": "丈夫打人"},
            actor=BUREAU,
            now=clock.now(),
            facets=more,
        )
        given = {"appointment_at": "2026-11-25 09:00", "assignee_id": "wang"}
        await desk.act(session, case.id, "book", given, actor=BUREAU, now=clock.now())
    return case


async def test_the_assignee_is_told_of_the_task_and_of_its_deadline_once_each(
    signed_in: Any, database: Database, clock: ManualClock, post: Post
) -> None:
    wang = await signed_in("wangxm", Role.LAWYER, agent_id="wang")
    assert (await wang.post("/cases/notices/ways", EVERYTHING)).status == 303
    case = await booked(database, clock)
    await post.deliver()
    (text,) = post.written("outgoing.jsonl")
    (letter,) = post.written("outgoing-mail.jsonl")
    assert (text["number"], letter["address"]) == ("13900001111", "wang@example.gov.cn")
    assert f"律师预约 {case.number} 有新的通知" in text["text"]
    assert "张建军" not in text["text"]
    assert "打人" not in text["text"]
    clock.advance(24 * 3600)
    async with database.write() as session:
        assert await shipped().desk.signal(session, case.id, clock.now()) > 0
    await post.deliver()
    texts = [one["text"] for one in post.written("outgoing.jsonl")]
    assert len(texts) > 1
    assert any("“预约时间”" in text for text in texts)
    assert len(post.written("outgoing-mail.jsonl")) == 1, "deadlines were not wanted by e-mail"
    await wang.sign_in("wangxm")  # a day later
    page = (await wang.get("/cases/notices/ways")).text
    assert "已发" in page
    assert f"律师预约 {case.number} 有新的通知" in page


async def test_a_confidential_case_is_not_even_named(
    signed_in: Any, database: Database, clock: ManualClock, post: Post
) -> None:
    wang = await signed_in("wangxm", Role.LAWYER, agent_id="wang")
    await wang.post("/cases/notices/ways", EVERYTHING)
    case = await booked(database, clock, confidential=True)
    await post.deliver()
    (text,) = post.written("outgoing.jsonl")
    assert case.number not in text["text"]
    assert "律师预约" not in text["text"]
    assert "请登录系统查看" in text["text"]


async def test_who_did_not_choose_and_whose_case_it_is_not_are_told_nothing(
    signed_in: Any, database: Database, clock: ManualClock, post: Post
) -> None:
    chen = await signed_in("chenj", Role.LAWYER, agent_id="chen")
    await chen.post("/cases/notices/ways", EVERYTHING)
    await signed_in("wangxm", Role.LAWYER, agent_id="wang")
    await booked(database, clock)
    await post.deliver()
    assert post.written("outgoing.jsonl") == []


async def test_a_role_is_told_within_its_own_part_of_the_tree(
    signed_in: Any, database: Database, clock: ManualClock, post: Post
) -> None:
    async with database.write() as session:
        for code in ("qingshi", "baihe"):
            session.add(OrganisationTable(kind=OrganisationKind.TOWNSHIP, code=code, name=code))
    for code in ("qingshi", "baihe"):
        station = await signed_in(f"zhan-{code}", Role.STATION, organisation=code)
        await station.post("/cases/notices/ways", {"mobile": "13900001111", "text-task": "1"})
    async with database.write() as session:
        given = {"caller_name": "村民", "title": "土地", "place": "qingshi"}
        await shipped().desk.open(session, "village_adviser", given, actor=BUREAU, now=clock.now())
    await post.deliver()
    async with database.read() as session:
        told = list(await session.scalars(select(StaffMessageTable.account)))
    assert told == ["zhan-qingshi"]


@pytest.mark.parametrize(
    ("form", "reason"),
    [
        ({"text-task": "1"}, "请填写手机号码"),
        ({"mobile": "08301234567", "text-task": "1"}, "请填写手机号码"),
        ({"email": "wang", "mail-task": "1"}, "请填写邮箱地址"),
        ({"email": "a@b.cn\r\nBcc: x@y.cn", "mail-task": "1"}, "请填写邮箱地址"),
    ],
)
async def test_a_way_without_an_address_is_refused_and_kept_as_typed(
    signed_in: Any, form: dict[str, str], reason: str
) -> None:
    wang = await signed_in("wangxm", Role.LAWYER, agent_id="wang")
    answer = await wang.post("/cases/notices/ways", form)
    assert answer.status == 422
    assert reason in answer.text
    assert "checked" in answer.text


async def test_what_the_provider_refuses_is_shown_to_whom_it_was_for(
    signed_in: Any, database: Database, clock: ManualClock, post: Post
) -> None:
    class Refusing:
        async def send(self, message: OutgoingText) -> str:
            raise UndeliverableError(f"{message.number} 是空号")

    wang = await signed_in("wangxm", Role.LAWYER, agent_id="wang")
    await wang.post("/cases/notices/ways", {"mobile": "13900001111", "text-task": "1"})
    sender = post.handlers[sending.SEND_NOTICE]
    assert isinstance(sender, sending.Sender)
    object.__setattr__(sender, "texts", Refusing())
    await booked(database, clock)
    await post.deliver()
    async with database.read() as session:
        (message,) = list(await session.scalars(select(StaffMessageTable)))
    assert message.state == MessageState.FAILED
    assert "13900001111 是空号" in (await wang.get("/cases/notices/ways")).text


async def test_a_text_carrier_that_is_away_holds_up_no_letter(
    signed_in: Any, database: Database, clock: ManualClock, post: Post
) -> None:
    class Away:
        async def send(self, message: OutgoingText) -> str:
            raise CarrierError(f"短信网关收不到 {message.id}")

    wang = await signed_in("wangxm", Role.LAWYER, agent_id="wang")
    await wang.post("/cases/notices/ways", EVERYTHING)
    sender = post.handlers[sending.SEND_NOTICE]
    assert isinstance(sender, sending.Sender)
    there = sender.texts
    object.__setattr__(sender, "texts", Away())
    await booked(database, clock)
    with pytest.raises(CarrierError):
        await post.deliver()
    assert len(post.written("outgoing-mail.jsonl")) == 1
    assert "短信网关收不到" in (await wang.get("/cases/notices/ways")).text
    object.__setattr__(sender, "texts", there)
    post.seen = 0
    await post.deliver()
    assert len(post.written("outgoing.jsonl")) == len(post.written("outgoing-mail.jsonl")) == 1
