"""The decoding graph (HCLG), compiled directly: a tree of sounds for every history.

A word's label stands as early as it is certain. From there on only its remaining sounds matter,
and these tails are shared by all histories and all words that end alike: a pair of words then
costs one arc, which is what keeps a bigram graph of thousands of words within two megabytes.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from transcripts.training.language import END, START, Bigram
from transcripts.training.lexicon import Lexicon
from transcripts.training.phones import SILENCE_PHONE, Phones

STAY = 0.5
"""Probability of staying in a state; the acoustic scores decide durations, not this."""

Arc = tuple[int, int, float, int]
"""Transition (0: none), word (0: none), cost, target state."""

_FST_MAGIC = 2_125_659_606
_EXPANDED_MUTABLE = 0x3


@dataclass(frozen=True)
class Weights:
    """Costs in the graph."""

    language: float = 0.9
    """Scale of the language model against the sounds."""
    silence: float = 0.2
    """Probability of a pause after a word."""
    word: float = 0.35
    """Cost of each word: long words against many short ones."""


@dataclass
class Fst:
    """A weighted automaton under construction."""

    start: int = 0
    final: list[float] = field(default_factory=list)
    arcs: list[list[Arc]] = field(default_factory=list)

    def state(self) -> int:
        """Add a state."""
        self.final.append(math.inf)
        self.arcs.append([])
        return len(self.final) - 1

    def serialise(self) -> bytes:
        """Return it as OpenFst's ``vector`` of ``standard`` arcs."""
        count = sum(map(len, self.arcs))
        out = bytearray(struct.pack("<i", _FST_MAGIC))
        for name in (b"vector", b"standard"):
            out += struct.pack("<i", len(name)) + name
        out += struct.pack("<iiQqqq", 2, 0, _EXPANDED_MUTABLE, self.start, len(self.final), count)
        for final, arcs in zip(self.final, self.arcs, strict=True):
            out += struct.pack("<fq", final, len(arcs))
            for arc in arcs:
                out += struct.pack("<iifi", *arc)
        return bytes(out)


Phonemes = tuple[int, ...]


@dataclass(frozen=True)
class _Ending:
    """A word at the end of its sounds."""

    label: int
    cost: float
    after: int
    """State after the word."""


class _Node:
    """A place in a prefix tree of sounds."""

    __slots__ = ("best", "children", "count", "endings")

    def __init__(self) -> None:
        self.children: dict[int, _Node] = {}
        self.endings: list[_Ending] = []
        self.best = math.inf
        self.count = 0

    def add(self, sound: Phonemes, ending: _Ending) -> None:
        node = self
        node.see(ending)
        for phone in sound:
            node = node.children.setdefault(phone, _Node())
            node.see(ending)
        node.endings.append(ending)

    def see(self, ending: _Ending) -> None:
        """Count a word that passes here."""
        self.best = min(self.best, ending.cost)
        self.count += 1

    def only(self) -> tuple[Phonemes, _Ending]:
        """Return the one word below here and the sounds still to come."""
        sound: list[int] = []
        node = self
        while node.children:
            ((phone, node),) = node.children.items()
            sound.append(phone)
        return tuple(sound), node.endings[0]


class Compiler:
    """Builds the graph of one lexicon and language model."""

    def __init__(self, phones: Phones, lexicon: Lexicon, weights: Weights) -> None:
        self._chains = phones.chains
        self._weights = weights
        self._labels = {word: n for n, word in enumerate(lexicon.words, start=1)}
        self._sounds = {
            word: tuple(phones.of(sound) for sound in sounds)
            for word, sounds in lexicon.sounds.items()
        }
        self._tails: dict[tuple[Phonemes, int], int] = {}
        self.fst = Fst()

    def compile(self, model: Bigram) -> Fst:
        """Return the graph; its start is after the beginning of a sentence."""
        fst = self.fst
        root, anything = fst.state(), fst.state()
        entries = {history: fst.state() for history in model.histories}
        opening = entries.get(START, root)
        begun = fst.state()
        # After a word comes the entry of its history; a word without one is followed by anything.
        after = {"": anything} | {h: e for h, e in entries.items() if h != START}
        pause = self._pause(opening)
        for state in after.values():
            self._may_pause(state, pause)
        self._may_pause(begun, pause)
        fst.arcs[anything].append((0, 0, 0.0, root))
        fst.arcs[begun].append((0, 0, 0.0, opening))
        self._grow(root, model.unigram, after)
        for name, history in model.histories.items():
            self._grow(entries[name], history.following, after)
            cost = -self._weights.language * math.log(history.back_off)
            fst.arcs[entries[name]].append((0, 0, cost, root))
        # Speech may stop anywhere: the recogniser cuts it where the speaker breathes.
        for state in (*after.values(), begun, opening):
            fst.final[state] = 0.0
        fst.start = begun
        return fst

    def _pause(self, opening: int) -> int:
        """Return a state of silence, after which a sentence begins.

        All words share it. It cannot be taken twice in a row: a loop of pauses would make long
        silence crawl.
        """
        (own,) = self._chains[SILENCE_PHONE]
        silent = self._looping(own.loop)
        self.fst.arcs[silent].append((0, 0, 0.0, opening))
        return silent

    def _may_pause(self, state: int, pause: int) -> None:
        (own,) = self._chains[SILENCE_PHONE]
        cost = -math.log(self._weights.silence) + _LEAVE
        self.fst.arcs[state].append((own.leave, 0, cost, pause))

    def _enter(self, source: int, phone: int, label: int, cost: float) -> int:
        """Add the states of ``phone`` after ``source``; return the last of them."""
        state = source
        for own in self._chains[phone]:
            target = self._looping(own.loop)
            self.fst.arcs[state].append((own.leave, label, cost + _LEAVE, target))
            state, label, cost = target, 0, 0.0
        return state

    def _looping(self, transition: int) -> int:
        state = self.fst.state()
        self.fst.arcs[state].append((transition, 0, _LOOP, state))
        return state

    def _grow(self, entry: int, words: Mapping[str, float], after: Mapping[str, int]) -> None:
        root = _Node()
        for word, probability in words.items():
            cost = -self._weights.language * math.log(probability)
            if word == END:
                continue
            ending = _Ending(
                self._labels[word], cost + self._weights.word, after.get(word, after[""])
            )
            for sound in self._sounds[word]:
                root.add(sound, ending)
        self._lay(root, entry, paid=0.0)

    def _lay(self, node: _Node, state: int, paid: float) -> None:
        for ending in node.endings:
            self.fst.arcs[state].append((0, ending.label, ending.cost - paid, ending.after))
        for phone, child in node.children.items():
            if child.count == 1:
                rest, ending = child.only()
                first = self._chains[phone][0]
                target = self._tail((phone, *rest), ending.after)
                cost = ending.cost - paid + _LEAVE
                self.fst.arcs[state].append((first.leave, ending.label, cost, target))
            else:
                inner = self._enter(state, phone, 0, child.best - paid)
                self._lay(child, inner, child.best)

    def _tail(self, sound: Phonemes, after: int) -> int:
        """Return the state inside the first sound of ``sound``, whose end leads to ``after``."""
        return self._tail_state(sound, 0, after)

    def _tail_state(self, sound: Phonemes, position: int, after: int) -> int:
        key = ((position, *sound), after)
        known = self._tails.get(key)
        if known is not None:
            return known
        chain = self._chains[sound[0]]
        state = self._looping(chain[position].loop)
        self._tails[key] = state
        if position + 1 < len(chain):
            target = self._tail_state(sound, position + 1, after)
            self.fst.arcs[state].append((chain[position + 1].leave, 0, _LEAVE, target))
        elif len(sound) > 1:
            target = self._tail_state(sound[1:], 0, after)
            following = self._chains[sound[1]][0]
            self.fst.arcs[state].append((following.leave, 0, _LEAVE, target))
        else:
            self.fst.arcs[state].append((0, 0, 0.0, after))
        return state


_LEAVE = -math.log(1 - STAY)
_LOOP = -math.log(STAY)


def word_symbols(words: Iterable[str]) -> str:
    """Return ``graph/words.txt``."""
    lines = ["<eps> 0"]
    lines += [f"{word} {number}" for number, word in enumerate(words, start=1)]
    count = len(lines)
    lines += [f"#0 {count}", f"{START} {count + 1}", f"{END} {count + 2}"]
    return "\n".join(lines) + "\n"
