"""What is kept of a place beside its name and telephone: address, windows, staff."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from hotline.store import Base


class Engagement(StrEnum):
    """How somebody works at a place."""

    FULL_TIME = "full_time"
    PART_TIME = "part_time"


ENGAGEMENTS = {Engagement.FULL_TIME: "专职", Engagement.PART_TIME: "兼职"}


class PlaceDetailTable(Base):
    """More of one place."""

    __tablename__ = "place_details"

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), primary_key=True)
    address: Mapped[str] = mapped_column(default="")
    windows: Mapped[list[str]] = mapped_column(default=list)
    """窗口: what is dealt with at which counter, as the signs say."""


class PlaceStaffTable(Base):
    """Somebody who works at a place (工作人员); not all of them answer calls."""

    __tablename__ = "place_staff"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    name: Mapped[str]
    duty: Mapped[str] = mapped_column(default="")
    engagement: Mapped[str]
    """A value of :class:`Engagement`."""
    phone: Mapped[str] = mapped_column(default="")
