"""Conversations in files, for ``hotline score FILE``: a script, turns as JSON, or plain lines."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from hotline import configfiles
from hotline.errors import InvalidInputError
from transcripts.scoring.speech import AGENT, CALLER, Turn, Word

_SECONDS_PER_CHARACTER = 0.22
_PAUSE = 0.6
_SPEAKER = re.compile(
    r"^\s*(?P<who>律师|值班律师|工作人员|接线员|答|来电人|群众|当事人|问)\s*[：:]\s*"
)
_AGENTS = frozenset({"律师", "值班律师", "工作人员", "接线员", "答"})


class TalkFileError(InvalidInputError):
    """通话文件有误。支持：剧本 YAML（lines: who/say）、话轮 JSON、“律师：…”“来电人：…”逐行文本。"""

    error_id = "talk-file"


class _Line(BaseModel):
    model_config = ConfigDict(extra="ignore")

    who: str
    say: str


class _Script(BaseModel):
    model_config = ConfigDict(extra="ignore")

    lines: list[_Line]
    topic: str | None = None


class _TurnRow(BaseModel):
    model_config = ConfigDict(extra="ignore")

    leg: str
    start: float = 0.0
    end: float = 0.0
    text: str
    confidence: float | None = None
    words: list[dict[str, Any]] = []


def read_talk(file: Path) -> tuple[list[Turn], str | None]:
    """Read a conversation; return its turns and the topic, where the file names one.

    Raises:
        TalkFileError: it can't be read or holds no conversation.
    """
    if file.suffix in (".yaml", ".yml"):
        script = configfiles.load(file, _Script)
        return timed([(line.who, line.say) for line in script.lines]), script.topic
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise TalkFileError(f"读不了 {file}：{error}") from error
    if file.suffix == ".json":
        return _from_json(file, text), None
    lines = [
        (AGENT if match["who"] in _AGENTS else CALLER, line[match.end() :].strip())
        for line in text.splitlines()
        if (match := _SPEAKER.match(line))
    ]
    if not lines:
        raise TalkFileError(f"{file} 里没有“律师：…”“来电人：…”这样的行。")
    return timed(lines), None


def _from_json(file: Path, text: str) -> list[Turn]:
    try:
        value = json.loads(text)
        rows = TypeAdapter(list[_TurnRow]).validate_python(
            value["turns"] if isinstance(value, dict) else value
        )
    except (ValueError, KeyError, ValidationError) as error:
        raise TalkFileError(f"{file} 不是话轮 JSON：{error}") from error
    return [
        Turn(
            row.leg,
            row.start,
            row.end,
            row.text,
            row.confidence,
            tuple(
                Word(str(w["text"]), float(w["start"]), float(w["end"]), w.get("confidence"))
                for w in row.words
            ),
        )
        for row in rows
    ]


def timed(lines: list[tuple[str, str]]) -> list[Turn]:
    """Give written lines the times they would take to say."""
    turns = []
    second = 0.0
    for who, words in lines:
        seconds = len(words) * _SECONDS_PER_CHARACTER
        turns.append(Turn(who, round(second, 2), round(second + seconds, 2), words))
        second += seconds + _PAUSE
    return turns
