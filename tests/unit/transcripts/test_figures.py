import pytest

from transcripts.normalise import FigureKind, figures, normalise, pieces
from transcripts.numerals import decimal, whole
from transcripts.recognisers import Word


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("零", 0),
        ("两", 2),
        ("十", 10),
        ("十五", 15),
        ("一百零一", 101),
        ("一百二", 120),
        ("三千五", 3_500),
        ("一万零五百", 10_500),
        ("两万五", 25_000),
        ("三十五万", 350_000),
        ("一亿零一", 100_000_001),
        ("一千零七十七", 1_077),
        ("两三", None),
        ("五六", None),
        ("二零二四", None),
        ("一百零", None),
        ("十十", None),
        ("万", None),
        ("", None),
    ],
)
def test_a_numeral_has_its_value_and_what_is_none_has_none(said: str, value: int | None) -> None:
    assert whole(said) == value


def test_decimals_are_read() -> None:
    assert decimal("一点五") == 1.5
    assert decimal("零点二五") == 0.25
    assert decimal("一点") is None


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("欠 我 三 个 月 工资 一共 一万五千 块钱", "欠我3个月工资一共15000元"),
        ("依据民法典第一千零七十七条", "依据民法典第1077条"),
        ("劳动合同法第八十二条第一款第三项", "劳动合同法第82条第1款第3项"),
        ("第一百二十条之一", "第120条之一"),
        ("二零二四年十一月十五号签的", "2024年11月15日签的"),
        ("从三月五号开始", "从3月5日开始"),
        ("百分之三十到百分之零点五", "30%到0.5%"),
        ("仲裁时效两年", "仲裁时效2年"),
        ("四十八小时之内", "48小时之内"),
        ("赔一点五倍", "赔1.5倍"),
        ("两万元", "2万元"),
        ("借了两万五", "借了25000"),
        ("三十多万", "30多万"),
        ("幺二三四八", "12348"),
        ("打幺幺零", "打110"),
        ("工号三零五", "工号305"),
        ("满八周岁", "满8周岁"),
        ("十级伤残", "10级伤残"),
    ],
)
def test_figures_are_written_as_figures(said: str, written: str) -> None:
    assert normalise(said) == written


@pytest.mark.parametrize(
    "text",
    [
        "我们一起去万一他十分生气",
        "百分之百没有问题",
        "有一天他来找我",
        "两三年了",
        "五六万块钱",
        "一个人",
        "第一点",
        "三分之二",
        "三天两头吵架",
    ],
)
def test_words_that_only_look_like_figures_stay(text: str) -> None:
    assert normalise(text) == text


def test_each_figure_says_what_it_is() -> None:
    text = "第八十二条，三十天，五百元，百分之十，三倍，十一月五号，幺二三四八"
    assert [figure.kind for figure in figures(text)] == [
        FigureKind.ARTICLE,
        FigureKind.PERIOD,
        FigureKind.AMOUNT,
        FigureKind.SHARE,
        FigureKind.MULTIPLE,
        FigureKind.DATE,
        FigureKind.CODE,
    ]


def words(*texts: str) -> list[Word]:
    return [Word(text, i * 0.5, i * 0.5 + 0.4, 1 - i * 0.1) for i, text in enumerate(texts)]


def test_a_figure_keeps_the_time_of_all_its_words_and_the_lowest_confidence() -> None:
    made = pieces(words("欠", "一", "万", "五", "千", "块钱", "不", "还"))
    assert [piece.text for piece in made] == ["欠", "15000元", "不", "还"]
    amount = made[1]
    assert (amount.start, amount.end) == (0.5, 2.9)
    assert amount.confidence == pytest.approx(0.5)
    assert amount.said == "一万五千块钱"


def test_a_figure_may_begin_inside_of_a_word() -> None:
    made = pieces(words("工资三", "个月", "没发"))
    assert "".join(piece.text for piece in made) == "工资3个月没发"
    assert made[0].said == "工资三个月"


def test_an_engine_without_confidence_gives_none() -> None:
    (piece,) = pieces([Word("您好", 0.0, 0.5, None)])
    assert piece.confidence is None
