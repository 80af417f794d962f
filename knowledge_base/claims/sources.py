"""The articles that an answer is held against, cut up ready to be compared with."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from knowledge_base.claims.contexts import Sentence, Surroundings, sentences
from knowledge_base.claims.listed import items_of
from knowledge_base.claims.opposites import Choice, choices
from knowledge_base.claims.petitions import Petition, petitions
from knowledge_base.claims.polarity import Modal, modals
from knowledge_base.claims.quantities import Quantity, quantities
from knowledge_base.claims.roles import roles


@dataclass(frozen=True)
class Source:
    """Articles, ready to be compared with."""

    sentences: tuple[Sentence, ...]
    quantities: tuple[tuple[Quantity, Surroundings, Sentence], ...]
    parties: tuple[tuple[str, Surroundings, Sentence], ...]
    modals: tuple[tuple[Sentence, tuple[Modal, ...], tuple[Petition, ...]], ...]
    choices: tuple[tuple[Choice, Surroundings, Sentence], ...]
    lists: tuple[tuple[Sentence, int], ...]
    """The heads of lists, each with its number of items."""

    @classmethod
    def of(cls, texts: Iterable[str]) -> Source:
        """Prepare articles; items of a list are read together with its head."""
        parts = [_prepared(text) for text in texts]
        return cls(
            tuple(one for part in parts for one in part.sentences),
            tuple(one for part in parts for one in part.quantities),
            tuple(one for part in parts for one in part.parties),
            tuple(one for part in parts for one in part.modals),
            tuple(one for part in parts for one in part.choices),
            tuple(one for part in parts for one in part.lists),
        )


@lru_cache(maxsize=2048)
def _prepared(text: str) -> Source:
    found: list[Sentence] = []
    values: list[tuple[Quantity, Surroundings, Sentence]] = []
    for part in _unrolled(text):
        own = sentences(part)
        found += own
        values += list(placed_quantities(part, own))
    parties = tuple(
        (role.name, Surroundings.of(one, role.start, role.end), one)
        for one in found
        for role in roles(one.text)
    )
    forces = tuple((one, tuple(modals(one.text)), petitions(one.text)) for one in found)
    chosen = tuple(
        (choice, Surroundings.of(one, choice.start, choice.end), one)
        for one in found
        for choice in choices(one.text)
    )
    listed = items_of(text)
    lists = tuple((one, listed[1]) for one in sentences(listed[0])[-1:]) if listed else ()
    return Source(tuple(found), tuple(values), parties, forces, chosen, lists)


_ITEM = re.compile(r"^[（(][一二三四五六七八九十\d]+[)）]")


def _unrolled(text: str) -> list[str]:
    """Give each item (项) the head of its list: 有下列情形之一的，…：（一）… ."""
    parts: list[str] = []
    head = ""
    for line in text.split("\n"):
        stripped = line.strip()
        if not stripped:
            continue
        match = _ITEM.match(stripped)
        if match and head:
            parts.append(head.rstrip("：:") + "，" + stripped[match.end() :])
        else:
            parts.append(stripped)
            head = stripped.split("。")[-1] if stripped.endswith(("：", ":")) else ""
    return parts


def placed_quantities(
    text: str, found: Sequence[Sentence]
) -> Iterator[tuple[Quantity, Surroundings, Sentence]]:
    """Yield the quantities of a text, each with the sentence that it stands in."""
    for quantity in quantities(text):
        for one in found:
            start = one.place(quantity.start)
            end = one.place(quantity.end - 1)
            if start is not None and end is not None:
                yield quantity, Surroundings.of(one, start, end + 1), one
                break
