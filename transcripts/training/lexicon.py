"""Words and how they sound: what the recogniser can know."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pypinyin import Style, lazy_pinyin, pinyin

from hotline.voice.pinyin import syllables
from transcripts.training import words
from transcripts.training.corpus import Sentence
from transcripts.training.units import Inventory

Sound = tuple[str, ...]
"""Units of a word in order."""

_OTHER_READINGS = {
    "还": "huan2", "得": "dei3 de2", "了": "liao3", "地": "de5", "着": "zhao2", "长": "zhang3",
    "行": "hang2", "重": "chong2", "都": "du1", "谁": "shui2", "给": "ji3", "调": "diao4",
    "差": "chai1", "没": "mo4", "大": "dai4", "便": "pian2", "单": "shan4", "觉": "jiao4",
    "降": "xiang2", "血": "xie3", "参": "shen1", "传": "zhuan4", "弹": "dan4", "会": "kuai4",
    "校": "jiao4", "系": "ji4", "率": "shuai4", "和": "huo4", "那": "nei4", "这": "zhei4",
    "哪": "nei3", "薄": "bo2", "呢": "ni2", "吓": "he4", "折": "she2", "脏": "zang1",
    "乐": "yue4", "朝": "zhao1", "藏": "zang4", "省": "xing3", "卡": "qia3", "扎": "za1",
    "区": "ou1", "石": "dan4", "模": "mu2", "尿": "sui1", "露": "lou4", "剥": "bao1",
    "一": "yao1 yi2 yi4", "不": "bu2",
}  # fmt: skip
"""Readings of single characters with other sounds than the usual one; other tones are looked up."""


@dataclass(frozen=True)
class Lexicon:
    """Every known word with its sounds, in a fixed order."""

    sounds: Mapping[str, tuple[Sound, ...]]

    @property
    def words(self) -> tuple[str, ...]:
        """The words; a word's number in the graph is its place here, from 1."""
        return tuple(self.sounds)


@dataclass(frozen=True)
class Size:
    """How many words beyond those of the corpus."""

    common_words: int = 4_000
    characters: int = 2_600


def build(corpus: Iterable[Sentence], inventory: Inventory, size: Size) -> Lexicon:
    """Return the corpus's words, the commonest others, and every single character of them all.

    With the characters there is hardly a sentence that cannot be written down.
    """
    known = {word for sentence in corpus for clause in sentence.clauses for word in clause}
    known.update(words.commonest(size.common_words, lengths=range(2, 5)))
    known.update(words.commonest(size.characters, lengths=range(1, 2)))
    known.update({character for word in known for character in word})
    sounds = {word: _sounds(word, inventory) for word in sorted(known)}
    return Lexicon({word: heard for word, heard in sounds.items() if heard})


def _other_tones(character: str, first: str) -> list[str]:
    """Return the readings of ``character`` that differ from ``first`` in their tone alone."""
    (readings,) = pinyin(character, Style.TONE3, heteronym=True, neutral_tone_with_five=True)
    return [reading for reading in readings if reading[:-1] == first[:-1] and reading != first]


def _sounds(word: str, inventory: Inventory) -> tuple[Sound, ...]:
    readings = [syllables(word)]
    # Neighbours change a reading (一行 hang2); alone, the dictionary's first reading holds too.
    readings.append(lazy_pinyin(word, Style.TONE3, neutral_tone_with_five=True, v_to_u=False))
    if len(word) == 1:
        readings += [[reading] for reading in _OTHER_READINGS.get(word, "").split()]
        readings += [[reading] for reading in _other_tones(word, readings[0][0])]
    found = (inventory.units(reading) for reading in readings if len(reading) == len(word))
    return tuple(dict.fromkeys(sound for sound in found if sound))
