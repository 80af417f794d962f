"""Sound units of Mandarin as espeak-ng speaks it: initials and finals, found by asking it.

Every syllable is ``consonants* vowel (n|N)?`` in espeak-ng's phonemes; the first consonant is the
initial, the rest the final. A final has its tone: the harmonics of the pitch show in the cepstra,
and half of the words that sound alike without tones are told apart by them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pypinyin.constants import PINYIN_DICT
from pypinyin.contrib.tone_convert import to_normal

from hotline.voice.espeak import Manner, Phoneme, Synthesiser
from hotline.voice.pinyin import respell

CONSONANTS = frozenset(
    [
        "p",
        "ph",
        "m",
        "f",
        "t",
        "th",
        "n",
        "l",
        "k",
        "kh",
        "X",
        "ts",
        "tsh",
        "s",
        "ts.",
        "ts.h",
        "s.",
        "z.",
        "tS;",
        "tS;h",
        "S;",
        "j",
        "w",
        ";",
        "N",
        "N-",
    ]
)
NASALS = frozenset(("n", "N", "N-"))
INITIAL_MARK = "+"
TONES = "12345"
"""5 is the neutral tone."""
_STRESS = "',%="


@dataclass(frozen=True)
class SyllableUnits:
    """The units of one toneless syllable; ``initial`` may be empty."""

    initial: str
    final: str

    def names(self, tone: str) -> tuple[str, ...]:
        """Return the units in order; the mark on an initial keeps it apart from finals."""
        final = f"{self.final}:{tone}"
        return (self.initial + INITIAL_MARK, final) if self.initial else (final,)


@dataclass(frozen=True)
class Inventory:
    """All syllables, and the numbered states (pdfs) of their units.

    State 0 is silence; an initial has one state, a final two (its first and second half).
    """

    syllables: Mapping[str, SyllableUnits]
    states: Mapping[str, tuple[int, ...]]

    @classmethod
    def of(cls, syllables: Mapping[str, SyllableUnits]) -> Inventory:
        """Number the units of ``syllables`` in alphabetical order."""
        named = (syllable.names(tone) for syllable in syllables.values() for tone in TONES)
        units = sorted({name for names in named for name in names})
        states: dict[str, tuple[int, ...]] = {}
        free = 1
        for unit in units:
            count = 1 if is_initial(unit) else 2
            states[unit] = tuple(range(free, free + count))
            free += count
        return cls(dict(syllables), states)

    @property
    def state_count(self) -> int:
        """Number of states, silence included."""
        return 1 + sum(len(states) for states in self.states.values())

    def units(self, syllables: Iterable[str]) -> tuple[str, ...] | None:
        """Return the units of toned syllables, ``None`` where one is unknown."""
        names: list[str] = []
        for syllable in syllables:
            known = self.syllables.get(syllable[:-1])
            if known is None:
                return None
            names += known.names(syllable[-1])
        return tuple(names)


def is_initial(unit: str) -> bool:
    """Tell an initial's name from a final's."""
    return unit.endswith(INITIAL_MARK)


def plain(phoneme: Phoneme) -> str:
    """Return a phoneme's name without its stress mark."""
    return phoneme.name.lstrip(_STRESS)


def discover() -> Inventory:
    """Ask espeak-ng how it says each syllable that a Chinese character can have."""
    readings = {
        to_normal(reading).replace("ü", "v")
        for readings in PINYIN_DICT.values()
        for reading in readings.split(",")
    }
    found: dict[str, SyllableUnits] = {}
    with Synthesiser() as synthesiser:
        for syllable in sorted(reading for reading in readings if reading.isascii()):
            said = synthesiser.speak(respell(syllable + "1"), Manner()).phonemes
            units = _split([plain(p) for p in said if not p.silent])
            if units is not None:
                found[syllable] = units
    return Inventory.of(found)


def _split(names: list[str]) -> SyllableUnits | None:
    vowels = [i for i, name in enumerate(names) if name not in CONSONANTS]
    if len(vowels) != 1 or any(name.startswith("(") for name in names):
        return None  # spelled out in another language, or no syllable of Mandarin
    has_initial = vowels[0] > 0
    return SyllableUnits(names[0] if has_initial else "", "~".join(names[has_initial:]))
