"""A hundred callers wait and five more come each second: none lost, none answered twice."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from hotline.sipp import Ringing, load
from tests.acceptance.house import House, Somebody, opened_house

RATE, SECONDS, WAITING = 5, 60, 100
PHONES, TALK = 12, 2.0
"""Twelve talks of two seconds end about as many calls a second as come in, so the hundred who
wait are a hundred all the time."""
PATIENCE = 120.0
PEOPLE = [Somebody(f"p{n}", wish="offline") for n in range(PHONES)]

POLICY = """
version: 1
ring_seconds: 15
ladder:
  - {after: 0, to: lawyers}
  - {after: 900, to: voicemail}
priorities: {normal: {name: 普通, longest: 900}}
callback: {enabled: false}
wrapup_seconds: {lawyer: 0}
"""


async def talk(call: Ringing) -> None:
    await call.answer()
    await asyncio.sleep(TALK)
    await call.hang_up()


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[House]:
    async with opened_house(tmp_path / "home", PEOPLE, POLICY) as opened:
        yield opened


async def test_none_is_lost_none_answered_twice_each_leaves_one_ticket(home: House) -> None:
    await home.start_controller()
    for person in PEOPLE:
        await home.phone(person.id, talk)
    tool, target = home.tool, home.address
    crowd = load.Load(rate=25, calls=WAITING, talk_seconds=PATIENCE)
    waiting = asyncio.create_task(load.callers(tool, crowd, target=target))

    async def all_wait() -> bool:
        return sum(1 for call in await home.calls() if call.waiting_since) >= WAITING

    await home.until(all_wait, 60, "a hundred callers wait")
    await home.sign_in([person.id for person in PEOPLE])
    stream = load.Load(rate=RATE, calls=RATE * SECONDS, talk_seconds=PATIENCE)
    figures = await load.callers(tool, stream, target=target)
    first = await waiting
    assert first.failed == 0, first.errors
    assert figures.failed == 0, figures.errors
    total = WAITING + RATE * SECONDS
    calls = await home.ended(total, 60)
    assert len(calls) == total
    outcomes = Counter(call.outcome for call in calls)
    assert outcomes["answered"] == total, outcomes
    offers = await home.offers()
    answered = Counter(offer.call_id for offer in offers if offer.outcome == "answered")
    assert answered == Counter({call.id: 1 for call in calls})
    assert all(offer.ended_at is not None for offer in offers)
    busy: dict[str, list[Any]] = {}
    for call in calls:
        busy.setdefault(call.agent_id or "", []).append((call.answered_at, call.talk_ended_at))
    for spans in busy.values():
        spans.sort()
        for (_, end), (begin, _) in pairwise(spans):
            assert end <= begin, "one person in two talks at once"
    await home.one_ticket_each(calls)
