"""Cards in the browser: draft, legal review, published, due; what each step needs."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

import hotline.store.schema  # noqa: F401 - knows every package's tables
from hotline.clock import ManualClock
from hotline.settings import Settings
from hotline.store import Database
from hotline.web.permissions import Role
from hotline.web.section import Section
from knowledge_base.cards import load_cards
from knowledge_base.editing.installed import installed_cards
from knowledge_base.library.importer import import_texts
from knowledge_base.library.installed import KnowledgeFiles
from knowledge_base.library.model import Level
from knowledge_base.library.numerals import ArticleNumber
from knowledge_base.library.sources import StatuteText
from knowledge_base.library.structure import ParsedArticle
from knowledge_base.routes import section as knowledge_section
from tests.integration.web.conftest import *  # noqa: F403 - the same browser and accounts
from transcripts.scoring.knowledge import InstalledKnowledge

SignedIn = Callable[..., Awaitable[Any]]
LAW = "路灯管理条例"


@pytest.fixture
def sections() -> list[Section]:
    return [knowledge_section]


def statute(*articles: str) -> StatuteText:
    return StatuteText(
        name=LAW,
        title=LAW,
        level=Level.REGULATION,
        category="",
        publish=date(2020, 1, 1),
        valid_from=date(2020, 1, 1),
        expired=False,
        source="test",
        taken=date(2026, 11, 1),
        articles=tuple(
            ParsedArticle(ArticleNumber(place + 1), text, ()) for place, text in enumerate(articles)
        ),
        repeals=(),
    )


@pytest.fixture
async def library(database: Database, clock: ManualClock) -> None:
    async with database.write() as session:
        texts = [statute("路灯由街道维护。", "路灯损坏的，应当在三日内修复。")]
        await import_texts(session, texts, clock.now())


FORM = {
    "title": "路灯坏了谁来修",
    "topic": "other",
    "questions": "路灯坏了找谁\n门口路灯不亮多久修好",
    "keywords": "路灯、照明",
    "point-0-text": "路灯三天内修好",
    "point-0-required": "1",
    "point-0-say": "三天 修好|修复",
    "point-0-articles": f"{LAW}第二条",
    "point-1-text": "",
    "fact-0-subject": "路灯修复的期限",
    "fact-0-kind": "period",
    "fact-0-value": "三日",
    "fact-0-cues": "路灯 修",
    "fact-0-article": f"{LAW}第二条",
    "articles": f"{LAW}第二条\n辅：{LAW}第一条",
    "sources": LAW,
    "review_due": "2027-05-20",
    "reviewed": "2026-11-24",
}


async def edited(browser: Any, card: str, **changes: str) -> Any:
    page = (await browser.get(f"/cards/{card}/edit")).text
    revision = re.search(r'name="revision" value="(\d+)"', page)
    assert revision, page
    return await browser.post(
        f"/cards/{card}/edit", {**FORM, "revision": revision.group(1), **changes}
    )


async def begun(browser: Any) -> str:
    answer = await browser.post("/cards", {"questions": "路灯坏了找谁", "topic": "other"})
    return str(re.fullmatch(r"/cards/([a-z0-9-]+)/edit", answer.to).group(1))  # type: ignore[union-attr]


async def published(drafter: Any, reviewer: Any) -> str:
    card = await begun(drafter)
    answer = await edited(drafter, card, then="submit")
    assert answer.to == f"/cards/{card}", answer.text
    answer = await reviewer.post(f"/cards/{card}/approve")
    assert answer.status == 303
    return card


def cards_of(tmp_path: Path) -> dict[str, Any]:
    return {card.id: card for card in installed_cards(KnowledgeFiles(tmp_path / "knowledge"))}


@pytest.mark.usefixtures("library")
async def test_a_card_goes_from_draft_by_legal_review_into_scoring_and_search(
    signed_in: SignedIn, tmp_path: Path
) -> None:
    lawyer = await signed_in("wang", Role.LAWYER)
    reviewer = await signed_in("zhou", Role.REVIEWER)
    card = await published(lawyer, reviewer)
    assert cards_of(tmp_path)[card].facts[0].value == "三日"
    knowledge = InstalledKnowledge(Settings(home=tmp_path))()
    assert card in {each.id for each in knowledge.cards}
    found = (await lawyer.get("/knowledge?q=家门口路灯坏了多久能修好")).text
    assert "路灯坏了谁来修" in found
    assert "路灯三天内修好" in found
    page = (await lawyer.get(f"/cards/{card}")).text
    assert "条文中有" in page
    assert "第 1 版" in page
    # The article knows who rests on it.
    assert "路灯坏了谁来修" in (await lawyer.get(f"/statutes/{LAW}/2")).text


@pytest.mark.usefixtures("library")
async def test_nobody_reviews_the_own_card_and_a_lawyer_reviews_none(signed_in: SignedIn) -> None:
    reviewer = await signed_in("zhou", Role.REVIEWER)
    card = await begun(reviewer)
    await edited(reviewer, card, then="submit")
    answer = await reviewer.post(f"/cards/{card}/approve")
    assert answer.status == 403
    assert "不能审核自己起草的要点卡" in answer.text
    lawyer = await signed_in("wang", Role.LAWYER)
    assert (await lawyer.post(f"/cards/{card}/approve")).status == 403
    station = await signed_in("qingshi", Role.STATION)
    assert (await station.get(f"/cards/{card}/edit")).status == 403
    assert (await station.get("/cards/dismissal")).status == 200


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"questions": "只有一个"}, "群众怎么问"),
        ({"fact-0-article": f"{LAW}第九条"}, "法规库里找不到这些条文"),
        ({"see_also": "no-such-card"}, "没有编号为 no-such-card 的要点卡"),
        ({"review_due": ""}, "复审日期"),
    ],
)
async def test_an_incomplete_card_is_kept_as_a_draft_but_not_sent_to_review(
    signed_in: SignedIn, changes: dict[str, str], told: str
) -> None:
    lawyer = await signed_in("wang", Role.LAWYER)
    card = await begun(lawyer)
    answer = await edited(lawyer, card, then="submit", **changes)
    assert answer.status == 422
    assert told in answer.text
    assert "路灯坏了谁来修" in (await lawyer.get(f"/cards/{card}/edit")).text


@pytest.mark.usefixtures("library")
async def test_a_fact_whose_number_is_not_in_its_article_is_published_but_listed_as_unverified(
    signed_in: SignedIn,
) -> None:
    lawyer = await signed_in("wang", Role.LAWYER)
    reviewer = await signed_in("zhou", Role.REVIEWER)
    card = await begun(lawyer)
    await edited(lawyer, card, then="submit", **{"fact-0-value": "五日"})
    await reviewer.post(f"/cards/{card}/approve")
    page = (await lawyer.get(f"/cards/{card}")).text
    assert "条文中没有这个数值" in page
    assert "1 个事实未核实" in (await lawyer.get("/cards")).text


@pytest.mark.usefixtures("library")
async def test_two_people_editing_one_card_are_shown_each_others_words(signed_in: SignedIn) -> None:
    wang = await signed_in("wang", Role.LAWYER)
    zhao = await signed_in("zhao", Role.LAWYER)
    card = await begun(wang)
    await edited(wang, card)
    answer = await edited(zhao, card, revision="1", title="路灯不亮")
    assert answer.status == 409
    assert "别人刚刚改过" in answer.text
    assert "标题：路灯坏了谁来修" in answer.text
    assert "标题：路灯不亮" in answer.text
    assert (await zhao.post(f"/cards/{card}/edit", {**FORM, "revision": "2"})).status == 303


@pytest.mark.usefixtures("library")
async def test_a_returned_card_says_what_to_change(signed_in: SignedIn) -> None:
    lawyer = await signed_in("wang", Role.LAWYER)
    reviewer = await signed_in("zhou", Role.REVIEWER)
    card = await begun(lawyer)
    await edited(lawyer, card, then="submit")
    await reviewer.post(f"/cards/{card}/back", {"words": " "})
    assert "待法律审核" in (await lawyer.get(f"/cards/{card}")).text
    await reviewer.post(f"/cards/{card}/back", {"words": "期限请再核对"})
    page = (await lawyer.get(f"/cards/{card}")).text
    assert "期限请再核对" in page
    assert "草稿" in page


@pytest.mark.each_database
@pytest.mark.usefixtures("library")
async def test_a_later_version_overrides_the_earlier_and_both_can_be_compared(
    signed_in: SignedIn, tmp_path: Path, clock: ManualClock
) -> None:
    lawyer = await signed_in("wang", Role.LAWYER)
    reviewer = await signed_in("zhou", Role.REVIEWER)
    card = await published(lawyer, reviewer)
    clock.advance(60)
    await edited(lawyer, card, then="submit", title="路灯不亮怎么办")
    await reviewer.post(f"/cards/{card}/approve")
    assert cards_of(tmp_path)[card].title == "路灯不亮怎么办"
    page = (await lawyer.get(f"/cards/{card}/compare?from=1&to=2")).text
    assert "<del>标题：路灯坏了谁来修</del>" in page
    assert "<ins>标题：路灯不亮怎么办</ins>" in page


@pytest.mark.usefixtures("library")
async def test_a_retired_card_is_found_no_longer_and_comes_back_only_through_the_legal_review(
    signed_in: SignedIn, tmp_path: Path
) -> None:
    lawyer = await signed_in("wang", Role.LAWYER)
    reviewer = await signed_in("zhou", Role.REVIEWER)
    card = await published(lawyer, reviewer)
    assert cards_of(tmp_path)[card].version == 1
    assert (await lawyer.post(f"/cards/{card}/retire", {"words": "不用了"})).status == 403
    await reviewer.post(f"/cards/{card}/retire", {"words": " "})
    assert card in cards_of(tmp_path), "a reason must be given"
    await reviewer.post(f"/cards/{card}/retire", {"words": "条例已废止"})
    assert card not in cards_of(tmp_path)
    assert "路灯坏了谁来修" not in (await lawyer.get("/knowledge?q=家门口路灯坏了多久能修好")).text
    page = (await lawyer.get(f"/cards/{card}")).text
    assert "条例已废止" in page
    # What was said of it stays readable, and it stands in a list of its own.
    assert "路灯三天内修好" in (await lawyer.get(f"/cards/{card}?version=1")).text
    assert f"/cards/{card}" in (await lawyer.get("/cards?tab=retired")).text
    assert f"/cards/{card}" not in (await lawyer.get("/cards")).text
    await edited(lawyer, card, then="submit")
    assert card not in cards_of(tmp_path)
    await reviewer.post(f"/cards/{card}/approve")
    assert cards_of(tmp_path)[card].version == 2


async def test_a_shipped_card_is_retired_with_those_that_point_to_it_kept(
    signed_in: SignedIn, tmp_path: Path
) -> None:
    reviewer = await signed_in("zhou", Role.REVIEWER)
    pointed = next(other for card in load_cards() for other in card.see_also)
    await reviewer.post(f"/cards/{pointed}/retire", {"words": "内容过时"})
    kept = cards_of(tmp_path)
    assert len(kept) == len(load_cards()) - 1
    assert all(pointed not in card.see_also for card in kept.values())


async def test_a_published_version_overrides_a_shipped_card(
    signed_in: SignedIn, tmp_path: Path
) -> None:
    lawyer = await signed_in("wang", Role.LAWYER)
    reviewer = await signed_in("zhou", Role.REVIEWER)
    assert "随程序提供，还没有修改过" in (await lawyer.get("/cards/dismissal")).text
    await edited(lawyer, "dismissal", then="submit")
    await reviewer.post("/cards/dismissal/approve")
    assert cards_of(tmp_path)["dismissal"].title == "路灯坏了谁来修"
    assert len(cards_of(tmp_path)) == len(load_cards())
    file = tmp_path / "knowledge" / "cards" / "dismissal.yaml"
    assert yaml.safe_load(file.read_text(encoding="utf-8"))["id"] == "dismissal"


@pytest.mark.usefixtures("library")
async def test_a_card_whose_article_changed_at_an_import_is_flagged_until_it_is_published_anew(
    signed_in: SignedIn, database: Database, clock: ManualClock
) -> None:
    lawyer = await signed_in("wang", Role.LAWYER)
    reviewer = await signed_in("zhou", Role.REVIEWER)
    card = await published(lawyer, reviewer)
    clock.advance(60)
    new = replace(
        statute("路灯由街道维护。", "路灯损坏的，应当在五日内修复。"),
        publish=date(2026, 11, 20),
        valid_from=date(2026, 11, 20),
    )
    async with database.write() as session:
        await import_texts(session, [new], clock.now())
    listed = (await lawyer.get("/cards?tab=due")).text
    assert f"《{LAW}》第二条新版本" in listed
    page = (await lawyer.get(f"/cards/{card}")).text
    assert "要复审" in page
    assert "条文中没有这个数值" in page
    clock.advance(60)
    await edited(lawyer, card, then="submit", **{"fact-0-value": "五日"})
    await reviewer.post(f"/cards/{card}/approve")
    assert f"《{LAW}》第二条" not in (await lawyer.get("/cards?tab=due")).text


async def test_markup_and_a_huge_paste_stay_text(signed_in: SignedIn) -> None:
    lawyer = await signed_in("wang", Role.LAWYER)
    card = await begun(lawyer)
    await edited(lawyer, card, title="<script>alert(1)</script>", questions="很长" * 30_000)
    page = (await lawyer.get(f"/cards/{card}/edit")).text
    assert "<script>alert" not in page
    assert len(page) < 100_000


async def test_frequent_questions_without_a_card_are_a_gap_and_lead_to_a_draft(
    signed_in: SignedIn,
) -> None:
    lawyer = await signed_in("wang", Role.LAWYER)
    for question in ("无人机航拍要不要登记", "无人机航拍需要登记吗", "老板拖欠工资怎么办"):
        await lawyer.get(f"/knowledge?q={question}")
    page = (await lawyer.get("/knowledge/gaps")).text
    assert "无人机航拍" in page
    assert "检索 2" in page
    assert "老板拖欠工资" not in page
    answer = await lawyer.post("/cards", {"questions": "无人机航拍需要登记吗", "topic": "x"})
    assert "无人机航拍需要登记吗" in (await lawyer.get(answer.to)).text


async def test_long_figures_in_a_search_are_not_kept(signed_in: SignedIn) -> None:
    lawyer = await signed_in("wang", Role.LAWYER)
    await lawyer.get("/knowledge?q=身份证110101199003071234被别人拿去登记公司")
    page = (await lawyer.get("/knowledge/gaps")).text
    assert "1990" not in page
    assert "登记公司" in page
