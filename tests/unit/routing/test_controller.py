"""The controller against a scripted Asterisk: what it sends, and what it makes of what it hears."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Callable

import pytest

from hotline.ami import ActionFailedError, Response, actions, events
from hotline.calls import events as said
from hotline.clock import ManualClock
from hotline.routing import dialling, laying
from hotline.routing.board import Board
from hotline.routing.controller import Controller
from hotline.routing.known import Known
from hotline.routing.people import Agent, AgentKind, Presence, Wish
from hotline.routing.policy import Policy, Step, To
from hotline.routing.questions import Question, Way
from hotline.routing.room import Room

POLICY = Policy(ladder=(Step(after=0, to=To.LAWYERS), Step(after=600, to=To.VOICEMAIL)))
CALL = "1790000000.1"
CALLER = events.Channel(f"PJSIP/trunk-{CALL}", CALL, CALL, "Up", "138", "", "", "", "")
PHONE = events.Channel("PJSIP/wang-1", "1790000000.2", CALL, "Up", "", "", "", "", "", {})


class Asterisk:
    def __init__(self) -> None:
        self.sent: list[actions.Redirect] = []
        self.told: list[actions.Action] = []
        """What changes no call at once: variables, words."""
        self.refuses = False
        self.dialled = ""
        """The offer that the caller's leg has dialled."""

    async def send(
        self, action: actions.Action, *, within: float | None = None, wait: bool = False
    ) -> Response:
        del within, wait
        if isinstance(action, actions.Getvar):
            return Response({"Value": self.dialled})
        if isinstance(action, actions.Setvar | actions.Custom):
            self.told.append(action)
            return Response({})
        assert isinstance(action, actions.Redirect)
        self.sent.append(action)
        if self.refuses:
            raise ActionFailedError("Channel does not exist")
        return Response({})


@pytest.fixture
def asterisk() -> Asterisk:
    return Asterisk()


@pytest.fixture
def controller(asterisk: Asterisk, clock: ManualClock) -> Controller:
    room = Room(Board(POLICY, 0.0), clock, boot="b")
    room.set_people((Agent("wang", "王晓梅", AgentKind.LAWYER, "PJSIP/wang"),))
    room.board.set_wish("wang", Wish.READY, "", 0.0)
    made = Controller(asterisk, room, clock)
    made.ready = True
    return made


@pytest.fixture
def says(controller: Controller, clock: ManualClock) -> Callable[..., None]:
    def say(name: str, **fields: str) -> None:
        at = clock.now().timestamp()
        controller.on_event(events.UserEvent(at, name, CALLER, {"Call": CALL, **fields}))

    return say


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_a_waiting_caller_is_sent_to_the_person_with_all_that_must_outlive_us(
    controller: Controller, asterisk: Asterisk, says: Callable[..., None]
) -> None:
    says("HLCall", Number="138", Dialled="12348")
    says("HLWaiting", Topic="wages", Since="0")
    await settle()
    assert asterisk.sent == [
        actions.Redirect(f"PJSIP/trunk-{CALL}", "offer", "o*b-1*wang*wang*15*1")
    ]
    says("HLWaiting", Topic="wages", Since="0")
    await settle()
    assert len(asterisk.sent) == 1, "rung twice for one announcement more"
    assert controller.room.board.people["wang"].presence is Presence.BUSY


async def test_a_caller_who_is_gone_frees_the_person_and_starts_no_storm(
    controller: Controller, asterisk: Asterisk, says: Callable[..., None]
) -> None:
    asterisk.refuses = True
    says("HLCall", Number="138")
    says("HLWaiting", Since="0")
    await settle()
    assert len(asterisk.sent) == 1
    assert controller.room.board.people["wang"].presence is Presence.READY
    asterisk.refuses = False
    says("HLWaiting", Since="0")
    await settle()
    assert len(asterisk.sent) == 2


async def test_who_rings_or_talks_is_not_torn_away_because_the_word_of_it_was_lost(
    controller: Controller,
    asterisk: Asterisk,
    says: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(dialling, "DIAL_PATIENCE", 0.0)
    lost: list[str] = []
    controller.lost = lambda: lost.append("read back what is there")
    says("HLCall", Number="138", Dialled="12348")
    asterisk.dialled = "b-1"
    says("HLWaiting", Topic="wages", Since="0")
    await settle()
    await asyncio.sleep(0.01)
    assert len(asterisk.sent) == 1
    assert lost


async def test_who_asks_is_answered_in_the_same_step(
    controller: Controller, asterisk: Asterisk, says: Callable[..., None]
) -> None:
    waits = said.Waits(CALL, "138", "wages", "zh", "", 0.0, 0, "")
    question = Question(waits, f"PJSIP/trunk-{CALL}", "12348")
    assert controller.answer(question) == Way("offer", "o*b-1*wang*wang*15*1")
    says("HLCall", Number="138", Dialled="12348")
    says("HLMenuDone", Topic="wages", Lang="zh", Path="12")
    await settle()
    assert asterisk.sent == []
    call = controller.room.calls.live[CALL].call
    assert (call.dialled, call.menu_path) == ("12348", ("1", "2"))
    other = said.Waits("1790000000.9", "139", "wages", "zh", "", 0.0, 0, "")
    assert controller.answer(Question(other, "PJSIP/trunk-9", "12348")) is None
    controller.ready = False
    assert controller.answer(question) is None


async def test_a_redirect_that_rings_nothing_is_sent_again(
    controller: Controller,
    asterisk: Asterisk,
    says: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(dialling, "DIAL_PATIENCE", 0.0)
    says("HLCall", Number="138")
    says("HLWaiting", Since="0")
    async with asyncio.timeout(5):
        while len(asterisk.sent) < dialling.DIAL_TRIES:
            await asyncio.sleep(0.001)
    assert len({redirect.exten for redirect in asterisk.sent}) == 1


async def test_a_rung_telephone_is_left_ringing(
    controller: Controller,
    asterisk: Asterisk,
    says: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(dialling, "DIAL_PATIENCE", 0.0)
    says("HLCall", Number="138")
    says("HLWaiting", Since="0")
    controller.on_event(events.DialBegin(1.0, CALLER, PHONE, "wang"))
    for _ in range(20):
        await asyncio.sleep(0.001)
    assert len(asterisk.sent) == 1


async def test_nobody_is_rung_before_what_is_there_is_taken_up(
    controller: Controller, asterisk: Asterisk, says: Callable[..., None]
) -> None:
    controller.on_event(events.LinkDown(1.0, "cut"))
    says("HLCall", Number="138")
    says("HLWaiting", Since="0")
    await settle()
    assert asterisk.sent == []


async def test_a_blocked_number_is_turned_away_with_the_reason(
    controller: Controller, asterisk: Asterisk, says: Callable[..., None]
) -> None:
    controller.room.known.blocked = {"138": "多次辱骂"}
    says("HLCall", Number="138")
    await settle()
    assert [(r.context, r.exten) for r in asterisk.sent] == [("refused", "s")]
    (step, *_) = [s for s in controller.room.gather().steps if s.kind == "refused"]
    assert step.words == "号码在拦截名单内：多次辱骂"


async def test_a_telephone_that_moved_is_still_there(controller: Controller) -> None:
    controller.telephones.read({"wang": {"sip:old"}})
    person = controller.room.board.people["wang"]
    controller.on_event(events.ContactStatus(1.0, "wang", "sip:new", "NonQualified", 0.0))
    controller.on_event(events.ContactStatus(1.0, "wang", "sip:old", "Removed", 0.0))
    assert person.reachable
    controller.on_event(events.ContactStatus(1.0, "wang", "sip:new", "Unreachable", 0.0))
    assert not person.reachable
    controller.on_event(events.ContactStatus(1.0, "wang", "sip:new", "Reachable", 0.001))
    assert person.reachable


async def test_a_stepped_machine_clock_moves_nobody(
    controller: Controller, clock: ManualClock, says: Callable[..., None]
) -> None:
    controller.room.board.set_wish("wang", Wish.PAUSED, "午休", 0.0)
    says("HLCall", Number="138")
    since = str(int(clock.now().timestamp()))
    says("HLWaiting", Since=since)
    for step in (-3600.0, 7200.0):
        clock.step(step)
        says("HLWaiting", Since=since)
    controller.decide()
    waiting = controller.room.board.waiting[CALL]
    assert controller.room.board.now - waiting.caller.since < 5.0
    assert not waiting.gives_up


async def test_an_event_that_cannot_be_dealt_with_stops_nothing(
    controller: Controller,
    asterisk: Asterisk,
    says: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(controller.room, "rings", None)
    controller.on_event(events.DialBegin(1.0, CALLER, PHONE, "wang"))
    says("HLCall", Number="138")
    says("HLWaiting", Since="0")
    await settle()
    assert len(asterisk.sent) == 1


async def test_who_fell_back_is_taken_back_only_after_a_heartbeat(
    controller: Controller, asterisk: Asterisk, says: Callable[..., None]
) -> None:
    order: list[str] = []

    async def beat() -> None:
        order.append(f"beat after {len(asterisk.sent)} redirects")

    controller.plain_queue.beat = beat
    controller.room.board.set_wish("wang", Wish.PAUSED, "午休", 0.0)
    says("HLCall", Number="138")
    says("HLFallback", Why="heartbeat")
    await settle()
    assert order == ["beat after 0 redirects"]
    assert [(r.context, r.exten) for r in asterisk.sent] == [("waiting-room", "s")]


async def test_who_fell_back_stays_in_the_plain_queue_while_no_heartbeat_is_heard(
    controller: Controller, asterisk: Asterisk, says: Callable[..., None]
) -> None:
    async def unheard() -> None:
        raise ActionFailedError("Asterisk is silent")

    controller.plain_queue.beat = unheard
    says("HLCall", Number="138")
    says("HLFallback", Why="heartbeat")
    await settle()
    assert asterisk.sent == []


async def test_who_is_offered_to_a_page_that_was_closed_goes_on_at_once(
    controller: Controller, asterisk: Asterisk, says: Callable[..., None]
) -> None:
    controller.room.set_people(
        (
            Agent("wang", "王晓梅", AgentKind.LAWYER, "PJSIP/wang"),
            Agent("zhao", "赵敏", AgentKind.LAWYER, "PJSIP/zhao"),
        )
    )
    controller.telephones.read({"wang": {"sip:wang"}, "zhao": {"sip:zhao"}})
    says("HLCall", Number="138")
    says("HLWaiting", Since="0")
    await settle()
    controller.on_event(events.DialBegin(1.0, CALLER, PHONE, "wang"))
    controller.room.board.set_wish("zhao", Wish.READY, "", 0.0)
    controller.on_event(events.ContactStatus(1.0, "wang", "sip:wang", "Removed", 0.0))
    await settle()
    assert [redirect.exten.split("*")[2] for redirect in asterisk.sent] == ["wang", "zhao"]
    first, second = controller.room.gather().offers.values()
    assert (first["outcome"], second["outcome"]) == ("unreachable", None)


async def test_who_stands_in_line_before_the_menus_end_is_told_has_the_class_at_once(
    controller: Controller, clock: ManualClock, says: Callable[..., None]
) -> None:
    controller.room.board.set_wish("wang", Wish.PAUSED, "", clock.monotonic())
    says("HLCall", Number="138")
    says("HLWaiting", Topic="wages", Since="0")
    says("HLMenuDone", Topic="wages", Skip="elderly")
    assert controller.room.board.waiting[CALL].caller.priority == "elderly"


# -- who is next -----------------------------------------------------------------------------------

TOOK = {"Number": "138", "Topic": "wages", "Lang": "zh", "Since": "0", "Agent": "wang"}


async def test_after_a_question_the_next_person_for_it_is_laid_out(
    controller: Controller, asterisk: Asterisk, says: Callable[..., None]
) -> None:
    says("HLCall", Number="138", Dialled="12348")
    says("HLWaiting", Topic="wages", Lang="zh", Since="0")
    says("HLOffer", Offer="b-1", Agent="wang", Status="CANCEL")
    says("HLCallback")
    await settle()
    assert asterisk.told[-2:] == [
        actions.Setvar("HL_NEXT_b_wages_zh_", "wang*wang*15*1*b-1"),
        laying.laid_out(controller.next_up.number),
    ]


async def test_who_took_the_next_person_is_known_to_ring_them_and_sent_nowhere(
    controller: Controller, asterisk: Asterisk, says: Callable[..., None]
) -> None:
    says("HLCall", Number="138", Dialled="12348")
    says("HLNext", Offer=f"n-{CALL}", **TOOK)
    await settle()
    assert asterisk.sent == []
    ringing = controller.room.offers.out[CALL]
    assert (ringing.offered.offer_id, ringing.offered.agent_id) == (f"n-{CALL}", "wang")
    assert ringing.row["reason_code"] == "skilled"
    says("HLNext", Offer=f"n-{CALL}", **TOOK)
    says("HLOffer", Offer=f"n-{CALL}", Agent="wang", Status="NOANSWER")
    assert controller.room.board.people["wang"].missed == 1


async def test_that_somebody_is_rung_is_believed_even_where_they_were_not_free(
    controller: Controller, says: Callable[..., None]
) -> None:
    controller.room.board.set_wish("wang", Wish.PAUSED, "小休", 0.0)
    says("HLCall", Number="138", Dialled="12348")
    says("HLNext", Offer=f"n-{CALL}", **TOOK)
    assert controller.room.board.people["wang"].offer == CALL
    assert controller.room.offers.out[CALL].row["words"]


async def test_where_the_word_of_it_is_lost_the_ringing_tells(
    controller: Controller, says: Callable[..., None], clock: ManualClock
) -> None:
    says("HLCall", Number="138", Dialled="12348")
    variables = {"HL_CALL": CALL, "HL_OFFER": f"n-{CALL}"}
    caller = dataclasses.replace(CALLER, variables=variables)
    controller.on_event(events.DialBegin(clock.now().timestamp(), caller, PHONE, "wang"))
    assert controller.room.board.people["wang"].offer == CALL
    assert controller.room.offers.out[CALL].rings


async def test_who_finds_the_person_taken_by_somebody_unknown_has_all_read_back(
    controller: Controller, says: Callable[..., None]
) -> None:
    lost: list[bool] = []
    controller.lost = lambda: lost.append(True)
    says("HLCall", Number="138", Dialled="12348")
    says("HLWaiting", Topic="wages", Lang="zh", Since="0")
    says("HLOffer", Offer="b-1", Agent="wang", Status="TAKEN")
    assert lost == [True]
    assert CALL in controller.room.board.waiting
    assert controller.room.board.people["wang"].missed == 0


async def test_a_blocked_caller_who_took_somebody_is_turned_away(
    controller: Controller, asterisk: Asterisk, says: Callable[..., None]
) -> None:
    controller.room.known.blocked = {"138": "骚扰"}
    says("HLCall", Number="138", Dialled="12348")
    says("HLNext", Offer=f"n-{CALL}", **TOOK)
    await settle()
    assert {(sent.context, sent.exten) for sent in asterisk.sent} == {("refused", "s")}
    assert controller.room.board.people["wang"].presence is Presence.READY


async def test_who_talked_with_somebody_before_asks_and_takes_nobody(
    controller: Controller, asterisk: Asterisk, says: Callable[..., None]
) -> None:
    says("HLCall", Number="138", Dialled="12348")
    controller.room.known.callers["138"] = Known("wang")
    controller.learnt("138")
    await settle()
    assert actions.Setvar("HL_ASKS", "1", f"PJSIP/trunk-{CALL}") in asterisk.told
