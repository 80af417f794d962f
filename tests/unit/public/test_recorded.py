"""Recorded advice: the shipped texts are what the shipped cards say."""

from __future__ import annotations

import pytest

import config
from hotline.public.recorded import MOST_POINTS, UnknownCardError, advice, spoken, written
from ivr import model
from ivr.advice import FILE, wanted
from knowledge_base.cards.files import load_cards


def test_the_shipped_advice_is_what_the_shipped_cards_say() -> None:
    menu = model.load().menu
    text = written(advice(load_cards(), wanted(menu)))
    assert (config.SHIPPED / FILE).read_text(encoding="utf-8") == text, "hotline ivr advice --write"


def test_what_must_be_said_comes_first_and_nobody_has_to_keep_too_much_in_mind() -> None:
    (card,) = (card for card in load_cards() if card.id == "private-lending")
    told = spoken(card)
    required = [told.index(point.text) for point in card.points if point.required]
    others = [told.find(point.text) for point in card.points if not point.required]
    assert max(required) < min(place for place in others if place >= 0)
    assert told.count("第") <= MOST_POINTS + 1
    assert told.endswith("只供参考。")


def test_a_card_that_there_is_not_is_told() -> None:
    with pytest.raises(UnknownCardError, match="gossip"):
        advice(load_cards(), ["gossip"])
