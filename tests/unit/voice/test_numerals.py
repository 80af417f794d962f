import pytest

from hotline.voice.numerals import read_figures, read_number


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0, "零"),
        (10, "十"),
        (15, "十五"),
        (20, "二十"),
        (101, "一百零一"),
        (110, "一百一十"),
        (1_001, "一千零一"),
        (1_010, "一千零一十"),
        (10_500, "一万零五百"),
        (100_010, "十万零一十"),
        (12_345_678, "一千二百三十四万五千六百七十八"),
        (100_000_001, "一亿零一"),
        (-3, "负三"),
    ],
)
def test_a_whole_number_is_said_as_people_say_it(value: int, said: str) -> None:
    assert read_number(value) == said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("请拨打12348", "请拨打幺二三四八"),
        ("危险请拨110", "危险请拨幺幺零"),
        ("电话13800138000", "电话幺三八零零幺三八零零零"),
        ("欠我3000元", "欠我三千元"),
        ("欠我12000元", "欠我一万二千元"),
        ("30天", "三十天"),
        ("第1077条", "第一千零七十七条"),
        ("2024年11月15日", "二零二四年十一月十五日"),
        ("50%", "百分之五十"),
        ("1.5倍", "一点五倍"),
        ("1,000元", "一千元"),
        ("工号007", "工号零零七"),
        ("没有数字", "没有数字"),
    ],
)
def test_figures_in_a_text_are_read_out(written: str, said: str) -> None:
    assert read_figures(written) == said
