"""From files and folders to dated texts of laws.

Dates come, in this order, from the catalogue beside the files (``db.sqlite3``: publish, valid_from,
expired), from the file's name (``劳动合同法(2012-12-28).md``) and from the text itself.
"""

from __future__ import annotations

import re
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from importlib import resources
from pathlib import Path
from typing import NamedTuple

import yaml

from hotline.errors import NotFoundError
from knowledge_base.library.model import Level
from knowledge_base.library.names import plain_name
from knowledge_base.library.readers import UnreadableStatuteError, can_read, read_statute
from knowledge_base.library.structure import ParsedArticle, ParsedText

_DATED_NAME = re.compile(r"^(?P<name>.+?)[(（_](?P<date>\d{4}-?\d{2}-?\d{2})[)）]?$")
_CATALOGUE = "db.sqlite3"
_LEVELS = {
    "宪法": Level.CONSTITUTION,
    "法律": Level.LAW,
    "行政法规": Level.REGULATION,
    "司法解释": Level.INTERPRETATION,
    "部门规章": Level.RULE,
    "地方性法规": Level.LOCAL,
}


@dataclass(frozen=True, slots=True)
class StatuteText:
    """One dated text of one law, as it goes into the library."""

    name: str
    title: str
    level: Level
    category: str
    publish: date | None
    valid_from: date | None
    expired: bool
    source: str
    taken: date | None
    articles: tuple[ParsedArticle, ...]
    repeals: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Collected:
    """What was read, and the files that could not be, with the reason."""

    texts: tuple[StatuteText, ...]
    unreadable: tuple[tuple[str, str], ...] = ()


class _Entry(NamedTuple):
    publish: date | None
    valid_from: date | None
    expired: bool
    level: str


def collect(
    paths: Iterable[Path],
    *,
    taken: date | None = None,
    advance: Callable[[int, int], None] = lambda _done, _total: None,
) -> Collected:
    """Read all statute files of the paths.

    Args:
        paths: files or folders; a folder is searched through.
        taken: 数据截至; by default the newest date of publication found.
        advance: told how many of how many files are read.

    Raises:
        NotFoundError: a path is not there, or there is no statute file in any.
    """
    files = _files(paths)
    catalogues = {root: _catalogue(root / _CATALOGUE) for root in {root for root, _ in files}}
    parts: dict[tuple[str, date | None], list[tuple[ParsedText, StatuteText]]] = defaultdict(list)
    unreadable: list[tuple[str, str]] = []
    for done, (root, file) in enumerate(files, start=1):
        try:
            parsed = read_statute(file)
        except (UnreadableStatuteError, OSError) as error:
            unreadable.append((str(file), str(error)))
        else:
            text = _dated(parsed, root, file, catalogues[root])
            parts[text.name, text.publish].append((parsed, text))
        advance(done, len(files))
    texts = [_joined(each) for each in parts.values()]
    if taken is None:
        taken = max((text.publish for text in texts if text.publish), default=None)
    texts = [replace(text, taken=taken) for text in texts]
    texts.sort(key=lambda text: (text.name, text.publish or date.min))
    return Collected(tuple(texts), tuple(unreadable))


def _files(paths: Iterable[Path]) -> list[tuple[Path, Path]]:
    found: list[tuple[Path, Path]] = []
    for path in paths:
        if path.is_dir():
            found += [(path, file) for file in sorted(path.rglob("*")) if can_read(file)]
        elif path.exists():
            found.append((path.parent, path))
        else:
            raise NotFoundError(f"没有找到 {path}，请检查路径")
    if not found:
        raise NotFoundError("没有找到法规文件（.md、.docx、.html、.txt），请检查路径")
    return found


def _catalogue(file: Path) -> dict[tuple[str, str, date | None], _Entry]:
    """Read the catalogue that lies beside the corpus; an absent one is empty."""
    if not file.exists():
        return {}
    # The corpus may lie on a read-only disk, where SQLite can make no lock or journal.
    connection = sqlite3.connect(f"file:{file}?mode=ro&immutable=1", uri=True)
    try:
        rows = connection.execute(
            "select category.folder, law.name, law.publish, law.valid_from, law.expired, law.level"
            " from law join category on category.id = law.category_id"
        ).fetchall()
    except sqlite3.DatabaseError as error:
        raise UnreadableStatuteError(
            f"{file}：目录数据库读不出来（{error}），请修复或移走后重试"
        ) from error
    finally:
        connection.close()
    entries: dict[tuple[str, str, date | None], _Entry] = {}
    for folder, name, publish, valid_from, expired, level in rows:
        entry = _Entry(_day(publish), _day(valid_from), bool(expired), level)
        entries[folder, plain_name(name), entry.publish] = entry
    return entries


def _day(words: str | None) -> date | None:
    return date.fromisoformat(words[:10]) if words else None


def _dated(
    parsed: ParsedText,
    root: Path,
    file: Path,
    catalogue: dict[tuple[str, str, date | None], _Entry],
) -> StatuteText:
    match = _DATED_NAME.match(file.stem)
    stem = match["name"] if match else file.stem
    stamp = match["date"].replace("-", "") if match else ""
    publish = date.fromisoformat(stamp) if stamp else None
    folder = file.parent.relative_to(root).as_posix()
    # A part's file is named after the part (合同编), an official download perhaps after a number.
    name = plain_name(parsed.title)
    if not parsed.part and file.suffix == ".md":
        name = plain_name(stem)
    entry = catalogue.get((folder, name, publish)) or _only_entry(catalogue, folder, name, publish)
    if entry is not None and publish is None:
        publish = entry.publish
    publish = publish or parsed.passed
    if entry is not None and stamp == "" and parsed.passed and publish and parsed.passed > publish:
        publish = parsed.passed  # the text was brought up to date after the catalogue
    valid_from = _corrections().get((name, publish))
    if valid_from is None and entry is not None:
        valid_from = entry.valid_from
    if valid_from is None and parsed.effective and (not publish or parsed.effective >= publish):
        valid_from = parsed.effective
    return StatuteText(
        name=name,
        title=parsed.title,
        level=_level(name, folder, entry),
        category=folder if folder != "." else "",
        publish=publish,
        valid_from=valid_from or publish,
        expired=bool(entry and entry.expired),
        source=file.relative_to(root).as_posix(),
        taken=None,
        articles=parsed.articles,
        repeals=parsed.repeals,
    )


@cache
def _corrections() -> Mapping[tuple[str, date | None], date]:
    """Return the first days that neither catalogue nor text tell rightly."""
    text = resources.files("knowledge_base.library").joinpath("corrections.yaml").read_text("utf-8")
    return {
        (name, publish): valid_from
        for name, days in yaml.safe_load(text).items()
        for publish, valid_from in days.items()
    }


def _only_entry(
    catalogue: dict[tuple[str, str, date | None], _Entry], folder: str, name: str, day: date | None
) -> _Entry | None:
    if day is not None:
        return None
    matching = [entry for key, entry in catalogue.items() if key[:2] == (folder, name)]
    return matching[0] if len(matching) == 1 else None


_LEVELS_BY_NAME = (
    (re.compile(r"^(?:最高人民|人民法院|人民检察院)"), Level.INTERPRETATION),
    (re.compile(r"(?:法|法典|编|总则|附则)$"), Level.LAW),
    (re.compile(r"条例$|^国务院"), Level.REGULATION),
    (re.compile(r"(?:规定|办法|细则|规则)$"), Level.RULE),
)


def _level(name: str, folder: str, entry: _Entry | None) -> Level:
    if "宪法" in folder and name.startswith("宪法"):
        return Level.CONSTITUTION
    if entry is not None and entry.level in _LEVELS:
        return _LEVELS[entry.level]
    for words in ("行政法规", "司法解释", "部门规章", "地方性法规"):
        if words in folder:
            return _LEVELS[words]
    if folder.endswith("法"):
        return Level.LAW
    return next((level for pattern, level in _LEVELS_BY_NAME if pattern.search(name)), Level.OTHER)


def _joined(parts: Sequence[tuple[ParsedText, StatuteText]]) -> StatuteText:
    """Join the parts (编) of a law that is spread over files; of copies, keep the fullest."""
    in_parts = [(parsed, text) for parsed, text in parts if parsed.part]
    if not in_parts:
        return max((text for _, text in parts), key=lambda text: len(text.articles))
    articles: dict[object, ParsedArticle] = {}
    for parsed, text in in_parts:
        for article in text.articles:
            headings = (parsed.part, *article.headings)
            articles.setdefault(article.number, replace(article, headings=headings))
    days = [text.valid_from for _, text in in_parts if text.valid_from]
    first = in_parts[0][1]
    return replace(
        first,
        valid_from=max(days, default=None),
        source=Path(first.source).parent.as_posix(),
        articles=tuple(sorted(articles.values(), key=lambda article: article.number)),
        repeals=tuple(dict.fromkeys(title for _, text in in_parts for title in text.repeals)),
    )
