"""Reads the folder of cards; every mistake is told with file and line."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from hotline.configfiles import ConfigFileError, Problem, read
from knowledge_base.cards.model import Card

SHIPPED = Path(__file__).parent


@lru_cache(maxsize=4)
def _load(files: tuple[tuple[Path, float], ...]) -> tuple[Card, ...]:
    cards: dict[str, Card] = {}
    problems: list[Problem] = []
    homes: dict[str, Path] = {}
    for file, _ in files:
        try:
            document = read(file)
            card = document.parse(Card)
        except ConfigFileError as error:
            problems += error.problems
            continue
        if card.id in homes and homes[card.id].parent == file.parent:
            problems.append(
                document.problem(("id",), f"编号 {card.id} 与 {homes[card.id].name} 重复")
            )
        # A later folder overrides an earlier one: what a bureau published counts.
        homes[card.id] = file
        cards[card.id] = card
    problems += [
        Problem(homes[card.id], 1, f"see_also：没有编号为 {other} 的要点卡")
        for card in cards.values()
        for other in card.see_also
        if other not in cards and not problems
    ]
    if problems:
        raise ConfigFileError(problems)
    return tuple(sorted(cards.values(), key=lambda card: card.id))


def card_files(folder: Path = SHIPPED) -> list[Path]:
    """Return the card files of a folder; none where there is no such folder."""
    return sorted(file for file in folder.glob("*.yaml") if not file.name.startswith("_"))


def load_cards(folders: Sequence[Path] = (SHIPPED,)) -> tuple[Card, ...]:
    """Read all cards, sorted by id; a card of a later folder overrides that of an earlier one.

    Raises:
        ConfigFileError: every mistake of every file, each with its line.
    """
    files = [file for folder in folders for file in card_files(folder)]
    # The time of change makes an edited card be read again.
    return _load(tuple((file, file.stat().st_mtime) for file in files))
