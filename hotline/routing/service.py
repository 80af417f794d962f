"""Runs the controller: beside the events, what must be done again and again.

Heartbeat, wishes, people, policy, what is known of numbers, recordings, Asterisk's journal. None
of it stands in a call's way, and each part outlives a database or an Asterisk that is away.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import structlog
from sqlalchemy import select

import config
from hotline import configfiles
from hotline.ami import Address, AmiError, Link, events
from hotline.calls import reconcile
from hotline.clock import Clock
from hotline.errors import HotlineError
from hotline.routing import beats, garbage, known, takeup
from hotline.routing.absence import Absence
from hotline.routing.aside import Aside
from hotline.routing.attendance import Attendance
from hotline.routing.board import Board
from hotline.routing.claim import Claim, ClaimLostError
from hotline.routing.controller import HEARD, Controller
from hotline.routing.doorman import Doorman
from hotline.routing.heartbeat import Heartbeat
from hotline.routing.interfaces import People, Tickets
from hotline.routing.journal import Journal
from hotline.routing.questions import Desk, Question, Way
from hotline.routing.recordings import Recordings
from hotline.routing.room import Room
from hotline.routing.rounds import STEP, Rounds
from hotline.routing.rulebook import Rulebook
from hotline.routing.tables import OfferTable
from hotline.routing.waiting.hall import Hall
from hotline.routing.waiting.recall import Outside
from hotline.store import Database

log = structlog.get_logger(__name__)

HEARTBEAT_SECONDS = 1.0
DEAF_SECONDS = 2.5
"""Asterisk answers a sign of life each second; longer silence means that we hear nothing."""
CALM_SECONDS = 0.025
"""Who can be served at once has asked (:mod:`hotline.routing.questions`); nothing else of a call
is worth more than this."""
PLAIN_QUEUE_SECONDS = 1.2
"""After a heartbeat whoever was on the way to the plain queue (half a second, and a busy Asterisk
takes its time) rings somebody by then, and is left to them; to take a caller out of it just as it
begins to ring would ring two people for one."""
RECONCILE_SECONDS = 60.0
GIVE_BACK_SECONDS = 60.0


@dataclass(frozen=True)
class Surroundings:
    """Where the controller finds Asterisk and its files."""

    address: Address
    recordings: Path
    calls_journal: Path
    """Asterisk's own journal of calls."""
    spill: Path
    """Where batches go while the database is away."""
    topics: Mapping[str, str] = field(default_factory=dict)
    """Topic code to name."""
    policy_file: Path | None = None
    """Empty: ``routing.yaml`` of the configuration."""
    node: str = ""
    outside: Outside = field(default_factory=Outside)
    """How we dial out, for call-backs."""


class Service:
    """The controller and its surroundings; :meth:`run` until cancelled."""

    def __init__(
        self,
        where: Surroundings,
        database: Database,
        clock: Clock,
        people: People,
        tickets: Tickets,
    ) -> None:
        self.where = where
        self.database = database
        self.clock = clock
        self._rulebook = Rulebook(
            where.policy_file or config.path("routing.yaml"),
            where.spill.with_name("routing-last-good.yaml"),
        )
        self.link = Link(where.address, on_event=self._on_event, wanted=HEARD, calm=CALM_SECONDS)
        board = Board(self._rulebook.open(), clock.monotonic())
        boot = _boot_name()
        self.room = Room(board, clock, node=where.node, boot=boot)
        self.claim = Claim(self.link, boot)
        self.heartbeat = Heartbeat(self.link, boot)
        self.room.known.topics = where.topics
        self.controller = Controller(self.link, self.room, clock)
        self.recordings = Recordings(where.recordings, self.room, self.controller.spawn)
        self.room.recorded = self.recordings.due
        self.controller.lost = self._lost
        self.controller.plain_queue.beat = self._beat
        self.controller.has_message = self.recordings.has_message
        doorman = Doorman(self.controller.woke)
        self.controller.slept = lambda: doorman.slept
        self.desk = Desk(self._answer, doorman, self.room.settle)
        self._aside = Aside()
        # Used on a loop of its own (aside), which may wait.
        self._beside = Database(
            database.url.render_as_string(hide_password=False), inline=True, small=True
        )
        self.attendance = Attendance(self.controller, people, self._beside, self._aside)
        self.journal = Journal(
            self._beside,
            people,
            tickets,
            clock,
            where.spill,
            gather=lambda: self._aside.ask(self.room.gather),
        )
        self.absence = Absence(
            where.calls_journal, database, self.room, self._keep, self.recordings.due
        )
        self.controller.dialling.offered = self._offered
        self.hall = Hall(self.controller, self.link, database, where.outside)
        self.rounds = Rounds(self.controller)
        self._lost_track = asyncio.Event()

    def _answer(self, question: Question) -> Way | None:
        """Answer who asks, while we hear what comes of it: else the caller waits and is safe."""
        return self.controller.answer(question) if self.link.silence < DEAF_SECONDS else None

    def _offered(self) -> None:
        """Have the offer written, once it is out: who writes would want the processor too."""
        if not self.journal.hurried:
            asyncio.get_running_loop().call_soon(self.journal.hurry)

    async def _keep(self) -> None:
        """Have all written that is in our memory only."""
        await self._aside.do(self.journal.flush())

    def _on_event(self, event: events.Event) -> None:
        self.controller.on_event(event)

    async def run(self, started: Callable[[], None] = lambda: None) -> None:
        """Serve until cancelled, then write what is left.

        Raises:
            ClaimLostError: another controller serves this Asterisk now.
            DatabaseUnavailableError: at the start; without people nobody can be rung, and the
                plain queue serves as long as there is no heartbeat.

        An Asterisk that is away or refuses our secret is logged and tried again.
        """
        await self._remember()
        await self.link.start(patience=0)
        self._aside.start()
        try:
            if await self.claim.wait():
                # What we know is as old as our standing by.
                await self._remember()
            if _is_local(self.where.address.host):
                self.desk.open()
            garbage.set_aside()
            await self._serve(started)
        except BaseExceptionGroup as group:
            if group.subgroup(ClaimLostError) is not None:
                raise ClaimLostError from group
            raise
        finally:
            self.desk.close()
            await self.link.close()
            await self._aside.do(self.journal.close())
            await self._aside.do(self._beside.close())
            await self._aside.close()

    async def _serve(self, started: Callable[[], None]) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self._take_up_when_lost(started))
            group.create_task(self._aside.do(self.journal.run()))
            group.create_task(self.controller.talks.run())
            group.create_task(self._keep_claim())
            for work, pause in (
                (self._beat, HEARTBEAT_SECONDS),
                (self.attendance.follow_wishes, 0.75),
                (self._learn, 1.0),
                (self.hall.announce, 1.0),
                (self.hall.call_back, 1.0),
                (self.attendance.follow, 15.0),
                (self._turn_away, 2.0),
                (self._follow_policy, 2.0),
                (self.rounds.step, STEP),
                (self.hall.list_who_skips_the_menu, 5.0),
                (self.absence.tell, RECONCILE_SECONDS),
                (self._give_back, GIVE_BACK_SECONDS),
            ):
                group.create_task(self._again(work, pause))

    async def _keep_claim(self) -> None:
        while True:
            await beats.sleep(HEARTBEAT_SECONDS)
            with contextlib.suppress(AmiError):
                await self._check_claim()

    async def _give_back(self) -> None:
        await self._aside.do(garbage.give_back())

    async def _check_claim(self) -> None:
        """Make sure that nobody else serves by now; who was away for long may have lost it.

        Raises:
            ClaimLostError: somebody does.
        """
        if not await self.claim.mine():
            self.controller.ready = False
            raise ClaimLostError

    async def _again(self, work: Callable[[], Awaitable[None]], pause: float) -> None:
        while True:
            await beats.sleep(pause)
            try:
                await work()
            except HotlineError as error:
                log.warning("will try again", work=work.__qualname__, reason=error.message)
            except Exception:
                log.exception("will try again", work=work.__qualname__)

    # -- taking up -----------------------------------------------------------------------------

    async def _remember(self) -> None:
        """Read what an earlier life of the controller left in the database."""
        await self.attendance.read()
        await self._follow_blocked()
        async with self.database.read() as session:
            self.room.known.open_calls = await reconcile.open_calls(session)
            self.journal.bear_later(await reconcile.without_ticket(session))
            rows = await session.scalars(select(OfferTable).where(OfferTable.ended_at.is_(None)))
            self.room.known.open_offers = {
                row.id: {c.name: getattr(row, c.name) for c in OfferTable.__table__.columns}
                for row in rows
            }

    def _lost(self) -> None:
        self._lost_track.set()

    async def _take_up_when_lost(self, started: Callable[[], None]) -> None:
        pause = 0.05
        while True:
            await self._lost_track.wait()
            self._lost_track.clear()
            try:
                await self._check_claim()
                # The heartbeat first: whoever enters now waits for us and not in the queue.
                await self._beat(always=True)
                if not self.controller.ready:
                    await asyncio.sleep(PLAIN_QUEUE_SECONDS)
                await takeup.read_back(self.controller, self.link)
            except AmiError as error:
                log.warning("cannot read back yet", reason=error.message)
                self._lost_track.set()
                await asyncio.sleep(pause)
                pause = min(2.0, pause * 2)
                continue
            pause = 0.05
            started()
            self.controller.spawn(self.absence.tell_soon())

    async def _beat(self, *, always: bool = False) -> None:
        """Say that callers are served; who can't decide is silent, and the plain queue serves."""
        if self.controller.ready or always:
            self.controller.decide()
            await self.heartbeat.beat(self.desk.address)

    # -- what changes beside the calls ---------------------------------------------------------

    async def _turn_away(self) -> None:
        """Turn away who is blocked by now; who is abused should not have to wait for it."""
        await self._follow_blocked()
        await self.hall.list_who_is_blocked()

    async def _follow_blocked(self) -> None:
        blocked = await known.blocked(self.database, self.clock.now())
        if blocked != self.room.known.blocked:
            self.room.known.blocked = blocked
            log.info("blocked numbers changed", numbers=len(blocked))

    async def _follow_policy(self) -> None:
        fresh = await asyncio.to_thread(self._rulebook.changed)
        if fresh is not None:
            self.room.board.set_policy(fresh, self.clock.monotonic())
            self.controller.decide()
        await self._rulebook.tell(self.database, self.clock.now())

    async def _learn(self) -> None:
        """Look up what is known of the numbers that called just now."""
        store = self.room.known
        if not store.unknown:
            return
        numbers = list(store.unknown)
        store.unknown.clear()
        policy, now = self.room.board.policy, self.clock.now()
        looking = known.look_up(
            self._beside, numbers, now, policy.last_agent_days, policy.group_days
        )
        found = await self._aside.do(looking)
        store.callers.update(found)
        for number in found:
            self.controller.learnt(number)
        if found:
            self.controller.decide()


def topic_names(file: Path | None = None) -> dict[str, str]:
    """Return the names of the topics, the station's among them."""
    document = configfiles.read(file or config.path("topics.yaml"))
    topics = document.value.get("topics", []) if isinstance(document.value, dict) else []
    return {**{t["code"]: t["name"] for t in topics}, "station": "乡镇服务站"}


def _is_local(host: str) -> bool:
    """Whether Asterisk runs on this machine, so that it can ask here."""
    return host in {"localhost", "::1"} or host.startswith("127.")


def _boot_name() -> str:
    """Return a name for this life of the controller, so that no two make equal offer ids."""
    number, name = time.time_ns() // 1_000_000, ""
    while number:
        number, digit = divmod(number, 36)
        name = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + name
    return name
