"""Who may answer: organisations, the people and stations in them, and what they are doing."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, text
from sqlalchemy.orm import Mapped, mapped_column

from hotline.store import Base


class OrganisationKind(StrEnum):
    """Levels of the tree of places."""

    DISTRICT = "district"
    """公共法律服务中心"""
    TOWNSHIP = "township"
    """公共法律服务站"""
    VILLAGE = "village"
    """公共法律服务室"""
    INSTITUTION = "institution"
    """Others that are given cases: notary, forensic institute, mediation committee, law firm."""


class OrganisationTable(Base):
    """One place of the tree: district centre, township station, village room."""

    __tablename__ = "organisations"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"), index=True)
    kind: Mapped[str]
    code: Mapped[str] = mapped_column(unique=True)
    """Stable code, used as ``place`` of a call."""
    name: Mapped[str]
    hours: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Opening hours: weekday (``mon`` … ``sun``) to ``["09:00-12:00", …]``; empty: always."""
    phone: Mapped[str] = mapped_column(default="")
    numbers: Mapped[list[str]] = mapped_column(default=list)
    """Beginnings of telephone numbers that belong here: a caller's ``place`` by number."""


class AgentTable(Base):
    """A lawyer (值班律师) or a township station (司法所/服务站) that answers calls."""

    __tablename__ = "agents"

    id: Mapped[str] = mapped_column(primary_key=True)
    """A slug such as ``wang``: it stands in channel variables, so ``[a-z0-9_-]`` only."""
    staff_no: Mapped[str] = mapped_column(unique=True)
    """工号, said to the caller."""
    name: Mapped[str]
    kind: Mapped[str]
    """``lawyer`` or ``station`` (:class:`hotline.routing.people.AgentKind`)."""
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"), index=True)
    skills: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Topic code to level, 1 (can help) to 3 (expert)."""
    languages: Mapped[list[str]] = mapped_column(default=lambda: ["zh"])
    endpoint: Mapped[str]
    """What Asterisk dials, such as ``PJSIP/lawyer1``."""
    desk: Mapped[str] = mapped_column(default="", server_default=text("''"))
    """The telephone on the desk, kept while the browser or the mobile is rung instead."""
    mobile: Mapped[str] = mapped_column(default="")
    """Overflow; the person presses 1 to accept."""
    capacity: Mapped[int] = mapped_column(default=1)
    """Calls at once; a person has one, a station with several lines may have more."""
    active: Mapped[bool] = mapped_column(default=True)
    official: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    """A public official (公职人员): draws no subsidy for duty."""


class PresenceTable(Base):
    """What a person is doing now, as the controller knows it."""

    __tablename__ = "presence"

    agent_id: Mapped[str] = mapped_column(ForeignKey("agents.id"), primary_key=True)
    state: Mapped[str]
    """``ready``, ``busy``, ``wrapup``, ``paused`` or ``offline``
    (:class:`hotline.routing.people.Presence`)."""
    reason: Mapped[str] = mapped_column(default="")
    """Why; a pause always has a reason."""
    since: Mapped[datetime]
    wish: Mapped[str] = mapped_column(default="ready")
    """What the person asked to be: ``ready``, ``paused`` or ``offline``. It outlives calls."""
    call_id: Mapped[str | None]
    """The call that rings or is talked on."""
    reachable: Mapped[bool] = mapped_column(default=True)
    """Whether the telephone is registered and answers."""
    reachable_since: Mapped[datetime | None]
    """Since when ``reachable`` has been what it is."""
    missed: Mapped[int] = mapped_column(default=0)
    """Offers missed in a row; the policy pauses a person who misses too many."""
