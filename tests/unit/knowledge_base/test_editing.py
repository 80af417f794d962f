"""Editing a card: states, who may, what is compared, what fell due."""

from __future__ import annotations

import pytest

from knowledge_base.editing.body import difference, lines_of, read, shipped_body


def test_a_shipped_card_becomes_a_body_that_reads_as_the_same_card() -> None:
    body = shipped_body("dismissal")
    assert body is not None
    card, mistakes = read(body)
    assert mistakes == ()
    assert card is not None
    assert card.id == "dismissal"


def test_what_is_missing_is_told_in_words_and_not_in_field_names() -> None:
    body = shipped_body("dismissal")
    assert body is not None
    body["questions"] = ["只有一个问法"]
    body["facts"][0]["value"] = "很多"
    _, mistakes = read(body)
    told = "；".join(map(str, mistakes))
    assert "群众怎么问" in told
    assert "法律事实第 1 条" in told
    assert "value 应为一个带单位的数值" in told


def test_a_comparison_shows_only_the_line_that_changed_as_changed() -> None:
    before = shipped_body("dismissal")
    after = shipped_body("dismissal")
    assert before is not None
    assert after is not None
    after["facts"][0]["value"] = "三倍"
    changed = [line for line in difference(before, after) if line.kind != "same"]
    assert [(line.kind, "三倍" in line.text) for line in changed] == [
        ("gone", False),
        ("new", True),
    ]
    assert len(difference(before, after)) == len(lines_of(before)) + 1


@pytest.mark.parametrize("card", ["../topics/examples", "no-such-card"])
def test_a_card_that_is_not_shipped_has_no_body(card: str) -> None:
    assert shipped_body(card) is None
