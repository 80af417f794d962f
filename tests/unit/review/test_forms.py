from __future__ import annotations

import pytest
from pydantic import ValidationError

from transcripts.review.agreement import measure
from transcripts.review.forms import Form, GradeIncompleteError, Marks, content
from transcripts.review.rules import Level, ReviewRules, load_rules
from transcripts.scoring.scorecard import ItemRule, load_scorecard

RULES = load_rules()


def form() -> Form:
    told = content(load_scorecard(), RULES)
    return Form(
        1,
        "12348",
        2,
        "热线答复质检表",
        tuple(ItemRule(**item) for item in told["items"]),
        told["vetoes"],
        tuple(Level(**level) for level in told["levels"]),
    )


def marks(*vetoes: str, **levels: int | None) -> Marks:
    return Marks({item.id: 0 for item in form().items} | levels, frozenset(vetoes))


def test_the_weights_are_those_of_the_form_and_come_to_a_hundred() -> None:
    assert sum(item.weight for item in form().items) == 100
    assert form().total(marks()) == 100
    assert form().total(marks(basis=3)) == 82


def test_an_item_that_does_not_apply_is_weighted_again_and_gives_no_free_points() -> None:
    # Half of what applies is lost: with the item out, the loss weighs more, not less.
    with_it = form().total(marks(basis=3))
    without = form().total(marks(basis=3, legal_aid=None))
    assert without == pytest.approx(100 * (95 - 18) / 95, abs=0.05)
    assert without < with_it


def test_only_items_that_the_form_lets_go_may_be_left_out() -> None:
    form().check(marks(legal_aid=None, guidance=None, ticket=None))
    with pytest.raises(GradeIncompleteError, match="总是适用") as refused:
        form().check(marks(basis=None))
    assert refused.value.details["field"] == "basis"
    with pytest.raises(GradeIncompleteError, match="还没有评"):
        form().check(Marks({"opening": 0}))
    with pytest.raises(GradeIncompleteError, match="一票否决"):
        form().check(marks("rude"))


def test_a_veto_sets_the_score_to_nought_and_a_lost_right_is_never_legally_right() -> None:
    assert form().total(marks("promised_outcome")) == 0
    assert form().legal_ok(marks("promised_outcome"))
    assert not form().legal_ok(marks("critical_wrong_fact"))
    assert not form().legal_ok(marks("lost_right"))
    assert not form().legal_ok(marks(matter=1))
    assert form().legal_ok(marks(opening=3))


def test_all_vetoes_of_the_domain_can_be_ticked() -> None:
    assert {"leak", "abuse", "inciting", "refusal", "lost_right", "promised_outcome"} <= set(
        form().vetoes
    )
    assert {"private_contact", "private_fee", "missing_police_110"} <= set(form().vetoes)


def test_an_item_with_too_little_agreement_becomes_a_hint_but_not_from_a_few_pairs() -> None:
    apart = [(0, 3), (3, 0)] * 20
    alike = [(0, 0), (3, 3)] * 20
    found = {
        one.subject: one
        for one in measure(
            {"basis": apart, "matter": alike, "opening": apart[:4]},
            {"promised_outcome": [(True, False), (False, True)] * 20},
            4,
            RULES,
        )
    }
    assert found["basis"].hint_only
    assert found["veto:promised_outcome"].hint_only
    assert not found["matter"].hint_only
    assert not found["opening"].hint_only


def test_the_random_sample_can_not_be_set_below_five_in_a_hundred() -> None:
    told = RULES.model_dump()
    with pytest.raises(ValidationError):
        ReviewRules(**(told | {"random_share": 0.01}))
    with pytest.raises(ValidationError, match="由高到低"):
        ReviewRules(**(told | {"levels": list(reversed(told["levels"]))}))
