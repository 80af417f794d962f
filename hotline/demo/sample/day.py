"""Fills a database with the made-up day, up to the moment ``now``."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.calls import timeline
from hotline.calls.tables import CallStepTable, CallTable, Outcome
from hotline.casework import Case, set_facets
from hotline.demo.sample import (
    alarms,
    audit,
    callers,
    cases,
    control,
    county,
    history,
    people,
    presence,
    recordings,
    reviews,
    rota,
    seats,
    stations,
    subsidies,
)
from hotline.demo.sample.help import help_running, write_cards
from hotline.demo.sample.talks import PENALTY, TALKS, TRAFFIC, VIOLENCE, Talk
from hotline.routing.tables import OfferOutcome, OfferTable
from hotline.store import Database
from hotline.tickets import CallFacts, TicketDesk, shipped
from hotline.web.accounts import Accounts
from transcripts.tables import RecordingTable

PASSWORD = "Yanshi-12348"  # noqa: S105 - of made-up accounts in a made-up database
_TOPICS = (
    *("wages", "marriage", "lending", "traffic", "lease", "consumer", "inheritance"),
    *("work_injury", "property", "neighbour", "labour_contract", "administrative"),
)
_ENDS = (
    *((Outcome.ANSWERED, 0.8), (Outcome.ABANDONED, 0.045), (Outcome.ABANDONED_MENU, 0.065)),
    *((Outcome.VOICEMAIL, 0.03), (Outcome.STATION, 0.06)),
)


@dataclass(frozen=True)
class _Call:
    """One made-up call."""

    id: str
    number: str
    start: datetime
    outcome: Outcome | None
    topic: str
    place: str
    agent_id: str | None
    waited: float
    talked: float
    talk: Talk | None
    rating: int | None


async def fill(
    database: Database,
    accounts: Accounts,
    recordings_folder: Path,
    now: datetime,
    seed: int = 12348,
    *,
    today: int = 150,
    earlier: int = 60,
    weeks_before: bool = True,
) -> None:
    """Fill an empty database (its tables made) with the day; sound files go to the folder.

    ``today`` and ``earlier`` are how many calls there were; the weeks before them are calls
    without tickets.
    """
    chance = random.Random(seed)  # noqa: S311 - made-up data, not secrets
    for user in people.USERS:
        await accounts.add(user, PASSWORD)
    async with database.write() as session:
        await people.settle(session, now)
        await county.settle(session, now)
        await rota.make(session, now)
        alarms.remember(session, now)
        if weeks_before:
            await history.remember(session, now)
            await subsidies.pay(session, now)
    finished = [*_earlier(chance, now, earlier), *_today(chance, now, today, earlier)]
    async with database.write() as session:
        await _tell(session, finished, now)
        await recordings.record(session, recordings_folder, _spoken(finished), now)
        known = next(c.number for c in finished if c.talk is TALKS[0])
        await _go_on(session, _running(chance, now, known), now)
        await help_running(session, now, "run-wang", "wang")
        await help_running(session, now, f"run-{seats.TALKS}", seats.TALKS, PENALTY)
        await control.talk(session, now)
        await write_cards(session, now)
        await stations.fill(session, now)
        await cases.go_on(session, now)
        await seats.settle(session, now)
        await presence.remember(session, now)
        audit.remember(session, now)
        await reviews.review(session, now)
        await callers.call_back(session, now)
        callers.block(session, now)


def _earlier(chance: random.Random, now: datetime, count: int) -> list[_Call]:
    return [
        _call(chance, now - timedelta(days=1 + n % 9, minutes=chance.uniform(0, 300)), n)
        for n in range(count)
    ]


def _today(chance: random.Random, now: datetime, count: int, before: int) -> list[_Call]:
    start = now - timedelta(hours=6)
    found = []
    for n in range(count):
        moment = start + timedelta(minutes=chance.triangular(0, 350, 120))
        talk = TALKS[n % len(TALKS)] if n < len(TALKS) * 2 else None
        found.append(_call(chance, moment, before + n, talk))
    last = max(n for n, call in enumerate(found) if call.talk is TRAFFIC)
    found[last] = _just_ended(found[last], now)
    return sorted(found, key=lambda call: call.start)


def _just_ended(call: _Call, now: datetime) -> _Call:
    """Return the call as one whose form is being filled now."""
    took = 22 + call.waited + max(40.0, call.talked) + seats.FILL_SECONDS
    start = now - timedelta(seconds=took)
    return replace(call, id=f"{int(start.timestamp())}.9", start=start, rating=None)


def _call(chance: random.Random, start: datetime, number: int, talk: Talk | None = None) -> _Call:
    outcomes, weights = [o for o, _ in _ENDS], [w for _, w in _ENDS]
    outcome = Outcome.ANSWERED if talk else chance.choices(outcomes, weights)[0]
    topic = talk.topic if talk else chance.choice(_TOPICS)
    able = [x.id for x in people.LAWYERS if topic in x.skills] or [x.id for x in people.LAWYERS]
    answered = outcome in {Outcome.ANSWERED, Outcome.STATION}
    agent = chance.choice(able) if outcome is not Outcome.STATION else "qingshi"
    rated = answered and chance.random() < 0.62
    return _Call(
        id=f"{int(start.timestamp())}.{number}",
        number=f"1{chance.choice('35789')}{chance.randrange(10**8, 10**9)}",
        start=start,
        outcome=outcome,
        topic=topic,
        place=chance.choice(list(people.TOWNSHIPS)),
        agent_id=agent if answered else None,
        waited=min(70.0, chance.expovariate(1 / 7.0)) + 1,
        talked=chance.gauss(410, 120) if not talk else 30.0 + 6.0 * len(talk.turns),
        talk=talk,
        rating=chance.choices([1, 2, 3], [0.86, 0.1, 0.04])[0] if rated else None,
    )


async def _tell(session: AsyncSession, calls: Sequence[_Call], now: datetime) -> None:
    desk = shipped()
    facts = [
        CallFacts(
            c.id,
            c.number,
            c.start,
            topic=c.topic if c.outcome is not Outcome.ABANDONED_MENU else "",
            place=c.place,
            data=_data(c),
        )
        for c in calls
    ]
    for call, fact in zip(calls, facts, strict=True):
        session.add(_row(call))
        await session.flush()
        session.add_all(_steps(call))
        if call.agent_id:
            session.add(_offer(call))
        await desk.open_for_calls(session, [fact], call.start + timedelta(seconds=20))
        await _finish(session, desk, call, now)


def _data(call: _Call) -> dict[str, object]:
    return dict(call.talk.data) if call.talk else {}


def _row(call: _Call) -> CallTable:
    menu = call.start + timedelta(seconds=22)
    waited = call.outcome is not Outcome.ABANDONED_MENU
    answered = menu + timedelta(seconds=call.waited) if call.agent_id else None
    ended = (answered or menu + timedelta(seconds=call.waited + 6)) + timedelta(
        seconds=max(40.0, call.talked) if answered else 0
    )
    return CallTable(
        id=call.id,
        number=call.number,
        dialled="12348",
        topic=call.topic if waited else "",
        place=call.place,
        menu_path=["1"] if waited else [],
        started_at=call.start,
        menu_done_at=menu if waited else None,
        waiting_since=menu if waited else None,
        answered_at=answered,
        talk_ended_at=ended if answered else None,
        ended_at=ended + timedelta(seconds=9),
        agent_id=call.agent_id,
        outcome=call.outcome,
        satisfaction=call.rating,
        solved=None if call.rating is None else 1 if call.rating < 3 else 2,
    )


def _steps(call: _Call) -> list[CallStepTable]:
    menu = call.start + timedelta(seconds=22)
    said: list[tuple[datetime, str, str]] = [
        (call.start, "started", timeline.started(call.number, "12348"))
    ]
    if call.outcome is not Outcome.ABANDONED_MENU:
        said.append((menu - timedelta(seconds=6), "key", timeline.pressed("1", "option")))
        said.append((menu, "menu_done", timeline.menu_done(call.topic)))
        said.append((menu, "waiting", timeline.WAITING))
    end = menu + timedelta(seconds=call.waited + 6)
    if call.agent_id:
        answered = menu + timedelta(seconds=call.waited)
        end = answered + timedelta(seconds=max(40.0, call.talked))
        who = next(p.name for p in (*people.LAWYERS, *people.STATIONS) if p.id == call.agent_id)
        said.append((answered, "answered", timeline.answered(who)))
        said.append((end, "talk_ended", timeline.TALK_ENDED))
        said.append(
            (end + timedelta(seconds=5), "survey", timeline.surveyed("satisfaction", call.rating))
        )
    if call.outcome:
        said.append((end + timedelta(seconds=9), "ended", timeline.ended(call.outcome)))
    return [
        CallStepTable(call_id=call.id, at=at, kind=kind, detail={}, words=words)
        for at, kind, words in said
    ]


def _offer(call: _Call) -> OfferTable:
    made = call.start + timedelta(seconds=22 + max(0.3, call.waited - 4))
    return OfferTable(
        id=f"o-{call.id}",
        call_id=call.id,
        agent_id=call.agent_id or "",
        made_at=made,
        ringing_at=made,
        ended_at=made + timedelta(seconds=4),
        outcome=OfferOutcome.ANSWERED,
        reason_code="skill",
        words=f"专长相符，空闲最久；来电人已等 {call.waited:.0f} 秒",
        detail={},
    )


async def _finish(session: AsyncSession, desk: TicketDesk, call: _Call, now: datetime) -> None:
    ended = min(now, call.start + timedelta(seconds=60 + max(0.0, call.talked)))
    case = await desk.call_ended(
        session, call.id, call.outcome or Outcome.FAILED, ended, agent_id=call.agent_id
    )
    solved = None if call.rating is None else 1 if call.rating < 3 else 2
    await desk.survey_answered(session, call.id, ended, satisfaction=call.rating, solved=solved)
    if call.talk:
        await _describe(session, case, call.talk, ended)


async def _describe(session: AsyncSession, case: Case, talk: Talk, now: datetime) -> None:
    await set_facets(
        session,
        case.id,
        now,
        title=talk.title,
        caller_name="张建军" if talk is not VIOLENCE else None,
        score=talk.total,
        confidential=talk.confidential,
    )


def _spoken(calls: Sequence[_Call]) -> list[tuple[str, Talk, datetime]]:
    return [(c.id, c.talk, c.start + timedelta(minutes=8)) for c in calls if c.talk]


async def _go_on(session: AsyncSession, running: Sequence[CallTable], now: datetime) -> None:
    session.add_all(running)
    await session.flush()
    for call in running:
        if call.agent_id is None:
            continue
        facts = CallFacts(call.id, call.number, call.started_at, topic=call.topic, place=call.place)
        case_id = await shipped().open_for_call(session, facts, now)
        await set_facets(session, case_id, now, assignee_id=call.agent_id)
        session.add(
            OfferTable(
                id=f"o-{call.id}",
                call_id=call.id,
                agent_id=call.agent_id,
                made_at=call.started_at,
                ended_at=call.answered_at,
                outcome=OfferOutcome.ANSWERED,
                reason_code="skill",
                words="专长相符，空闲最久；来电人已等 7 秒",
                detail={},
            )
        )


def _running(chance: random.Random, now: datetime, known: str) -> list[CallTable]:
    talking = ("wang", "li", "liu", "ouyang", "liuhe")
    topics = ("wages", "marriage", "lease", "administrative", "neighbour")
    found = [
        CallTable(
            id=f"run-{agent}",
            number=known if agent == "wang" else f"139{chance.randrange(10**7, 10**8)}",
            number_place="甘肃天水",
            topic=topic,
            place="qingshi",
            menu_path=["1"],
            started_at=now - timedelta(seconds=281),
            menu_done_at=now - timedelta(seconds=259),
            waiting_since=now - timedelta(seconds=259),
            answered_at=now - timedelta(seconds=252),
            agent_id=agent,
        )
        for agent, topic in zip(talking, topics, strict=True)
    ]
    found += [
        CallTable(
            id=f"wait-{number}",
            number=f"137{chance.randrange(10**7, 10**8)}",
            topic=topic,
            menu_path=["1"],
            started_at=now - timedelta(seconds=seconds + 20),
            menu_done_at=now - timedelta(seconds=seconds),
            waiting_since=now - timedelta(seconds=seconds),
        )
        for number, (topic, seconds) in enumerate(
            (("wages", 71), ("wages", 24), ("inheritance", 38), ("", 5))
        )
    ]
    found.append(
        CallTable(
            id="menu-1", number="13700001111", menu_path=[], started_at=now - timedelta(seconds=9)
        )
    )
    return found


async def ticket_of(session: AsyncSession, title: str, *, oldest: bool = False) -> str:
    """Return the number of the newest (or oldest) ticket with a title."""
    order = Case.id.asc() if oldest else Case.id.desc()
    number = await session.scalar(
        select(Case.number).where(Case.title == title).order_by(order).limit(1)
    )
    return str(number)


async def ticket_by_recording(session: AsyncSession, state: str) -> str:
    """Return the number of the ticket whose recording is in a state."""
    number = await session.scalar(
        select(Case.number)
        .join(RecordingTable, RecordingTable.call_id == Case.call_id)
        .where(RecordingTable.state == state)
        .limit(1)
    )
    return str(number)


async def call_of(session: AsyncSession, title: str) -> str:
    """Return the id of the oldest call with a title."""
    query = select(Case.call_id).where(Case.title == title).order_by(Case.id).limit(1)
    return str(await session.scalar(query))
