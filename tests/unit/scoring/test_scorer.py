from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
import yaml

import config
from hotline.configfiles import ConfigFileError
from hotline.voice.numerals import read_figures
from knowledge_base.cards import load_cards
from knowledge_base.library import Level, Library, StatuteText
from knowledge_base.library.numerals import ArticleNumber
from knowledge_base.library.structure import ParsedArticle
from transcripts.scoring.findings import Finding, FindingKind, Verdict
from transcripts.scoring.scorecard import Scorecard, load_scorecard
from transcripts.scoring.scorer import Knowledge, Scored, score
from transcripts.scoring.speech import Turn, Word, split_at_pauses
from transcripts.scoring.talks import TalkFileError, read_talk, timed

DAY = date(2026, 11, 24)
SCRIPTS = sorted(config.path("demo/conversations").glob("*.yaml"))
ASKED = "公司没有跟我签劳动合同，突然把我辞退了，我能要求赔偿吗？"


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return Knowledge(load_cards())


@pytest.fixture(scope="module")
def scorecard() -> Scorecard:
    return load_scorecard()


def as_recognised(lines: list[tuple[str, str]], confidence: float | None = 0.95) -> list[Turn]:
    """Give lines as a recogniser writes them: no punctuation, figures in words."""
    turns: list[Turn] = []
    second = 0.0
    for who, say in lines:
        for sentence in filter(None, re.split("[。？！]", say)):
            words = re.sub(r"[，、：；“”]", "", read_figures(sentence))
            turns.append(Turn(who, second, second + len(words) * 0.2, words, confidence))
            second += len(words) * 0.2 + 0.5
    return turns


def answer(*said: str, asked: str = ASKED, confidence: float | None = 0.95) -> list[Turn]:
    greeting = "您好，这里是一二三四八法律服务热线，我是一零一号王律师，请问您有什么法律问题？"
    lines = [("agent", greeting), ("caller", asked), *(("agent", one) for one in said)]
    return as_recognised(lines, confidence)


def faults(scored: Scored) -> list[str]:
    return [finding.kind.value for finding in scored.faults]


def only(scored: Scored, kind: FindingKind) -> Finding:
    (found,) = (one for one in scored.findings if one.kind is kind)
    return found


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda file: file.stem)
@pytest.mark.parametrize("recognised", [True, False], ids=["speech", "text"])
def test_the_planted_faults_of_the_demo_are_found_and_none_invented(
    script: Path, recognised: bool, knowledge: Knowledge, scorecard: Scorecard
) -> None:
    told = yaml.safe_load(script.read_text(encoding="utf-8"))
    lines = [(line["who"], line["say"]) for line in told["lines"]]
    turns = as_recognised(lines) if recognised else timed(lines)
    scored = score(turns, knowledge, scorecard, on=DAY, topic=told["topic"])
    assert faults(scored) == told["expect"]["findings"]


def test_a_wrong_period_is_found_with_its_evidence(
    knowledge: Knowledge, scorecard: Scorecard
) -> None:
    turns = answer("您可以申请劳动仲裁，劳动仲裁的时效是两年，仲裁不收费。可以申请法律援助。")
    finding = only(score(turns, knowledge, scorecard, on=DAY), FindingKind.WRONG_FACT)
    assert finding.verdict is Verdict.WRONG
    assert (finding.heard, finding.expected) == ("两年", "一年")
    assert finding.article == "《劳动争议调解仲裁法》第二十七条"
    said = next(turn for turn in turns if "两年" in turn.text)
    assert finding.at_second is not None
    assert said.start <= finding.at_second <= said.end
    assert "劳动仲裁的时效是两年" in finding.sentence


@pytest.mark.parametrize(
    "said",
    [
        "您可以申请劳动仲裁，时效是一年。",
        "有人说劳动仲裁时效是两年，其实不是两年，是一年。",
        "您在公司工作了两年，可以申请劳动仲裁，仲裁时效一年。",
        "您离职两年前的事，申请仲裁恐怕已经过了一年的时效。",
        "您是说两年前申请过仲裁，对吗？",
        "仲裁委五日内决定是否受理，受理后四十五日内裁决。",
        "违法解除的，按经济补偿的二倍赔偿；没签合同的，每月付二倍工资。",
        "经济补偿每满一年支付一个月工资，六个月以上不满一年的按一年算。",
        "您得在一年内申请仲裁，不服裁决的收到裁决书十五日内起诉。",
        "普通的诉讼时效是三年，但是劳动仲裁时效是一年。",
        "月工资高于职工平均工资三倍的按三倍算，最多十二年。",
        "单位应当提前三十日通知您，试用期您提前三天通知就可以走。",
    ],
)
def test_what_is_right_or_the_callers_own_story_is_no_fault(
    said: str, knowledge: Knowledge, scorecard: Scorecard
) -> None:
    scored = score(answer(said, "可以申请法律援助，请保留证据。"), knowledge, scorecard, on=DAY)
    assert faults(scored) == []


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        ("要在六个月之内申请劳动仲裁。", "六个月"),
        ("申请仲裁的时效是三年。", "三年"),
        ("违法解除劳动合同的赔偿金是经济补偿标准的三倍。", "三倍"),
        ("对裁决不服的，收到裁决书以后三十天内起诉。", "三十天"),
        ("没签书面劳动合同的，每个月支付三倍工资。", "三倍"),
    ],
)
def test_a_wrong_number_is_found_however_it_is_said(
    said: str, heard: str, knowledge: Knowledge, scorecard: Scorecard
) -> None:
    scored = score(answer(said, "可以申请法律援助。"), knowledge, scorecard, on=DAY)
    assert faults(scored) == ["wrong_fact"]
    # Recognised figures come in words; 30天 stays 三十天.
    assert only(scored, FindingKind.WRONG_FACT).heard == read_figures(heard)


def test_a_wrong_article_is_found_by_what_was_claimed_beside_it(
    knowledge: Knowledge, scorecard: Scorecard
) -> None:
    turns = answer(
        "根据劳动合同法第三十条，违法解除的应当按经济补偿标准的二倍支付赔偿金。",
        "可以申请劳动仲裁，时效一年。可以申请法律援助。",
    )
    finding = only(score(turns, knowledge, scorecard, on=DAY), FindingKind.WRONG_ARTICLE)
    assert finding.heard == "《劳动合同法》第三十条"
    assert "第八十七条" in finding.expected


UNCLEAR = "听不清，请核对录音。"
PROVES = "违法解除的应当按经济补偿标准的二倍支付赔偿金"


def cited(article: str, claim: str = PROVES, *, heard: float | None = None) -> list[Turn]:
    """Give an answer that cites an article, whose number was heard so well."""
    turns = answer(f"根据{article}，{claim}。", "可以申请劳动仲裁，时效一年。可以申请法律援助。")
    if heard is None:
        return turns
    said = next(turn for turn in turns if turn.text.startswith("根据"))
    number = re.search("第.+?条", said.text)
    assert number is not None
    words = tuple(
        Word(
            character,
            said.start + 0.2 * place,
            said.start + 0.2 * (place + 1),
            heard if number.start() <= place < number.end() else 0.99,
        )
        for place, character in enumerate(said.text)
    )
    return [
        Turn(turn.leg, turn.start, turn.end, turn.text, 0.97, words) if turn is said else turn
        for turn in turns
    ]


@pytest.mark.parametrize(("heard", "faulty"), [(0.99, True), (0.82, True), (0.7, False)])
def test_a_wrong_article_counts_only_where_its_number_was_heard_clearly(
    heard: float, faulty: bool, knowledge: Knowledge, scorecard: Scorecard
) -> None:
    scored = score(cited("劳动合同法第三十条", heard=heard), knowledge, scorecard, on=DAY)
    assert faults(scored) == (["wrong_article"] if faulty else [])
    finding = only(scored, FindingKind.WRONG_ARTICLE)
    assert "第八十七条" in finding.expected
    assert finding.words.endswith(UNCLEAR) is not faulty


@pytest.mark.parametrize(
    "article",
    [
        "劳动合同法第八十一条",  # 七 heard as 一
        "劳动合同法第八十条",  # 七 lost
        "劳动合同法第二十七条",  # 八 heard as 二
        "劳动合同法第八四七条",  # 十 heard as 四
        "劳动合同法第七条",  # 八十 lost
        "劳动法第八十七条",  # 合同 lost
    ],
)
def test_an_article_that_one_slip_of_hearing_explains_is_left_to_the_recording(
    article: str, knowledge: Knowledge, scorecard: Scorecard
) -> None:
    scored = score(cited(article), knowledge, scorecard, on=DAY)
    assert faults(scored) == []
    assert all(
        UNCLEAR in finding.words
        for finding in scored.findings
        if finding.kind is FindingKind.WRONG_ARTICLE
    )


def test_a_repealed_law_whose_name_lost_its_beginning_is_left_to_the_recording(
    knowledge: Knowledge, scorecard: Scorecard
) -> None:
    turns = cited("合同法第八十七条")
    scored = score(turns, knowledge, scorecard, on=DAY)
    assert faults(scored) == []
    assert only(scored, FindingKind.NOT_IN_FORCE).words.endswith(UNCLEAR)
    typed = [Turn(turn.leg, turn.start, turn.end, turn.text) for turn in turns]
    assert faults(score(typed, knowledge, scorecard, on=DAY)) == ["not_in_force"]


def test_words_further_on_in_the_sentence_bear_a_citation_out(
    knowledge: Knowledge, scorecard: Scorecard
) -> None:
    turns = answer(
        "根据民法典第一千零九十八条，无子女或者只有一名子女、有抚养能力、无疾病和不利犯罪记录、"
        "年满三十周岁的人可以收养。",
        asked="我想收养一个孩子，需要什么条件？",
    )
    scored = score(turns, knowledge, scorecard, on=DAY)
    assert [one for one in faults(scored) if one == "wrong_article"] == []


def test_a_repealed_law_is_not_in_force_on_the_day_of_the_call(
    knowledge: Knowledge, scorecard: Scorecard
) -> None:
    turns = answer(
        "根据合同法第五十二条，房子卖了不影响租赁合同的效力，请保留好合同，可以向法院起诉。",
        asked="我租的房子被房东卖了，新房东要赶我走怎么办？",
    )
    assert faults(score(turns, knowledge, scorecard, on=DAY)) == ["not_in_force"]
    assert faults(score(turns, knowledge, scorecard, on=date(2019, 5, 1))) != ["not_in_force"]


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("您放心，这个官司包赢。", "promised_outcome"),
        ("这种案子一定能赢，直接起诉。", "promised_outcome"),
        ("您加我微信，私下联系。", "private_contact"),
        ("您可以委托我，律师费转给我就行。", "private_fee"),
    ],
)
def test_what_must_not_be_said_is_found(
    said: str, kind: str, knowledge: Knowledge, scorecard: Scorecard
) -> None:
    turns = answer("可以申请劳动仲裁，时效一年，可以申请法律援助。", said)
    scored = score(turns, knowledge, scorecard, on=DAY)
    assert faults(scored) == [kind]
    assert scored.veto == kind
    assert scored.total == 0


@pytest.mark.parametrize(
    "said",
    [
        "没有律师能保证包赢，要看证据。",
        "我们不能承诺一定能赢。",
        "热线不能加微信，也不收费。",
        "谁跟您说包赢，您都不要相信。",
    ],
)
def test_a_warning_against_it_is_no_promise(
    said: str, knowledge: Knowledge, scorecard: Scorecard
) -> None:
    turns = answer("可以申请劳动仲裁，时效一年，可以申请法律援助。", said)
    assert faults(score(turns, knowledge, scorecard, on=DAY)) == []


def test_a_missing_legal_aid_notice_is_a_fault_only_where_it_is_due(
    knowledge: Knowledge, scorecard: Scorecard
) -> None:
    due = answer("您可以申请劳动仲裁，申请劳动仲裁的时效是一年，请保留好工资流水。")
    assert faults(score(due, knowledge, scorecard, on=DAY)) == ["missing_legal_aid_notice"]
    not_due = answer(
        "租赁期内房子卖了不影响租赁合同的效力，您可以继续住，请保留好合同，也可以起诉。",
        asked="我租的房子房东把房子卖了，新房东要赶我走怎么办",
    )
    scored = score(not_due, knowledge, scorecard, on=DAY)
    assert faults(scored) == []
    aid = next(item for item in scored.items if item.rule.id == "legal_aid")
    assert not aid.applies


def test_what_was_hardly_heard_is_left_to_a_person(
    knowledge: Knowledge, scorecard: Scorecard
) -> None:
    turns = answer("您可以申请劳动仲裁，劳动仲裁的时效是两年，请保留好证据。", confidence=0.35)
    scored = score(turns, knowledge, scorecard, on=DAY)
    assert faults(scored) == []
    assert "听写可信度低" in scored.why_person
    assert only(scored, FindingKind.WRONG_FACT).verdict is Verdict.UNSURE
    assert "请人工复核" in only(scored, FindingKind.WRONG_FACT).words


def test_a_number_that_one_lost_syllable_explains_is_left_to_a_person(
    knowledge: Knowledge, scorecard: Scorecard
) -> None:
    said = "租赁期限最长不能超过十年，房子坏了由房东维修，请保留好合同，可以起诉。"
    asked = "我租的房子房东要卖，租期没到让我搬走怎么办"
    heard = score(answer(said, asked=asked), knowledge, scorecard, on=DAY)
    assert faults(heard) == []
    assert only(heard, FindingKind.WRONG_FACT).verdict is Verdict.UNSURE
    typed = score(answer(said, asked=asked, confidence=None), knowledge, scorecard, on=DAY)
    assert faults(typed) == ["wrong_fact"]


def test_nothing_is_scored_where_nobody_answered(
    knowledge: Knowledge, scorecard: Scorecard
) -> None:
    scored = score([Turn("caller", 0, 3, "我想离婚")], knowledge, scorecard, on=DAY)
    assert scored.total is None
    assert scored.legal_ok is None
    assert "答复过短" in scored.why_person
    assert score([], knowledge, scorecard, on=DAY).findings == ()


def test_items_that_do_not_apply_give_no_free_points(
    knowledge: Knowledge, scorecard: Scorecard
) -> None:
    scored = score(answer("您可以申请劳动仲裁，时效一年。"), knowledge, scorecard, on=DAY)
    judged = [item for item in scored.items if item.judged]
    weight = sum(item.rule.weight for item in judged)
    points = sum(item.rule.weight * (item.share or 0) for item in judged)
    assert scored.total == pytest.approx(round(100 * points / weight, 1))
    assert "ticket" not in {item.rule.id for item in judged}


def test_an_item_on_which_machine_and_people_differ_is_shown_but_does_not_count(
    knowledge: Knowledge, scorecard: Scorecard
) -> None:
    turns = answer("您可以申请劳动仲裁，时效一年。")
    full = score(turns, knowledge, scorecard, on=DAY)
    hinted = score(turns, knowledge, scorecard, on=DAY, hints=frozenset({"guidance"}))
    item = next(item for item in hinted.items if item.rule.id == "guidance")
    assert item.hint
    assert item.share == 1.0
    assert not item.judged
    assert hinted.judged_share < full.judged_share
    assert hinted.total is not None
    assert full.total is not None
    assert hinted.total < full.total
    assert score(turns, knowledge, scorecard, hints=frozenset({"basis"})).legal_ok is None


def test_a_veto_on_which_machine_and_people_differ_sets_no_score_to_nought(
    knowledge: Knowledge, scorecard: Scorecard
) -> None:
    turns = answer("您这个官司肯定赢，您可以申请劳动仲裁。")
    assert score(turns, knowledge, scorecard, on=DAY).total == 0
    hinted = score(turns, knowledge, scorecard, on=DAY, hints=frozenset({"veto:promised_outcome"}))
    assert hinted.veto is None
    assert hinted.total
    assert "promised_outcome" in faults(hinted)


def test_giving_name_and_staff_number_is_part_of_the_opening(
    knowledge: Knowledge, scorecard: Scorecard
) -> None:
    scored = score(answer("您可以申请劳动仲裁，时效一年。再见。"), knowledge, scorecard, on=DAY)
    opening = next(item for item in scored.items if item.rule.id == "opening")
    assert opening.share == 1.0
    assert "报了姓名或者工号" in opening.words


def test_signs_of_danger_in_the_callers_words_call_for_110(
    knowledge: Knowledge, scorecard: Scorecard
) -> None:
    turns = answer(
        "您可以向法院申请人身安全保护令，法院七十二小时内作出，可以申请法律援助，我们会保密。",
        asked="我老公正在打我，还说要杀了我，怎么办",
    )
    scored = score(turns, knowledge, scorecard, on=DAY)
    assert faults(scored) == ["missing_police_110"]
    assert "danger" in scored.risks


@pytest.fixture
def statutes() -> Library:
    articles = {
        30: "用人单位应当按照劳动合同约定和国家规定，向劳动者及时足额支付劳动报酬。",
        82: "用人单位超过一个月未与劳动者订立书面劳动合同的，应当每月支付二倍的工资。",
        87: "用人单位违反本法规定解除劳动合同的，应当依照经济补偿标准的二倍向劳动者支付赔偿金。",
    }
    return Library.from_texts(
        [
            StatuteText(
                "劳动合同法", "劳动合同法", Level.LAW, "社会法", date(2012, 12, 28),
                date(2013, 7, 1), False, "", date(2026, 1, 1),
                tuple(ParsedArticle(ArticleNumber(n), text) for n, text in articles.items()),
            )
        ]
    )  # fmt: skip


def test_an_article_that_the_law_does_not_have_is_found_in_the_library(
    statutes: Library, scorecard: Scorecard
) -> None:
    turns = answer(
        "根据劳动合同法第二百零五条，可以申请劳动仲裁，时效一年，可以申请法律援助。",
        confidence=0.99,
    )
    scored = score(turns, Knowledge(load_cards(), statutes), scorecard, on=DAY)
    assert faults(scored) == ["no_such_article"]


def test_a_citation_beyond_the_card_is_confirmed_by_its_own_words(
    statutes: Library, scorecard: Scorecard
) -> None:
    turns = answer(
        "根据劳动合同法第三十条，用人单位应当及时足额支付劳动报酬。可以申请劳动仲裁，时效一年，可以申请法律援助。"
    )
    scored = score(turns, Knowledge(load_cards(), statutes), scorecard, on=DAY)
    assert faults(scored) == []
    assert only(scored, FindingKind.CITATION).confidence == pytest.approx(0.75)


def test_a_pause_ends_a_sentence_and_words_give_the_second() -> None:
    words = tuple(
        Word(text, start, start + 0.4, 0.9)
        for text, start in (("时效", 1.0), ("一年", 1.5), ("不", 3.0), ("收费", 3.2))
    )
    first, second = split_at_pauses(Turn("agent", 1.0, 3.6, "时效一年不收费", 0.9, words))
    assert (first.text, second.text) == ("时效一年", "不收费")
    assert (second.start, second.end) == (3.0, pytest.approx(3.6))


def test_a_broken_scorecard_is_told_with_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "scorecards"
    folder.mkdir()
    text = config.path("scorecards/12348.yaml").read_text(encoding="utf-8")
    (folder / "12348.yaml").write_text(text.replace("id: matter", "id: mater"), encoding="utf-8")
    monkeypatch.setenv("HOTLINE_CONFIG", str(tmp_path))
    with pytest.raises(ConfigFileError, match="不认识的评分项"):
        load_scorecard()


def test_conversations_are_read_from_plain_lines(tmp_path: Path) -> None:
    file = tmp_path / "talk.txt"
    file.write_text("来电人：老板不给工资\n律师：可以申请劳动仲裁\n", encoding="utf-8")
    turns, topic = read_talk(file)
    assert [(turn.leg, turn.text) for turn in turns] == [
        ("caller", "老板不给工资"),
        ("agent", "可以申请劳动仲裁"),
    ]
    assert topic is None
    file.write_text("什么也没有", encoding="utf-8")
    with pytest.raises(TalkFileError):
        read_talk(file)
