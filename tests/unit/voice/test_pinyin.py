import pytest

from hotline.voice.pinyin import clauses, for_synthesis, syllables


def test_syllables_are_joined_within_words_and_punctuation_makes_pauses() -> None:
    read = clauses("咨询离婚，怎么办？")
    assert for_synthesis(read) == "zi1xun2 li2hun1 , zen3me5ban4"


def test_a_character_is_read_by_its_neighbours() -> None:
    assert syllables("银行") == ["yin2", "hang2"]
    assert syllables("还钱") == ["huan2", "qian2"]


@pytest.mark.parametrize("text", ["兄弟", "贫穷", "炯炯"])
def test_syllables_that_the_synthesiser_spells_in_english_are_respelled(text: str) -> None:
    said = for_synthesis(clauses(text))
    assert "iong" not in said
    assert "ong" in said


def test_letters_have_names_and_what_cannot_be_read_is_left_out() -> None:
    assert len(syllables("LPR的4倍")) > 4
    assert clauses("。。。★★★") == []


def test_an_interjection_without_a_vowel_gets_one() -> None:
    assert syllables("嗯") == ["en2"]
