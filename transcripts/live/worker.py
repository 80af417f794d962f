"""Listens to every running talk, as many at once as the machine has cores, and publishes.

Where the machine is short of time, words that may still change go first (the page says so), then
the pauses between looks grow. Nothing of a call waits for any of it.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from hotline.clock import Clock
from hotline.store import Database
from transcripts.live import keeping, tap
from transcripts.live.ear import Ear
from transcripts.live.hints import Desk
from transcripts.live.talk import News, Talk
from transcripts.live.tap import Found
from transcripts.recognisers import Recogniser

LOOK_SECONDS = 0.05
LEAST_SOUND = 0.1
"""Seconds of new sound from which a talk is looked at again."""
TOLD_SECONDS = 2.0
"""The dialplan is told this often that somebody listens; it believes so for 15 s."""
QUIET_SECONDS = 2.0
"""A file that did not grow for so long may be over; the call's row tells."""
FORGOTTEN_SECONDS = 600.0
"""A file that did not grow for so long is over, whatever the row tells."""
FORGET_EVERY = 3600.0
KNOWN_SECONDS = 1.0
"""For so long it is believed whose talk it is."""

log = structlog.get_logger(__name__)


@dataclass(eq=False)
class _Followed:
    """A talk in work."""

    talk: Talk
    row: int
    written: int = 0
    busy: bool = False
    grew_at: float = 0.0
    asked_at: float = 0.0
    known_at: float = float("-inf")
    """When it was last read whose talk it is: a talk may be handed on."""
    pending: list[News] = field(default_factory=list)
    done: bool = False


class LiveHelp:
    """The worker.

    Args:
        database: where talks, words and hints are kept.
        clock: for what is written and for how long a file was quiet.
        recordings: the folder that Asterisk writes to.
        open_recogniser: loads the model.
        open_desk: gives cards, statutes and form as they are now.
        cores: how many talks are heard at one moment.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        recordings: Path,
        open_recogniser: Callable[[], Recogniser],
        open_desk: Callable[[], Awaitable[Desk]],
        *,
        cores: int | None = None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._recordings = recordings
        self._open_recogniser = open_recogniser
        self._open_desk = open_desk
        self._cores = cores or os.cpu_count() or 1
        self._followed: dict[str, _Followed] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._news = asyncio.Event()

    async def run(self) -> None:
        """Listen until cancelled; then the dialplan is told that nobody does."""
        recogniser = await asyncio.to_thread(self._open_recogniser)
        self._recogniser = recogniser
        self._desk = await self._open_desk()
        self._pool = ThreadPoolExecutor(self._cores, "live")
        self._room = asyncio.Semaphore(self._cores)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._keep_telling())
                group.create_task(self._keep_publishing())
                group.create_task(self._keep_desk())
                group.create_task(self._keep_looking())
        finally:
            tap.stop_listening(self._recordings)
            await asyncio.gather(*self._tasks, return_exceptions=True)
            self._pool.shutdown()
            for one in self._followed.values():
                one.talk.ear.close()

    async def _keep_telling(self) -> None:
        while True:
            await asyncio.to_thread(tap.listen, self._recordings)
            await asyncio.sleep(TOLD_SECONDS)

    async def _keep_desk(self) -> None:
        """Take up edited cards, confirmed answers and imported statutes, and forget old words."""
        forgot = float("-inf")
        while True:
            try:
                if self._clock.monotonic() - forgot > FORGET_EVERY:
                    async with self._database.write() as session:
                        await keeping.forget(session, self._clock.now())
                    forgot = self._clock.monotonic()
                await asyncio.sleep(TOLD_SECONDS)
                self._desk = await self._open_desk()
            except Exception:
                # Help as it was is better than none; the next round tries again.
                log.exception("the knowledge could not be read")
                await asyncio.sleep(TOLD_SECONDS)

    async def _keep_looking(self) -> None:
        while True:
            try:
                await self._look()
            except Exception:
                # One bad file or a database that is away must not end all live help.
                log.exception("live talks could not be looked at")
                await asyncio.sleep(1.0)
            await asyncio.sleep(LOOK_SECONDS)

    async def _look(self) -> None:
        found = {one.key: one for one in await asyncio.to_thread(_found, self._recordings)}
        for key in found.keys() - self._followed.keys():
            await self._follow(found[key])
        now = self._clock.monotonic()
        for key, one in list(self._followed.items()):
            if one.done:
                if not one.busy and not one.pending:
                    one.talk.ear.close()
                    del self._followed[key]
                continue
            if one.busy:
                continue
            if one.talk.ear.waiting >= LEAST_SOUND:
                one.grew_at = now
                self._start(one, over=False)
            elif now - one.grew_at > QUIET_SECONDS and await self._is_over(one, now):
                self._start(one, over=True)

    async def _follow(self, found: Found) -> None:
        try:
            ear = await asyncio.to_thread(Ear, found, self._recogniser)
        except FileNotFoundError:
            return  # the other leg's file is about to be made, or the talk is just over
        if not ear.claim():
            ear.close()
            return
        async with self._database.write() as session:
            row = await keeping.begin(session, found, self._recogniser.card, self._clock.now())
        now = self._clock.monotonic()
        self._followed[found.key] = _Followed(Talk(ear), row, grew_at=now, asked_at=now)
        log.info("listening", call=found.call_id, take=found.take)

    async def _is_over(self, one: _Followed, now: float) -> bool:
        if now - one.grew_at > FORGOTTEN_SECONDS:
            return True
        if now - one.asked_at < QUIET_SECONDS:
            return False
        one.asked_at = now
        async with self._database.read() as session:
            one.talk.facts = await keeping.facts_of(session, one.talk.ear.found.call_id)
        return one.talk.facts is not None and one.talk.facts.ended

    def _start(self, one: _Followed, *, over: bool) -> None:
        one.busy = True
        task = asyncio.create_task(self._hear(one, over=over))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _hear(self, one: _Followed, *, over: bool) -> None:
        """Look at one talk in a thread, when there is room for it."""
        loop, talk = asyncio.get_running_loop(), one.talk
        try:
            async with self._room:
                work = talk.finish if over else talk.look
                news = await loop.run_in_executor(self._pool, work, self._desk)
            if news is not None:
                one.pending.append(news)
                self._news.set()
        except Exception:
            # This talk goes on without help; the others are not touched.
            log.exception("a talk could not be heard", call=talk.ear.found.call_id)
            over = True
        finally:
            one.busy = False
        if over:
            one.done = True
            await asyncio.to_thread(talk.ear.found.delete)

    async def _keep_publishing(self) -> None:
        """Write all that came in while the last transaction ran, in one."""
        while True:
            await self._news.wait()
            self._news.clear()
            waiting = [(one, list(one.pending)) for one in self._followed.values() if one.pending]
            try:
                await self._publish(waiting)
            except Exception:
                log.exception("live words could not be written")
                self._news.set()
                await asyncio.sleep(1.0)
                continue
            for one, news in waiting:
                one.written += sum(len(each.finished) for each in news)
                del one.pending[: len(news)]

    async def _publish(self, waiting: list[tuple[_Followed, list[News]]]) -> None:
        now = self._clock.now()
        async with self._database.write() as session:
            for one, news in waiting:
                found = one.talk.ear.found
                moment = self._clock.monotonic()
                facts = one.talk.facts
                if facts is None or facts.agent_id is None or moment - one.known_at > KNOWN_SECONDS:
                    one.talk.facts = await keeping.facts_of(session, found.call_id)
                    one.known_at = moment
                first = one.written
                for each in news:
                    await keeping.keep(
                        session,
                        one.row,
                        each,
                        found=found,
                        facts=one.talk.facts,
                        first=first,
                        now=now,
                    )
                    first += len(each.finished)


def _found(recordings: Path) -> list[Found]:
    return list(tap.look(recordings))


async def run_quietly(work: Awaitable[None]) -> None:
    """Run the worker beside others, which must go on where live help can't (no model …)."""
    try:
        await work
    except Exception:
        log.exception("live help is off")
