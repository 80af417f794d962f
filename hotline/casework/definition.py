"""A service as its YAML file says it: catalogue, form, states, transitions, clocks, subsidy.

These are the shapes; what must fit together beyond them is in :mod:`hotline.casework.check`.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Any, Final, Self

from pydantic import Field, StringConstraints, field_validator, model_validator

from hotline.casework.conditions import Condition, Part
from hotline.casework.fields import FormField, Name, Words
from hotline.casework.looks import Pages

APPLICANT: Final = "applicant"
ASSIGNEE: Final = "assignee"
ORGANISATION: Final = "organisation"
SYSTEM: Final = "system"

SPECIAL: Mapping[str, str] = {
    APPLICANT: "申请人",
    ASSIGNEE: "承办人",
    ORGANISATION: "承办单位",
    SYSTEM: "系统",
}
"""Who may act besides those with a role: defined by the case itself."""

FACETS: Mapping[str, str] = {
    "title": "标题",
    "caller_name": "姓名",
    "caller_number": "电话",
    "language": "语言",
    "topic": "类别",
    "place": "地区",
    "organisation_id": "承办单位",
    "assignee_id": "承办人",
    "person_id": "人员档案",
    "urgency": "紧急程度",
    "confidential": "保密",
    "satisfaction": "满意度",
    "solved": "是否解决",
    "channel": "来源",
}
"""Facets that conditions may ask about; a form field of the same name fills the facet too."""

STAY: Final = "="
"""As a target: the case stays in its state."""
BACK: Final = "<"
"""As a target: back to the state before the pause."""


class Limit(Part):
    """A length of time; exactly one unit."""

    minutes: int | None = Field(default=None, ge=0)
    hours: int | None = Field(default=None, ge=0)
    working_days: int | None = Field(default=None, ge=0)
    """工作日, by the calendar with make-up days."""
    days: int | None = Field(default=None, ge=0)
    """日: calendar days; a last day off moves to the next working day (民法典 203)."""
    months: int | None = Field(default=None, ge=0)

    @model_validator(mode="after")
    def _one_unit(self) -> Self:
        units = (self.minutes, self.hours, self.working_days, self.days, self.months)
        if sum(unit is not None for unit in units) != 1:
            raise ValueError("期限应只写 minutes、hours、working_days、days、months 之一")
        return self

    @property
    def unit(self) -> str:
        """The name of the unit that is given."""
        return next(name for name, value in self if value is not None)

    def words(self) -> str:
        """Return it in Chinese."""
        for number, unit in (
            (self.minutes, "分钟"),
            (self.hours, "小时"),
            (self.working_days, "个工作日"),
            (self.days, "日"),
        ):
            if number is not None:
                return f"{number}{unit}"
        return f"{self.months}个月"


class LegalBasis(Part):
    """Which rule a service or a deadline rests on."""

    law: Words
    article: str = ""
    note: str = ""

    def words(self) -> str:
        """Return it as it is cited."""
        return f"《{self.law}》{self.article}{f'（{self.note}）' if self.note else ''}"


class Catalogue(Part):
    """The entry in the service catalogue (服务目录)."""

    summary: Words
    for_whom: Words
    conditions: tuple[Words, ...] = ()
    papers: tuple[Words, ...] = ()
    procedure: tuple[Words, ...] = Field(min_length=1)
    time_limit: Words
    cost: Words
    legal_basis: tuple[LegalBasis, ...] = Field(min_length=1)
    counter: Words
    procurement_listed: bool = False
    """Listed for public procurement (政府采购目录)."""
    price_basis: str = ""
    online: bool = False
    """Whether the public page takes applications."""
    published: bool = False
    """Whether the public catalogue tells of it although nobody applies for it there."""


class StateKind(StrEnum):
    """What a state means for clocks and lists."""

    OPEN = "open"
    PAUSED = "paused"
    END = "end"


class State(Part):
    """One state of a case."""

    name: Words
    kind: StateKind = StateKind.OPEN
    public: str = ""
    """What the applicant is told; empty: ``name``."""


class Target(Part):
    """Where a transition leads, by condition."""

    when: Condition | None = None
    state: str


class Notice(Part):
    """Who is told what (``text`` has places such as ``{number}``)."""

    whom: Words
    """``applicant``, ``assignee``, ``organisation`` or ``role:NAME``."""
    text: Words
    when: Condition | None = None


class Extension(Part):
    """A clock that gets more time."""

    clock: Name
    by: Limit


class ChildCase(Part):
    """A case of another service that is opened from this one."""

    service: Name
    carry: Mapping[Name, Name] = Field(default_factory=dict)
    """The child's field ← this case's field; fields of the same name are carried anyway."""
    when: Condition | None = None


class Effects(Part):
    """What a transition does besides moving the case."""

    set_: Mapping[Name, bool | int | str | None] = Field(default_factory=dict, alias="set")
    """Fields or facets that get a fixed value."""
    tell: tuple[Notice, ...] = ()
    print_: tuple[Name, ...] = Field(default=(), alias="print")
    """Documents that are made out."""
    extend: tuple[Extension, ...] = ()
    restart: tuple[Name, ...] = ()
    """Clocks that begin anew although the case stays where they run."""
    open_: tuple[ChildCase, ...] = Field(default=(), alias="open")
    parent: Name | None = None
    """An action that is done to the parent case, where it may be done there."""
    assign_actor: bool = False
    """The one who acts becomes the assignee."""


class Transition(Part):
    """One way for a case to go on."""

    action: Name
    name: Words
    from_: tuple[Name, ...] = Field(alias="from", min_length=1)
    to: tuple[Target, ...] = Field(min_length=1)
    who: tuple[Words, ...] = Field(min_length=1)
    """Roles, or one of :data:`SPECIAL`."""
    when: Condition | None = None
    asks: tuple[Name, ...] = ()
    """Fields that may be filled in at this act."""
    requires: tuple[Name, ...] = ()
    """Fields that must be filled, here or before."""
    note: bool = False
    """Whether the reason must be written."""
    times: int | None = Field(default=None, ge=1)
    """How often a case may go this way (一次性告知: 1)."""
    not_by: tuple[Name, ...] = ()
    """Actions whose doer may not do this one (双人审批)."""
    effects: Effects = Effects()
    basis: str = ""

    @field_validator("to", mode="before")
    @classmethod
    def _one_state(cls, value: Any) -> Any:
        return [{"state": value}] if isinstance(value, str) else value


class LimitRule(Part):
    """A clock's length, where ``when`` holds."""

    when: Condition | None = None
    limit: Limit


class Clock(Part):
    """A deadline (期限): runs in some states, rests in others, is over elsewhere."""

    name: Words
    limits: tuple[LimitRule, ...] = Field(min_length=1)
    """The first whose condition holds; none holds: the clock doesn't run."""
    runs_in: tuple[Name, ...] = Field(min_length=1)
    paused_in: tuple[Name, ...] = ()
    counted_from: Name | None = None
    """A date field that is counted from, instead of the moment at which the clock starts."""
    warn: Limit = Limit(working_days=1)
    """Yellow card this long before the deadline."""
    red: Limit = Limit(working_days=1)
    """Red card this long after the deadline."""
    when_missed: Name | None = None
    """An action that the system does when the deadline passes."""
    basis: Words
    """The rule, with its source."""

    @field_validator("limits", mode="before")
    @classmethod
    def _one_limit(cls, value: Any) -> Any:
        return [{"limit": value}] if isinstance(value, dict) else value


class DocumentForm(Part):
    """A document (文书) made out from the case's values."""

    name: Words
    number: str = ""
    """Its number in the standard forms, where there is one."""
    text: Words


class Question(Part):
    """One question of the evaluation (评价)."""

    name: Name
    text: Words
    options: Mapping[int, str] = Field(min_length=2)


class Evaluation(Part):
    """How the applicant judges the service, once it is over."""

    states: tuple[Name, ...] = Field(min_length=1)
    questions: tuple[Question, ...] = Field(min_length=1)


class Subsidy(Part):
    """What the bureau pays for a case; the amounts stand in dated tariff files."""

    tariff: Name
    factors: tuple[Name, ...] = ()
    """Factor tables of the tariff that are multiplied in."""
    dated_by: Name | None = None
    """The date field whose day chooses the tariff's version; none: the day of closing."""
    states: tuple[Name, ...] = Field(min_length=1)
    """Where it is due."""
    unless: Condition | None = None
    approvals: tuple[Name, ...] = ()
    """Actions that must have been done, each by another person."""


class OwnChoice(Part):
    """How an applicant takes a free time without asking anybody (群众自己选时间).

    Free are the times of places that the bureau has opened windows for, see
    :mod:`hotline.casework.windows`.
    """

    action: Name
    """The applicant's act that takes the time, and takes another later."""
    cancel: Name | None = None
    """The applicant's act that gives it back; none: it is given back by telephone."""
    of: Name
    """The field with the place, one of the booking's ``of``."""
    instead_of: tuple[Name, ...] = ()
    """Fields of the form that a chosen time makes needless (希望的时间)."""
    ahead_days: int = Field(default=14, ge=1, le=90)
    """How many days ahead times are offered."""
    notice_hours: int = Field(default=4, ge=0, le=240)
    """How long before it a time is offered no more."""


class Booking(Part):
    """An appointment that is held in somebody's calendar, never twice at one time (预约)."""

    at: Name
    """The field with the moment."""
    of: tuple[Name, ...] = Field(min_length=1)
    """Whose calendar: the first of these fields that is filled."""
    states: tuple[Name, ...] = Field(min_length=1)
    """Where the time is held; elsewhere it is free again."""
    minutes: int = Field(default=30, ge=15, le=480)
    applicants: OwnChoice | None = None


class Service(Part):
    """One service."""

    code: Name
    digits: Annotated[str, StringConstraints(pattern=r"^\d{2}$")]
    """Two digits in its case numbers."""
    name: Words
    catalogue: Catalogue
    fields: tuple[FormField, ...] = Field(min_length=1)
    states: Mapping[Name, State] = Field(min_length=1)
    start: Name
    opening: Effects = Effects()
    opened_by: tuple[Words, ...] = Field(min_length=1)
    """Who may open a case: roles, ``applicant``, ``system``."""
    seen_by: tuple[Words, ...] = ()
    """Who may see a case; empty: everyone who may sign in."""
    transitions: tuple[Transition, ...] = Field(min_length=1)
    clocks: Mapping[Name, Clock] = Field(default_factory=dict)
    documents: Mapping[Name, DocumentForm] = Field(default_factory=dict)
    evaluation: Evaluation | None = None
    subsidy: Subsidy | None = None
    booking: Booking | None = None
    pages: Pages = Pages()
    call_outcomes: Mapping[Name, Name] = Field(default_factory=dict)
    """How a call ended → the action that follows, for the service that calls open."""

    @cached_property
    def field_by_name(self) -> Mapping[str, FormField]:
        """The fields by name."""
        return {field.name: field for field in self.fields}

    def transitions_from(self, state: str) -> tuple[Transition, ...]:
        """Return the ways on from a state."""
        return tuple(t for t in self.transitions if state in t.from_)

    def content(self) -> dict[str, Any]:
        """Return the definition as JSON values, to be kept with the cases that run by it."""
        return self.model_dump(mode="json", by_alias=True, exclude_defaults=True)
