"""The cards that count on this machine: the shipped ones, overridden by those published here."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

import structlog
import yaml
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.configfiles import ConfigFileError
from knowledge_base.cards.files import SHIPPED, load_cards
from knowledge_base.cards.model import Card
from knowledge_base.editing.body import read
from knowledge_base.editing.desk import State, published, retired
from knowledge_base.editing.tables import CardVersion
from knowledge_base.library.installed import KnowledgeFiles

_STAMP = "_stamp.json"
_RETIRED = "_retired.json"

log = structlog.get_logger(__name__)


def installed_cards(files: KnowledgeFiles) -> tuple[Card, ...]:
    """Return the cards that count here.

    Raises:
        ConfigFileError: a shipped card is wrong.
    """
    try:
        cards = load_cards((SHIPPED, files.cards))
    except ConfigFileError:
        # What was published by an older program and no longer reads must not stop the house.
        log.exception("published cards could not be read; the shipped ones count")
        cards = load_cards()
    return _without(cards, _retired(files))


@lru_cache(maxsize=4)
def _without(cards: tuple[Card, ...], retired: frozenset[str]) -> tuple[Card, ...]:
    if not retired:
        return cards
    return tuple(
        card.model_copy(
            update={"see_also": tuple(one for one in card.see_also if one not in retired)}
        )
        for card in cards
        if card.id not in retired
    )


def _retired(files: KnowledgeFiles) -> frozenset[str]:
    try:
        return frozenset(json.loads((files.cards / _RETIRED).read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError):
        return frozenset()


async def refresh_cards(session: AsyncSession, files: KnowledgeFiles) -> bool:
    """Write this machine's files of the published cards, if any was published since."""
    stamp = await _stamp(session)
    if stamp == _stamped(files):
        return False
    files.cards.mkdir(parents=True, exist_ok=True)
    kept = set()
    for row in await published(session):
        card, mistakes = read(row.body)
        if card is None:
            log.error("a published card no longer reads", card=row.card_id, why=str(mistakes[0]))
            continue
        kept.add(f"{row.card_id}.yaml")
        body = {**row.body, "version": row.number}
        text = yaml.safe_dump(body, allow_unicode=True, sort_keys=False)
        _write(files.cards / f"{row.card_id}.yaml", text)
    for file in files.cards.glob("*.yaml"):
        if file.name not in kept:
            file.unlink(missing_ok=True)
    _write(files.cards / _RETIRED, json.dumps(sorted(await retired(session))))
    _write(files.cards / _STAMP, json.dumps(stamp))
    return True


async def _stamp(session: AsyncSession) -> list[int]:
    stamp: list[int] = []
    for state in (State.PUBLISHED, State.RETIRED):
        query = select(func.count(), func.max(CardVersion.id)).where(CardVersion.state == state)
        count, newest = (await session.execute(query)).one()
        stamp += [count, newest or 0]
    return stamp


def _stamped(files: KnowledgeFiles) -> list[int]:
    try:
        found: list[int] = json.loads((files.cards / _STAMP).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return [0, 0, 0, 0]
    return found


def _write(file: Path, text: str) -> None:
    # Another process may be reading it.
    unfinished = file.with_suffix(".part")
    unfinished.write_text(text, encoding="utf-8")
    unfinished.replace(file)
