"""Shifts as the tests add and read them, all of one week."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from agents.rota import reading
from agents.rota.plan import Shift
from hotline.clock import CHINA
from hotline.store import Database

WEEK = "2026-11-23"


def at(day: int, hour: float) -> datetime:
    return datetime(2026, 11, day, tzinfo=CHINA) + timedelta(hours=hour)


async def add(browser: Any, agent: str, day: int, span: str, seat: str = "") -> Any:
    begins, ends = span.split("-")
    form = {"agent": agent, "day": f"2026-11-{day}", "from": begins, "to": ends, "seat": seat}
    return await browser.post("/rota/shifts", form)


async def kept(database: Database) -> list[Shift]:
    async with database.read() as session:
        return await reading.shifts(session, at(1, 0), at(30, 0))
