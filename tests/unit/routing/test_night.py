"""At night: recorded advice serves a caller, and an emergency stands before everybody."""

from __future__ import annotations

from hotline.calls import events as said
from hotline.clock import ManualClock
from hotline.routing.board import Board
from hotline.routing.policy import Policy, Priority
from hotline.routing.room import Room

POLICY = Policy(
    priorities={
        "normal": Priority(name="普通"),
        "emergency": Priority(name="紧急", head_start=600, longest=0),
    }
)


def test_who_hangs_up_after_recorded_advice_was_served(clock: ManualClock) -> None:
    room = Room(Board(POLICY, clock.monotonic()), clock)
    live, _ = room.starts(said.Started("1.1", "138", "12348", ""), "PJSIP/trunk-1", clock.now())
    room.menu_done(live, said.MenuDone("1.1", "wages", "zh", ("1",), ""), clock.now())
    room.calls.advised(live, clock.now(), "收听录音解答：劳动报酬")
    room.over(live, 16, clock.now())
    assert live.call.outcome == "advised"
    steps = [step.words for step in room.gather().steps]
    assert steps[-2:] == ["收听录音解答：劳动报酬", "来电人听完录音解答后挂机"]


def test_the_key_for_emergencies_puts_a_caller_before_who_came_earlier(clock: ManualClock) -> None:
    room = Room(Board(POLICY, clock.monotonic()), clock)
    for number, urgent in (("1.1", False), ("1.2", True)):
        live, _ = room.starts(said.Started(number, number, "12348", ""), "c", clock.now())
        room.menu_done(live, said.MenuDone(number, "", "zh", (), "", urgent), clock.now())
        room.waits(live, said.Waits(number, number, "", "zh", "", 0, 0, ""), clock.now())
        clock.advance(5)
    board = room.board
    first = min(board.waiting.values(), key=lambda waiting: waiting.key)
    assert (first.caller.call_id, first.caller.priority) == ("1.2", "emergency")
