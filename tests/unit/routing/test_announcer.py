"""Who is told what while they wait, and when."""

from __future__ import annotations

import heapq
import random
from dataclasses import dataclass, field

import pytest

from hotline.calls import events as said
from hotline.calls.live import Live
from hotline.calls.patience import Patience
from hotline.clock import ManualClock
from hotline.routing.board import Board
from hotline.routing.decide import decide
from hotline.routing.people import Agent, AgentKind, Wish
from hotline.routing.policy import Announce, CallBack, Policy, Priority, Step, To
from hotline.routing.room import Room
from hotline.routing.standing import Caller
from hotline.routing.tables import OfferOutcome
from hotline.routing.waiting.announcer import Announcer, look, people_for, too_long
from hotline.routing.waiting.forecast import LONG, within

POLICY = Policy(
    ladder=(Step(after=0, to=To.LAWYERS), Step(after=600, to=To.VOICEMAIL)),
    priorities={
        "normal": Priority(name="普通", longest=1000),
        "emergency": Priority(name="紧急", head_start=600, longest=0),
    },
    handling_seconds=300,
    announce=Announce(first=12, every=30),
)


@dataclass
class Waiting:
    """A waiting room with one lawyer who talks with somebody else."""

    clock: ManualClock
    room: Room
    told: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.announcer = Announcer(self.room, lambda live, text: self.hears(live, text))

    def hears(self, live: Live, text: str) -> None:
        self.told.append((live.call.id, text.partition("*")[2]))

    def comes(self, call: str, number: str = "13800000001", priority: str = "") -> Live:
        now = self.clock.now()
        live, _ = self.room.starts(said.Started(call, number, "", ""), f"PJSIP/t-{call}", now)
        live.call.priority = priority
        self.room.waits(live, said.Waits(call, number, "", "zh", "", 0, 0, ""), now)
        return live

    def passes(self, seconds: float) -> list[tuple[str, str]]:
        self.told.clear()
        for _ in range(int(seconds)):
            self.clock.advance(1.0)
            self.room.board.advance(self.clock.monotonic())
            self.announcer.tick()
        return list(self.told)


@pytest.fixture
def waiting(clock: ManualClock) -> Waiting:
    room = Room(Board(POLICY), clock)
    room.set_people((Agent("wang", "王晓梅", AgentKind.LAWYER, "PJSIP/wang"),))
    room.board.set_wish("wang", Wish.READY, "", 0.0)
    room.board.talks("other", "wang", 0.0)
    return Waiting(clock, room)


def test_the_first_comes_after_twelve_seconds_then_each_half_minute(waiting: Waiting) -> None:
    waiting.comes("a")
    assert waiting.passes(11) == []
    assert waiting.passes(2) == [("a", "*0*0*15*0*2")]
    assert waiting.passes(28) == []
    assert waiting.passes(2) == [("a", "**0*15*1*1")], "the same figures: a short sentence"


def test_the_second_in_line_hears_of_the_first(waiting: Waiting) -> None:
    waiting.comes("a")
    waiting.comes("b", "13800000002")
    heard = dict(waiting.passes(13))
    assert heard["a"].startswith("*0*")
    assert heard["b"].startswith("*1*")


def test_an_emergency_that_passes_is_said_so(waiting: Waiting) -> None:
    waiting.comes("a")
    waiting.passes(13)
    waiting.comes("sos", "13800000002", "emergency")
    heard = dict(waiting.passes(31))
    assert heard["a"].startswith("urgent*1*")
    assert heard["sos"].startswith("*0*")


def test_who_is_rung_for_or_talks_is_told_nothing(waiting: Waiting) -> None:
    live = waiting.comes("a")
    waiting.room.board.talk_ended("other", "wang", waiting.clock.monotonic())
    decision = decide(waiting.room.board)
    assert decision is not None
    waiting.room.offers.make(live, decision)
    assert waiting.passes(40) == []


def test_a_withheld_number_is_offered_no_call_back(waiting: Waiting) -> None:
    waiting.comes("a", "")
    assert waiting.passes(13)[0][1].endswith("*0")


def test_what_was_told_stands_on_the_timeline(waiting: Waiting) -> None:
    waiting.comes("a")
    waiting.passes(13)
    words = [s.words for s in waiting.room.gather().steps if s.kind == "announced"]
    assert words == ["播报：您是下一位，15 分钟以内接通，可按 2 登记回电，保留位置"]


def test_the_call_back_is_told_of_where_most_would_not_wait_so_long() -> None:
    rules = CallBack(patience_share=0.5, offer_after=120)
    patient, hasty = Patience(600.0), Patience(60.0)
    assert not too_long(rules, patient, 10, 120)
    assert too_long(rules, hasty, 10, 120)
    assert too_long(rules, None, 10, 121)
    assert not too_long(rules, None, 10, 60)


def test_people_who_come_within_reach_soon_count(clock: ManualClock) -> None:
    del clock
    ladder = (
        Step(after=0, to=To.SKILLED, level=2),
        Step(after=8, to=To.LAWYERS),
        Step(after=60, to=To.STATIONS),
        Step(after=500, to=To.DISTRICTS),
    )
    board = Board(Policy(ladder=ladder))
    board.set_people(
        (
            Agent("a", "a", AgentKind.LAWYER, "PJSIP/a", {"wages": 3}),
            Agent("b", "b", AgentKind.LAWYER, "PJSIP/b"),
            Agent("c", "c", AgentKind.STATION, "PJSIP/c", place="x"),
            Agent("d", "d", AgentKind.DISTRICT, "PJSIP/trunk"),
        ),
        0.0,
    )
    for name in "abcd":
        board.set_wish(name, Wish.READY, "", 0.0)
    board.waits(Caller("1", 0.0, "wages"), 0.0)
    assert people_for(board, board.waiting["1"]) == 3


def test_the_range_that_is_told_holds_on_a_busy_day() -> None:
    """Callers of a queue of exponential talks, told after 12 s: most waits end in the range."""
    inside, later, told = coverage(seed=4, people=6, load=0.97, calls=6000)
    assert told > 1000
    assert inside / told > 0.72, (inside, later, told)
    assert later / told < 0.16, (inside, later, told)


def coverage(seed: int, people: int, load: float, calls: int) -> tuple[int, int, int]:
    """Return waits within the range told after 12 s, longer ones, and all."""
    chance = random.Random(seed)
    talk = 300.0
    board = Board(Policy(ladder=(Step(after=0, to=To.LAWYERS),), handling_seconds=talk))
    agents = tuple(Agent(f"l{n}", f"l{n}", AgentKind.LAWYER, f"PJSIP/l{n}") for n in range(people))
    board.set_people(agents, 0.0)
    for agent in agents:
        board.set_wish(agent.id, Wish.READY, "", 0.0)
    agenda: list[tuple[float, int, str, str]] = []
    at = 0.0
    for n in range(calls):
        at += chance.expovariate(load * people / talk)
        heapq.heappush(agenda, (at, n, "comes", str(n)))
    promises: dict[str, tuple[float, int, int]] = {}
    inside = later = told = 0
    while agenda:
        now, n, what, name = heapq.heappop(agenda)
        board.advance(now)
        if what == "comes":
            board.waits(Caller(name, now), now)
            heapq.heappush(agenda, (now + 12, n, "told", name))
        elif what == "told" and name in board.waiting:
            line = sorted(w.key for w in board.waiting.values())
            seen = look(board, board.waiting[name], line, now)
            found = within(seen.ahead, seen.people, seen.pace)
            promises[name] = (now, found.least, found.most)
        elif what == "ends":
            call, _, person = name.partition(" ")
            board.talk_ended(call, person, now)
        while (decision := decide(board)) is not None:
            call, person = decision.call_id, decision.agent_id
            board.offer(f"o{call}", call, person, now)
            board.offer_ended(call, OfferOutcome.ANSWERED, now)
            length = chance.expovariate(1 / talk)
            heapq.heappush(agenda, (now + length, n, "ends", f"{call} {person}"))
            if call in promises:
                promised_at, least, most = promises.pop(call)
                minutes = (now - promised_at) / 60
                told += 1
                late = most < LONG and minutes > most
                inside += not late and minutes >= least
                later += late
    return inside, later, told
