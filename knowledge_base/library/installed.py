"""The library and the search index of an installation: made from the database, kept as files.

The database holds the truth. Each machine keeps two files made from it under ``home/knowledge``;
they are made anew when the database has had an import that they do not know.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from hotline.settings import Settings
from hotline.store import Database
from knowledge_base.library.container import DamagedIndexError
from knowledge_base.library.importer import latest_import, load_texts
from knowledge_base.library.library import Library


@dataclass(frozen=True)
class KnowledgeFiles:
    """Where this machine keeps what it made from the database."""

    folder: Path

    @classmethod
    def of(cls, settings: Settings) -> KnowledgeFiles:
        """Return the files of an installation."""
        return cls(settings.home / "knowledge")

    @property
    def library(self) -> Path:
        """The packed library."""
        return self.folder / "library.kb"

    @property
    def index(self) -> Path:
        """The search index."""
        return self.folder / "search.kb"

    @property
    def cards(self) -> Path:
        """The cards that were published here, as YAML files."""
        return self.folder / "cards"

    @property
    def topics(self) -> Path:
        """What the topic classifier has learnt."""
        return self.folder / "topics.kb"

    @property
    def stamp(self) -> Path:
        """Which import the library was made from."""
        return self.folder / "library.json"

    def stamped(self) -> int | None:
        """Return the import that the library file was made from; None where there is none."""
        try:
            return int(json.loads(self.stamp.read_text(encoding="utf-8"))["import"])
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return None

    def open_library(self) -> Library:
        """Open the library; an installation that has imported nothing has an empty one.

        Raises:
            DamagedIndexError: the file is damaged.
        """
        try:
            return Library.open(self.library)
        except FileNotFoundError:
            return Library.empty()


async def refresh_library(
    database: Database,
    files: KnowledgeFiles,
    *,
    force: bool = False,
    told: Callable[[str], None] = lambda _words: None,
) -> Library:
    """Open the library, made anew first if the database has changed since.

    Args:
        database: what the library is made from.
        files: where this machine keeps it.
        force: make it anew in any case.
        told: hears (in Chinese) what is being done.
    """
    async with database.read() as session:
        newest = await latest_import(session)
        if not force and files.stamped() == newest:
            try:
                return files.open_library()
            except DamagedIndexError:
                told("法规库文件损坏，正在重建…")
        told("正在整理法规库…")
        library = Library.from_texts(await load_texts(session))
    library.save(files.library)
    files.stamp.write_text(json.dumps({"import": newest}), encoding="utf-8")
    return library
