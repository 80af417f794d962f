"""Keeps what the desk did: answers to orders, how talks stand, alarms, and their telling.

Nothing that goes on waits for the database; while it is away, what is to be kept waits here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import delete, update
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.clock import Clock
from hotline.errors import HotlineError
from hotline.store import Database, append
from hotline.talks.orders import Outcome
from hotline.talks.state import Talk, as_third
from hotline.talks.tables import CallOrderTable, DialledTable, EmergencyTable, TalkTable

log = structlog.get_logger(__name__)

AGAIN_SECONDS = 0.5


@dataclass
class _Pending:
    """What is to be kept; the newest state of each thing."""

    orders: dict[int, dict[str, Any]] = field(default_factory=dict)
    talks: dict[str, dict[str, Any] | None] = field(default_factory=dict)
    emergencies: dict[str, dict[str, Any]] = field(default_factory=dict)
    dialled: dict[str, dict[str, Any]] = field(default_factory=dict)
    told: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)

    def __bool__(self) -> bool:
        return any((self.orders, self.talks, self.emergencies, self.dialled, self.told))


class Keeper:
    """Collects what is to be kept; :meth:`run` writes it."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._pending = _Pending()
        self._wake = asyncio.Event()

    def order(self, row: CallOrderTable, outcome: Outcome, words: str) -> None:
        """Keep how an order ended, and tell who asked."""
        self._pending.orders[row.id] = {
            "done_at": self._clock.now(),
            "outcome": outcome.value,
            "words": words,
        }
        payload = {
            "order": row.id,
            "call_id": row.call_id,
            "agent_id": row.agent_id,
            "by": row.by,
            "kind": row.kind,
            "outcome": outcome.value,
            "words": words,
        }
        self.tell("call.order", str(row.id), payload)

    def talk(self, talk: Talk) -> None:
        """Keep how a talk stands now, and tell the seats of whoever leads and is in it."""
        state = talk.shown()
        self._pending.talks[talk.call_id] = state
        self.tell("call.talk", talk.call_id, state)
        for party in talk.parties.values():
            if (third := as_third(state, party.agent_id)) is not None:
                self.tell("call.talk", talk.call_id, third)

    def no_talk(self, call_id: str, state: Mapping[str, Any]) -> None:
        """Keep that there is nothing more to a call; tell its seat."""
        self._pending.talks[call_id] = None
        self.tell("call.talk", call_id, state)

    def emergency(self, call_id: str, **values: Any) -> None:
        """Keep that the emergency key was pressed, or that it was seen."""
        self._pending.emergencies.setdefault(call_id, {}).update(values)
        raised = "raised_at" in values
        payload = {"agent_id": values.get("agent_id", ""), "seen": not raised}
        self.tell("call.emergency", call_id, payload)

    def dialled(self, dial_id: str, **values: Any) -> None:
        """Keep what became of a call that a person placed."""
        self._pending.dialled.setdefault(dial_id, {}).update(values)
        self._wake.set()

    def tell(self, topic: str, key: str, payload: Mapping[str, Any]) -> None:
        """Put a row into the outbox."""
        self._pending.told.append((topic, key, dict(payload)))
        self._wake.set()

    async def run(self) -> None:
        """Write what is to be kept until cancelled; then once more."""
        try:
            while True:
                await self._wake.wait()
                self._wake.clear()
                if not await self.flush():
                    await asyncio.sleep(AGAIN_SECONDS)
                    self._wake.set()
        finally:
            await asyncio.shield(self.flush())

    async def flush(self) -> bool:
        """Write what is to be kept; ``False``: it could not be, and waits on."""
        pending, self._pending = self._pending, _Pending()
        if not pending:
            return True
        try:
            async with self._database.write() as session:
                await self._write(session, pending, self._clock.now())
        except HotlineError as error:
            log.warning("talks are not kept yet", reason=error.message)
            self._put_back(pending)
            return False
        except Exception:
            log.exception("talks could not be kept", orders=list(pending.orders))
        return True

    def _put_back(self, earlier: _Pending) -> None:
        later, self._pending = self._pending, earlier
        earlier.orders |= later.orders
        earlier.talks |= later.talks
        for mine, theirs in (
            (earlier.emergencies, later.emergencies),
            (earlier.dialled, later.dialled),
        ):
            for key, values in theirs.items():
                mine.setdefault(key, {}).update(values)
        earlier.told += later.told

    @staticmethod
    async def _write(session: AsyncSession, pending: _Pending, now: datetime) -> None:
        for order_id, values in pending.orders.items():
            await session.execute(
                update(CallOrderTable).where(CallOrderTable.id == order_id).values(**values)
            )
        for call_id, state in pending.talks.items():
            if state is None:
                await session.execute(delete(TalkTable).where(TalkTable.call_id == call_id))
            else:
                row = TalkTable(
                    call_id=call_id, agent_id=state["agent_id"], state=state, changed_at=now
                )
                await session.merge(row)
        for call_id, values in pending.emergencies.items():
            known = await session.get(EmergencyTable, call_id)
            if known is None:
                values.setdefault("raised_at", now)
                values.setdefault("agent_id", "")
                session.add(EmergencyTable(call_id=call_id, **values))
            else:
                for name, value in values.items():
                    setattr(known, name, value)
        for dial_id, values in pending.dialled.items():
            await session.execute(
                update(DialledTable).where(DialledTable.id == dial_id).values(**values)
            )
        for topic, key, payload in pending.told:
            append(session, topic, key, payload, now)
