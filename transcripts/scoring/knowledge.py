"""What answers are held against in an installation: cards and the imported library."""

from __future__ import annotations

from pathlib import Path

from hotline.settings import Settings
from knowledge_base.cards import Card
from knowledge_base.citations import LawNames, default_names
from knowledge_base.editing.installed import installed_cards
from knowledge_base.library import Library
from knowledge_base.library.installed import KnowledgeFiles
from transcripts.scoring.scorer import Knowledge


class InstalledKnowledge:
    """Gives the knowledge as it is now; opened anew only when the library's file has changed."""

    def __init__(self, settings: Settings) -> None:
        self._files = KnowledgeFiles.of(settings)
        self._seen: float | None = None
        self._library = Library.empty()
        self._names = default_names()

    def __call__(self) -> Knowledge:
        """Return cards and statutes; without an imported library the cards stand alone.

        Raises:
            ConfigFileError: a card is wrong.
            DamagedIndexError: the library's file is damaged.
        """
        changed = _changed(self._files.library)
        if changed != self._seen:
            self._library = self._files.open_library()
            self._names = names_of(self._library)
            self._seen = changed
        cards: tuple[Card, ...] = installed_cards(self._files)
        statutes = self._library if len(self._library) else None
        return Knowledge(cards, statutes, self._names)


def names_of(library: Library) -> LawNames:
    """Return the names of a library's laws, and those that every hotline hears of."""
    return LawNames({**default_names().table, **library.aliases()})


def _changed(file: Path) -> float | None:
    try:
        return file.stat().st_mtime
    except FileNotFoundError:
        return None
