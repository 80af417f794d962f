"""How soon live words and cards are known while several talks go on, and what that costs.

    python tests/bench/bench_live.py --talks 8

Talks are written as Asterisk writes them (48 kHz, 32 KB at once), heard by the shipped model, and
followed through the outbox by a reader of its own, as a page's stream is.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from sqlalchemy import update

from hotline.calls.tables import CallTable
from hotline.clock import SystemClock
from hotline.demo.scripts import Conversation, load_conversations
from hotline.settings import Settings
from hotline.store import Base, Database
from hotline.store.discovery import all_tables
from knowledge_base.cards import load_cards
from knowledge_base.topics.teaching import open_classifier
from tests.acceptance.live.speaking import Talk, Told, recordings_of, speak, write
from transcripts.live.hints import Desk
from transcripts.live.tap import Found
from transcripts.live.worker import LiveHelp
from transcripts.recognisers.models import SHIPPED, open_folder
from transcripts.scoring.scorecard import load_scorecard
from transcripts.scoring.scorer import Knowledge

LINES = 5


async def bench(count: int, home: Path) -> dict[str, object]:
    """Let ``count`` talks go on at once; return the figures."""
    settings = Settings(home=home)
    all_tables()
    database = Database(f"sqlite+aiosqlite:///{home / 'bench.db'}")
    async with database.engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    clock, recogniser, cards = SystemClock(), open_folder(SHIPPED), load_cards()
    topics = open_classifier(settings).guesses

    async def desk() -> Desk:
        return Desk(Knowledge(cards), load_scorecard(), topics=topics)

    scripts = [each for each in load_conversations() if len(each.lines) >= LINES]
    talks = [speak(scripts[number % len(scripts)].lines[:LINES]) for number in range(count)]
    ids = [f"1795500000.{number}" for number in range(count)]
    async with database.write() as session:
        for call_id in ids:
            now = clock.now()
            session.add(
                CallTable(
                    id=call_id,
                    number="",
                    menu_path=[],
                    started_at=now,
                    answered_at=now,
                    agent_id=call_id,
                )
            )
    words = [
        [
            (leg, word.text, word.end)
            for leg, samples in talk.legs.items()
            for segment in recogniser.transcribe(samples, 8000)
            for word in segment.words
        ]
        for talk in talks
    ]
    told, recordings = Told(), recordings_of(home)
    worker = asyncio.create_task(
        LiveHelp(database, clock, recordings, lambda: recogniser, desk).run()
    )
    following = asyncio.create_task(told.follow(database))
    began, cpu = time.monotonic(), time.process_time()

    async def one(number: int) -> float:
        await asyncio.sleep(number * 0.37)
        return await write(Found(ids[number], "1", recordings / "live"), talks[number])

    begun = await asyncio.gather(*(one(number) for number in range(count)))
    took, spent = time.monotonic() - began, time.process_time() - cpu
    async with database.write() as session:
        await session.execute(update(CallTable).values(talk_ended_at=clock.now()))
    await asyncio.sleep(5)
    for task in (worker, following):
        task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await worker
    await database.close()
    delays = [
        delay
        for number in range(count)
        for delay in told.delays(ids[number], begun[number], words[number])
    ]
    cards_after = _cards(told, ids, begun, talks, scripts)
    return {
        "talks": count,
        "seconds": round(took, 1),
        "words": len(delays),
        "words_p50_s": round(float(np.percentile(delays, 50)), 2),
        "words_p95_s": round(float(np.percentile(delays, 95)), 2),
        "card_after_sentence_p50_s": round(float(np.percentile(cards_after, 50)), 2),
        "card_after_sentence_p95_s": round(float(np.percentile(cards_after, 95)), 2),
        "behind": sum(bool(row["behind"]) for _, row in told.words),
        "cores": round(spent / took, 2),
        "cores_there": os.cpu_count(),
    }


def _cards(
    told: Told,
    ids: Sequence[str],
    begun: Sequence[float],
    talks: Sequence[Talk],
    scripts: Sequence[Conversation],
) -> list[float]:
    """Return how long after the caller's first sentence its card was told; less than 0: before."""
    found = []
    for number in range(len(ids)):
        lines = scripts[number % len(scripts)].lines[:LINES]
        first = next(place for place, line in enumerate(lines) if line.who == "caller")
        at = [
            moment
            for moment, row in told.hints
            if row["call_id"] == ids[number] and any(key.startswith("card:") for key in row["keys"])
        ]
        if at:
            found.append(min(at) - begun[number] - talks[number].ends[first])
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--talks", type=int, default=4)
    with tempfile.TemporaryDirectory() as folder:
        figures = asyncio.run(bench(parser.parse_args().talks, Path(folder)))
    print(json.dumps(figures, ensure_ascii=False, indent=2))  # noqa: T201 - a bench tells figures
