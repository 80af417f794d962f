import pytest

from transcripts.training.corpus import Segmenter, Sentence, Slots
from transcripts.training.language import END, START, Smoothing, estimate


def sentence(*words: str, weight: float = 12.0) -> Sentence:
    return Sentence((words,), weight)


CORPUS = [sentence("公司", "欠", "工资"), sentence("公司", "欠", "钱"), sentence("我", "欠", "钱")]
WORDS = ["公司", "欠", "工资", "钱", "我", "离婚"]
GENERAL = {"公司": 100, "离婚": 10}
SMOOTHING = Smoothing(least_gain=0.0)


def test_probabilities_after_every_word_sum_to_one() -> None:
    model = estimate(CORPUS, WORDS, GENERAL, SMOOTHING)
    for before in [*WORDS, START]:
        total = sum(model.probability(word, before) for word in [*WORDS, END])
        assert total == pytest.approx(1.0)


def test_what_was_seen_is_likelier_than_what_was_not_and_nothing_is_impossible() -> None:
    model = estimate(CORPUS, WORDS, GENERAL, SMOOTHING)
    assert model.probability("欠", "公司") > model.probability("工资", "公司")
    assert model.probability("钱", "欠") > model.probability("工资", "欠")
    assert model.probability("离婚", "欠") > 0


def test_pairs_that_say_little_are_left_out_for_the_graph_s_size() -> None:
    everything = estimate(CORPUS, WORDS, GENERAL, SMOOTHING)
    little = estimate(CORPUS, WORDS, GENERAL, Smoothing(least_gain=1_000.0))
    assert everything.histories
    assert not little.histories


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("拖欠我三个月工资", ["拖欠", "我", "三", "个月", "工资"]),
        ("第八十二条", ["第", "八", "十", "二", "条"]),
        ("欠两万五千块钱", ["欠", "两", "万", "五", "千", "块钱"]),
        ("我们一起去", ["我们", "一起", "去"]),
        ("赔1500元", ["赔", "一", "千", "五", "百", "元"]),
    ],
)
def test_figures_are_cut_into_characters_and_words_stay_whole(text: str, words: list[str]) -> None:
    assert [list(clause) for clause in Segmenter().clauses(text)] == [words]


def test_punctuation_parts_clauses() -> None:
    assert len(Segmenter().clauses("您好，请讲。")) == 2


def test_templates_are_filled_from_slots_and_rules() -> None:
    import numpy as np

    rng = np.random.default_rng(0)
    filled = Slots({"who": ("我",)}).fill("{who}欠{money}第{article}条{date}{phone}", rng)
    assert filled.startswith("我欠")
    assert "{" not in filled
