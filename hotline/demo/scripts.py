"""The demonstration's scripts: who calls, what is said, and how each call must end."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

import config
from hotline import configfiles


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Route(StrEnum):
    """Where a scripted call must end."""

    LAWYER = "lawyer"
    STATION = "station"
    VOICEMAIL = "voicemail"
    ABANDONED = "abandoned"


class Line(_Part):
    """One turn of the conversation."""

    who: Literal["agent", "caller"]
    say: str = Field(min_length=1)


class Expectation(_Part):
    """What must come of the call; anything else makes the demonstration fail."""

    route: Route
    findings: tuple[str, ...]
    """Kinds of fault that the scorer must find, and no others."""
    satisfaction: Literal[1, 2, 3] | None
    solved: bool | None


class Conversation(_Part):
    """One scripted call (剧本)."""

    id: str = Field(pattern=r"^[a-z0-9-]+$")
    title: str
    number: str = Field(pattern=r"^\d{8,12}$")
    """The caller's number; it tells the lawyers' telephones which part to speak."""
    place: str = ""
    """The township whose numbers ``number`` belongs to; told for the reader's sake."""
    keys: str = Field(pattern=r"^[0-9*#]$")
    topic: str
    lines: tuple[Line, ...]
    survey: str = Field(default="", pattern=r"^[0-9]{0,2}$")
    """Keys pressed in the survey, one a question; fewer keys leave questions unanswered."""
    starts: float = Field(default=0, ge=0)
    """Seconds after the beginning of the demonstration's round."""
    hang_up_waiting: float | None = Field(default=None, gt=0)
    """Seconds after the menu key at which the caller gives up."""
    expect: Expectation

    def said_by(self, who: Literal["agent", "caller"]) -> str:
        """Return everything that one side says."""
        return "".join(line.say for line in self.lines if line.who == who)


class Organisation(_Part):
    """A place of the demonstration's district."""

    code: str
    kind: Literal["district", "township", "village"]
    name: str
    parent: str | None = None
    numbers: tuple[str, ...] = ()
    """Beginnings of the land-line numbers of this place."""


class Person(_Part):
    """A simulated lawyer or station."""

    id: str = Field(pattern=r"^[a-z][a-z0-9]*$")
    staff_no: str
    name: str
    kind: Literal["lawyer", "station"]
    organisation: str
    skills: dict[str, int]


class Cast(_Part):
    """Everybody who may answer."""

    organisations: tuple[Organisation, ...]
    people: tuple[Person, ...]


def load_cast() -> Cast:
    """Read ``config/demo/people.yaml``.

    Raises:
        ConfigFileError: the file is wrong; each mistake has its line.
    """
    return configfiles.load(config.path("demo/people.yaml"), Cast)


def load_conversations() -> tuple[Conversation, ...]:
    """Read all scripts of ``config/demo/conversations`` in the order of their file names.

    Raises:
        ConfigFileError: a file is wrong; each mistake has its line.
    """
    folder = config.path("demo/conversations")
    return tuple(configfiles.load(file, Conversation) for file in sorted(folder.glob("*.yaml")))
