"""Chinese text to the numbered pinyin that the synthesiser reads."""

from __future__ import annotations

import re
from functools import cache

from hotline.voice.numerals import read_figures

Clause = tuple[tuple[str, ...], ...]
"""Words of a clause, each the syllables of one word: (("li2", "hun1"), ("le5",))."""

_HANZI = re.compile(r"[\u3400-\u9fff\u3007]+")
_PAUSE = re.compile(r"[，。！？；：、,.!?;:…—\n“”‘’（）()《》〈〉\[\]【】]+")
_SYLLABLE = re.compile(r"([a-zü]+)([1-5])?")

_LETTERS = dict(
    zip(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        [
            "诶",
            "必",
            "西",
            "地",
            "易",
            "艾福",
            "机",
            "诶曲",
            "艾",
            "这",
            "开",
            "艾勒",
            "艾姆",
            "恩",
            "欧",
            "批",
            "秋",
            "阿",
            "艾斯",
            "踢",
            "优",
            "威",
            "达不溜",
            "艾克斯",
            "外",
            "贼",
        ],
        strict=True,
    )
)

_NO_VOWEL = {"n": "en", "ng": "en", "m": "mu", "hm": "heng", "hng": "heng"}
"""Readings of 嗯, 呣 and the like, which espeak-ng cannot say as they are written."""

_RESPELLED = {"jiong": "jong", "qiong": "qong", "xiong": "xong"}
"""espeak-ng 1.52 spells these three in English; without the i it says them right."""


def clauses(text: str) -> list[Clause]:
    """Read ``text``: figures as words, letters by their names, one clause a pause."""
    spoken = read_figures(text).upper()
    spoken = "".join(_LETTERS.get(character, character) for character in spoken)
    read = []
    for part in _PAUSE.split(spoken):
        clause: list[tuple[str, ...]] = []
        for run in _HANZI.findall(part):
            clause += _words(run)
        if clause:
            read.append(tuple(clause))
    return read


def _words(run: str) -> list[tuple[str, ...]]:
    # Their dictionaries would cost every command half a second.
    import rjieba  # noqa: PLC0415
    from pypinyin import Style, lazy_pinyin  # noqa: PLC0415

    # The whole run is read at once, so that a character's neighbours decide between its
    # readings (还 hai2 or huan2); words only say where syllables are joined.
    syllables = [_checked(s) for s in lazy_pinyin(run, Style.TONE3, neutral_tone_with_five=True)]
    words, start = [], 0
    for word in rjieba.cut(run):
        words.append(tuple(s for s in syllables[start : start + len(word)] if s))
        start += len(word)
    return [word for word in words if word]


@cache
def _checked(syllable: str) -> str:
    """Return the syllable with its tone; nothing for a character without a reading."""
    match = _SYLLABLE.fullmatch(syllable)
    if match is None:
        return ""
    base = match[1].replace("ü", "v")
    return _NO_VOWEL.get(base, base) + (match[2] or "5")


def syllables(text: str) -> list[str]:
    """Return all syllables of ``text`` in order: li2, hun1, le5."""
    return [syllable for clause in clauses(text) for word in clause for syllable in word]


def for_synthesis(read: list[Clause]) -> str:
    """Return the synthesiser's input: syllables joined within a word, ``,`` for a pause."""
    return " , ".join(" ".join("".join(map(respell, word)) for word in clause) for clause in read)


def respell(syllable: str) -> str:
    """Return the spelling of a toned syllable that espeak-ng says right."""
    return _RESPELLED.get(syllable[:-1], syllable[:-1]) + syllable[-1]
