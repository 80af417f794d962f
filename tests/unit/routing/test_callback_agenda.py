"""Whom we call back and when: hours, tries, and what each ending means."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from hotline.calls.live import Call
from hotline.calls.tables import Asked, CallBackOutcome
from hotline.routing.policy import CallBack
from hotline.routing.waiting.agenda import (
    AFTERNOON,
    MORNING,
    Agenda,
    Closed,
    Entry,
    Why,
    after_try,
    due_for,
    may_call,
    try_words,
)
from hotline.worktime import Calendar, Hours, Span, Week, WorkTime

RULES = CallBack(pauses=(10, 60))
DAY = Week(workdays=(Span.parse("08:30-12:00"), Span.parse("14:00-17:30")))
HOURS = WorkTime(Calendar(), Hours(DAY))
TEN = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
"""Ten in the morning in China, a Tuesday."""


def call(outcome: str, *, waited: float = 30, number: str = "13800000001") -> Call:
    ended = TEN + timedelta(seconds=waited)
    started = TEN - timedelta(seconds=20)
    return Call("17.1", number, started, waiting_since=TEN, ended_at=ended, outcome=outcome)


def entry(**changes: object) -> Entry:
    made = due_for(call("callback"), RULES)
    assert made is not None
    return replace(made, **changes)  # type: ignore[arg-type]


def test_who_asked_by_key_keeps_the_place_and_who_gave_up_begins_anew() -> None:
    kept, missed = due_for(call("callback"), RULES), due_for(call("abandoned"), RULES)
    assert kept is not None
    assert missed is not None
    assert (kept.asked, kept.since, kept.keeps_place) == (Asked.KEPT, TEN, True)
    assert (missed.asked, missed.since) == (Asked.MISSED, TEN + timedelta(seconds=30))
    assert not missed.keeps_place


@pytest.mark.parametrize(
    ("outcome", "asked"),
    [
        ("callback", Asked.KEPT),
        ("abandoned", Asked.MISSED),
        ("abandoned_menu", Asked.MENU),
        ("voicemail", Asked.VOICEMAIL),
        ("answered", None),
        ("refused", None),
        ("unreached", None),
    ],
)
def test_the_outcome_says_whether_somebody_is_called_back(
    outcome: str, asked: Asked | None
) -> None:
    made = due_for(call(outcome), RULES)
    assert (made.asked if made else None) == asked


def test_short_waits_withheld_and_foreign_numbers_are_not_called_back() -> None:
    assert due_for(call("abandoned", waited=2), RULES) is None
    for number in ("", "+8613800000001", "0086138", "12348", "008812345678", "1380000000１"):
        assert due_for(call("callback", number=number), RULES) is None, number


def test_nothing_is_dialled_while_it_is_switched_off() -> None:
    assert due_for(call("callback"), CallBack(enabled=False)) is None
    assert due_for(call("abandoned"), CallBack(missed_after=None)) is None
    assert due_for(call("voicemail"), CallBack(voicemail=False)) is None


def test_a_try_is_not_called_back_itself() -> None:
    tried = call("abandoned")
    tried.callback_id = "b17.1"
    assert due_for(tried, RULES) is None


def test_people_are_called_in_the_agreed_hours_only() -> None:
    asked = entry()
    moments = {"08:00": False, "10:00": True, "12:30": False, "15:00": True, "18:00": False}
    for text, expected in moments.items():
        hour, minute = map(int, text.split(":"))
        now = datetime(2026, 11, 25, hour, minute, tzinfo=UTC) - timedelta(hours=8)
        assert may_call(asked, HOURS, now) is expected, text
        assert may_call(replace(asked, day_part=MORNING), HOURS, now) is (text == "10:00")
        assert may_call(replace(asked, day_part=AFTERNOON), HOURS, now) is (text == "15:00")


def test_three_tries_then_a_person() -> None:
    now, state, pauses = TEN, entry(), []
    for number in range(1, 4):
        state = replace(state, tries=number, dialling=True)
        then = after_try(state, call("unreached"), RULES, now)
        if isinstance(then, Closed):
            break
        pauses.append((then.due_at - now).total_seconds())
        assert not then.dialling
        assert then.since == then.due_at, "a place that was not used is not kept for ever"
        state, now = then, then.due_at
    else:
        pytest.fail("no end to the tries")
    assert pauses == [600, 3600]
    assert then.outcome is CallBackOutcome.UNREACHED
    assert then.words == "3 次回拨均未接通（最后一次：原因不明），请人工联系来电人"


def test_a_talk_or_a_message_ends_it() -> None:
    tried = entry(tries=1, dialling=True)
    for outcome, closed in (
        ("answered", CallBackOutcome.ANSWERED),
        ("station", CallBackOutcome.ANSWERED),
        ("voicemail", CallBackOutcome.MESSAGE),
    ):
        then = after_try(tried, call(outcome), RULES, TEN)
        assert isinstance(then, Closed)
        assert then.outcome is closed


def test_the_next_try_is_told_in_the_hours_in_which_it_will_be() -> None:
    noon = datetime(2026, 11, 24, 3, 55, tzinfo=UTC)
    then = after_try(entry(tries=1, dialling=True), call("unreached"), RULES, noon)
    assert isinstance(then, Entry)
    assert try_words(then, HOURS, Why.BUSY) == "第 1 次回拨未接通（占线或拒接），11-24 14:00 后再拨"


def test_a_number_has_one_call_back() -> None:
    agenda = Agenda()
    assert agenda.add(entry())
    assert not agenda.add(entry(id="b17.2"))
    agenda.close("b17.1")
    assert agenda.add(entry(id="b17.2"))
    assert agenda.of_number("13800000001") is not None


def test_who_was_told_advice_at_night_has_been_served() -> None:
    assert due_for(call("advised"), RULES) is None
