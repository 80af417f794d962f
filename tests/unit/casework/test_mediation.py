"""People's mediation: consent of both, record, agreement, confirmation, performance, subsidy."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from hotline.casework import Actor, services, tariffs
from hotline.casework.clocks import Signal
from hotline.errors import ForbiddenError, InvalidInputError

CLERK = Actor("clerk", frozenset({"bureau"}))
SECOND = Actor("second", frozenset({"bureau"}))
MEDIATOR = Actor("mediator-he")

DISPUTE = {
    "caller_name": "李大爷",
    "other_party": "赵家",
    "kind": "neighbour",
    "title": "排水沟纠纷",
}

Walks = Callable[..., Any]


@pytest.fixture
def mediating(walk: Walks) -> Any:
    road = walk("mediation")
    road.open(CLERK, **DISPUTE)
    road.do("ask_consent", CLERK)
    road.do(
        "start_mediation",
        CLERK,
        applicant_consents=True,
        other_consents=True,
        assignee_id="mediator-he",
    )
    return road


@pytest.fixture
def agreed(mediating: Any) -> Any:
    mediating.do(
        "agree",
        MEDIATOR,
        record="双方各让一步",
        agreement_form="written",
        agreement="赵家十日内改道",
        agreed_on="2026-11-24",
        perform_by="2026-12-04",
    )
    return mediating


def test_without_the_consent_of_both_nothing_is_mediated(walk: Walks) -> None:
    road = walk("mediation")
    road.open(CLERK, **DISPUTE)
    road.do("ask_consent", CLERK)
    with pytest.raises(InvalidInputError):
        road.do(
            "start_mediation",
            CLERK,
            applicant_consents=True,
            other_consents=False,
            assignee_id="mediator-he",
        )
    outcome = road.do("decline", CLERK, note="对方拒绝")
    assert outcome.closed
    assert outcome.parent_action == "linked_result"


def test_a_month_to_settle(mediating: Any) -> None:
    assert mediating.due("mediate") == "2026-12-24"
    mediating.pass_time(days=31)
    assert ("mediate", Signal.DUE) in mediating.signals()
    outcome = mediating.do("fail", MEDIATOR, record="谈不拢", fail_reason="分歧过大")
    assert mediating.clock("mediate").missed
    assert "诉讼" in outcome.notices[0].text or "司法" in outcome.documents[0].text


def test_judicial_confirmation_is_remembered_thirty_days_after_the_agreement(agreed: Any) -> None:
    assert agreed.due("confirmation") == "2026-12-24"
    agreed.pass_time(days=24)
    assert ("confirmation", Signal.YELLOW) in agreed.signals()
    agreed.do("record_confirmation", MEDIATOR, confirmation="applied")
    assert agreed.clock("confirmation").ended is not None
    assert not agreed.clock("confirmation").missed
    agreed.pass_time(days=30)
    assert agreed.signals() == []


def test_performance_is_checked_until_it_is_done(agreed: Any) -> None:
    agreed.do("follow_performance", MEDIATOR, confirmation="none")
    assert agreed.due("performance") == "2026-12-04"
    agreed.pass_time(days=12)
    assert ("performance", Signal.DUE) in agreed.signals()
    agreed.do("check_performance", MEDIATOR, performed="part", perform_by="2026-12-18")
    assert agreed.state == "performing"
    assert agreed.due("performance") == "2026-12-18"
    agreed.do("check_performance", MEDIATOR, performed="full")
    assert agreed.state == "appraising"


def test_the_subsidy_is_grade_times_appraisal_times_tariff_approved_by_two(
    agreed: Any, shipped: services.Services
) -> None:
    agreed.do("check_performance", MEDIATOR, performed="full")
    agreed.do(
        "appraise", CLERK, dossier_grade="a", appraisal="excellent", mediator_kind="part_time"
    )
    with pytest.raises(ForbiddenError, match="另一人"):
        agreed.do("approve_subsidy", CLERK)
    agreed.do("approve_subsidy", SECOND)
    tariff = shipped.tariffs["mediation"]
    paid = tariffs.payment(agreed.service, tariff, agreed.case.values, date(2027, 1, 1))
    assert paid is not None
    assert paid.amount == Decimal("180.00")
    assert paid.reckoning == ("一般纠纷 100 元", "× 卷宗一档 1.5", "× 考核优秀 1.2")


def test_a_dispute_that_may_escalate_is_reported(mediating: Any) -> None:
    quiet = mediating.do("add_record", MEDIATOR, record="第一次调解")
    assert quiet.notices == ()
    told = mediating.do("add_record", MEDIATOR, record="有人扬言报复", may_escalate=True)
    assert [notice.whom for notice in told.notices] == ["role:bureau"]
