"""From what happened to what is to be done: jobs that follow from rows of the outbox."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog

from hotline.jobs.queue import Queue
from hotline.jobs.worker import IDLE_SECONDS, TROUBLE_SECONDS, rest
from hotline.store import Outbox, behind, take

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class NewJob:
    """A job that a row of the outbox asks for; see :meth:`Queue.put`."""

    kind: str
    payload: dict[str, Any]
    key: str | None = None
    delay: timedelta = timedelta(0)


Rule = Callable[[Outbox], Iterable[NewJob]]


def together(*sets: Mapping[str, Rule]) -> dict[str, Rule]:
    """Put several packages' rules together; each of those about one topic is followed."""
    found: dict[str, Rule] = {}
    for rules in sets:
        for topic, rule in rules.items():
            found[topic] = _both(found[topic], rule) if topic in found else rule
    return found


def _both(first: Rule, second: Rule) -> Rule:
    def rule(row: Outbox) -> Iterable[NewJob]:
        yield from first(row)
        yield from second(row)

    return rule


class Feeder:
    """Turns each row of the outbox into its jobs exactly once, in one transaction.

    Several processes may run one under the same ``name``; they take turns.
    """

    def __init__(self, queue: Queue, rules: Mapping[str, Rule], name: str = "jobs") -> None:
        """Take ``rules`` by the topic (``recording.ready``) or its beginning (``case.``)."""
        self.queue = queue
        self.rules = dict(rules)
        self.name = name
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """Return from :meth:`run` after the batch in hand."""
        self._stopping.set()

    async def feed(self) -> int:
        """Put the jobs of the next rows; return how many rows there were."""
        async with self.queue.database.read() as session:
            if not await behind(session, self.name):
                return 0
        now = self.queue.clock.now()
        async with self.queue.database.write() as session:
            rows = await take(session, self.name, now, tuple(self.rules))
            for row in rows:
                for job in self._asked_by(row):
                    await self.queue.put(
                        session, job.kind, job.payload, key=job.key, delay=job.delay
                    )
        return len(rows)

    async def run(self) -> None:
        """Feed until stopped; a database that is away is waited for."""
        while not self._stopping.is_set():
            pause = 0.0
            try:
                if not await self.feed():
                    pause = IDLE_SECONDS
            except Exception:
                # The loop must outlive a database that is away for a while.
                log.exception("could not feed jobs from the outbox")
                pause = TROUBLE_SECONDS
            await rest(self._stopping, pause)

    def _asked_by(self, row: Outbox) -> Iterable[NewJob]:
        for topic, rule in self.rules.items():
            if row.topic.startswith(topic):
                yield from rule(row)
