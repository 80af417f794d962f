"""Legal aid: the statutory clocks of 法律援助法 36, 43, 44 and 49, kept and missed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from hotline.casework import Actor, services, tariffs
from hotline.casework.clocks import Signal
from hotline.errors import ConflictError, ForbiddenError, InvalidInputError

CLERK = Actor("clerk", frozenset({"bureau"}))
SECOND = Actor("second", frozenset({"bureau"}))
THIRD = Actor("third", frozenset({"bureau"}))
AIDE = Actor("lawyer-li")
APPLICANT = Actor("", is_applicant=True)

APPLICATION = {
    "caller_name": "王秀英",
    "matter": "labour_arbitration",
    "title": "讨要三个月工资",
    "means": "exempt",
    "exempt_ground": "migrant_wages",
}

Walks = Callable[..., Any]


@pytest.fixture
def reviewing(walk: Walks) -> Any:
    """An application received on Tuesday 2026-11-24."""
    road = walk("legal_aid")
    road.open(CLERK, **APPLICATION)
    road.do("apply", CLERK)
    return road


@pytest.fixture
def handling(reviewing: Any) -> Any:
    reviewing.do("grant", CLERK)
    reviewing.do("assign", CLERK, assignee_id="lawyer-li", lawyer_kind="lawyer")
    return reviewing


def test_from_the_application_to_the_paid_file(handling: Any, shipped: services.Services) -> None:
    handling.do("report", AIDE, note="已提交仲裁申请")
    handling.do("submit_file", AIDE, result="裁决支付工资", closing_papers=True)
    handling.do("accept_file", CLERK)
    handling.do("rate", APPLICANT, satisfaction="1")
    handling.do("assess", CLERK, grade="excellent")
    with pytest.raises(ForbiddenError, match="另一人"):
        handling.do("approve_subsidy", CLERK)
    handling.do("approve_subsidy", SECOND)
    assert handling.state == "archived"
    assert not any(run.missed for run in handling.case.clocks.values())
    paid = tariffs.payment(
        handling.service,
        shipped.tariffs["legal_aid"],
        handling.case.values,
        date(2026, 12, 20),
    )
    assert paid is not None
    assert paid.amount == Decimal("960.00")
    assert paid.example  # example figures must not be paid out


def test_a_public_official_draws_no_subsidy(handling: Any, shipped: services.Services) -> None:
    values = {**handling.case.values, "lawyer_kind": "official", "grade": "good"}
    tariff = shipped.tariffs["legal_aid"]
    assert tariffs.payment(handling.service, tariff, values, date(2026, 12, 20)) is None


def test_the_decision_is_due_in_seven_days_and_a_last_day_off_moves_on(walk: Walks) -> None:
    road = walk("legal_aid", "2026-11-24 10:00")
    road.open(CLERK, **APPLICATION)
    road.do("apply", CLERK)
    assert road.due("review") == "2026-12-01"
    road = walk("legal_aid", "2026-11-27 10:00")
    road.open(CLERK, **APPLICATION)
    road.do("apply", CLERK)
    assert road.due("review") == "2026-12-04"
    road = walk("legal_aid", "2026-09-24 10:00")  # the seventh day is 1 October, a holiday
    road.open(CLERK, **APPLICATION)
    road.do("apply", CLERK)
    assert road.due("review") == "2026-10-08"


def test_a_decision_too_late_shows(reviewing: Any) -> None:
    reviewing.pass_time(days=8)
    assert reviewing.signals() == [("review", Signal.YELLOW), ("review", Signal.DUE)]
    reviewing.do("grant", CLERK)
    assert reviewing.clock("review").missed


def test_correction_is_asked_once_and_its_time_does_not_count(reviewing: Any) -> None:
    reviewing.pass_time(days=2)
    outcome = reviewing.do(
        "ask_correction", CLERK, lacking="劳动合同或工资条", correct_by="2026-12-04"
    )
    assert [d.title for d in outcome.documents] == ["补充材料通知书"]
    assert "劳动合同或工资条" in outcome.documents[0].text
    reviewing.pass_time(days=6)
    assert reviewing.signals() == []
    reviewing.do("corrected", APPLICANT)
    assert reviewing.due("review") == "2026-12-07"  # 1 December and the six days
    with pytest.raises(ConflictError, match="最多 1 次"):
        reviewing.do("ask_correction", CLERK, lacking="还要别的", correct_by="2026-12-08")


def test_nobody_is_refused_by_a_machine(reviewing: Any) -> None:
    reviewing.do("ask_correction", CLERK, lacking="身份证", correct_by="2026-11-27")
    reviewing.pass_time(days=10)
    assert ("correction", Signal.DUE) in reviewing.signals()
    assert reviewing.state == "correcting"
    reviewing.do("deem_withdrawn", CLERK, note="逾期未补，电话两次未接")
    assert reviewing.state == "withdrawn"
    system_ways = {t.action for t in reviewing.service.transitions if "system" in t.who}
    assert system_ways == {"change_lawyer"}


def test_a_lawyer_is_assigned_within_three_days(reviewing: Any) -> None:
    reviewing.do("grant", CLERK)
    assert reviewing.due("assign") == "2026-11-27"
    reviewing.pass_time(days=3, hours=15)
    assert reviewing.signals() == [("assign", Signal.YELLOW), ("assign", Signal.DUE)]
    reviewing.do("assign", CLERK, assignee_id="lawyer-li", lawyer_kind="lawyer")
    assert reviewing.clock("assign").missed


def test_a_refusal_gives_reasons_and_the_objection_is_judged_in_five_days(reviewing: Any) -> None:
    with pytest.raises(InvalidInputError, match="理由"):
        reviewing.do("refuse", CLERK)
    outcome = reviewing.do("refuse", CLERK, refusal_reason="不属于法律援助范围")
    assert "行政复议" in outcome.documents[0].text
    reviewing.do("object", APPLICANT, objection="属于第三十一条第五项")
    assert reviewing.due("objection") == "2026-11-30"  # the fifth day is a Sunday
    with pytest.raises(ForbiddenError, match="另一人"):
        reviewing.do("order_correction", CLERK, note="成立")
    reviewing.do("order_correction", SECOND, note="成立")
    assert reviewing.state == "assigning"
    assert not reviewing.clock("objection").missed


def test_an_objection_too_late_shows(reviewing: Any) -> None:
    reviewing.do("refuse", CLERK, refusal_reason="不属于法律援助范围")
    reviewing.do("object", APPLICANT, objection="属于第三十一条第五项")
    reviewing.pass_time(days=7)
    assert ("objection", Signal.DUE) in reviewing.signals()
    reviewing.do("uphold", SECOND, note="维持")
    assert reviewing.clock("objection").missed
    assert reviewing.may(APPLICANT) == []


def test_an_appointed_defence_is_assigned_in_three_days_to_an_experienced_lawyer(
    walk: Walks,
) -> None:
    road = walk("legal_aid")
    road.open(
        CLERK,
        way="appointed",
        authority="示范县人民法院",
        caller_name="某被告人",
        matter="trial",
        title="故意杀人案",
        heavy=True,
    )
    assert "apply" not in road.may(CLERK)
    road.do("appointed", CLERK)
    assert road.due("assign") == "2026-11-27"
    young = {"assignee_id": "lawyer-li", "lawyer_kind": "lawyer", "lawyer_years": "2"}
    with pytest.raises(InvalidInputError):
        road.do("assign", CLERK, **young)
    road.do("assign", CLERK, **{**young, "lawyer_years": "3"})
    outcome = road.do("send_letter", CLERK)
    assert "示范县人民法院" in outcome.documents[0].text


def test_aid_before_review_where_a_limitation_runs_out(walk: Walks) -> None:
    road = walk("legal_aid")
    road.open(CLERK, **APPLICATION, limitation_deadline="2026-11-30")
    assert ("limitation", Signal.YELLOW) in road.signals()
    road.do("aid_first", CLERK, urgent_ground="limitation")
    road.do("assign", CLERK, assignee_id="lawyer-li", lawyer_kind="lawyer")
    closing = {"result": "已申请仲裁", "closing_papers": True}
    with pytest.raises(InvalidInputError):
        road.do("submit_file", AIDE, **closing)
    road.do("formalities", CLERK, means="proved")
    road.do("submit_file", AIDE, **closing)
    assert road.state == "filing"


def test_a_changed_lawyer_is_assigned_anew_within_three_days(handling: Any) -> None:
    handling.do("ask_change", APPLICANT, change_reason="联系不上承办律师")
    handling.do("change_lawyer", CLERK, note="属实")
    assert handling.state == "assigning"
    assert handling.due("assign") == "2026-11-27"
    assert handling.case.facets["assignee_id"] is None


def test_strangers_do_not_see_a_case(handling: Any) -> None:
    from hotline.casework import engine

    assert engine.may_see(handling.service, handling.case, AIDE)
    assert not engine.may_see(handling.service, handling.case, Actor("x", frozenset({"reviewer"})))
