"""Where calculations get their calls, people and policies: files, the database, or invention."""

from __future__ import annotations

import asyncio
import math
import random
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from agents.people import DatabasePeople
from agents.staffing import recorded, traffic
from agents.staffing.lawyers import deal
from agents.staffing.recorded import Recorded
from agents.staffing.simulation import Duty
from agents.staffing.traffic import Traffic
from hotline import settings
from hotline.calls.patience import Wait
from hotline.clock import CHINA, SystemClock
from hotline.errors import InvalidInputError, NotFoundError
from hotline.routing import policy as policies
from hotline.routing.people import Agent
from hotline.routing.policy import Policy
from hotline.store import own

TALK = 400.0
"""Mean seconds of an invented talk; 6.4 to 7.2 minutes were seen at a provincial 12348."""


class TrafficSourceError(InvalidInputError):
    """请给出一种话务来源：话务文件、--days 天数（本库历史）或 --calls 通数（编造）。"""

    error_id = "traffic-source"


class NoHistoryError(NotFoundError):
    """本库这段时间没有请求人工的来电：请加大 --days，或给出话务文件。"""

    error_id = "no-history"


class NobodyActiveError(NotFoundError):
    """本库没有在册的律师或服务站：请用 --agents 假设人数，或先录入人员。"""

    error_id = "nobody-active"


def calls(file: Path | None, days: int, invented: int, chance: random.Random) -> Recorded:
    """Return the calls of the one source that is given.

    Raises:
        TrafficSourceError: none is given, or several are.
        NoHistoryError: the database has no calls of these days.
    """
    if sum((file is not None, days > 0, invented > 0)) != 1:
        raise TrafficSourceError
    if file is not None:
        return _of_file(traffic.read(file))
    if invented:
        return Recorded(traffic.invent(invented, chance, talk=TALK), ())
    found = asyncio.run(_history(days))
    if not found.traffic.calls:
        raise NoHistoryError
    return found


def _of_file(found: Traffic) -> Recorded:
    """Take patience as seen where each row tells it; told of some, it may be of the hasty only."""
    patiences = [call.patience for call in found.calls]
    seen = [Wait(p, gave_up=True) for p in patiences if p is not None and math.isfinite(p)]
    return Recorded(found, tuple(seen) if len(seen) == len(patiences) else ())


async def _history(days: int) -> Recorded:
    # Whole days: half of today would make its weekday look quiet.
    today = SystemClock().now().astimezone(CHINA)
    until = today.replace(hour=0, minute=0, second=0, microsecond=0)
    async with own.opened() as database, database.read() as session:
        return await recorded.load(session, until - timedelta(days=days), until)


def duties(agents: int, offered: Traffic) -> tuple[Duty, ...]:
    """Return ``agents`` dealt lawyers, or everybody of the database, all on duty all the time.

    Raises:
        NobodyActiveError: nobody is asked for and the database has nobody.
    """
    people = deal(agents, offered) if agents else asyncio.run(_people())
    if not people:
        raise NobodyActiveError
    return tuple(Duty(agent) for agent in people)


async def _people() -> Sequence[Agent]:
    async with own.opened() as database:
        people = DatabasePeople(database, home=settings.load().bureau.district_code)
        return (await people.load()).agents


def rules(files: Sequence[Path]) -> dict[str, Policy]:
    """Read policies by name; without files, the one in force.

    Raises:
        hotline.configfiles.ConfigFileError: every mistake with its line.
    """
    if not files:
        return {"现行策略": policies.load()}
    stems = [file.stem for file in files]
    return {
        file.stem if stems.count(file.stem) == 1 else str(file): policies.load(file)
        for file in files
    }
