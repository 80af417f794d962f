"""Bringing statutes into the database: only what is new or changed is written, and it is told."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.store import append
from knowledge_base.library.model import Level
from knowledge_base.library.numerals import ArticleNumber
from knowledge_base.library.sources import StatuteText
from knowledge_base.library.structure import ParsedArticle
from knowledge_base.tables import Statute, StatuteArticle, StatuteImport, StatuteVersion

_ROWS_AT_ONCE = 5000
_IDS_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Change:
    """What an import did to one version of a statute.

    Attributes:
        kind: ``law`` (a new statute), ``version`` (a new version), ``text`` (its articles changed)
            or ``dates`` (only what is known about it changed).
        added, removed, changed: labels of articles (第…条), for ``text``; for a new version,
            against the version before it.
    """

    kind: str
    law: str
    publish: date | None
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {
            "kind": self.kind,
            "law": self.law,
            "publish": self.publish.isoformat() if self.publish else None,
            "added": list(self.added),
            "removed": list(self.removed),
            "changed": list(self.changed),
        }


@dataclass
class ImportResult:
    """What an import did. ``import_id`` is None where nothing changed."""

    texts: int = 0
    articles: int = 0
    unchanged: int = 0
    changes: list[Change] = field(default_factory=list)
    import_id: int | None = None


async def import_texts(
    session: AsyncSession, texts: Sequence[StatuteText], now: datetime
) -> ImportResult:
    """Write the texts into the database as part of the session's transaction.

    Texts that are known already are left alone, so that an import can be repeated; a statute that
    the source no longer holds is kept. ``knowledge.laws`` in the outbox tells of a change.
    """
    result = ImportResult(texts=len(texts), articles=sum(len(text.articles) for text in texts))
    known = await _known(session)
    pending: list[tuple[StatuteText, StatuteVersion | None, str]] = []
    for text in texts:
        version = known[text.name][1].get(text.publish) if text.name in known else None
        digest = _digest(text)
        if version is not None and version.digest == digest and _same_facts(version, text):
            result.unchanged += 1
            continue
        pending.append((text, version, digest))
    if not pending:
        return result
    run = StatuteImport(at=now, files=len(texts), changes=[])
    session.add(run)
    await session.flush()
    result.import_id = run.id
    for text, version, digest in pending:
        result.changes.append(await _change(session, text, version, digest, known))
    statutes = {name: statute for name, (statute, _) in known.items()}
    new = {text.name for text, *_ in pending} - statutes.keys()
    statutes |= {name: Statute(name=name) for name in new}
    session.add_all(statutes[name] for name in sorted(new))
    await session.flush()
    written: list[tuple[StatuteVersion, StatuteText]] = []
    for text, version, digest in pending:
        same_text = version is not None and version.digest == digest
        row = _written(version, text, statutes[text.name], digest, run.id)
        session.add(row)
        if not same_text:
            written.append((row, text))
    await session.flush()
    old = [row.id for row, _ in written]
    for begin in range(0, len(old), _IDS_AT_ONCE):
        await session.execute(
            delete(StatuteArticle).where(
                StatuteArticle.version_id.in_(old[begin : begin + _IDS_AT_ONCE])
            )
        )
    rows = [each for row, text in written for each in _article_rows(row.id, text)]
    for begin in range(0, len(rows), _ROWS_AT_ONCE):
        await session.execute(insert(StatuteArticle), rows[begin : begin + _ROWS_AT_ONCE])
    run.changes = [change.as_json() for change in result.changes]
    append(session, "knowledge.laws", str(run.id), {"changes": len(result.changes)}, now)
    return result


async def latest_import(session: AsyncSession) -> int:
    """Return the number of the last import that changed something; 0 where there was none."""
    return int(await session.scalar(select(func.max(StatuteImport.id))) or 0)


async def load_texts(session: AsyncSession) -> list[StatuteText]:
    """Return every text of the database."""
    articles: dict[int, list[ParsedArticle]] = {}
    paths: dict[tuple[str, ...], tuple[str, ...]] = {}
    rows = await session.execute(
        select(
            StatuteArticle.version_id,
            StatuteArticle.number,
            StatuteArticle.branch,
            StatuteArticle.headings,
            StatuteArticle.text,
        ).order_by(StatuteArticle.version_id, StatuteArticle.position)
    )
    for version_id, number, branch, headings, text in rows:
        path = tuple(headings)
        path = paths.setdefault(path, path)
        articles.setdefault(version_id, []).append(
            ParsedArticle(ArticleNumber(number, branch), text, path)
        )
    versions = await session.execute(
        select(Statute.name, StatuteVersion).join(
            StatuteVersion, StatuteVersion.statute_id == Statute.id
        )
    )
    return [
        StatuteText(
            name=name,
            title=version.title,
            level=Level(version.level),
            category=version.category,
            publish=version.publish,
            valid_from=version.valid_from,
            expired=version.expired,
            source=version.source,
            taken=version.taken,
            articles=tuple(articles.get(version.id, ())),
            repeals=tuple(version.repeals),
        )
        for name, version in versions
    ]


_Known = dict[str, tuple[Statute, dict[date | None, StatuteVersion]]]


async def _known(session: AsyncSession) -> _Known:
    known: _Known = {
        statute.name: (statute, {}) for statute in await session.scalars(select(Statute))
    }
    by_id = {statute.id: name for name, (statute, _) in known.items()}
    for version in await session.scalars(select(StatuteVersion)):
        known[by_id[version.statute_id]][1][version.publish] = version
    return known


def _digest(text: StatuteText) -> str:
    digest = hashlib.sha256()
    for article in text.articles:
        digest.update(
            json.dumps([*article.number, article.headings, article.text]).encode() + b"\n"
        )
    return digest.hexdigest()


def _facts(text: StatuteText) -> dict[str, Any]:
    return {
        "title": text.title,
        "level": text.level.value,
        "category": text.category,
        "valid_from": text.valid_from,
        "expired": text.expired,
        "source": text.source,
        "taken": text.taken,
        "repeals": list(text.repeals),
    }


def _same_facts(version: StatuteVersion, text: StatuteText) -> bool:
    return all(getattr(version, name) == value for name, value in _facts(text).items())


def _written(
    version: StatuteVersion | None, text: StatuteText, statute: Statute, digest: str, run: int
) -> StatuteVersion:
    if version is None:
        version = StatuteVersion(statute_id=statute.id, publish=text.publish)
    for name, value in _facts(text).items():
        setattr(version, name, value)
    version.digest = digest
    version.import_id = run
    return version


def _article_rows(version_id: int, text: StatuteText) -> Iterator[dict[str, Any]]:
    for position, article in enumerate(text.articles):
        yield {
            "version_id": version_id,
            "position": position,
            "number": article.number.number,
            "branch": article.number.branch,
            "headings": list(article.headings),
            "text": article.text,
        }


async def _change(
    session: AsyncSession,
    text: StatuteText,
    version: StatuteVersion | None,
    digest: str,
    known: _Known,
) -> Change:
    if version is not None and version.digest == digest:
        return Change("dates", text.name, text.publish)
    versions = known[text.name][1] if text.name in known else {}
    if version is None and not versions:
        return Change("law", text.name, text.publish)
    against = version or _before(versions, text.publish)
    kind = "text" if version is not None else "version"
    if against is None:
        return Change(kind, text.name, text.publish)
    rows = await session.execute(
        select(StatuteArticle.number, StatuteArticle.branch, StatuteArticle.text).where(
            StatuteArticle.version_id == against.id
        )
    )
    before = {ArticleNumber(number, branch): words for number, branch, words in rows}
    after = {article.number: article.text for article in text.articles}
    return Change(
        kind,
        text.name,
        text.publish,
        added=_labels(after.keys() - before.keys()),
        removed=_labels(before.keys() - after.keys()),
        changed=_labels(
            number for number in after.keys() & before.keys() if after[number] != before[number]
        ),
    )


def _before(
    versions: dict[date | None, StatuteVersion], publish: date | None
) -> StatuteVersion | None:
    older = [day for day in versions if day is not None and publish is not None and day < publish]
    return versions[max(older)] if older else None


def _labels(numbers: Iterable[ArticleNumber]) -> tuple[str, ...]:
    return tuple(number.label for number in sorted(numbers))
