"""Holidays, make-up days (调休), opening hours and the deadlines counted from them. Pure."""

from hotline.worktime.calendar import Calendar, DayKind
from hotline.worktime.clockwork import WorkTime
from hotline.worktime.files import load, load_calendar, load_hours
from hotline.worktime.hours import ALWAYS, Hours, Season, Span, Spans, Week, spans

__all__ = [
    "ALWAYS",
    "Calendar",
    "DayKind",
    "Hours",
    "Season",
    "Span",
    "Spans",
    "Week",
    "WorkTime",
    "load",
    "load_calendar",
    "load_hours",
    "spans",
]
