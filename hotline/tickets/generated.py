"""A large database of made-up tickets and cases, to measure lists with. Never for real use."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    Insert,
    String,
    case,
    func,
    insert,
    literal,
    null,
    select,
    text,
    type_coerce,
)
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.calls.tables import CallTable
from hotline.casework import Case, CaseEvent, Service, numbers, versions
from hotline.casework.services import Services
from hotline.casework.versions import Version
from hotline.errors import HotlineError
from hotline.store import Database
from hotline.store.types import Json

BATCH = 1_000
YEARS = 3
ORIGINALS = 20_000
LOST_EVERY = 19
"""Every so-manieth caller gave up waiting."""
OPEN_SHARE = 0.3
"""Of the newest cases; the older ones are all archived."""

TOPICS = (
    *("wages", "marriage", "lending", "labour_contract", "traffic", "inheritance", "lease"),
    *("consumer", "work_injury", "property", "injury", "sales", "neighbour", "procedure"),
    *("criminal", "administrative", "legal_aid", "other"),
)
SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂英"


class NotEmptyError(HotlineError):
    """数据库里已有工单，不能往里面加测试数据；请另建一个库。"""

    error_id = "database-not-empty"


@dataclass(frozen=True)
class Size:
    """How much to make."""

    tickets: int
    cases: int
    places: int = 25
    people: int = 60


async def generate(
    database: Database, services: Services, size: Size, now: datetime, seed: int = 1
) -> int:
    """Fill an empty database; return how many rows were made.

    Raises:
        NotEmptyError: there are cases already.
    """
    async with database.read() as session:
        if await session.scalar(select(Case.id).limit(1)) is not None:
            raise NotEmptyError
    chance = random.Random(seed)  # noqa: S311 - made-up data, repeatable
    for code, count in (("ticket", size.tickets), ("legal_aid", size.cases)):
        await _generate(database, services.get(code), count, size, now=now, chance=chance)
    async with database.write() as session:
        opened = select(
            Case.id, Case.opened_at, literal("system"), literal("open"), Case.state, Case.acts
        )
        columns = ["case_id", "at", "actor", "action", "to_state", "data"]
        await session.execute(insert(CaseEvent).from_select(columns, opened))
        await session.execute(_calls(session))
        await session.execute(text("ANALYZE"))
    return size.tickets + size.cases


async def _generate(
    database: Database,
    service: Service,
    count: int,
    size: Size,
    *,
    now: datetime,
    chance: random.Random,
) -> None:
    """Make the newest cases one by one, and the older ones as copies of them by the database."""
    copies = max(1, round(count / ORIGINALS))
    originals, span = count // copies, timedelta(days=365 * YEARS) / copies
    async with database.write() as session:
        version = await versions.record(session, Version.of(service), now)
        maker = _Maker(service, version, size, chance)
        for first in range(0, originals, BATCH):
            positions = range(first, min(first + BATCH, originals))
            rows = [maker.row(n, now - span * (1 - n / originals)) for n in positions]
            await session.execute(insert(Case), rows)
        last = await session.scalar(select(func.max(Case.id))) or 0
    for number in range(1, copies):
        async with database.write() as session:
            await session.execute(_copy(session, number, span * number, last - originals, last))


def _copy(session: AsyncSession, number: int, older: timedelta, after: int, last: int) -> Insert:
    """Return the statement that copies cases ``after`` to ``last``, so much older and closed."""
    names = [column.name for column in Case.__table__.columns if column.name != "id"]
    columns: dict[str, Any] = {name: Case.__table__.c[name] for name in names}
    mark = f"{number:04d}"
    columns |= {
        "number": Case.number + mark,
        "call_id": Case.call_id + "-" + mark,
        "opened_at": _earlier(session, Case.opened_at, older),
        "closed_at": _earlier(session, Case.opened_at, older - timedelta(days=3)),
        "state": literal("archived"),
        **dict.fromkeys(("warn_at", "due_at", "red_at", "signal_at"), null()),
    }
    originals = select(*columns.values()).where(Case.id > after, Case.id <= last)
    return insert(Case).from_select(list(columns), originals)


def _earlier(session: AsyncSession, column: Any, by: timedelta) -> Any:
    seconds = by.total_seconds()
    if session.get_bind().dialect.name == "postgresql":
        return column - text(f"interval '{seconds:.3f} seconds'")
    shifted = func.strftime("%Y-%m-%d %H:%M:%f", column, f"{-seconds:.3f} seconds")
    return type_coerce(shifted, String) + "000"


def _calls(session: AsyncSession) -> Insert:
    """Return the statement that makes the call of every ticket: most of them answered."""

    def later(seconds: float) -> Any:
        return _earlier(session, Case.opened_at, timedelta(seconds=-seconds))

    lost = Case.id % LOST_EVERY == 0
    values: dict[str, Any] = {
        "id": Case.call_id,
        "number": Case.caller_number,
        "number_place": literal(""),
        "dialled": literal("12348"),
        "language": literal("zh"),
        "topic": Case.topic,
        "place": Case.place,
        "menu_path": literal([], Json),
        "priority": literal(""),
        "started_at": Case.opened_at,
        "menu_done_at": later(8),
        "waiting_since": later(8),
        "answered_at": case((lost, null()), (Case.id % 4 == 0, later(30)), else_=later(17)),
        "talk_ended_at": case((lost, null()), else_=later(420)),
        "ended_at": case((lost, later(70)), else_=later(440)),
        "agent_id": case((lost, null()), else_=Case.assignee_id),
        "outcome": case((lost, literal("abandoned")), else_=literal("answered")),
        "satisfaction": case((lost, null()), else_=Case.satisfaction),
        "controller_away": literal(value=False),
    }
    tickets = select(*values.values()).where(Case.service == "ticket")
    return insert(CallTable).from_select(list(values), tickets)


class _Maker:
    def __init__(self, service: Service, version: str, size: Size, chance: random.Random) -> None:
        self._service = service
        self._version = version
        self._chance = chance
        self._places = [f"town{n:02d}" for n in range(size.places)]
        self._people = [f"person{n:02d}" for n in range(size.people)]
        self._open_states = [
            code for code in service.states if service.states[code].kind.value != "end"
        ]
        self._running: dict[str, int] = {}

    def row(self, position: int, opened: datetime) -> dict[str, Any]:
        """Return one case."""
        chance = self._chance
        is_open = chance.random() < OPEN_SHARE
        due = opened + timedelta(days=chance.uniform(1, 9)) if is_open else None
        number = f"1{chance.choice('3589')}{chance.randrange(10**9):09d}"
        name = chance.choice(SURNAMES) + "".join(chance.sample(GIVEN, chance.randint(1, 2)))
        return {
            "number": self._number(opened),
            "service": self._service.code,
            "service_version": self._version,
            "state": chance.choice(self._open_states) if is_open else "archived",
            "data": {"caller_name": name},
            "clocks": {},
            "channel": "call",
            "call_id": f"{self._service.code}-{position}",
            "caller_number": number,
            "caller_reversed": number[::-1],
            "caller_name": name,
            "title": f"{name}咨询",
            "topic": self._skewed(TOPICS),
            "place": self._skewed(self._places),
            "organisation_id": self._skewed(self._places),
            "assignee_id": chance.choice(self._people),
            "urgency": "urgent" if chance.random() < 0.02 else "normal",
            "confidential": chance.random() < 0.01,
            "opened_at": opened,
            "closed_at": None if is_open else opened + timedelta(days=3),
            "warn_at": due - timedelta(days=1) if due else None,
            "due_at": due,
            "red_at": due + timedelta(days=1) if due else None,
            "satisfaction": chance.choices((None, 1, 2, 3), (40, 50, 8, 2))[0],
            "score": round(chance.gauss(88, 6), 1),
        }

    def _number(self, opened: datetime) -> str:
        beginning = numbers.prefix(opened, self._service.digits)
        self._running[beginning] = running = self._running.get(beginning, 0) + 1
        return numbers.number(beginning, running)

    def _skewed(self, values: Sequence[str]) -> str:
        """Choose the first ones far more often, as life does."""
        position = int(len(values) * (1 - math.sqrt(self._chance.random())))
        return values[min(position, len(values) - 1)]
