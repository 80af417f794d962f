from __future__ import annotations

from typing import Any

from hotline.asterisk.journal import COLUMNS
from hotline.calls import reconcile
from hotline.calls.live import Calls


def line(**values: Any) -> dict[str, str]:
    return {**dict.fromkeys(COLUMNS, ""), **{k: str(v) for k, v in values.items()}}


TALK = line(
    start="1790000000.0",
    end="1790000060.5",
    uniqueid="17.1",
    dstchannel="PJSIP/lawyer1-00000002",
    channel="PJSIP/trunk-1",
    lastapp="Queue",
)
SURVEY = line(
    start="1790000060.5",
    end="1790000066.0",
    uniqueid="17.1",
    channel="PJSIP/trunk-1",
    hl_call="17.1",
    hl_number="13800000001",
    hl_topic="wages",
    hl_lang="zh",
    hl_path="1",
    hl_agent="PJSIP/lawyer1",
    hl_outcome="answered",
    hl_survey="2/1",
    hl_recording="1790000010/45/",
)
OTHER_LEG = line(start="1790000015.0", end="1790000060.5", uniqueid="17.2", channel="PJSIP/lawyer1")


def somebody(name: str) -> tuple[str, str, bool]:
    return ("wang", "王晓梅律师", False) if name == "PJSIP/lawyer1" else (name, name, False)


def test_a_call_that_nobody_watched_is_told_like_any_other() -> None:
    (past,) = reconcile.past_calls([TALK, OTHER_LEG, SURVEY])
    calls = Calls()
    reconcile.tell(calls, past, None, somebody)
    told = calls.take()
    (call,) = told.calls
    assert (call.outcome, call.agent_id, call.number) == ("answered", "wang", "13800000001")
    assert (call.satisfaction, call.solved) == (2, 1)
    assert call.controller_away
    assert call.answered_at is not None
    assert call.talk_ended_at is not None
    assert (call.talk_ended_at - call.answered_at).total_seconds() == 45
    assert told.born == told.ended == ("17.1",)


def test_a_call_whose_beginning_is_known_keeps_it() -> None:
    calls = Calls()
    live = calls.starts(
        "17.1", "x", "13800000001", reconcile._time("1790000000"), dialled="12348", place="qingshi"
    )
    calls.take()
    known = live.call.copy()
    calls.live.clear()
    (past,) = reconcile.past_calls([TALK, SURVEY])
    reconcile.tell(calls, past, known, somebody)
    (call,) = calls.take().calls
    assert (call.dialled, call.place, call.outcome) == ("12348", "qingshi", "answered")


def test_one_who_gave_up_in_the_menu() -> None:
    gone = line(
        start="1",
        end="5",
        uniqueid="17.9",
        channel="c",
        hl_call="17.9",
        hl_outcome="abandoned_menu",
        hl_survey="/",
        hl_recording="//",
    )
    (past,) = reconcile.past_calls([gone])
    calls = Calls()
    reconcile.tell(calls, past, None, somebody)
    (call,) = calls.take().calls
    assert call.outcome == "abandoned_menu"


def test_a_blocked_call_that_nobody_watched_is_kept_as_refused() -> None:
    calls = Calls()
    turned_away = {"hl_call": "17.1", "hl_number": "138", "hl_outcome": "refused"}
    times = {"uniqueid": "17.1", "start": "1", "end": "3", "hl_recording": "//", "hl_survey": "/"}
    (past,) = reconcile.past_calls([line(**turned_away, **times)])
    reconcile.tell(calls, past, None, somebody)
    told = calls.take()
    (call,) = told.calls
    assert (call.outcome, call.controller_away) == ("refused", True)
    assert "号码在拦截名单内" in [step.words for step in told.steps]
