from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from hotline.configfiles import ConfigFileError
from knowledge_base.cards import Card, load_cards
from knowledge_base.cards.check import Doubt, check_cards, trusted_facts, write_confirmations
from knowledge_base.library import Level, Library, StatuteText
from knowledge_base.library.numerals import ArticleNumber
from knowledge_base.library.structure import ParsedArticle

CARD = """\
id: example
topic: labour_contract
title: 劳动仲裁
questions: [仲裁多久, 过期了吗]
points:
  - {id: one-year, text: 一年, required: true, say: [仲裁 一年]}
facts:
  - id: limitation
    subject: 仲裁时效
    kind: period
    value: 一年
    cues: [仲裁时效]
    article: 劳动争议调解仲裁法第二十七条
articles:
  - {article: 劳动争议调解仲裁法第二十七条}
reviewed: 2026-01-01
review_due: 2026-07-01
sources: [劳动争议调解仲裁法]
"""


def library(text: str = "劳动争议申请仲裁的时效期间为一年。") -> Library:
    return Library.from_texts(
        [
            StatuteText(
                name="劳动争议调解仲裁法",
                title="劳动争议调解仲裁法",
                level=Level.LAW,
                category="社会法",
                publish=date(2007, 12, 29),
                valid_from=date(2008, 5, 1),
                expired=False,
                source="",
                taken=date(2026, 1, 1),
                articles=(ParsedArticle(ArticleNumber(27), text),),
            )
        ]
    )


def write(folder: Path, text: str) -> tuple[Card, ...]:
    (folder / "example.yaml").write_text(text, encoding="utf-8")
    return load_cards([folder])


def test_the_shipped_cards_are_sound_and_cover_every_topic_of_the_menu() -> None:
    cards = load_cards()
    assert {"wages", "labour_contract", "work_injury", "marriage", "inheritance", "lending",
            "traffic", "lease", "property", "consumer", "administrative", "legal_aid",
            "criminal", "procedure", "neighbour"} <= {card.topic for card in cards}  # fmt: skip
    for card in cards:
        assert card.questions
        assert any(point.required for point in card.points) or len(card.points) > 1


def test_every_fact_that_may_drive_a_finding_was_confirmed_in_a_statute() -> None:
    cards = load_cards()
    sure = {f"{card.id}/{fact.id}" for card in cards for fact in card.facts if fact.confidence == 3}
    assert trusted_facts(cards) == sure


@pytest.mark.parametrize(
    ("old", "new", "line", "told"),
    [
        ("value: 一年", "value: 很久", 9, "带单位的数值"),
        ("article: 劳动争议调解仲裁法第二十七条}", "article: 第几条}", 16, "法条"),
        ("topic:", "topik:", 2, "不认识的项"),
        ("id: one-year", "id: One Year", 6, "one"),
        ("review_due: 2026-07-01", "review_due: 2025-07-01", 1, "复审日期"),
        ("    cues: [仲裁时效]\n", "", 8, "cues"),
    ],
)
def test_a_broken_card_is_told_with_file_and_line(
    tmp_path: Path, old: str, new: str, line: int, told: str
) -> None:
    with pytest.raises(ConfigFileError) as caught:
        write(tmp_path, CARD.replace(old, new))
    text = str(caught.value)
    assert "example.yaml:" in text
    assert told.lower() in text.lower() or f":{line}:" in text


def test_two_cards_may_not_share_an_id(tmp_path: Path) -> None:
    (tmp_path / "other.yaml").write_text(CARD, encoding="utf-8")
    with pytest.raises(ConfigFileError, match="重复"):
        write(tmp_path, CARD)


def test_a_fact_that_stands_in_its_article_is_confirmed(tmp_path: Path) -> None:
    report = check_cards(write(tmp_path, CARD), library())
    assert [fact.key for fact in report.confirmed] == ["example/limitation"]
    assert not report.unknown_articles


@pytest.mark.parametrize(
    ("card", "text", "doubt"),
    [
        (CARD.replace("value: 一年", "value: 两年"), "时效期间为一年。", Doubt.NOT_IN_TEXT),
        (CARD.replace("法第二十七条\narticles", "法第九十条\narticles"), "一年", Doubt.NO_ARTICLE),
        (CARD.replace("    article: 劳动争议", "    confidence: 2\n    article: 劳动争议"), "一年",
         Doubt.LOW_CONFIDENCE),
        (CARD.replace("调解仲裁法第二十七条\narticles", "处理条例第一条\narticles"), "一年",
         Doubt.NO_LAW),
    ],
)  # fmt: skip
def test_a_fact_that_cannot_be_confirmed_never_drives_a_finding(
    tmp_path: Path, card: str, text: str, doubt: Doubt
) -> None:
    cards = write(tmp_path, card)
    report = check_cards(cards, library(text))
    assert [fact.doubt for fact in report.unconfirmed] == [doubt]
    assert trusted_facts(cards, library(text), confirmations=tmp_path / "none.yaml") == frozenset()


def test_a_confirmation_holds_for_the_confirmed_claim_only(tmp_path: Path) -> None:
    kept = tmp_path / "_confirmed.yaml"
    cards = write(tmp_path, CARD)
    assert write_confirmations(cards, check_cards(cards, library()), None, kept) == 1
    assert trusted_facts(cards, None, confirmations=kept) == {"example/limitation"}
    changed = write(tmp_path, CARD.replace("value: 一年", "value: 三年"))
    assert trusted_facts(changed, None, confirmations=kept) == frozenset()


def test_a_card_past_its_review_date_is_listed(tmp_path: Path) -> None:
    report = check_cards(write(tmp_path, CARD), library(), today=date(2026, 8, 1))
    assert report.overdue == ("example",)
