"""What a bureau decides about its rota: ``config/rota.yaml``."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

import config
from hotline import configfiles

Code = Annotated[str, Field(pattern=r"^[a-z0-9_-]{1,24}$")]
HALF_HOUR = timedelta(minutes=30)


class Duty(StrEnum):
    """What makes a lawyer be offered calls."""

    ROTA = "rota"
    """The own shift and being signed in."""
    PRESENCE = "presence"
    """Being signed in."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class UsualShift(_Part):
    """A shift that is chosen by its name (上午班)."""

    code: Code
    name: Annotated[str, Field(min_length=1, max_length=20)]
    begins: time = Field(alias="from")
    ends: time = Field(alias="to")

    @model_validator(mode="after")
    def _whole(self) -> UsualShift:
        if any(t.minute % 30 or t.second for t in (self.begins, self.ends)):
            raise ValueError(f"{self.name}：起止时间以半小时为单位")
        if self.ends <= self.begins:
            raise ValueError(f"{self.name}：to 应晚于 from（跨零点的班分成两班）")
        return self


class Seat(_Part):
    """A seat and what it asks of whoever sits there."""

    code: Code
    name: Annotated[str, Field(min_length=1, max_length=30)]
    topics: tuple[str, ...] = ()
    """One of these must be among the person's specialities."""
    languages: tuple[str, ...] = ()
    """All of these must be spoken."""


class Rules(_Part):
    """The whole file. Every figure is the bureau's; none is a norm."""

    version: int = 1
    duty: Duty = Duty.ROTA
    rota_days: int = Field(default=28, ge=0)
    early_minutes: int = Field(default=10, ge=0, le=120)
    late_minutes: int = Field(default=5, ge=0, le=120)
    longest_hours: float = Field(default=4, gt=0)
    break_minutes: int = Field(default=30, ge=0)
    day_hours: float = Field(default=8, gt=0)
    week_hours: float = Field(default=40, gt=0)
    rest_hours: float = Field(default=11, ge=0)
    shifts: tuple[UsualShift, ...] = ()
    seats: tuple[Seat, ...] = ()

    @model_validator(mode="after")
    def _distinct(self) -> Rules:
        for words, codes in (
            ("shifts", [s.code for s in self.shifts]),
            ("seats", [s.code for s in self.seats]),
        ):
            twice = {code for code in codes if codes.count(code) > 1}
            if twice:
                raise ValueError(f"{words}：编码重复：{'、'.join(sorted(twice))}")
        return self

    @property
    def seats_by_code(self) -> Mapping[str, Seat]:
        """The seats by code."""
        return {seat.code: seat for seat in self.seats}

    def seat_name(self, code: str) -> str:
        """Return a seat's name; one that is no longer in the file names itself."""
        seat = self.seats_by_code.get(code)
        return seat.name if seat else f"{code} 号席" if code else "不限坐席"


def load(file: Path | None = None) -> Rules:
    """Read the rules.

    Raises:
        hotline.configfiles.ConfigFileError: every mistake with its line.
    """
    return configfiles.load(file or config.path("rota.yaml"), Rules)
