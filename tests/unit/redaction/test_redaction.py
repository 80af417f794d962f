from __future__ import annotations

import numpy as np
import pytest

from transcripts.audio import Audio, parse, wav
from transcripts.redaction import (
    Kind,
    find_personal,
    redact,
    redact_turns,
    silence,
    spans_to_silence,
)
from transcripts.redaction.export import audio_of, text_of
from transcripts.redaction.numbers import is_card_number, is_identity_number
from transcripts.scoring.speech import Turn, Word

IDENTITY = "11010519491231002X"
CARD = "6222021234567890128"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("我的电话是13800138000", "我的电话是【电话】"),
        ("电话幺三八零零幺三八零零零，麻烦回电", "电话【电话】，麻烦回电"),
        ("座机0931-8812345", "座机【电话】"),
        (f"身份证号{IDENTITY}", "身份证号【身份证号】"),
        ("身份证一一零一零五一九四九一二三一零零二X", "身份证【身份证号】"),
        (f"卡号是{CARD}", "卡号是【银行卡号】"),
        ("卡号 6222 0212 3456 7890 128", "卡号 【银行卡号】"),
        ("车牌鲁A12345撞了我", "车牌【车牌】撞了我"),
        ("他开的是京A·D12345", "他开的是【车牌】"),
        ("我叫张建国，想咨询离婚", "我叫【姓名】，想咨询离婚"),
        ("我老公叫欧阳锋", "我老公叫【姓名】"),
        ("我叫长建国公司拖欠我工资", "我叫【姓名】公司拖欠我工资"),
        ("我住在青石镇六数村三租12号", "我住在【地址】"),
        ("被告：李四", "被告：【姓名】"),
        ("刘德华先生您好", "【姓名】先生您好"),
        ("我住在青石镇柳树村三组十二号", "我住在【地址】"),
        ("地址是示范县城关镇人民路18号3栋2单元501室", "地址是【地址】"),
        ("发到zhang.san@example.com", "发到【邮箱】"),
        ("我微信号是abc_12345", "我微信号是【账号】"),
        ("工号是二零二三零四五六七八", "工号是【号码】"),
    ],
)
def test_personal_data_is_taken_out(text: str, expected: str) -> None:
    assert redact(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "您好，这里是一二三四八法律服务热线，我是一零一号王律师",
        "请拨打110或者12345，也可以打一二三一五",
        "拖欠我八个月工资，一共三万两千元",
        "根据民法典第一千零七十九条，分居满二年",
        "赔偿12345678元",
        "2020年12月31日签的合同",
        "买卖不破租赁，租赁期限不得超过二十年",
        "我是来咨询的，我姓名不方便说",
        "向人民法院起诉，到司法局申请法律援助",
        "我叫他还钱他不还",
        "我叫来警察处理的",
        "按照工作年限每满一年支付一个月工资",
    ],
)
def test_what_identifies_nobody_stays(text: str) -> None:
    assert redact(text) == text


def test_check_digits_are_checked() -> None:
    assert is_identity_number(IDENTITY)
    assert not is_identity_number("110105194912310021")
    assert is_card_number(CARD)
    assert not is_card_number("6222021234567890127")


def test_a_misheard_digit_hides_no_number() -> None:
    assert [one.kind for one in find_personal("身份证110105194912310021")] == [Kind.IDENTITY]
    assert [one.kind for one in find_personal("卡号6222021234567890127")] == [Kind.NUMBER]


def talk() -> list[Turn]:
    said = ("我", "电话", "幺三八零零幺三八零零零", "谢谢")
    times = ((0.0, 0.2), (0.3, 0.8), (1.0, 3.0), (3.5, 4.0))
    words = tuple(Word(text, *span) for text, span in zip(said, times, strict=True))
    return [
        Turn("caller", 0.0, 4.0, "".join(said), 0.9, words),
        Turn("agent", 5.0, 6.0, "好的", 0.9),
    ]


def test_turns_are_redacted_and_say_what_was_taken_out() -> None:
    caller, agent = redact_turns(talk())
    assert caller.text == "我电话【电话】谢谢"
    assert caller.kinds == (Kind.PHONE,)
    assert agent.text == "好的"


def test_the_words_that_were_said_are_silenced_and_no_others() -> None:
    ((begin, end),) = spans_to_silence(talk(), "caller")
    assert 0.8 <= begin < 1.0
    assert 3.0 < end < 3.5
    assert spans_to_silence(talk(), "agent") == []


def test_without_words_times_the_whole_turn_is_silenced() -> None:
    turn = Turn("caller", 2.0, 5.0, "电话13800138000", 0.9)
    ((begin, end),) = spans_to_silence([turn], "caller")
    assert begin <= 2.0
    assert end >= 5.0


def test_silenced_audio_is_silent_there_and_unchanged_elsewhere() -> None:
    samples = np.full(8000, 1000, dtype=np.int16)
    quiet = silence(samples, 8000, [(0.25, 0.5)])
    assert not quiet[2000:4000].any()
    assert (quiet[:1900] == 1000).all()
    assert (quiet[4100:] == 1000).all()
    assert (samples == 1000).all()


def test_a_span_beyond_the_end_is_cut() -> None:
    assert silence(np.ones(10, dtype=np.int16), 8000, [(0.0, 99.0), (5.0, 6.0)]).sum() == 0


def test_text_without_personal_data_has_no_spans() -> None:
    assert find_personal("") == []


def pieces(*said: tuple[str, str]) -> list[Turn]:
    """Turns one after the other, a second each, each word one character."""
    turns = []
    for second, (leg, text) in enumerate(said):
        step = 0.9 / len(text)
        words = tuple(
            Word(letter, second + n * step, second + (n + 1) * step)
            for n, letter in enumerate(text)
        )
        turns.append(Turn(leg, second, second + 0.9, text, 0.9, words))
    return turns


def test_a_number_said_piece_by_piece_and_repeated_by_the_lawyer_is_taken_out_of_every_turn() -> (
    None
):
    turns = pieces(
        ("caller", "我电话是幺三八"),
        ("agent", "幺三八"),
        ("caller", "零零幺三"),
        ("agent", "零零幺三"),
        ("caller", "八零零零谢谢"),
        ("agent", "八零零零好的"),
    )
    assert [turn.text for turn in redact_turns(turns)] == [
        "我电话是【电话】",
        "【电话】",
        "【电话】",
        "【电话】",
        "【电话】谢谢",
        "【电话】好的",
    ]
    assert len(spans_to_silence(turns, "caller")) == 3
    begin, end = spans_to_silence(turns, "agent")[0]
    assert begin == pytest.approx(0.85)
    assert end == pytest.approx(2.05)


def test_a_name_that_sounds_again_is_taken_out_however_it_was_written() -> None:
    turns = pieces(("caller", "我叫张秀英"), ("agent", "好的张修应您可以起诉"))
    assert [turn.text for turn in redact_turns(turns)] == ["我叫【姓名】", "好的【姓名】您可以起诉"]
    assert spans_to_silence(turns, "agent")
    short = pieces(("caller", "我叫王英"), ("agent", "网上的影子"))
    assert redact_turns(short)[1].text == "网上的影子"


def test_digits_far_apart_or_of_no_known_kind_are_not_joined() -> None:
    years = pieces(("caller", "二零一九"), ("agent", "嗯"), ("caller", "二零二零"))
    assert [turn.text for turn in redact_turns(years)] == ["二零一九", "嗯", "二零二零"]
    apart = [
        Turn("caller", 0, 1, "幺三八零零", 0.9),
        Turn("caller", 30, 31, "幺三八零零零", 0.9),
    ]
    assert [turn.text for turn in redact_turns(apart)] == ["幺三八零零", "幺三八零零零"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("电话是138，0013，8000", "电话是【电话】"),
        ("电话幺三八嗯零零幺三然后八零零零", "电话【电话】"),
        ("身份证110105，19491231，002X", "身份证【身份证号】"),
        ("2019、2020、2021年都没发", "2019、2020、2021年都没发"),
    ],
)
def test_numbers_with_breaths_and_fillers_are_found_but_lists_of_years_are_not(
    text: str, expected: str
) -> None:
    assert redact(text) == expected


def test_an_exported_call_is_silent_on_both_legs_where_either_side_says_it() -> None:
    turns = pieces(("caller", "电话幺三八零零幺三八零零零"), ("agent", "好的"))
    legs = {
        leg: Audio(np.full(16_000, 1_000, dtype=np.int16), 8_000) for leg in ("caller", "agent")
    }
    quiet = audio_of(legs, turns)
    (begin, end) = spans_to_silence(turns, "caller")[0]
    for samples in quiet.values():
        assert not samples[int(begin * 8_000) : int(end * 8_000)].any()
        assert samples[int(1.3 * 8_000) :].all()
    assert text_of(turns) == "00:00 来电人　电话【电话】\n00:01 接听人　好的\n"
    assert parse(wav(list(quiet.values()), 8_000))[1].samples.tolist() == quiet["agent"].tolist()
