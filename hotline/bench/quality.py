"""How quickly the figures of quality of many calls are there.

Fills an empty database with answered calls, a score each, faults in a fifth, grades for a tenth,
half of them drawn at random, and asks for the page of figures over HTTP on 127.0.0.1.
"""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from aiohttp import ClientSession, CookieJar
from sqlalchemy import insert

from hotline.calls.tables import CallTable, Outcome
from hotline.clock import ManualClock
from hotline.demo.sample import PASSWORD
from hotline.demo.sample.people import LAWYERS
from hotline.demo.screens import MOMENT, SampleServer, sample_server
from hotline.web.section import Section
from transcripts.review import forms
from transcripts.review.rules import load_rules
from transcripts.review.tables import DrawRunTable, DrawTable, GradeTable, ResultTable
from transcripts.scoring.scorecard import load_scorecard
from transcripts.scoring.tables import FindingRow, Score

DAYS = 80


def _calls(count: int, chance: random.Random) -> Iterator[dict[str, Any]]:
    for number in range(count):
        at = MOMENT - timedelta(days=chance.uniform(0.5, DAYS))
        yield {
            "id": f"b.{number}",
            "number": "13812345678",
            "topic": chance.choice(["wages", "marriage", "lending", "lease"]),
            "menu_path": ["1"],
            "started_at": at,
            "answered_at": at,
            "ended_at": at + timedelta(minutes=6),
            "agent_id": chance.choice(LAWYERS).id,
            "outcome": Outcome.ANSWERED,
            "satisfaction": chance.choice([None, None, 1, 1, 2, 3]),
        }


def _score(number: int, call: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": 100_000 + number,
        "call_id": call["id"],
        "latest": True,
        "scorecard": "12348",
        "scorecard_version": 2,
        "law_date": MOMENT.date(),
        "legal_ok": number % 5 != 0,
        "total": 90.0,
        "why_person": "",
        "items": [],
        "risks": [],
        "created_at": MOMENT,
    }


def _fault(number: int, chance: random.Random) -> dict[str, Any]:
    kind = chance.randrange(40)
    return {
        "score_id": 100_000 + number,
        "item": "basis",
        "kind": "wrong_fact",
        "verdict": "wrong",
        "fault": True,
        "confidence": 0.9,
        "leg": "agent",
        "sentence": "",
        "card": f"card-{kind}",
        "subject": f"card-{kind}/fact",
        "article": "《劳动合同法》第十九条",
        "heard": "",
        "expected": "",
        "words": f"第 {kind} 种差错",
    }


async def _fill(server: SampleServer, count: int) -> None:
    chance = random.Random(1)  # noqa: S311 - the same calls each time
    calls = list(_calls(count, chance))
    async with server.database.write() as session:
        await session.execute(insert(CallTable), calls)
        await session.execute(insert(Score), [_score(n, c) for n, c in enumerate(calls)])
        faults = [_fault(n, chance) for n in range(0, count, 5)]
        await session.execute(insert(FindingRow), faults)
        form = await forms.current(session, load_scorecard(), load_rules(), MOMENT)
        grades = [
            {
                "id": 100_000 + n,
                "call_id": call["id"],
                "agent_id": call["agent_id"],
                "form_id": form.id,
                "reviewer_id": 1,
                "reviewer_name": "",
                "purpose": "first",
                "blind": False,
                "levels": {item.id: chance.choice([0, 0, 1, 2]) for item in form.items},
                "vetoes": [],
                "total": 90.0,
                "legal_ok": True,
                "note": "",
                "made_at": MOMENT,
            }
            for n, call in enumerate(calls[::10])
        ]
        await session.execute(insert(GradeTable), grades)
        results = [
            {
                "call_id": grade["call_id"],
                "grade_id": grade["id"],
                "sample": "random" if n % 2 else "risk",
                "total": 90.0,
                "legal_ok": n % 7 != 0,
                "veto": n % 31 == 0,
                "decided_at": MOMENT,
            }
            for n, grade in enumerate(grades)
        ]
        await session.execute(insert(ResultTable), results)
        run = DrawRunTable(
            since=MOMENT - timedelta(days=DAYS),
            until=MOMENT,
            seed="bench",
            share=0.05,
            calls=count,
            drawn=len(results) // 2,
            at=MOMENT,
        )
        session.add(run)
        await session.flush()
        draws = [_draw(call, run.id) for n, call in enumerate(calls[::10]) if n % 2]
        await session.execute(insert(DrawTable), draws)


def _draw(call: dict[str, Any], run: int) -> dict[str, Any]:
    return {
        "call_id": call["id"],
        "sample": "random",
        "reasons": ["random"],
        "stratum": f"{call['agent_id']}/{call['topic']}",
        "size": 40,
        "taken": 2,
        "double": False,
        "run_id": run,
        "at": MOMENT,
    }


async def _asked(server: SampleServer, tries: int) -> list[float]:
    took = []
    async with ClientSession(cookie_jar=CookieJar(unsafe=True)) as session:
        async with session.get(f"{server.address}/signin") as page:
            token = (await page.text()).split('data-csrf="')[1].split('"')[0]
        data = {"csrf": token, "account": "banzhang", "password": PASSWORD}
        async with session.post(f"{server.address}/signin", data=data) as answer:
            answer.raise_for_status()
        for _ in range(tries):
            begun = time.perf_counter()
            async with session.get(f"{server.address}/quality") as answer:
                answer.raise_for_status()
                await answer.read()
            took.append((time.perf_counter() - begun) * 1000)
    return sorted(took)


async def measure(sections: Sequence[Section], count: int, tries: int) -> dict[str, Any]:
    """Fill an empty house and ask for its page of figures; milliseconds.

    Args:
        sections: the pages of the house.
        count: how many answered calls.
        tries: how often the page is asked for.
    """
    with tempfile.TemporaryDirectory() as home:
        async with sample_server(
            Path(home), sections, ManualClock(MOMENT), today=10, earlier=0, weeks_before=False
        ) as server:
            await _fill(server, count)
            took = await _asked(server, tries)
    return {
        "calls": count,
        "asked": tries,
        "p50_ms": round(took[len(took) // 2], 1),
        "p95_ms": round(took[int(len(took) * 0.95)], 1),
    }
