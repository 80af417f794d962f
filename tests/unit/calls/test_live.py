from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hotline.calls.live import Calls, Live, Phase
from hotline.routing import batches
from hotline.routing.batches import Batch

AT = datetime(2026, 11, 24, 2, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return AT + timedelta(seconds=seconds)


def begun(calls: Calls) -> Live:
    live = calls.starts("1.1", "PJSIP/trunk-1", "13800000001", AT, dialled="12348", place="")
    calls.menu_done(live, "wages", "zh", ("1",), after(8))
    calls.waits(live, after(8), after(8))
    return live


def test_a_talk_without_a_recording_says_so_on_its_way() -> None:
    calls = Calls()
    calls.left_no_recording("1.1", AT)
    (step,) = calls.take().steps
    assert (step.call_id, step.kind) == ("1.1", "no_recording")
    assert "磁盘" in step.words


def test_a_call_tells_its_ticket_once_and_its_whole_way() -> None:
    calls = Calls()
    live = begun(calls)
    calls.offered(live, after(9), "有空", {"waited": 1})
    calls.answered(live, "wang", "王晓梅律师", after(12), station=False)
    calls.answered(live, "wang", "王晓梅律师", after(12), station=False)
    calls.talk_ended(live, after(60))
    calls.surveyed(live, "satisfaction", 1, after(63))
    calls.surveyed(live, "satisfaction", 3, after(64))
    calls.ends(live, 16, after(65))
    told = calls.take()
    assert told.born == ("1.1",)
    assert told.ended == ("1.1",)
    (call,) = told.calls
    assert (call.outcome, call.agent_id, call.satisfaction, call.solved) == (
        "answered",
        "wang",
        1,
        None,
    )
    assert [step.kind for step in told.steps] == [
        "start",
        "menu_done",
        "waiting",
        "decision",
        "answered",
        "talk_ended",
        "survey_satisfaction",
        "survey_satisfaction",
        "end",
    ]
    assert not calls.live
    assert calls.take().calls == ()


def test_how_a_call_ended_follows_from_where_it_was() -> None:
    calls = Calls()
    menu = calls.starts("1", "x", "", AT, dialled="", place="")
    calls.ends(menu, 16, after(3))
    waiting = calls.starts("2", "x", "", AT, dialled="", place="")
    calls.waits(waiting, AT, AT)
    calls.ends(waiting, 16, after(3))
    station = calls.starts("3", "x", "", AT, dialled="", place="")
    calls.answered(station, "qingshi", "周明", after(1), station=True)
    calls.ends(station, 16, after(3))
    message = calls.starts("4", "x", "", AT, dialled="", place="")
    calls.voicemail(message, after(1), "留言", {})
    calls.ends(message, 16, after(3))
    refused = calls.starts("5", "x", "", AT, dialled="", place="")
    calls.refused(refused, "骚扰", AT)
    calls.ends(refused, 21, after(1))
    back = calls.starts("6", "x", "138", AT, dialled="", place="")
    calls.wants_call_back(back, after(1))
    calls.ends(back, 16, after(2))
    outcomes = {call.id: call.outcome for call in calls.take().calls}
    assert outcomes == {
        "1": "abandoned_menu",
        "2": "abandoned",
        "3": "station",
        "4": "voicemail",
        "5": "refused",
        "6": "callback",
    }


def test_even_a_call_abandoned_in_the_menu_leaves_a_ticket() -> None:
    calls = Calls()
    live = calls.starts("1", "x", "", AT, dialled="", place="")
    calls.ends(live, 16, after(3))
    assert calls.take().born == ("1",)


def test_what_was_taken_no_longer_changes() -> None:
    calls = Calls()
    live = begun(calls)
    (before,) = calls.take().calls
    calls.answered(live, "wang", "王晓梅律师", after(12), station=False)
    assert before.answered_at is None


def test_a_caller_who_comes_back_from_an_offer_waits_since_the_beginning() -> None:
    calls = Calls()
    live = begun(calls)
    calls.offered(live, after(9), "有空", {})
    calls.not_answered(live, "王晓梅律师", "missed", after(24))
    assert live.phase is Phase.WAITING
    calls.waits(live, after(24), after(24))
    assert live.call.waiting_since == after(8)


def test_who_handed_a_caller_on_is_told_that_somebody_took_them() -> None:
    calls = Calls()
    live = begun(calls)
    calls.answered(live, "wang", "王晓梅律师", after(12), station=False)
    calls.talk_ended(live, after(60))
    calls.waits(live, after(61), after(61))
    calls.answered(live, "li", "李敏律师", after(70), station=False)
    told = calls.take()
    batch = Batch(calls={call.id: call for call in told.calls}, steps=list(told.steps))
    handed = [row for row in batches.news(batch) if row["topic"] == "call.handed"]
    assert handed == [
        {"topic": "call.handed", "key": "1.1", "payload": {"agent_id": "wang", "to": "li"}}
    ]
