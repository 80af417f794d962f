"""Calls that nobody watched: told by Asterisk's own journal of calls, once.

The journal has a line for each stretch of a call; the caller's own lines carry what the dialplan
knew at the end. What it tells of a call is brought into :class:`hotline.calls.live.Calls` like
everything else, so that such a call leaves the same rows and the same ticket as any other.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.calls import events as said
from hotline.calls import timeline
from hotline.calls.live import Call, Calls, Live
from hotline.calls.tables import Asked, CallBackTable, CallTable, Outcome
from hotline.casework.tables import Case

_AT_ONCE = 500
_SURVEY_ANSWERS = frozenset("123")

_NOT_ANSWERED = frozenset({Outcome.ABANDONED.value, Outcome.ABANDONED_MENU.value})


@dataclass(frozen=True)
class Past:
    """A call as the journal tells it."""

    call_id: str
    channel: str
    number: str
    topic: str
    language: str
    place: str
    path: str
    started_at: datetime
    ended_at: datetime
    waiting_since: datetime | None
    answered_at: datetime | None
    talk_ended_at: datetime | None
    answered_by: str
    """A person's id or telephone (``PJSIP/lawyer1``)."""
    message: str
    survey: tuple[int | None, int | None]
    refused: bool = False
    """Whether the number was blocked."""


def past_calls(lines: Iterable[Mapping[str, str]]) -> list[Past]:
    """Put the lines of each call from outside together; other legs are left out."""
    by_call: dict[str, list[Mapping[str, str]]] = {}
    for line in lines:
        by_call.setdefault(line["uniqueid"], []).append(line)
    found = []
    for call_id, of_call in by_call.items():
        own = [line for line in of_call if line["hl_call"] == call_id]
        if own and said.is_call_id(call_id):
            found.append(_past(call_id, of_call, own[-1]))
    return found


def _past(call_id: str, lines: Sequence[Mapping[str, str]], last: Mapping[str, str]) -> Past:
    started, ended = min(_time(x["start"]) for x in lines), max(_time(x["end"]) for x in lines)
    since, _, rest = last["hl_recording"].partition("/")
    talked, _, message = rest.partition("/")
    answered_at = talk_ended_at = None
    waiting_since = _time(since) if since.isdigit() else None
    if last["hl_outcome"] == "answered":
        talks = [x for x in lines if x["dstchannel"]]
        talk_ended_at = max((_time(x["end"]) for x in talks), default=ended)
        answered_at = waiting_since or started
        if talked.isdigit():
            answered_at = talk_ended_at - timedelta(seconds=int(talked))
    rated, _, solved = last["hl_survey"].partition("/")
    return Past(
        call_id,
        last["channel"],
        said.number(last["hl_number"]),
        said.word(last["hl_topic"]),
        said.word(last["hl_lang"]) or "zh",
        said.word(last["hl_place"]),
        last["hl_path"],
        started,
        ended,
        waiting_since,
        answered_at,
        talk_ended_at,
        last["hl_agent"] if answered_at is not None else "",
        message,
        (survey_answer(rated), survey_answer(solved)),
        last["hl_outcome"] == Outcome.REFUSED,
    )


async def unfinished(
    session: AsyncSession, call_ids: Sequence[str], answered: Collection[str] = ()
) -> tuple[dict[str, Call], set[str]]:
    """Return those of ``call_ids`` that are kept without an end, and those with one.

    ``answered`` are the calls that were answered as the journal tells them.
    """
    running: dict[str, Call] = {}
    over: set[str] = set()
    for start in range(0, len(call_ids), _AT_ONCE):
        some = call_ids[start : start + _AT_ONCE]
        for row in await session.scalars(select(CallTable).where(CallTable.id.in_(some))):
            call = from_row(row)
            if is_unfinished(call, answered):
                running[row.id] = call
            else:
                over.add(row.id)
    return running, over


def is_unfinished(call: Call, answered: Collection[str]) -> bool:
    """Whether a kept call has no end, or no true one.

    One that is kept as abandoned and is among the ``answered`` has none: the word of its answer
    was lost, and Asterisk's journal knows better.
    """
    return call.ended_at is None or (call.id in answered and call.outcome in _NOT_ANSWERED)


async def open_calls(session: AsyncSession) -> dict[str, Call]:
    """Return every call that is kept without an end."""
    rows = await session.scalars(select(CallTable).where(CallTable.ended_at.is_(None)))
    return {row.id: from_row(row) for row in rows}


async def without_ticket(session: AsyncSession) -> list[Call]:
    """Return the calls whose menu was done or that are over, and that left no ticket."""
    with_ticket = select(Case.call_id).where(Case.call_id.is_not(None))
    # The ticket of somebody who is called back moves on from call to call.
    in_menu = CallBackTable.asked == Asked.MENU.value
    own_ticket = select(CallBackTable.try_call).where(in_menu)
    moved_on = select(CallBackTable.call_id).where(CallBackTable.call_id.is_not(None), ~in_menu)
    query = select(CallTable).where(
        or_(CallTable.menu_done_at.is_not(None), CallTable.ended_at.is_not(None)),
        CallTable.id.not_in(with_ticket),
        CallTable.id.not_in(moved_on),
        or_(CallTable.callback_id.is_(None), CallTable.id.in_(own_ticket)),
    )
    return [from_row(row) for row in await session.scalars(query)]


def from_row(row: CallTable) -> Call:
    """Return a kept call as it was."""
    values = {name: getattr(row, name) for name in Call.__dataclass_fields__}
    values["menu_path"] = tuple(row.menu_path)
    return Call(**values)


def tell(
    calls: Calls, past: Past, known: Call | None, person: Callable[[str], tuple[str, str, bool]]
) -> None:
    """Bring a past call into ``calls``, as if it had been watched.

    Args:
        calls: where it goes.
        past: the call.
        known: what was kept of it before the controller went away.
        person: the id and name behind a person's id or telephone, and whether it is a station.
    """
    live = calls.live.get(past.call_id)
    if live is None and known is not None:
        live = calls.resumes(known, past.channel)
    if live is None:
        live = calls.starts(
            past.call_id, past.channel, past.number, past.started_at, dialled="", place=past.place
        )
    call = live.call
    call.controller_away = True
    if past.refused:
        calls.refused(live, timeline.BLOCKED, past.started_at)
    if past.waiting_since is not None and call.waiting_since is None:
        calls.menu_done(live, past.topic, past.language, tuple(past.path), past.waiting_since)
        calls.waits(live, past.waiting_since, past.waiting_since)
    if past.answered_at is not None and past.answered_by:
        agent_id, name, station = person(past.answered_by)
        if call.answered_at is None:
            calls.answered(live, agent_id, name, past.answered_at, station=station)
    if past.talk_ended_at is not None:
        calls.talk_ended(live, past.talk_ended_at)
    if past.message and call.voicemail is None:
        calls.message_left(live, past.message, past.ended_at)
    _survey(calls, live, past)
    calls.ends(live, None, past.ended_at)


def _survey(calls: Calls, live: Live, past: Past) -> None:
    for question, answer, kept in (
        ("satisfaction", past.survey[0], live.call.satisfaction),
        ("solved", past.survey[1], live.call.solved),
    ):
        if answer is not None and kept is None:
            calls.surveyed(live, question, answer, past.ended_at)


def _time(text: str) -> datetime:
    try:
        return datetime.fromtimestamp(float(text), UTC)
    except ValueError:
        return datetime.fromtimestamp(0, UTC)


def survey_answer(text: str) -> int | None:
    """Return the answer that a key of the survey gave; ``None`` where it is none."""
    return int(text) if text in _SURVEY_ANSWERS else None
