"""The decision: who of those who wait goes to whom, and why. Pure and deterministic.

The caller who comes first (too long a wait, then head start and time) among those for whom
somebody suitable is free is offered to that somebody: the narrowest step of the ladder that has
a free person, there the one who has been idle longest; the person who talked with this number
before goes first. The same function runs live, in the simulator, in the tests and in the
benchmark.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from hotline.routing.board import Board
from hotline.routing.people import Agent, Wish
from hotline.routing.policy import Policy, Step, To
from hotline.routing.standing import Caller, Key, Person, Waiting


class Kind(StrEnum):
    """What is to be done with the caller."""

    OFFER = "offer"
    VOICEMAIL = "voicemail"


class Code(StrEnum):
    """Why; stable, for figures and tests."""

    SKILLED = "skilled"
    """Somebody at the first step of the ladder was free."""
    WIDENED = "widened"
    """Those of the narrower steps are all busy, and the caller has waited long enough."""
    NOBODY_ON_DUTY = "nobody_on_duty"
    """Nobody of the narrower steps is on duty, so waiting for them would be in vain."""
    LAST_AGENT = "last_agent"
    """They talked before."""
    HANDED_ON = "handed_on"
    """Somebody chose this person for the caller: a transfer, or the supervisor."""
    WAITED_TOO_LONG = "waited_too_long"
    """The ladder ends; the caller is asked for a message."""
    NOBODY_AT_ALL = "nobody_at_all"
    """Nobody whom the ladder allows is on duty."""


@dataclass(frozen=True, slots=True)
class Reason:
    """The figures behind a decision, from which the sentence is made."""

    code: Code
    topic: str
    waited: float
    """Seconds."""
    idle: float
    """Seconds for which the chosen person was idle."""
    step: Step
    """The step at which the person was found."""
    first: Step
    """The first step of the ladder."""
    waiting: int
    """Callers in line, this one included."""
    free: int
    """People free at this step, the chosen one included."""
    name: str = ""
    kind: str = ""
    district: str = ""
    """The other district that the person belongs to, by name."""
    gone: bool = False
    """Whether somebody is signed in at the first step (for a message: at any) whose telephone does
    not answer."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to be done with one caller."""

    kind: Kind
    call_id: str
    agent_id: str
    reason: Reason


def decide(board: Board) -> Decision | None:
    """Return the next thing to do, ``None`` where there is nothing now.

    The board is only read; do what is decided to the board, then ask again. Time is the board's:
    call :meth:`Board.advance` before.
    """
    first = _first(board)
    if first is not None:
        return _offer(board, board.waiting[first[1]])
    return _voicemail(board) if board.giving_up else None


def decide_all(
    now: float,
    waiting: Iterable[Caller],
    agents: Iterable[Agent],
    policy: Policy,
) -> list[Decision]:
    """Decide about plain values at once: everybody in ``agents`` is ready and idle since 0."""
    board = Board(policy, 0.0)
    board.set_people(agents, 0.0)
    for agent_id in sorted(board.people):
        board.set_wish(agent_id, Wish.READY, "", 0.0)
    for caller in waiting:
        board.waits(caller, min(caller.since, now))
    board.advance(now)
    made: list[Decision] = []
    while (decision := decide(board)) is not None:
        made.append(decision)
        if decision.kind is Kind.OFFER:
            board.offer(str(len(made)), decision.call_id, decision.agent_id, now)
        else:
            board.leaves(decision.call_id, now)
    return made


def _first(board: Board) -> tuple[Key, str] | None:
    """Find the caller who comes first among those for whom somebody suitable is free."""
    free, wanting = board.free.by_bucket, board.wanting.by_bucket
    best: tuple[Key, str] | None = None
    for bucket in free if len(free) < len(wanting) else wanting:
        people = free.get(bucket)
        if not people:
            continue
        for entry in wanting.get(bucket, ()):
            if best is not None and entry >= best:
                break
            excluded = board.waiting[entry[1]].excluded
            if not excluded or any(person not in excluded for _, person in people):
                best = entry
                break
    return best


def _longest_idle(board: Board, waiting: Waiting) -> tuple[Person, int]:
    """Find the narrowest step with a free person, and there the one idle longest."""
    for step, buckets in enumerate(waiting.plan):
        best: tuple[float, str] | None = None
        for bucket in buckets:
            for entry in board.free.by_bucket.get(bucket, ()):
                if best is not None and entry >= best:
                    break
                if entry[1] not in waiting.excluded:
                    best = entry
                    break
        if best is not None:
            return board.people[best[1]], step
    raise AssertionError("a caller was chosen for whom nobody is free")


def who_is_next(board: Board, topic: str, language: str, place: str, most: int) -> list[str]:
    """Return whom callers would be offered to who came now, one after the other; at most ``most``.

    It holds for callers of whom nothing is known that changes it, while nobody is busy or away
    whom the first step of the ladder asks for; whoever else comes has to be decided on.
    """
    if board.policy.steps(topic)[0].to not in {To.SKILLED, To.LAWYERS}:
        # The rest depends on more than the menu knows: the place that a number belongs to, a key.
        return []
    free = board.free.by_bucket
    lines = [free[b][:most] for b in board.plan(topic, language, place)[0] if b in free]
    idle = lines[0] if len(lines) == 1 else sorted({entry for line in lines for entry in line})
    # A mobile is rung in another way, with a key to press: whose turn that is, is decided on.
    desks = itertools.takewhile(lambda entry: not board.people[entry[1]].on_mobile, idle[:most])
    return [agent_id for _, agent_id in desks]


def as_laid_out(board: Board, call_id: str, agent_id: str) -> Decision:
    """Return the decision by which a caller took the person who was next."""
    waiting, person = board.waiting[call_id], board.people[agent_id]
    return _offered(board, waiting, person, 0, Code.SKILLED)


def _offer(board: Board, waiting: Waiting) -> Decision:
    person, step = _longest_idle(board, waiting)
    code = Code.SKILLED
    if step > 0:
        narrower = [bucket for buckets in waiting.plan[:step] for bucket in buckets]
        code = Code.WIDENED if any(map(board.on_duty, narrower)) else Code.NOBODY_ON_DUTY
    known = _last_agent(board, waiting, step)
    if known is not None:
        person, code = known, Code.LAST_AGENT
    return _offered(board, waiting, person, step, code)


def _offered(board: Board, waiting: Waiting, person: Person, step: int, code: Code) -> Decision:
    caller, steps = waiting.caller, board.policy.steps(waiting.caller.topic)
    reason = Reason(
        code=code,
        topic=caller.topic,
        waited=max(0.0, board.now - caller.since),
        idle=board.now - person.idle_since,
        step=steps[step],
        first=steps[0],
        waiting=len(board.waiting) - len(board.offers),
        free=sum(len(board.free.by_bucket.get(bucket, ())) for bucket in waiting.plan[step]),
        name=person.agent.name,
        kind=person.agent.kind,
        district=person.agent.district_name,
        gone=code is Code.NOBODY_ON_DUTY and any(map(board.gone, waiting.plan[0])),
    )
    return Decision(Kind.OFFER, caller.call_id, person.agent.id, reason)


def _last_agent(board: Board, waiting: Waiting, step: int) -> Person | None:
    """Return who talked with this number before, where they are free and allowed."""
    agent_id = waiting.caller.last_agent
    person = board.people.get(agent_id)
    if person is None or person.entry is None or agent_id in waiting.excluded:
        return None
    allowed = {bucket for buckets in waiting.plan[: step + 1] for bucket in buckets}
    return person if allowed.intersection(person.standing) else None


def _voicemail(board: Board) -> Decision:
    waiting = board.waiting[board.giving_up[0][1]]
    caller, steps = waiting.caller, board.policy.steps(waiting.caller.topic)
    by_time = waiting.step == len(steps) - 1
    reason = Reason(
        code=Code.WAITED_TOO_LONG if by_time else Code.NOBODY_AT_ALL,
        topic=caller.topic,
        waited=board.now - caller.since,
        idle=0.0,
        step=steps[-1],
        first=steps[0],
        waiting=len(board.waiting) - len(board.offers),
        free=0,
        gone=any(board.gone(bucket) for buckets in waiting.plan for bucket in buckets),
    )
    return Decision(Kind.VOICEMAIL, caller.call_id, "", reason)
