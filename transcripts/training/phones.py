"""The phones of the decoding graph: units by their position in a word, and their transitions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from transcripts.training.lexicon import Sound
from transcripts.training.units import is_initial

SILENCE = "SIL"
SILENCE_PHONE = 1

_POSITIONS = {"B": "begin", "I": "internal", "E": "end", "S": "singleton"}


@dataclass(frozen=True)
class State:
    """One state of a phone in the graph, with the transition numbers that Kaldi gives it."""

    pdf: int
    loop: int
    """Transition of staying in it."""
    leave: int
    """Transition of its forward move; in the graph it is taken on the way in."""


@dataclass(frozen=True)
class Phones:
    """All phones, numbered from 1 (silence)."""

    states: Mapping[str, tuple[int, ...]]
    """The pdfs of each unit, as in the inventory."""

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Phones in order: silence, then each unit in its positions (an initial ends no word)."""
        names = [SILENCE]
        for unit in sorted(self.states):
            names += [f"{unit}_{p}" for p in ("BI" if is_initial(unit) else "BIES")]
        return tuple(names)

    @cached_property
    def numbers(self) -> dict[str, int]:
        """Each phone's number."""
        return {name: number for number, name in enumerate(self.names, start=1)}

    def pdfs(self, name: str) -> tuple[int, ...]:
        """Return the pdfs of a phone's states."""
        return (0,) if name == SILENCE else self.states[name.rpartition("_")[0]]

    @cached_property
    def triples(self) -> tuple[tuple[int, int, int], ...]:
        """Kaldi's (phone, state, pdf), sorted; the n-th has transitions 2n - 1 and 2n."""
        return tuple(
            (number, state, pdf)
            for name, number in self.numbers.items()
            for state, pdf in enumerate(self.pdfs(name))
        )

    @cached_property
    def chains(self) -> dict[int, tuple[State, ...]]:
        """Each phone's states in order."""
        chains: dict[int, tuple[State, ...]] = {}
        for n, (phone, _, pdf) in enumerate(self.triples):
            state = State(pdf, loop=2 * n + 1, leave=2 * n + 2)
            chains[phone] = (*chains.get(phone, ()), state)
        return chains

    def of(self, sound: Sound) -> tuple[int, ...]:
        """Return the numbers of a word's phones."""
        last = len(sound) - 1
        marks = ["S"] if last == 0 else ["B", *"I" * (last - 1), "E"]
        return tuple(
            self.numbers[f"{unit}_{mark}"] for unit, mark in zip(sound, marks, strict=True)
        )

    def symbols(self) -> str:
        """Return ``graph/phones.txt``."""
        lines = [f"{name} {number}" for name, number in self.numbers.items()]
        return "\n".join(["<eps> 0", *lines]) + "\n"

    def word_boundaries(self) -> str:
        """Return ``graph/phones/word_boundary.int``."""
        return "".join(
            f"{number} {'nonword' if name == SILENCE else _POSITIONS[name[-1]]}\n"
            for name, number in self.numbers.items()
        )
