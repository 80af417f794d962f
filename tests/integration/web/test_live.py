"""The event stream: what each may hear, in order, with nothing lost over a gap."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web

from hotline.clock import ManualClock
from hotline.store import Database, append
from hotline.web import live
from hotline.web.context import SESSIONS
from hotline.web.permissions import SEE_TICKETS, SEE_WALLBOARD, Role
from hotline.web.section import EventRule, LiveView, Section

DEADLINE = 5.0


class Board:
    """A page part that tests change."""

    def __init__(self) -> None:
        self.waiting = 0
        self.computed = 0

    async def render(self, _app: web.Application) -> dict[str, str]:
        self.computed += 1
        return {"waiting": f"<b>{self.waiting}</b>", "title": "<h2>今日</h2>"}


@pytest.fixture
def board() -> Board:
    return Board()


@pytest.fixture
def sections(board: Board) -> list[Section]:
    return [
        Section(
            name="tests",
            live_views=(LiveView("board", SEE_WALLBOARD, ("call.",), board.render, 60.0),),
            event_rules=(
                EventRule(
                    "offer.",
                    SEE_TICKETS,
                    lambda row, viewer: (
                        {"call": row.key} if row.payload["agent"] == viewer.agent_id else None
                    ),
                ),
                EventRule("case.", SEE_TICKETS, lambda row, _: {"key": row.key}),
            ),
        )
    ]


@pytest.fixture
def tell(database: Database, clock: ManualClock) -> Any:
    async def say(topic: str, key: str, **payload: Any) -> None:
        async with database.write() as session:
            append(session, topic, key, payload, clock.now())

    return say


@asynccontextmanager
async def listening(browser: Any, path: str = "/events", **headers: str) -> AsyncIterator[Any]:
    """Open a stream; yield a function that returns the next event as (name, data, id)."""
    async with browser.session.get(
        browser.server.make_url(path), headers=headers, allow_redirects=False
    ) as response:
        assert response.status == 200
        assert response.content_type == "text/event-stream"

        async def following() -> tuple[str, Any, str]:
            name, data, mark = "", "", ""
            async with asyncio.timeout(DEADLINE):
                while True:
                    line = (await response.content.readline()).decode().rstrip("\n")
                    if line.startswith("event: "):
                        name = line[7:]
                    elif line.startswith("data: "):
                        data = line[6:]
                    elif line.startswith("id: "):
                        mark = line[4:]
                    elif not line and name:
                        return name, json.loads(data), mark

        yield following


async def test_news_come_in_order_and_only_to_those_they_are_for(signed_in: Any, tell: Any) -> None:
    wang = await signed_in("wangli", Role.LAWYER, agent_id="wang")
    async with listening(wang) as following:
        assert (await following())[0] == "hello"
        await tell("offer.made", "call-1", agent="zhao", number="13812345678")
        await tell("offer.made", "call-2", agent="wang", number="13812345678")
        await tell("call.ended", "call-3")
        await tell("case.opened", "7")
        first = await following()
        assert first[:2] == ("news", {"topic": "offer.made", "call": "call-2"})
        assert (await following())[1] == {"topic": "case.opened", "key": "7"}


async def test_a_gap_is_filled_from_the_last_thing_known(signed_in: Any, tell: Any) -> None:
    wang = await signed_in("wangli", Role.LAWYER, agent_id="wang")
    async with listening(wang) as following:
        await following()
        await tell("case.opened", "1")
        _, _, mark = await following()
    await tell("case.opened", "2")
    await tell("case.opened", "3")
    async with listening(wang, **{"Last-Event-ID": mark}) as following:
        assert (await following())[1]["key"] == "2"
        assert (await following())[1]["key"] == "3"
        await tell("case.opened", "4")
        assert (await following())[1]["key"] == "4"


async def test_a_page_hears_only_what_it_listens_for(signed_in: Any, tell: Any) -> None:
    wang = await signed_in("wangli", Role.LAWYER, agent_id="wang")
    async with listening(wang, "/events?topic=case.&after=0") as following:
        await tell("offer.made", "call-2", agent="wang")
        await tell("case.opened", "7")
        assert (await following())[1]["topic"] == "case.opened"


async def test_nothing_falls_between_page_and_stream(
    signed_in: Any, tell: Any, app: web.Application
) -> None:
    wang = await signed_in("wangli", Role.LAWYER)
    page = await wang.get("/account")
    position = page.text.split('data-position="')[1].split('"')[0]
    await tell("case.opened", "1")
    async with listening(wang, f"/events?after={position}") as following:
        assert (await following())[1]["key"] == "1"


async def test_after_a_long_absence_the_page_is_loaded_anew(
    signed_in: Any, tell: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "REPLAY", 2)
    wang = await signed_in("wangli", Role.LAWYER)
    for key in "12345":
        await tell("case.opened", key)
    async with listening(wang, **{"Last-Event-ID": "1"}) as following:
        assert (await following())[0] == "resync"


async def test_an_id_from_another_database_means_load_anew(signed_in: Any, tell: Any) -> None:
    wang = await signed_in("wangli", Role.LAWYER)
    async with listening(wang, **{"Last-Event-ID": "99999"}) as following:
        assert (await following())[0] == "resync"


async def test_a_view_is_sent_at_once_then_only_what_changed(
    signed_in: Any, tell: Any, board: Board
) -> None:
    boss = await signed_in("boss", Role.SUPERVISOR)
    async with listening(boss, "/events?view=board") as following:
        events = [await following(), await following()]
        first = next(data for name, data, _ in events if name == "view")
        assert first["regions"] == {"waiting": "<b>0</b>", "title": "<h2>今日</h2>"}
        board.waiting = 3
        await tell("call.waiting", "call-1", number="13812345678")
        name, data, _ = await following()
        assert (name, data["regions"]) == ("view", {"waiting": "<b>3</b>"})


async def test_one_computation_serves_all_who_look(
    signed_in: Any, tell: Any, board: Board, app: web.Application
) -> None:
    boss = await signed_in("boss", Role.SUPERVISOR)
    async with listening(boss, "/events?view=board") as one:
        await one()
        await one()
        async with listening(boss, "/events?view=board") as two:
            await two()
            await two()
            before = board.computed
            board.waiting = 1
            await tell("call.waiting", "call-1")
            assert (await one())[1] == (await two())[1]
            assert board.computed - before <= 2


async def test_a_view_is_not_for_everyone(signed_in: Any, app: web.Application) -> None:
    admin = await signed_in("admin", Role.ADMIN)
    async with listening(admin, "/events?view=board&view=nothing") as following:
        assert (await following())[0] == "hello"
        (subscriber,) = app[live.HUB].subscribers
        assert subscriber.views == frozenset()


async def test_a_slow_browser_is_told_to_load_anew(
    signed_in: Any, tell: Any, app: web.Application
) -> None:
    wang = await signed_in("wangli", Role.LAWYER)
    async with listening(wang) as following:
        await following()
        (subscriber,) = app[live.HUB].subscribers
        subscriber.behind = True
        await tell("case.opened", "1")
        assert {(await following())[0], (await following())[0]} == {"news", "resync"}


async def test_a_revoked_session_closes_its_stream(
    signed_in: Any, app: web.Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "QUIET_SECONDS", 0.05)
    wang = await signed_in("wangli", Role.LAWYER)
    async with listening(wang) as following:
        await following()
        await app[SESSIONS].revoke(1)
        assert (await following())[0] == "signed-out"


async def test_strangers_hear_nothing(browser: Any) -> None:
    answer = await browser().get("/events", Accept="text/event-stream")
    assert answer.status == 401
