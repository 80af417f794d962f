"""The calls of a day or of many, as values: from a file, from the calls table, or invented.

A file is CSV with a head line, or JSON (a list of objects, or ``{"calls": [...]}``). Columns:
``at`` (ISO time, or seconds), ``topic``, ``language``, ``place``, ``number``, ``priority``,
``handling`` (seconds of talk; wrap-up is the policy's) and ``patience`` (seconds). Only ``at`` is
needed in each row; a missing talk or patience is drawn.
"""

from __future__ import annotations

import csv
import io
import json
import math
import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import accumulate
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from hotline.calls.patience import Patience
from hotline.clock import CHINA
from hotline.errors import InvalidInputError

COLUMNS = ("at", "topic", "language", "place", "number", "priority", "handling", "patience")
DAY = 86_400.0


class TrafficFileError(InvalidInputError):
    """话务文件有误：请对照 hotline simulate --help 里的列名检查。"""

    error_id = "traffic-file"


@dataclass(frozen=True, slots=True)
class Offered:
    """One call that asks for a person. Times are seconds; ``at`` counts from the origin."""

    at: float
    topic: str = ""
    language: str = "zh"
    place: str = ""
    number: str = ""
    priority: str = ""
    talk: float | None = None
    """Without wrap-up; ``None`` where it is not known, because nobody answered."""
    patience: float | None = None
    """The caller hangs up after so long; ``None`` where it is not known, ``inf`` for never."""
    waited: float = 0.0
    """How long they waited in fact: their patience is at least that."""


@dataclass(frozen=True)
class Traffic:
    """Calls in order of time."""

    calls: tuple[Offered, ...]
    origin: datetime | None = None
    """The midnight (China) that ``at`` counts from; ``None``: seconds, 0 is a Monday's midnight."""

    def when(self, at: float) -> datetime | None:
        """Return the time of day of ``at``."""
        return None if self.origin is None else self.origin + timedelta(seconds=at)

    def completed(self, chance: random.Random, patience: Patience | None) -> Traffic:
        """Draw what is not known: talks from the other calls', patience from ``patience``.

        Raises:
            TrafficFileError: no call has a talk to draw from.
        """
        talks = [call.talk for call in self.calls if call.talk is not None]
        if not talks and self.calls:
            raise TrafficFileError("话务里没有一通有通话时长（handling 列），无法推算")

        def fill(call: Offered) -> Offered:
            talk = chance.choice(talks) if call.talk is None else call.talk
            stays = call.patience
            if stays is None:
                stays = patience.draw(chance, call.waited) if patience else math.inf
            return replace(call, talk=talk, patience=stays)

        return replace(self, calls=tuple(fill(call) for call in self.calls))


def of(calls: Iterable[tuple[datetime, Offered]]) -> Traffic:
    """Put calls of known times in order; the origin is the first one's midnight in China."""
    timed = sorted(calls, key=lambda pair: pair[0])
    if not timed:
        return Traffic(())
    origin = timed[0][0].astimezone(CHINA).replace(hour=0, minute=0, second=0, microsecond=0)
    return Traffic(
        tuple(replace(call, at=(when - origin).total_seconds()) for when, call in timed), origin
    )


class _Row(BaseModel):
    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True)

    at: float | datetime
    topic: str = ""
    language: str = "zh"
    place: str = ""
    number: str = ""
    priority: str = ""
    handling: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    patience: float | None = Field(default=None, ge=0)

    @field_validator("at", mode="before")
    @classmethod
    def _seconds_are_no_epoch(cls, value: object) -> object:
        """Keep plain numbers numbers: pydantic would read them as seconds since 1970."""
        try:
            seconds = float(value)  # type: ignore[arg-type]
        except (TypeError, ValueError):
            return datetime.fromisoformat(str(value))
        if not (math.isfinite(seconds) and seconds >= 0):
            raise ValueError("seconds")
        return seconds

    def offered(self, at: float = 0.0) -> Offered:
        return Offered(
            at,
            self.topic,
            self.language or "zh",
            self.place,
            self.number,
            self.priority,
            self.handling,
            self.patience,
        )


def read(file: Path) -> Traffic:
    """Read a traffic file.

    Raises:
        TrafficFileError: it is not there, or a row is wrong; the message tells which.
    """
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise TrafficFileError(f"读不了话务文件 {file}：{error}") from error
    raw = _objects(file, text) if file.suffix.lower() == ".json" else _lines(file, text)
    rows = [_row(place, values) for place, values in raw]
    if not rows:
        raise TrafficFileError(f"{file}：没有一通来电")
    times = [(row.at, row) for row in rows if isinstance(row.at, datetime)]
    if times and len(times) < len(rows):
        raise TrafficFileError(f"{file}：at 列要么全是时间，要么全是秒数")
    if times:
        return of(
            # A time without a zone is the time on the wall of the bureau.
            (when if when.tzinfo else when.replace(tzinfo=CHINA), row.offered())
            for when, row in times
        )
    seconds = [row.offered(row.at) for row in rows if isinstance(row.at, float)]
    return Traffic(tuple(sorted(seconds, key=lambda call: call.at)))


def _lines(file: Path, text: str) -> Iterable[tuple[str, Mapping[str, Any]]]:
    reader = csv.DictReader(io.StringIO(text))
    if "at" not in (reader.fieldnames or ()):
        raise TrafficFileError(
            f"{file}:1：第一行要写列名，至少有 at；可用的列：{'、'.join(COLUMNS)}"
        )
    for values in reader:
        yield f"{file}:{reader.line_num}", {k: v for k, v in values.items() if k and v}


def _objects(file: Path, text: str) -> Iterable[tuple[str, Mapping[str, Any]]]:
    try:
        content = json.loads(text)
    except ValueError as error:
        raise TrafficFileError(f"{file}：不是 JSON：{error}") from error
    calls = content.get("calls") if isinstance(content, dict) else content
    if not isinstance(calls, list) or not all(isinstance(call, dict) for call in calls):
        raise TrafficFileError(f"{file}：应为来电的列表，每通是一个对象")
    for number, values in enumerate(calls, 1):
        yield f"{file} 第 {number} 通", {k: v for k, v in values.items() if v is not None}


def _row(place: str, values: Mapping[str, Any]) -> _Row:
    try:
        return _Row.model_validate(values)
    except ValidationError as error:
        column = str(error.errors()[0]["loc"][0])
        expected = "ISO 时间或不小于 0 的秒数" if column == "at" else "不小于 0 的秒数"
        raise TrafficFileError(
            f"{place}：{column} 应为{expected}，而不是“{values.get(column, '')}”"
        ) from error


def write(file: Path, traffic: Traffic) -> None:
    """Write a traffic file (CSV) that :func:`read` reads."""
    with file.open("w", encoding="utf-8", newline="") as out:
        rows = csv.writer(out)
        rows.writerow(COLUMNS)
        for call in traffic.calls:
            when = traffic.when(call.at)
            rows.writerow(
                (
                    f"{call.at:.3f}" if when is None else when.isoformat(timespec="milliseconds"),
                    *(call.topic, call.language, call.place, call.number, call.priority),
                    "" if call.talk is None else f"{call.talk:.1f}",
                    "" if call.patience is None else f"{call.patience:.1f}",
                )
            )


# An invented day, so that policies can be tried before there is any history. None of these is a
# statistic of anybody.
HOURS = (2, 1, 1, 1, 1, 1, 2, 8, 60, 100, 95, 70, 35, 45, 85, 95, 80, 55, 25, 20, 18, 12, 8, 4)
TOPICS: Mapping[str, int] = Counter(
    wages=16,
    labour_contract=8,
    work_injury=6,
    marriage=14,
    inheritance=5,
    lending=10,
    sales=5,
    consumer=5,
    traffic=7,
    injury=4,
    lease=4,
    property=5,
    neighbour=3,
    procedure=3,
    legal_aid=2,
    other=3,
)
TALK_SPREAD = 0.7
"""Sigma of the logarithm of a talk's length: talks are skewed, most short and a few long."""


def invent(
    count: int,
    chance: random.Random,
    *,
    talk: float,
    topics: Mapping[str, int] = TOPICS,
    hours: Sequence[int] = HOURS,
) -> Traffic:
    """Invent a day of ``count`` calls; ``talk`` is the mean length of a talk in seconds."""
    hour_sums, topic_sums = list(accumulate(hours)), list(accumulate(topics.values()))
    names = list(topics)
    middle = math.log(talk) - TALK_SPREAD**2 / 2
    calls = (
        Offered(
            at=3600 * (chance.choices(range(len(hours)), cum_weights=hour_sums)[0])
            + 3600 * chance.random(),
            topic=chance.choices(names, cum_weights=topic_sums)[0],
            talk=chance.lognormvariate(middle, TALK_SPREAD),
        )
        for _ in range(count)
    )
    return Traffic(tuple(sorted(calls, key=lambda call: call.at)))
