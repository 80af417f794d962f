"""How words sound: what speech recognition mixes up is compared by syllable, without tones."""

from __future__ import annotations

from functools import lru_cache

_BLURRED = (("zh", "z"), ("ch", "c"), ("sh", "s"))


@lru_cache(maxsize=8192)
def syllable(character: str) -> str:
    """Return a character's syllable as telephone ears hear it: zh = z, ang = an, no tone."""
    from pypinyin import Style, pinyin  # noqa: PLC0415 - its dictionary takes a third of a second

    read = pinyin(character, style=Style.NORMAL, errors=str)[0][0]
    for clear, blurred in _BLURRED:
        if read.startswith(clear):
            read = blurred + read[len(clear) :]
    for final in ("ang", "eng", "ing"):
        if read.endswith(final):
            return read[:-1]
    return read


def syllables(text: str) -> tuple[str, ...]:
    """Return the syllables of each character, one for one, so that positions stay the same."""
    return tuple(syllable(character) for character in text)
