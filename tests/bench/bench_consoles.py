"""How quickly 200 open consoles hear of calls: ``python tests/bench/bench_consoles.py``.

Everything runs in this one process on 127.0.0.1: the server, the 200 event streams (each a seat
with its own presence news and the waiting line's view) and the writer of five calls a second, each
of six outbox rows. Prints one JSON object; milliseconds from just before the commit to the arrival.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import tempfile
import time
from pathlib import Path

from aiohttp import ClientSession, ClientTimeout, CookieJar, TCPConnector

from agents.routes import section as agents_section
from hotline.clock import SystemClock
from hotline.demo.sample import PASSWORD
from hotline.demo.screens import SampleServer, sample_server
from hotline.store import append
from transcripts.routes import section as transcripts_section

TOPICS = ("call.changed", "call.changed", "offer.made", "presence.changed", "offer.ended")


async def _cookies(address: str, account: str) -> dict[str, str]:
    async with ClientSession(cookie_jar=CookieJar(unsafe=True)) as session:
        async with session.get(f"{address}/signin") as page:
            token = (await page.text()).split('data-csrf="')[1].split('"')[0]
        data = {"csrf": token, "account": account, "password": PASSWORD}
        async with session.post(f"{address}/signin", data=data) as answer:
            answer.raise_for_status()
        return {cookie.key: cookie.value for cookie in session.cookie_jar}


async def _console(session: ClientSession, address: str, sent: dict[str, float]) -> list[float]:
    late: list[float] = []
    async with session.get(
        f"{address}/events?view=seat&topic=case.&topic=offer.&topic=presence.&topic=call."
    ) as stream:
        async for line in stream.content:
            if not line.startswith(b"data: "):
                continue
            mark = json.loads(line[6:]).get("number")
            if mark == "end":
                return late
            if mark in sent:
                late.append((time.perf_counter() - sent[mark]) * 1000)
    return late


async def _calls(server: SampleServer, seconds: int, sent: dict[str, float]) -> None:
    clock = SystemClock()
    start = time.perf_counter()
    for number in range(seconds * 5):
        await asyncio.sleep(max(0.0, start + number / 5 - time.perf_counter()))
        mark = f"n{number}"
        async with server.database.write() as session:
            for topic in TOPICS:
                append(session, topic, f"c{number}", {"agent_id": f"a{number}"}, clock.now())
            append(session, "case.opened", "1", {"number": mark}, clock.now())
            sent[mark] = time.perf_counter()
    async with server.database.write() as session:
        append(session, "case.opened", "1", {"number": "end"}, clock.now())


async def measure(consoles: int, seconds: int) -> dict[str, float]:
    """Return the figures."""
    with tempfile.TemporaryDirectory() as home:
        sections = [agents_section, transcripts_section]
        async with sample_server(
            Path(home), sections, SystemClock(), today=20, earlier=0
        ) as server:
            sent: dict[str, float] = {}
            async with ClientSession(
                cookies=await _cookies(server.address, "wang"),
                cookie_jar=CookieJar(unsafe=True),
                connector=TCPConnector(limit=0),
                timeout=ClientTimeout(total=None),
            ) as session:
                streams = [
                    asyncio.create_task(_console(session, server.address, sent))
                    for _ in range(consoles)
                ]
                await asyncio.sleep(5)
                before = resource.getrusage(resource.RUSAGE_SELF)
                await _calls(server, seconds, sent)
                late = sorted(ms for some in await asyncio.gather(*streams) for ms in some)
                after = resource.getrusage(resource.RUSAGE_SELF)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {
        "consoles": consoles,
        "calls": seconds * 5,
        "heard": len(late),
        "p50_ms": round(late[len(late) // 2], 1),
        "p95_ms": round(late[int(len(late) * 0.95)], 1),
        "max_ms": round(late[-1], 1),
        "cpu_share_of_one_core": round(used / seconds, 2),
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--consoles", type=int, default=200)
    parser.add_argument("--seconds", type=int, default=30)
    asked = parser.parse_args()
    print(json.dumps(asyncio.run(measure(asked.consoles, asked.seconds))))  # noqa: T201 - a bench
