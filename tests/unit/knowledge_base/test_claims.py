from __future__ import annotations

import random

import pytest

from knowledge_base.claims.agreement import check_claims, rate
from knowledge_base.claims.listed import announced, items_of
from knowledge_base.claims.pairs import Answered, make_pairs
from knowledge_base.claims.polarity import modals
from knowledge_base.claims.quantities import Dimension, quantities
from knowledge_base.claims.roles import opposed, same_party
from knowledge_base.claims.sources import Source
from knowledge_base.claims.weighing import ClaimKind
from knowledge_base.claims.wording import Phrase, comparable

ARBITRATION = (
    "劳动争议申请仲裁的时效期间为一年。仲裁时效期间从当事人知道或者应当知道其权利被侵害之日起计算。"
)
DISMISSAL = "用人单位违反本法规定解除劳动合同的，应当依照经济补偿标准的二倍向劳动者支付赔偿金。"
DEPOSIT = "用人单位招用劳动者，不得扣押劳动者的居民身份证和其他证件，不得要求劳动者提供担保。"


@pytest.mark.parametrize(
    ("text", "dimension", "value"),
    [
        ("一年", Dimension.MONTHS, 12),
        ("半年", Dimension.MONTHS, 6),
        ("一个半月", Dimension.MONTHS, 1.5),
        ("两年零三个月", Dimension.MONTHS, 27),
        ("15日", Dimension.DAYS, 15),
        ("七十二小时", Dimension.HOURS, 72),
        ("3个工作日", Dimension.WORKING_DAYS, 3),
        ("双倍", Dimension.MULTIPLE, 2),
        ("百分之二十", Dimension.SHARE, 0.2),
        ("三分之二", Dimension.SHARE, 2 / 3),
        ("20%", Dimension.SHARE, 0.2),
        ("三万两千元", Dimension.MONEY, 32_000),
        ("一万五元", Dimension.MONEY, 15_000),
        ("2,000元", Dimension.MONEY, 2_000),
        ("八周岁", Dimension.AGE, 8),
        ("两人", Dimension.PERSONS, 2),
    ],
)
def test_a_quantity_is_read(text: str, dimension: Dimension, value: float) -> None:
    (found,) = quantities(f"应当是{text}。")
    assert (found.dimension, float(found.value)) == (dimension, pytest.approx(value))


@pytest.mark.parametrize(
    "text",
    [
        "第三十条第二款",
        "2020年5月1日起施行",
        "二〇二一年",
        "一年期贷款市场报价利率",
        "一两天",
        "几个月",
        "一个人",
    ],
)
def test_what_is_no_quantity_is_left_out(text: str) -> None:
    assert quantities(text) == []


def test_thirty_days_and_one_month_do_not_contradict_each_other() -> None:
    days, month, year = quantities("三十日；一个月；一年")
    assert days.agrees(month)
    assert not month.agrees(year)


def test_a_comparable_text_leads_back_to_the_original() -> None:
    text = "劳动仲裁的时效，是两年。"
    wording = comparable(text)
    assert wording.text == "劳动仲裁的时效是{24月}|"
    start = wording.text.index("{")
    assert text[slice(*wording.span(start, wording.text.index("}") + 1))] == "两年"


def test_a_phrase_is_found_in_any_order_and_in_figures_of_any_kind() -> None:
    phrase = Phrase.read("仲裁 一年|十二个月")
    assert phrase.find(comparable("要在1年之内申请仲裁").text)
    assert phrase.find(comparable("仲裁要在12个月内提").text)
    assert not phrase.find(comparable("仲裁时效是两年").text)


@pytest.mark.parametrize(
    ("text", "negative"),
    [
        ("应当支付", [False]),
        ("不应当支付", [True]),
        ("不得解除", [True]),
        ("不得不解除", [False]),
        ("可以不支付", [True]),
        ("无权要求返还", [True]),
        ("不动产登记", []),
        ("要求赔偿", []),
    ],
)
def test_negations_are_counted(text: str, negative: list[bool]) -> None:
    assert [modal.negative for modal in modals(text)] == negative


def test_parties_are_known_by_their_lay_names() -> None:
    assert same_party("公司", "用人单位")
    assert opposed("房东", "承租人")
    assert not opposed("房东", "劳动者")


def score(answer: str, *articles: str, question: str = "") -> float:
    return rate(check_claims(answer, Source.of(articles), question)).score


@pytest.mark.parametrize(
    ("right", "wrong", "article"),
    [
        ("申请劳动仲裁的时效是一年。", "申请劳动仲裁的时效是两年。", ARBITRATION),
        (
            "违法解除的，按经济补偿标准的二倍支付赔偿金。",
            "违法解除的，按经济补偿标准的三倍支付赔偿金。",
            DISMISSAL,
        ),
        (
            "用人单位不得扣押劳动者的居民身份证。",
            "用人单位可以扣押劳动者的居民身份证。",
            DEPOSIT,
        ),
        (
            "违法解除劳动合同的，用人单位应当向劳动者支付赔偿金。",
            "违法解除劳动合同的，劳动者应当向用人单位支付赔偿金。",
            DISMISSAL,
        ),
    ],
)
def test_a_right_answer_is_rated_above_a_wrong_one(right: str, wrong: str, article: str) -> None:
    assert score(right, article) > 0.5 > score(wrong, article)
    assert score(right, article) - score(wrong, article) > 0.1


def test_a_bare_no_is_read_with_its_question() -> None:
    question = "用人单位可以扣押劳动者的身份证吗？"
    assert score("不可以。", DEPOSIT, question=question) > score(
        "可以。", DEPOSIT, question=question
    )


def test_what_the_article_does_not_decide_is_not_judged() -> None:
    assert check_claims("诉讼费由败诉方承担。", Source.of([ARBITRATION])) == []


def test_an_article_with_exceptions_decides_only_its_own_words() -> None:
    source = Source.of(["承包方不得单方解除合同，但受让方擅自改变土地用途的除外。"])
    claims = check_claims("受让方改变用途的，可以解除。", source)
    assert not [claim for claim in claims if claim.kind is ClaimKind.POLARITY]


PETITION = (
    "旅游经营者擅自转让旅游业务，旅游者请求旅游经营者承担连带责任的，人民法院应予支持。"
    "旅游者请求双倍返还旅游费用的，人民法院不予支持。"
)
GROUNDS = (
    "发包人具有下列情形之一，造成建设工程质量缺陷，应当承担过错责任：\n"
    "（一）提供的设计有缺陷；\n（二）指定购买的材料不符合标准；\n（三）直接指定分包人分包专业工程。"
)


def rated(answer: str, article: str) -> float:
    return rate(check_claims(answer, Source.of([article]))).score


def test_what_the_court_grants_may_be_demanded() -> None:
    right = "旅游经营者擅自转让旅游业务的，旅游经营者应当承担连带责任。"
    wrong = "旅游经营者擅自转让旅游业务的，旅游经营者不承担连带责任。"
    assert rated(right, PETITION) > 0.5 > rated(wrong, PETITION)


@pytest.mark.parametrize(
    ("right", "wrong", "article"),
    [
        (
            "主债权债务合同无效的，保证合同无效。",
            "主债权债务合同无效的，保证合同有效。",
            "主债权债务合同无效的，保证合同无效。",
        ),
        (
            "新合伙人对入伙前合伙企业的债务承担无限连带责任。",
            "新合伙人对入伙前合伙企业的债务不承担无限连带责任。",
            "新合伙人对入伙前合伙企业的债务承担无限连带责任。",
        ),
        (
            "租赁期限六个月以上的，应当采用书面形式。",
            "租赁期限六个月以上的，应当采用口头形式。",
            "租赁期限六个月以上的，应当采用书面形式。",
        ),
        ("发包人在三种情形下承担过错责任。", "发包人在五种情形下承担过错责任。", GROUNDS),
        (
            "由县级以上地方人民政府予以公告。",
            "由县级以下地方人民政府予以公告。",
            "由县级以上地方人民政府予以公告并组织实施。",
        ),
    ],
)
def test_the_word_that_an_article_has_is_rated_above_its_opposite(
    right: str, wrong: str, article: str
) -> None:
    assert rated(right, article) > 0.5 > rated(wrong, article)


def test_a_duty_that_is_told_as_a_choice_is_held_against_the_article() -> None:
    right, wrong = (f"出租人{word}履行租赁物的维修义务。" for word in ("应当", "可以"))
    article = "出租人应当履行租赁物的维修义务。"
    (claim,) = (
        one for one in check_claims(wrong, Source.of([article])) if one.kind is ClaimKind.FORCE
    )
    assert (claim.lean < 0, claim.source) == (True, article.rstrip("。"))
    assert rated(right, article) > 0.5 > rated(wrong, article)


def test_a_choice_of_one_party_says_nothing_of_another_ones_duty() -> None:
    article = "承租人可以请求出租人在合理期限内维修。出租人应当履行租赁物的维修义务。"
    claims = check_claims("出租人应当履行维修义务。", Source.of([article]))
    assert not [claim for claim in claims if claim.lean < 0]


@pytest.mark.parametrize(
    ("text", "number", "listed"),
    [
        ("主要有三种情形：一是协商，二是调解，三是仲裁。", 3, 3),
        ("需要满足两个条件：（1）危急情况；（2）两个以上见证人。", 2, 2),
        ("可以采取折价、拍卖、变卖三种方式。", 3, 3),
        ("主要有六种情形：\n（一）协商；\n（二）调解。", 6, 2),
        ("有四种情形可以解除。", 4, None),
    ],
)
def test_a_count_is_held_against_the_list_that_it_announces(
    text: str, number: int, listed: int | None
) -> None:
    found = next(announced(text))
    assert (found.number, found.listed) == (number, listed)


def test_an_article_with_two_lists_decides_no_count() -> None:
    assert items_of(GROUNDS) == (
        "发包人具有下列情形之一，造成建设工程质量缺陷，应当承担过错责任：",
        3,
    )
    assert items_of(GROUNDS + "\n" + GROUNDS) is None


def test_pairs_differ_in_one_place_and_are_the_same_for_the_same_seed() -> None:
    answered = [
        Answered(
            "多久？", "用人单位应当在三十日内支付二倍工资，不得拖欠五百元。", ("劳动法第一条",)
        )
    ]
    made = list(make_pairs(answered, random.Random(3)))
    assert {pair.kind for pair in made} == {"number", "period", "multiple", "negation", "subject"}
    assert made == list(make_pairs(answered, random.Random(3)))
    for pair in made:
        assert pair.right != pair.wrong
