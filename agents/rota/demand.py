"""How many people each half-hour of the week needs, from the forecast, read once a day."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import date, datetime, timedelta

from agents.pages.wall import day_of
from agents.staffing import recorded
from agents.staffing.needs import History, Target, needs, ordinary_days
from agents.staffing.recorded import Recorded
from agents.staffing.traffic import TrafficFileError
from hotline.calls.patience import estimate
from hotline.clock import CHINA
from hotline.routing import policy as policies
from hotline.routing.people import AgentKind
from hotline.store import Database
from hotline.worktime.files import load_calendar

DAYS = 56
"""Eight weeks: each weekday eight times."""

Needs = Mapping[tuple[int, int], int]
"""Weekday (0 is Monday) and half-hour (0 is midnight) to people on the rota."""


class Demand:
    """The forecast of one installation."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: tuple[date, Needs] | None = None
        self._reading = asyncio.Lock()

    async def of(self, now: datetime) -> Needs:
        """Return the needs as the calls before today tell them; empty where there were too few."""
        today = now.astimezone(CHINA).date()
        async with self._reading:
            if self._known is None or self._known[0] != today:
                until, _ = day_of(now)
                async with self._database.read() as session:
                    history = await recorded.load(session, until - timedelta(days=DAYS), until)
                self._known = today, await asyncio.to_thread(_needs, history)
            return self._known[1]


def _needs(history: Recorded) -> Needs:
    days = ordinary_days(history.traffic, load_calendar())
    if not days:
        return {}
    basis = History(history.traffic, tuple(days), estimate(history.waits))
    try:
        found = needs(basis, Target(), policies.load().wrapup(AgentKind.LAWYER))
    except TrafficFileError:
        # Nobody has talked yet, so nobody knows how long talks are.
        return {}
    return {(need.weekday, need.half_hour): need.rostered for need in found}
