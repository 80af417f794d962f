"""The ticket's way, from a call to the archive and down every side road."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from hotline.casework import SYSTEM_ACTOR, Actor
from hotline.casework.clocks import Signal
from hotline.errors import ConflictError, ForbiddenError, InvalidInputError

LAWYER = Actor("wang", frozenset({"lawyer"}))
SUPERVISOR = Actor("chen", frozenset({"supervisor"}))
BUREAU = Actor("zhao", frozenset({"bureau"}))
SECOND_BUREAU = Actor("qian", frozenset({"bureau"}))
STATION = Actor("li", frozenset(), "chengguan")
OTHER_STATION = Actor("sun", frozenset(), "hexi")
CALLER = Actor("", is_applicant=True)

Walks = Callable[..., Any]

ASKED = {"title": "讨薪", "demand": "要回三个月工资", "organisation_id": "chengguan"}


@pytest.fixture
def born(walk: Walks) -> Any:
    """A ticket born on Tuesday 2026-11-24 at 10:00."""
    road = walk("ticket")
    road.open(topic="wages", place="chengguan")
    return road


@pytest.fixture
def handling(born: Any) -> Any:
    """A ticket that the station is working on."""
    born.do("dispatch", LAWYER, **ASKED)
    born.do("sign", STATION)
    born.do("start_work", STATION)
    return born


def test_a_question_answered_on_the_telephone_goes_to_the_archive(born: Any) -> None:
    born.do("answer", SYSTEM_ACTOR)
    born.do("archive", LAWYER, answer="两倍工资", legal_aid_told="true", topic="wages")
    assert born.history == ["accepted", "answered", "archived"]
    assert born.outcome.closed
    assert born.case.data["legal_aid_told"] is True
    assert not [run for run in born.case.clocks.values() if run.ticking]


def test_a_dispatched_ticket_walks_to_the_archive(handling: Any) -> None:
    handling.do("close", STATION, result="公司已支付工资")
    handling.do("follow_up", LAWYER)
    handling.do("record_followup", LAWYER, satisfaction="1", solved="1")
    assert handling.history == [
        "accepted",
        "dispatched",
        "signed",
        "handling",
        "closed",
        "followup",
        "archived",
    ]
    assert not handling.clock("reply").missed


def test_who_is_told_of_a_dispatch(born: Any) -> None:
    outcome = born.do("dispatch", LAWYER, **ASKED)
    told = {notice.whom: notice.text for notice in outcome.notices}
    assert "2611241000018" in told["applicant"]
    # Five working days after Tuesday: the next Tuesday, until 24:00.
    assert "2026-12-02 00:00" in told["organisation"]


def test_a_ticket_is_transferred_within_one_working_day_or_an_hour_once_urgent(
    born: Any,
) -> None:
    assert born.due("transfer") == "2026-11-25"
    born.do("record", LAWYER, urgency="urgent")
    assert born.clock("transfer").due == born.now + timedelta(hours=1)
    born.do("record", LAWYER, urgency="normal")
    assert born.due("transfer") == "2026-11-25"


def test_an_urgent_ticket_has_an_hour(walk: Walks) -> None:
    road = walk("ticket")
    road.open(urgency="urgent")
    road.pass_time(minutes=49)
    assert road.signals() == [("transfer", Signal.YELLOW)]
    road.pass_time(minutes=12)
    assert road.signals() == [("transfer", Signal.DUE)]


def test_cards_yellow_a_working_day_before_red_a_working_day_after(handling: Any) -> None:
    assert handling.due("reply") == "2026-12-01"
    handling.pass_time(days=5, hours=13)  # Sunday
    assert handling.signals() == []
    handling.pass_time(days=1, hours=2)  # Tuesday 01:00, the last day
    assert handling.signals() == [("reply", Signal.YELLOW)]
    handling.pass_time(days=1)
    assert handling.signals() == [("reply", Signal.DUE)]
    handling.pass_time(days=1)
    assert handling.signals() == [("reply", Signal.RED)]
    handling.do("close", STATION, result="已办")
    assert handling.clock("reply").missed


def test_make_up_days_count_and_holidays_do_not(walk: Walks) -> None:
    road = walk("ticket", "2026-09-29 16:00")  # a Tuesday; 1 to 7 October is a holiday
    road.open()
    road.do("dispatch", LAWYER, **ASKED)
    # 30 September, 8, 9 and the make-up Saturday 10, then Monday 12.
    assert road.due("reply") == "2026-10-12"


def test_an_extension_is_granted_once_by_another_up_to_fifteen_working_days(handling: Any) -> None:
    handling.do("ask_extension", STATION, note="要等鉴定结论")
    handling.do("grant_extension", SUPERVISOR)
    assert handling.due("reply") == "2026-12-15"
    assert handling.state == "handling"
    with pytest.raises(ConflictError, match="最多 1 次"):
        handling.do("ask_extension", STATION, note="还要等")


def test_who_asked_for_an_extension_cannot_grant_it(handling: Any) -> None:
    both = Actor("li", frozenset({"supervisor"}), "chengguan")
    handling.do("ask_extension", both, note="要等鉴定结论")
    with pytest.raises(ForbiddenError, match="另一人"):
        handling.do("grant_extension", both)


def test_a_suspended_ticket_does_not_lose_its_time(handling: Any) -> None:
    handling.do("suspend", SUPERVISOR, note="来电人住院")
    handling.pass_time(days=10)
    assert handling.signals() == []
    handling.do("resume", SUPERVISOR)
    assert handling.state == "handling"
    # Eight working days were passed; the deadline moves from 1 to 11 December.
    assert handling.due("reply") == "2026-12-11"


def test_who_waits_for_a_decision_is_told_how_it_fell(handling: Any) -> None:
    def told(outcome: Any) -> set[str]:
        return {notice.whom for notice in outcome.notices}

    handling.do("ask_extension", STATION, note="要等鉴定结论")
    assert told(handling.do("refuse_extension", SUPERVISOR, note="不必等")) == {"organisation"}
    assert told(handling.do("suspend", SUPERVISOR, note="来电人住院")) == {"applicant"}
    assert told(handling.do("resume", SUPERVISOR)) == {"applicant", "organisation"}
    handling.do("return_ticket", STATION, note="不归我们管", return_cause="not_ours")
    assert told(handling.do("refuse_return", BUREAU, note="属于你站职责")) == {"organisation"}
    handling.do("object", STATION, note="请看权责清单")
    refused = handling.do("refuse_objection", SECOND_BUREAU, note="权责清单第 12 项")
    assert told(refused) == {"organisation"}


def test_a_return_needs_a_cause_and_is_judged(handling: Any) -> None:
    with pytest.raises(InvalidInputError) as refused:
        handling.do("return_ticket", STATION, note="不归我们管")
    assert refused.value.details["errors"] == {"return_cause": "请填写退单原因"}
    handling.do("return_ticket", STATION, note="不归我们管", return_cause="not_ours")
    handling.do("accept_return", SUPERVISOR, organisation_id="hexi")
    assert handling.state == "dispatched"
    assert handling.may(STATION) == []
    assert "sign" in handling.may(OTHER_STATION)


def test_an_objection_is_judged_by_somebody_else(handling: Any) -> None:
    handling.do("return_ticket", STATION, note="不归我们管", return_cause="not_ours")
    handling.do("refuse_return", BUREAU, note="属于你站职责")
    handling.do("object", STATION, note="请看权责清单")
    with pytest.raises(ForbiddenError, match="另一人"):
        handling.do("refuse_objection", BUREAU, note="同前")
    handling.do("refuse_objection", SECOND_BUREAU, note="权责清单第 12 项")
    assert handling.state == "handling"
    assert "object" not in handling.may(STATION)


def test_a_dissatisfied_caller_is_served_again_within_a_working_day(handling: Any) -> None:
    handling.do("close", STATION, result="已答复")
    handling.do("dissatisfied", SYSTEM_ACTOR)
    outcome = handling.do("record_followup", LAWYER, satisfaction="3", solved="2")
    assert handling.state == "redo"
    assert handling.due("redo") == "2026-11-25"
    assert [notice.whom for notice in outcome.notices] == ["assignee"]
    handling.pass_time(days=2)
    assert ("redo", Signal.DUE) in handling.signals()
    handling.do("close", STATION, result="重新办理")
    assert handling.clock("redo").missed


def test_supervision_moves_nothing_but_tells(handling: Any) -> None:
    outcome = handling.do("supervise", BUREAU, note="群众再次来电")
    assert handling.state == "handling"
    assert handling.case.data["supervised"] is True
    assert {notice.whom for notice in outcome.notices} == {"organisation", "assignee"}


def test_a_limitation_about_to_expire_is_flagged_a_week_before(born: Any) -> None:
    born.do("record", LAWYER, limitation_deadline="2026-12-05")  # a Saturday: Monday counts
    assert born.due("limitation") == "2026-12-07"
    born.do("answer", SYSTEM_ACTOR)
    born.pass_time(days=7)
    assert ("limitation", Signal.YELLOW) in born.signals()
    born.do("record", LAWYER, limitation_deadline="2027-01-04")
    assert born.due("limitation") == "2027-01-04"
    born.do("record", LAWYER, limitation_deadline="")
    assert "limitation" not in born.case.clocks


@pytest.mark.parametrize(
    ("action", "actor", "values", "state"),
    [
        ("merge", LAWYER, {"merged_into": "2611241000026"}, "merged"),
        ("cancel", CALLER, {"note": "问题已解决"}, "cancelled"),
        ("no_callback", SYSTEM_ACTOR, {"note": "未进入人工"}, "archived"),
    ],
)
def test_side_roads_end_the_ticket(
    born: Any, action: str, actor: Actor, values: dict[str, str], state: str
) -> None:
    born.do(action, actor, **values)
    assert born.state == state
    assert born.outcome.closed
    assert born.may(BUREAU) == []


def test_what_is_not_allowed_is_refused(handling: Any) -> None:
    with pytest.raises(ForbiddenError, match="办结"):
        handling.do("close", OTHER_STATION, result="x")
    with pytest.raises(ConflictError, match="“办理”状态"):
        handling.do("archive", LAWYER)
    with pytest.raises(InvalidInputError, match="写明原因"):
        handling.do("suspend", SUPERVISOR)
    with pytest.raises(InvalidInputError, match="没有这一项"):
        handling.do("close", STATION, result="x", satisfaction="1")


def test_the_applicant_sees_only_their_own_moves(born: Any) -> None:
    assert born.may(CALLER) == ["cancel"]
