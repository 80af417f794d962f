"""The bureau's choices for what may be done during a call: ``config/talks.yaml``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

import config
from hotline import configfiles

Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_]{1,24}$")]
Number = Annotated[str, StringConstraints(pattern=r"^\+?[0-9]{2,20}$")]
Trunk = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_]{1,60}$")]
Name = Annotated[str, StringConstraints(min_length=1, max_length=60)]


class Part(BaseModel):
    """A part of the file: nothing unknown, nothing changed afterwards."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Outside(Part):
    """A body outside the house that a caller may be connected to."""

    code: Code
    name: Name
    number: Number
    trunk: Trunk = "trunk"

    @property
    def words(self) -> str:
        """``110 公安报警``."""
        return f"{self.number} {self.name}"


class Basis(Part):
    """Why a supervisor may listen."""

    code: Code
    name: Name


class Book(Part):
    """All of it."""

    version: Literal[1]
    outside: tuple[Outside, ...] = ()
    bases: tuple[Basis, ...] = ()
    dial_trunk: Trunk = "trunk"
    dial_caller: Number = "12348"
    ring_seconds: Annotated[int, Field(ge=5, le=120)] = 25
    warn_minutes: tuple[Annotated[float, Field(gt=0, le=600)], ...] = ()

    def bodies(self) -> Mapping[str, Outside]:
        """Return the outside bodies by code."""
        return {body.code: body for body in self.outside}

    def basis(self, code: str) -> Basis | None:
        """Return a basis by its code."""
        return next((basis for basis in self.bases if basis.code == code), None)


def load(file: Path | None = None) -> Book:
    """Read the bureau's file.

    Raises:
        ConfigFileError: it is not as it should be; file and line are told.
    """
    return configfiles.load(file or config.path("talks.yaml"), Book)
