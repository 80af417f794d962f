"""The words of the prompts (``config/prompts/LANGUAGE.yaml``), filled in for one bureau."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

import config
from hotline import configfiles
from hotline.configfiles import ConfigFileError, Document, Problem
from hotline.settings import Settings
from ivr import advice
from ivr.model import ADVICE, LanguageCode, PromptId

MANDARIN = "cmn"
"""The voice that reads Hanzi; every other one is a voice of espeak-ng by its own name."""

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


class SpokenText(BaseModel):
    """A text in another voice than its file's: the name of a language in that language."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: str
    voice: str = Field(min_length=1)


class PromptFile(BaseModel):
    """All prompts of one language."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    language: LanguageCode
    name: str = Field(min_length=1)
    voice: str = Field(default=MANDARIN, min_length=1)
    texts: dict[PromptId, str | SpokenText]


@dataclass(frozen=True)
class Line:
    """One prompt, ready to be spoken."""

    text: str
    voice: str


@dataclass(frozen=True)
class Words:
    """The prompts of one language."""

    language: str
    name: str
    lines: Mapping[str, Line]


@dataclass(frozen=True)
class Catalogue:
    """The words of every language. ``usual`` is the language that the others fall back to."""

    usual: str
    languages: Mapping[str, Words]
    documents: Mapping[str, Document]

    def find(self, prompt: str, language: str) -> Line | None:
        """Return what is said in ``language``, else in the usual one; ``None``: unwritten."""
        for code in (language, self.usual):
            words = self.languages.get(code)
            if words is not None and prompt in words.lines:
                return words.lines[prompt]
        return None

    def text(self, prompt: str, language: str) -> str:
        """Return what is said, or the prompt's name where nobody wrote it."""
        line = self.find(prompt, language)
        return line.text if line else f"〔{prompt}〕"

    @property
    def prompts(self) -> tuple[str, ...]:
        """Every prompt that is written in any language, in the order of the files."""
        names: dict[str, None] = {}
        for words in self.languages.values():
            names |= dict.fromkeys(words.lines)
        return tuple(names)


@dataclass(frozen=True)
class Values:
    """What the placeholders stand for, in Mandarin and in other voices."""

    mandarin: Mapping[str, str]
    others: Mapping[str, str]


def values(settings: Settings) -> Values:
    """Take them from the settings, so that a notice never says another time than is kept."""
    days = settings.recording.retention_days
    bureau = {"bureau": settings.bureau.name, "hotline": settings.bureau.hotline_number}
    return Values(
        bureau | {"retention": retention(days)},
        bureau | {"retention": _retention_in_english(days)},
    )


def retention(days: int) -> str:
    """Say how long recordings are kept, in whole years or months where they are."""
    count, unit = _in_units(days)
    # 两, not 二, before a measure word.
    return f"{'两' if count == 2 else count}{unit}"


def _in_units(days: int) -> tuple[int, str]:
    if days % 365 == 0:
        return days // 365, "年"
    if days % 30 == 0:
        return days // 30, "个月"
    return days, "天"


def _retention_in_english(days: int) -> str:
    count, unit = _in_units(days)
    name = {"年": "year", "个月": "month", "天": "day"}[unit]
    return f"{count} {name}{'s' if count > 1 else ''}"


def load(filled: Values, usual: str = "zh") -> Catalogue:
    """Read every prompt file and fill the placeholders in.

    Raises:
        ConfigFileError: a file is malformed, or uses a placeholder that there is not.
    """
    names = {
        file.name
        for folder in {config.SHIPPED / "prompts", config.path("prompts")}
        for file in folder.glob("*.yaml")
    }
    languages: dict[str, Words] = {}
    documents: dict[str, Document] = {}
    problems: list[Problem] = []
    for name in sorted(names, key=lambda n: (Path(n).stem != usual, n)):
        document = configfiles.read(config.path(f"prompts/{name}"))
        file = document.parse(PromptFile)
        problems += _problems(document, file, filled)
        lines = {prompt: _line(entry, file, filled) for prompt, entry in file.texts.items()}
        languages[file.language] = Words(file.language, file.name, lines)
        documents[file.language] = document
    if problems:
        raise ConfigFileError(problems)
    if (words := languages.get(usual)) is not None:
        told = {f"{ADVICE}/{card}": Line(one.text, MANDARIN) for card, one in advice.load().items()}
        # What a bureau wrote itself wins.
        languages[usual] = Words(words.language, words.name, {**told, **words.lines})
    return Catalogue(usual, languages, documents)


def _line(entry: str | SpokenText, file: PromptFile, filled: Values) -> Line:
    text, voice = _spoken(entry, file)
    return Line(_fill(text, filled.mandarin if voice == MANDARIN else filled.others), voice)


def _spoken(entry: str | SpokenText, file: PromptFile) -> tuple[str, str]:
    if isinstance(entry, SpokenText):
        return entry.text, entry.voice
    return entry, file.voice


def _fill(text: str, filled: Mapping[str, str]) -> str:
    return _PLACEHOLDER.sub(lambda match: filled.get(match[1], match[0]), text).strip()


def _problems(document: Document, file: PromptFile, filled: Values) -> Iterable[Problem]:
    if document.file.stem != file.language:
        yield document.problem(("language",), f"文件名应为 {file.language}.yaml")
    for prompt, entry in file.texts.items():
        text, _ = _spoken(entry, file)
        for name in _PLACEHOLDER.findall(text):
            if name not in filled.mandarin:
                known = "、".join(f"{{{key}}}" for key in filled.mandarin)
                yield document.problem(
                    ("texts", prompt), f"{prompt}：没有 {{{name}}} 这个值，可用的有 {known}"
                )
        if not text.strip():
            yield document.problem(("texts", prompt), f"{prompt}：没有文字")
