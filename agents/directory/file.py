"""What a bureau writes of its people and places, checked; every mistake has its line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from agents.tables import OrganisationKind
from hotline import configfiles, worktime
from hotline.configfiles import ConfigFileError, Document, Problem
from hotline.routing.people import AgentKind

Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,31}$")]
Number = Annotated[str, StringConstraints(pattern=r"^\+?[0-9]{3,20}$")]
Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PlaceEntry(_Part):
    """A place of the tree; one that is there already is changed."""

    code: Code
    kind: OrganisationKind
    name: str = Field(min_length=1)
    parent: str = ""
    numbers: tuple[Annotated[str, StringConstraints(pattern=r"^[0-9]{3,11}$")], ...] = ()
    """Beginnings of telephone numbers that belong here."""
    hours: dict[Day, tuple[str, ...]] = {}
    """Opening hours; empty: always."""

    @model_validator(mode="after")
    def _sound(self) -> PlaceEntry:
        for spans in self.hours.values():
            worktime.spans(spans)
        return self


class PersonEntry(_Part):
    """Somebody who answers."""

    id: Code
    staff_no: str = Field(min_length=1, max_length=20)
    name: str = Field(min_length=1, max_length=40)
    kind: AgentKind = AgentKind.LAWYER
    place: str = ""
    skills: dict[str, Annotated[int, Field(ge=1, le=3)]] = {}
    languages: tuple[Code, ...] = Field(default=("zh",), min_length=1)
    mobile: Number | Literal[""] = ""
    number: Number | Literal[""] = ""
    """Of another district's centre: what is dialled."""
    endpoint: Annotated[str, StringConstraints(pattern=r"^(PJSIP/[A-Za-z0-9_.@-]+)?$")] = ""
    """Another telephone than the one named after ``id``."""
    capacity: int = Field(default=1, ge=1, le=100)
    active: bool = True

    @model_validator(mode="after")
    def _sound(self) -> PersonEntry:
        if (self.kind is AgentKind.DISTRICT) != bool(self.number):
            raise ValueError("number（外线号码）只用于 kind: district，且必须写明")
        return self


class PeopleFile(_Part):
    """The whole file."""

    version: Literal[1]
    places: tuple[PlaceEntry, ...] = ()
    people: tuple[PersonEntry, ...] = ()


def load(file: Path, topics: Collection[str], places: Collection[str]) -> PeopleFile:
    """Read the file.

    Args:
        file: where it is.
        topics: codes that a skill may name.
        places: codes that are kept already.

    Raises:
        ConfigFileError: every mistake with its line.
    """
    document = configfiles.read(file)
    found = document.parse(PeopleFile)
    if problems := list(_problems(document, found, topics, places)):
        raise ConfigFileError(problems)
    return found


def _problems(
    document: Document, found: PeopleFile, topics: Collection[str], places: Collection[str]
) -> Iterator[Problem]:
    known = {*places, *(place.code for place in found.places)}
    for field, values in (
        ("id", Counter(person.id for person in found.people)),
        ("staff_no", Counter(person.staff_no for person in found.people)),
    ):
        for number, person in enumerate(found.people):
            if values[getattr(person, field)] > 1:
                words = f"{field} {getattr(person, field)} 用了两次"
                yield document.problem(("people", number, field), words)
    for number, place in enumerate(found.places):
        if place.parent and place.parent not in known:
            yield document.problem(("places", number, "parent"), f"没有 {place.parent} 这个单位")
    for number, person in enumerate(found.people):
        if person.place and person.place not in known:
            yield document.problem(("people", number, "place"), f"没有 {person.place} 这个单位")
        for topic in person.skills:
            if topic not in topics:
                words = f"topics.yaml 里没有 {topic} 这个专题"
                yield document.problem(("people", number, "skills", topic), words)
