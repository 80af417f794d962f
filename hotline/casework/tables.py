"""The tables of casework: cases of every service, what happened to them, how they are run."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from hotline.store import Base
from hotline.store.types import Code, RowId

_BY = "service {} opened_at id"
"""The beginning of an index for lists within one value of a column."""

_JUDGED = ("closed_at", "satisfaction")


def _partial(name: str, *columns: str, only: str = "") -> Index:
    """Return an index of the rows in which ``only`` (or the second column) is filled."""
    filled = text(f"{only or columns[1]} IS NOT NULL")
    return Index(name, *columns, sqlite_where=filled, postgresql_where=filled)


class ServiceVersion(Base):
    """One version of a service's definition, kept as long as a case runs by it."""

    __tablename__ = "service_versions"

    id: Mapped[str] = mapped_column(Code, primary_key=True)
    """The SHA-256 of ``content``."""
    service: Mapped[str] = mapped_column(Code, index=True)
    content: Mapped[dict[str, Any]]
    """The checked definition as JSON."""
    recorded_at: Mapped[datetime]


class NumberCounter(Base):
    """The last case number given out under one prefix (a day and a service)."""

    __tablename__ = "number_counters"

    prefix: Mapped[str] = mapped_column(Code, primary_key=True)
    last: Mapped[int] = mapped_column(RowId)


class Case(Base):
    """One matter of one service (办件); a ticket (工单) is a case of the service ``ticket``.

    The columns from ``channel`` on are facets: copies of what lists are filtered and sorted by.
    """

    __tablename__ = "cases"

    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=True)
    number: Mapped[str] = mapped_column(Code, unique=True)
    """工单号: digits only, so that a caller can key it in; see :mod:`hotline.casework.numbers`."""
    service: Mapped[str] = mapped_column(Code)
    service_version: Mapped[str] = mapped_column(ForeignKey("service_versions.id"))
    state: Mapped[str] = mapped_column(Code)
    revision: Mapped[int] = mapped_column(default=1)
    """Counts changes; a writer that saw an older one is refused."""
    data: Mapped[dict[str, Any]]
    """The form's values by field name."""
    clocks: Mapped[dict[str, Any]]
    """Running, paused and ended deadlines by name; see :mod:`hotline.casework.clocks`."""

    acts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Who did each action last, and how often it was done."""
    before: Mapped[str | None] = mapped_column(Code)
    """The state that a pause goes back to."""
    submission: Mapped[str | None] = mapped_column(Code, unique=True)
    """The opening form's one-time mark: the same form sent twice makes one case."""

    channel: Mapped[str] = mapped_column(Code, default="call")
    call_id: Mapped[str | None] = mapped_column(Code, unique=True)
    """The call that it was born from: one call, one ticket."""
    caller_number: Mapped[str | None] = mapped_column(Code, index=True)
    caller_reversed: Mapped[str | None] = mapped_column(Code, index=True)
    """The caller's number backwards, so that its last digits can be looked up."""
    caller_name: Mapped[str | None] = mapped_column(Code, index=True)
    title: Mapped[str | None]
    """案情 in one line, for lists."""
    language: Mapped[str | None]
    topic: Mapped[str | None] = mapped_column(Code)
    place: Mapped[str | None] = mapped_column(Code)
    organisation_id: Mapped[str | None] = mapped_column(Code)
    assignee_id: Mapped[str | None] = mapped_column(Code)
    person_id: Mapped[str | None] = mapped_column(Code)
    urgency: Mapped[str] = mapped_column(Code, default="normal")
    confidential: Mapped[bool] = mapped_column(default=False)
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    warn_at: Mapped[datetime | None]
    """From when the case shows a yellow card (黄牌)."""
    due_at: Mapped[datetime | None]
    """The nearest of its running deadlines."""
    red_at: Mapped[datetime | None]
    """From when the case shows a red card (红牌)."""
    signal_at: Mapped[datetime | None]
    """When the clocks have something to tell next."""
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"))
    satisfaction: Mapped[int | None]
    """1 满意, 2 基本满意, 3 不满意; no answer is none."""
    solved: Mapped[int | None]
    """1 solved, 2 not; no answer is none."""
    score: Mapped[float | None]
    """The answer's score out of 100."""

    __table_args__ = (
        # Every list is "newest first" within some filter: the filter's column leads, the order
        # follows, so that a page is one walk along an index. The columns after it let both
        # databases pass over cases that another filter leaves out without reading their rows.
        Index("ix_cases_opened", "service", "opened_at", "id"),
        Index("ix_cases_state", "service", "state", "opened_at", "id", "topic", "place"),
        Index("ix_cases_topic", "service", "topic", "opened_at", "id", "state", "place"),
        Index("ix_cases_place", *_BY.format("place").split(), "state", "topic", *_JUDGED),
        Index("ix_cases_organisation", *_BY.format("organisation_id").split(), "state", *_JUDGED),
        Index("ix_cases_assignee", *_BY.format("assignee_id").split(), "state", *_JUDGED),
        Index("ix_cases_urgency", *_BY.format("urgency").split(), "place"),
        # The few that need somebody. Only what an equality implies may stand as a condition here:
        # with bound values no planner knows more.
        _partial("ix_cases_satisfaction", *_BY.format("satisfaction").split(), "place"),
        _partial("ix_cases_due", "service", "due_at", "id", "place"),
        _partial("ix_cases_warn", "service", "warn_at", "place"),
        _partial("ix_cases_red", "service", "red_at", "place"),
        _partial("ix_cases_signal", "signal_at", only="signal_at"),
        _partial("ix_cases_person", "person_id", "id", only="person_id"),
        _partial("ix_cases_parent", "parent_id", "id", only="parent_id"),
        # What was closed in a month, for reports.
        _partial("ix_cases_closed", "service", "closed_at"),
        Index(
            *("ix_cases_open", "service", "opened_at", "id", "place"),
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
    )


class CaseEvent(Base):
    """One thing that was done to a case, by whom and when; never changed afterwards."""

    __tablename__ = "case_events"

    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), index=True)
    at: Mapped[datetime]
    actor: Mapped[str]
    """A person's id, or ``system``."""
    action: Mapped[str] = mapped_column(Code)
    from_state: Mapped[str | None]
    to_state: Mapped[str]
    note: Mapped[str | None]
    data: Mapped[dict[str, Any]]
    """The values given with the action, the deadlines that it set."""
    submission: Mapped[str | None]
    """The form's one-time mark: the same form sent twice makes one event."""

    __table_args__ = (
        UniqueConstraint("case_id", "submission"),
        # What was done in a month, for reports.
        Index("ix_case_events_action", "action", "at"),
    )


class CaseDocument(Base):
    """A document (文书) that was made out in a case; the text as it was issued."""

    __tablename__ = "case_documents"

    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), index=True)
    form: Mapped[str] = mapped_column(Code)
    title: Mapped[str]
    text: Mapped[str]
    made_at: Mapped[datetime]
    made_by: Mapped[str]


class CalendarMark(Base):
    """A quarter of an hour of somebody's calendar that an appointment takes (预约日历).

    A calendar of several counters has as many seats at one time, each with a mark of its own.

    The key is what makes a double booking impossible, whoever writes at the same moment.
    """

    __tablename__ = "calendar_marks"

    whose: Mapped[str] = mapped_column(Code, primary_key=True)
    """See :func:`hotline.casework.booking.calendar`."""
    at: Mapped[datetime] = mapped_column(primary_key=True)
    seat: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), index=True)


class BookingWindow(Base):
    """Times at which one place takes appointments that applicants choose themselves (预约窗口)."""

    __tablename__ = "booking_windows"
    __table_args__ = (UniqueConstraint("service", "place"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=True)
    service: Mapped[str] = mapped_column(Code)
    place: Mapped[str] = mapped_column(Code)
    """Code of the place."""
    hours: Mapped[dict[str, Any]]
    """Weekday (``mon`` … ``sun``) to stretches (``09:00-11:30``, ``14:00-17:00×2``)."""
    capacity: Mapped[int] = mapped_column(default=1, server_default=text("1"))
    """How many have one and the same time, where a stretch tells no number of its own."""
    opened_at: Mapped[datetime]
    opened_by: Mapped[str]
