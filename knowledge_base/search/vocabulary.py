"""The lay→legal vocabulary: what callers say, and the words in which statutes say it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import resources

import yaml

from knowledge_base.search.words import words


@dataclass(frozen=True, slots=True)
class Rendering:
    """A lay expression that stands in a question and the legal expressions it stands for."""

    said: str
    meant: tuple[str, ...]


class Vocabulary:
    """Finds lay expressions in a question and weighs the legal words that they add."""

    def __init__(self, entries: Mapping[str, Iterable[str]]) -> None:
        self._entries = {said: tuple(meant) for said, meant in entries.items()}

    @cached_property
    def _cut(self) -> dict[str, tuple[str, ...]]:
        phrases = {phrase for meant in self._entries.values() for phrase in meant}
        return {phrase: tuple(dict.fromkeys(words(phrase))) for phrase in phrases}

    def renderings(self, text: str) -> tuple[Rendering, ...]:
        """Return the lay expressions of a text with what they stand for."""
        return tuple(
            Rendering(said, meant) for said, meant in self._entries.items() if said in text
        )

    def legal_words(self, text: str) -> dict[str, float]:
        """Return the words to search for besides the text's own; a phrase shares one weight."""
        added: dict[str, float] = {}
        for rendering in self.renderings(text):
            for phrase in rendering.meant:
                parts = self._cut[phrase]
                for word in parts:
                    added[word] = max(added.get(word, 0.0), len(parts) ** -0.5)
        return added


def shipped_vocabulary() -> Vocabulary:
    """Return the vocabulary that comes with the program (``lay_words.yaml``)."""
    text = resources.files("knowledge_base.search").joinpath("lay_words.yaml").read_text("utf-8")
    return Vocabulary(yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)))  # noqa: S506
