"""What applicants are told by text message: once, with the code the first time, never in danger."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from hotline.casework import Actor, Case
from hotline.clock import ManualClock
from hotline.jobs import Queue, Worker
from hotline.jobs.feeding import Feeder
from hotline.jobs.queue import MOST_ATTEMPTS
from hotline.messages import MessageState, OutgoingText, TextMessageTable
from hotline.messages.jobs import NOTIFY, RULES, Notifier, handlers
from hotline.messages.provider import CarrierError
from hotline.public.face import Face
from hotline.public.intake import Request, submit
from hotline.settings import Settings
from hotline.store import Database
from hotline.tickets.birth import CallFacts, open_tickets

GOOD = {"caller_name": "张小兰", "matter": "civil", "title": "拖欠工资", "phone": "13900001111"}


@pytest.fixture
def work(
    settings: Settings, database: Database, clock: ManualClock, face: Face
) -> Callable[..., Awaitable[None]]:
    """Return a function that runs what is due."""
    settings.web.public_url = "https://12348.example"
    queue = Queue(database, clock)
    worker = Worker(queue, handlers(settings, database, clock, face.desk))

    async def run(after: timedelta = timedelta(minutes=1)) -> None:
        while await Feeder(queue, RULES).feed():
            pass
        clock.advance(after.total_seconds())
        await worker.run_until_empty()

    return run


async def opened(face: Face, database: Database, clock: ManualClock, **more: Any) -> Case:
    async with database.write() as session:
        asked = Request("legal_aid", GOOD | more, f"m-{clock.monotonic()}")
        return await submit(face.desk, session, asked, await face.lists(session), clock.now())


def sent(settings: Settings) -> list[dict[str, str]]:
    file = settings.home / "messages" / "outgoing.jsonl"
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    return [json.loads(line) for line in lines]


@pytest.mark.each_database
async def test_the_first_message_carries_number_and_code(
    face: Face, database: Database, clock: ManualClock, settings: Settings, work: Any
) -> None:
    case = await opened(face, database, clock)
    await work()
    (message,) = sent(settings)
    assert message["number"] == "13900001111"
    for part in (case.number, face.codes.code(case.number), "https://12348.example/public/follow"):
        assert part in message["text"]
    assert message["text"].startswith("【")


async def test_later_messages_carry_no_code(
    face: Face, database: Database, clock: ManualClock, settings: Settings, work: Any
) -> None:
    case = await opened(face, database, clock, means="declared")
    await work()
    bureau = Actor("ju", frozenset({"bureau"}))
    async with database.write() as session:
        await face.desk.act(session, case.id, "apply", actor=bureau, now=clock.now())
        await face.desk.act(session, case.id, "grant", actor=bureau, now=clock.now())
    await work()
    assert len(sent(settings)) == 2
    assert "已批准" in sent(settings)[1]["text"]
    assert face.codes.code(case.number) not in sent(settings)[1]["text"]


async def test_a_confidential_case_is_told_to_nobody(
    face: Face, database: Database, clock: ManualClock, settings: Settings, work: Any
) -> None:
    case = await opened(face, database, clock, confidential="true")
    await work()
    assert sent(settings) == []
    async with database.read() as session:
        (kept,) = await session.scalars(select(TextMessageTable))
    assert (kept.case_id, kept.state) == (case.id, MessageState.KEPT)
    assert kept.why == "办件保密，不发短信"


async def test_a_landline_gets_no_text_message(
    face: Face, database: Database, clock: ManualClock, settings: Settings, work: Any
) -> None:
    await opened(face, database, clock, phone="0830-1234567")
    await work()
    assert sent(settings) == []


async def test_a_caller_is_told_when_the_talk_showed_no_danger(
    face: Face, database: Database, clock: ManualClock, settings: Settings, work: Any
) -> None:
    async with database.write() as session:
        facts = [CallFacts(f"call-{n}", f"1390000111{n}", clock.now()) for n in (1, 2)]
        await open_tickets(face.desk, session, facts, clock.now())
    await work(timedelta(minutes=5))
    assert sent(settings) == []
    async with database.write() as session:
        violent = await session.get(Case, 1)
        assert violent is not None
        violent.confidential = True
    await work(timedelta(minutes=11))
    assert [message["number"] for message in sent(settings)] == ["13900001112"]


async def test_a_job_that_runs_twice_tells_once_in_our_books(
    face: Face, database: Database, clock: ManualClock, settings: Settings, work: Any
) -> None:
    await opened(face, database, clock)
    await work()
    queue = Queue(database, clock)
    notifier = handlers(settings, database, clock, face.desk)[NOTIFY]
    async with database.read() as session:
        (message,) = await session.scalars(select(TextMessageTable))
    async with database.write() as session:
        asked = {"key": message.key, "case": message.case_id, "kind": "notice", "text": "再来一次"}
        await queue.put(session, NOTIFY, asked)
    await Worker(queue, {NOTIFY: notifier}).run_until_empty()
    assert len(sent(settings)) == 1


class Away:
    """A carrier that is away for so many tries."""

    def __init__(self, tries: int) -> None:
        self.left = tries

    async def send(self, message: OutgoingText) -> str:
        if self.left:
            self.left -= 1
            raise CarrierError("短信网关连接不上")
        return f"sms-{message.id}"


@pytest.fixture
async def carried_by(
    face: Face, database: Database, clock: ManualClock, settings: Settings
) -> Callable[[Away], Awaitable[Worker]]:
    """Return a function that asks for a message and returns who hands it to a carrier."""

    async def begin(carrier: Away) -> Worker:
        await opened(face, database, clock)
        queue = Queue(database, clock)
        whole = handlers(settings, database, clock, face.desk)[NOTIFY]
        assert isinstance(whole, Notifier)
        await Feeder(queue, RULES).feed()
        return Worker(queue, {NOTIFY: Notifier(**{**vars(whole), "provider": carrier})})

    return begin


async def the_message(database: Database) -> TextMessageTable:
    async with database.read() as session:
        (message,) = await session.scalars(select(TextMessageTable))
    return message


async def test_a_carrier_that_is_away_is_tried_again_and_until_then_the_reason_stands_there(
    carried_by: Any, database: Database, clock: ManualClock
) -> None:
    worker = await carried_by(Away(1))
    await worker.run_until_empty()
    message = await the_message(database)
    assert (message.state, message.why) == (MessageState.WAITING, "短信网关连接不上")
    clock.advance(10)
    await worker.run_until_empty()
    message = await the_message(database)
    assert (message.state, message.receipt) == (MessageState.SENT, f"sms-{message.id}")
    assert message.why is None


async def test_a_carrier_that_stays_away_fails_the_message_until_somebody_revives_it(
    carried_by: Any, database: Database, clock: ManualClock
) -> None:
    carrier = Away(MOST_ATTEMPTS)
    worker = await carried_by(carrier)
    for _ in range(MOST_ATTEMPTS):
        await worker.run_until_empty()
        clock.advance(3600)
    message = await the_message(database)
    assert (message.state, message.why) == (MessageState.FAILED, "短信网关连接不上")
    (dead,) = await worker.queue.dead()
    await worker.queue.revive(dead.id)
    await worker.run_until_empty()
    assert (await the_message(database)).state == MessageState.SENT
