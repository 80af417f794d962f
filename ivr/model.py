"""What a bureau writes: the menu (``config/ivr/12348.yaml``) and the survey, as pydantic models."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

import config
from hotline import configfiles
from hotline.configfiles import Document

Key = Annotated[str, StringConstraints(pattern=r"^[0-9*#]$")]
"""A key of a telephone."""
PromptId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(?:[/_-][a-z0-9]+)*$")]
"""The name of a prompt: ``menu/intro`` is the text of that name, or ``menu/intro.wav``."""
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*$")]
"""A name in the dialplan: a menu or a question."""
CardId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(?:-[a-z0-9]+)*$")]
"""The id of an answer card; its advice is the prompt ``advice/ID``."""
LanguageCode = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{1,15}$")]
Seconds = Annotated[float, Field(ge=1, le=20)]

PERSON, VOICEMAIL, CALLBACK, PROGRESS = "person", "voicemail", "callback", "progress"
ADVICE = "advice"
"""Recorded advice, made from the answer cards."""
ENDS = frozenset({PERSON, VOICEMAIL, CALLBACK, PROGRESS, ADVICE})
"""Where a menu may lead besides another menu."""

STATION = "station"
"""The topic of a caller who asks for the township's station before any lawyer."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Number(_Part):
    """A number that callers dial, and the township that it belongs to, if any."""

    number: Annotated[str, StringConstraints(pattern=r"^[0-9]{3,16}$")]
    place: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]*$")] = ""


class Option(_Part):
    """One key of a menu."""

    key: Key
    name: str = Field(min_length=1)
    say: PromptId
    topic: str = ""
    covers: tuple[str, ...] = ()
    """Topics besides ``topic`` whose callers belong here; for the reader and the check."""
    to: str = PERSON
    advice: tuple[CardId, ...] = ()
    """With ``to: advice``: the answer cards that are told, in this order."""


class MenuPart(_Part):
    """One menu: what is said, and where each key leads."""

    name: str = Field(min_length=1)
    intro: tuple[PromptId, ...] = ()
    options: tuple[Option, ...]
    outro: tuple[PromptId, ...] = ()
    wait: Seconds = 4
    """Seconds of silence after the last word before ``silence`` is taken."""
    person: bool = True
    """Whether the person key works here; only a night menu may say no."""
    urgent: bool = False
    """Whether the person key is for emergencies only, and gives that priority class."""
    silence: str = PERSON
    wrong: str = PERSON


class LanguageChoice(_Part):
    """A language or dialect that a caller may ask for."""

    key: Key
    language: LanguageCode
    name: str = Field(min_length=1)
    say: PromptId
    menu: bool = True
    """Whether the menu is played in it; otherwise the caller goes to a person at once."""


class Languages(_Part):
    """The choice behind one key, off the way of those who speak the usual language."""

    key: Key = "*"
    hint: tuple[PromptId, ...] = ()
    usual: LanguageCode = "zh"
    choices: tuple[LanguageChoice, ...] = ()
    wait: Seconds = 5


class Progress(_Part):
    """How a case stands, behind one key, for who keys in its number and code."""

    key: Key = "#"
    hint: tuple[PromptId, ...] = ()
    """Said at the end of the first menu; empty: the key does nothing."""


class Night(_Part):
    """What callers hear outside the opening hours, and where they go."""

    say: tuple[PromptId, ...] = ()
    to: str = PERSON


class Skip(_Part):
    """What known callers hear instead of the menu."""

    say: tuple[PromptId, ...] = ()


class MenuFile(_Part):
    """The whole menu."""

    version: Literal[1]
    name: str = Field(min_length=1)
    numbers: tuple[Number, ...] = Field(min_length=1)
    hours: str
    notice: tuple[PromptId, ...]
    person_key: Key = "0"
    start: Name
    menus: dict[Name, MenuPart] = Field(min_length=1)
    languages: Languages = Languages()
    progress: Progress = Progress()
    night: Night = Night()
    skip: Skip = Skip()


class Answer(_Part):
    """One key of a question."""

    key: Key
    name: str = Field(min_length=1)


class Question(_Part):
    """One question of the survey."""

    id: Name
    name: str = Field(min_length=1)
    say: PromptId
    answers: tuple[Answer, ...] = Field(min_length=1)


class SurveyFile(_Part):
    """What is asked after the talk (满意度测评)."""

    version: Literal[1]
    name: str = Field(min_length=1)
    intro: tuple[PromptId, ...] = ()
    questions: tuple[Question, ...] = Field(min_length=1)
    wait: Seconds = 6
    retries: int = Field(default=1, ge=0, le=2)
    """How often a question is asked again after a wrong key."""
    number: tuple[PromptId, ...] = ()
    """Offers to tell the ticket's number and code, to who has answered; empty: not offered."""
    thanks: tuple[PromptId, ...] = ()


@dataclass(frozen=True)
class Source:
    """Both files as written, with their lines, for the checks."""

    menu_document: Document
    menu: MenuFile
    survey_document: Document
    survey: SurveyFile


def load(menu_file: Path | None = None, survey_file: Path | None = None) -> Source:
    """Read the menu and the survey.

    Raises:
        ConfigFileError: a file is missing or malformed; every mistake has its line.
    """
    menu = configfiles.read(menu_file or config.path("ivr/12348.yaml"))
    survey = configfiles.read(survey_file or config.path("ivr/survey.yaml"))
    return Source(menu, menu.parse(MenuFile), survey, survey.parse(SurveyFile))
