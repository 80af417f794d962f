"""Orders: what may be asked, what is possible as a talk stands, and that each is done once."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from hotline.ami import ActionFailedError, LinkDownError, Response, actions, events
from hotline.calls.live import Phase
from hotline.clock import Clock, ManualClock
from hotline.errors import InvalidInputError
from hotline.routing.board import Board
from hotline.routing.controller import Controller
from hotline.routing.people import Agent, AgentKind, Wish
from hotline.routing.policy import Policy, Step, To
from hotline.routing.room import Room
from hotline.store import Database, Outbox
from hotline.talks import book, minding
from hotline.talks.acts import carry_out
from hotline.talks.desk import Desk
from hotline.talks.legs import Legs
from hotline.talks.orders import Kind, Order, bell, order
from hotline.talks.state import Party, PartyKind, Place, Talk, refusal
from hotline.talks.tables import CallOrderTable, EmergencyTable

CALL = "1790000000.1"
POLICY = Policy(ladder=(Step(after=0, to=To.LAWYERS),))


class Asterisk:
    """Does what it is told, or refuses."""

    def __init__(self) -> None:
        self.sent: list[actions.Action] = []
        self.trouble: Exception | None = None

    async def send(self, action: actions.Action, **_: Any) -> Response:
        self.sent.append(action)
        if self.trouble is not None:
            raise self.trouble
        return Response({"Value": "PJSIP/wang-00000001"})

    async def originate(self, action: actions.Originate) -> events.OriginateResponse:
        self.sent.append(action)
        return events.OriginateResponse(0.0, "", False, "", "", 3)


@pytest.fixture
def asterisk() -> Asterisk:
    return Asterisk()


@pytest.fixture
def desk(asterisk: Asterisk, clock: ManualClock, database: Database) -> Desk:
    room = Room(Board(POLICY, clock.monotonic()), clock, boot="b")
    room.set_people((Agent("wang", "王晓梅", AgentKind.LAWYER, "PJSIP/wang"),))
    room.board.set_wish("wang", Wish.READY, "", clock.monotonic())
    controller = Controller(asterisk, room, clock)
    hands = Legs(asterisk, Path("/recordings"))
    made = Desk(controller, hands, database, book.load(), carry_out)
    controller.talks, controller.ready = made, True
    live = room.calls.starts(CALL, "PJSIP/trunk-1", "138", clock.now(), dialled="", place="")
    room.talks(live, Agent("wang", "王晓梅", AgentKind.LAWYER, "PJSIP/wang"), clock.now())
    return made


async def asked(database: Database, clock: Clock, kind: Kind, **more: Any) -> int:
    async with database.write() as session:
        one = Order(kind, CALL, more.pop("agent", "wang"), "wang", **more)
        return await order(session, one, clock.now())


async def carried_out(desk: Desk, database: Database, number: int) -> CallOrderTable:
    async with database.read() as session:
        row = await session.get(CallOrderTable, number)
    assert row is not None
    await desk.carry_out(row)
    await desk.keeper.flush()
    async with database.read() as session:
        done = await session.get(CallOrderTable, number)
    assert done is not None
    return done


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": Kind.TRANSFER},
        {"kind": Kind.TRANSFER, "target": "agent:a b"},
        {"kind": Kind.TRANSFER, "target": "number:110"},
        {"kind": Kind.CONSULT, "target": "topic:wages"},
        {"kind": Kind.DIAL, "target": "agent:li"},
        {"kind": Kind.HOLD, "target": "agent:li"},
        {"kind": Kind.HOLD, "call_id": ""},
        {"kind": Kind.HOLD, "call_id": "1\r\nAction: Command"},
        {"kind": Kind.HOLD, "key": "x" * 65},
        {"kind": Kind.PAUSE_RECORDING},
        {"kind": Kind.LISTEN},
        {"kind": Kind.EMERGENCY, "reason": "a\r\nAction: Command"},
        {"kind": Kind.MOVE, "target": "front"},
    ],
)
def test_what_could_never_be_right_is_no_order(wrong: dict[str, Any]) -> None:
    values = {"call_id": CALL, "agent_id": "wang", "by": "wang"} | wrong
    with pytest.raises(InvalidInputError):
        Order(**values)


def test_a_talk_says_what_may_be_done_to_it(clock: ManualClock) -> None:
    talk = Talk(CALL, "wang", "王晓梅律师", clock.now())
    can = talk.shown()["can"]
    assert {"hold", "transfer", "consult", "emergency", "hangup"} <= set(can)
    assert not {"unhold", "back", "join", "handover", "drop", "resume_recording"} & set(can)
    talk.place = Place.HOLD
    talk.parties["p1"] = Party("p1", PartyKind.AGENT, "李敏律师", "c", "li")
    assert set(talk.shown()["can"]) >= {"back", "drop"}
    assert refusal(Kind.JOIN, talk) == "第三方还没有接听"
    talk.parties["p1"].talking = True
    assert {"join", "handover"} <= set(talk.shown()["can"])
    assert refusal(Kind.TRANSFER, talk) is not None
    talk.emergency = "raised"
    assert "hangup" not in talk.shown()["can"]


async def test_the_commit_wakes_the_controller_and_nothing_before_it_does(
    database: Database, clock: ManualClock
) -> None:
    rung = bell()
    async with database.write() as session:
        await order(session, Order(Kind.HOLD, CALL, "wang", "wang"), clock.now())
        await asyncio.sleep(0)
        assert not rung.is_set()
    async with asyncio.timeout(1):
        await rung.wait()


async def test_the_caller_is_held_and_the_seat_is_told(
    desk: Desk, database: Database, clock: ManualClock, asterisk: Asterisk
) -> None:
    done = await carried_out(desk, database, await asked(database, clock, Kind.HOLD))
    assert (done.outcome, done.words) == ("done", "来电人听等待音乐")
    parted = asterisk.sent[-1]
    assert isinstance(parted, actions.Custom)
    assert parted.values["Context"] == "talk-hold"
    assert parted.values["ExtraChannel"] == "PJSIP/wang-00000001"
    async with database.read() as session:
        told = {row.topic: row.payload for row in await session.scalars(select(Outbox))}
    assert told["call.talk"]["held"]
    assert told["call.order"]["outcome"] == "done"


@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        (ActionFailedError("No such channel"), "对方刚刚挂机"),
        (LinkDownError(), "电话系统没有响应，请再试一次"),
    ],
)
async def test_what_asterisk_does_not_do_is_said_and_changes_nothing(
    desk: Desk,
    database: Database,
    asterisk: Asterisk,
    trouble: Exception,
    words: str,
) -> None:
    asterisk.trouble = trouble
    number = await asked(database, desk.controller.clock, Kind.HOLD)
    done = await carried_out(desk, database, number)
    assert (done.outcome, done.words) == ("failed", words)
    assert desk.talks[CALL].place is Place.BRIDGE
    assert desk.room.calls.live[CALL].phase is Phase.TALKING


async def test_anothers_call_is_not_touched(
    desk: Desk, database: Database, clock: ManualClock, asterisk: Asterisk
) -> None:
    number = await asked(database, clock, Kind.HANGUP, agent="li")
    done = await carried_out(desk, database, number)
    assert done.outcome == "refused"
    assert asterisk.sent == []


async def test_the_alarm_is_raised_even_where_asterisk_is_away(
    desk: Desk, database: Database, clock: ManualClock, asterisk: Asterisk
) -> None:
    asterisk.trouble = LinkDownError()
    number = await asked(database, clock, Kind.EMERGENCY, reason="扬言自杀")
    done = await carried_out(desk, database, number)
    assert (done.outcome, done.words) == (
        "done",
        "已静默告警班长；但电话系统没有响应，请不要挂机",
    )
    async with database.read() as session:
        alarm = await session.get(EmergencyTable, CALL)
    assert alarm is not None
    assert (alarm.agent_id, alarm.seen_at) == ("wang", None)


@pytest.mark.parametrize(
    ("number", "outcome"),
    [
        ("13900000009", "done"),
        ("09306610001", "done"),
        ("+8613900000009", "done"),
        ("12345", "done"),
        ("0019005550100", "refused"),
        ("+19005550100", "refused"),
        ("02", "refused"),
    ],
)
async def test_a_seat_dials_inland_numbers_only(
    desk: Desk, database: Database, number: str, outcome: str
) -> None:
    desk.room.talk_ended(desk.room.calls.live[CALL], desk.now())
    async with database.write() as session:
        asked = Order(Kind.DIAL, "", "wang", "wang", f"number:{number}")
        order_number = await order(session, asked, desk.now())
    done = await carried_out(desk, database, order_number)
    assert done.outcome == outcome


async def test_an_order_that_nobody_expects_any_more_is_not_carried_out(
    desk: Desk, database: Database, clock: ManualClock, asterisk: Asterisk
) -> None:
    number = await asked(database, clock, Kind.HANGUP)
    clock.advance(60)
    await desk.look()
    await desk.keeper.flush()
    assert asterisk.sent == []
    async with database.read() as session:
        row = await session.get(CallOrderTable, number)
    assert row is not None
    assert row.outcome == "failed"


async def test_a_long_talk_is_said_once_and_heard_by_the_seat_alone(
    desk: Desk, clock: ManualClock, asterisk: Asterisk
) -> None:
    clock.advance(15 * 60 + 0.5)
    for _ in range(2):
        minding.remind(desk)
    for _ in range(5):
        await asyncio.sleep(0)
    tones = [a for a in asterisk.sent if isinstance(a, actions.Custom) and "Variable" in a.values]
    assert [a.values["Variable"] for a in tones] == ["HL_SPIED=PJSIP/wang-00000001"]
    (step,) = [s for s in desk.room.gather().steps if s.kind == "long_talk"]
    assert step.words == "通话已满 15 分钟，提醒坐席"
    assert step.at - clock.now() < timedelta(seconds=1)


def test_the_bureaus_choices_are_as_they_should_be() -> None:
    assert {"110", "120", "12345", "12356"} <= set(book.load().bodies())
    assert book.load().basis("coaching") is not None
    assert book.load().basis("curiosity") is None
