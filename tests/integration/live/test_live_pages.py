"""Who sees the words and hints of a running talk, and what becomes of a hint."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from typing import Any

import pytest
from aiohttp import web
from sqlalchemy import delete, select, update

import hotline.store.schema  # noqa: F401 - knows every package's tables
from agents.routes import section as agents_section
from agents.tables import AgentTable, PresenceTable
from hotline.calls.tables import CallTable
from hotline.clock import ManualClock
from hotline.routing.people import Presence
from hotline.store import Database, Outbox
from hotline.web.context import SETTINGS
from hotline.web.permissions import Role
from hotline.web.section import Section
from hotline.web.viewer import Viewer
from transcripts.live import keeping
from transcripts.live.board import Change
from transcripts.live.counts import HintUse, hint_use, hint_use_by_key
from transcripts.live.ear import Sentence
from transcripts.live.hints import Hint, HintKind, PointTold
from transcripts.live.pages import own_words
from transcripts.live.routes import section as live_section
from transcripts.live.tables import HintRow, LiveTalk
from transcripts.live.talk import CallFacts, News
from transcripts.live.tap import Found
from transcripts.recognisers import ModelCard
from transcripts.turns import Leg

CALL = "1795500000.1"
SignedIn = Callable[..., Awaitable[Any]]


@pytest.fixture
def sections() -> list[Section]:
    return [agents_section, live_section]


@pytest.fixture
async def talk(database: Database, clock: ManualClock, tmp_path: Any) -> None:
    """Wang talks; a card and a warning are shown."""
    async with database.write() as session:
        for number, name in enumerate(("wang", "zhao")):
            session.add(
                AgentTable(
                    id=name, staff_no=f"10{number}", name=name, kind="lawyer", endpoint="PJSIP/x"
                )
            )
            await session.flush()
            session.add(PresenceTable(agent_id=name, state=Presence.BUSY, since=clock.now()))
        session.add(
            CallTable(
                id=CALL,
                number="13812345678",
                menu_path=["1"],
                started_at=clock.now(),
                answered_at=clock.now(),
                agent_id="wang",
            )
        )
        found = Found(CALL, "1", tmp_path)
        row = await keeping.begin(
            session, found, ModelCard("vosk", "demo", "演示", 8000), clock.now()
        )
        await keeping.keep(
            session,
            row,
            News(
                (Sentence(Leg.CALLER, 1.0, 4.0, "公司昨天把我辞退了<b>", 0.9, ()),),
                {Leg.AGENT: "您可以申请"},
                changes=(
                    Change(
                        Hint(
                            "card:dismissal",
                            HintKind.CARD,
                            "被辞退",
                            points=(
                                PointTold("a", "先申请劳动仲裁", True, "", None),
                                PointTold("b", "保留证据", False, "", 12.0),
                            ),
                        ),
                        new=True,
                    ),
                    Change(
                        Hint("warning:x", HintKind.WARNING, "与要点卡不符", "时效不是两年"),
                        new=True,
                    ),
                ),
                leading="card:dismissal",
            ),
            found=found,
            facts=CallFacts("wang", None, date(2026, 11, 24), ended=False),
            first=0,
            now=clock.now(),
        )


async def hints(database: Database) -> dict[str, HintRow]:
    async with database.read() as session:
        return {row.key: row for row in await session.scalars(select(HintRow))}


@pytest.mark.usefixtures("talk")
async def test_the_seat_shows_words_card_and_warning_and_escapes_what_was_said(
    signed_in: SignedIn,
) -> None:
    browser = await signed_in("wang", Role.LAWYER, agent_id="wang")
    page = (await browser.get("/seat")).text
    assert "公司昨天把我辞退了&lt;b&gt;" in page
    assert "先申请劳动仲裁" in page
    assert "时效不是两年" in page
    assert "您可以申请" in page
    assert "机器转写，仅供参考" in page


@pytest.mark.usefixtures("talk")
async def test_words_and_help_have_their_place_from_the_answer_on(
    signed_in: SignedIn, database: Database, app: web.Application
) -> None:
    async with database.write() as session:
        await session.execute(delete(LiveTalk))
        await session.execute(delete(HintRow))
    browser = await signed_in("wang", Role.LAWYER, agent_id="wang")
    assert "实时转写" not in (await browser.get("/seat")).text
    mark = app[SETTINGS].recordings / "live" / "listening"
    mark.parent.mkdir(parents=True)
    mark.touch()
    page = (await browser.get("/seat")).text
    assert "实时转写" in page
    assert "合适的要点卡和法条会出现在这里" in page
    other = await signed_in("zhao", Role.LAWYER, agent_id="zhao")
    assert "实时转写" not in (await other.get("/seat")).text


@pytest.mark.usefixtures("talk")
async def test_nobody_else_hears_a_word_of_it(signed_in: SignedIn, database: Database) -> None:
    browser = await signed_in("zhao", Role.LAWYER, agent_id="zhao")
    assert "辞退" not in (await browser.get("/seat")).text
    assert (await browser.get(f"/live/{CALL}/draft.json")).status == 404
    row = (await hints(database))["card:dismissal"]
    assert (await browser.post(f"/live/hints/{row.id}/dismissed")).status == 404
    zhao = Viewer(2, "zhao", "zhao", frozenset({Role.LAWYER}), None, "zhao", 1)
    wang = Viewer(1, "wang", "wang", frozenset({Role.LAWYER}), None, "wang", 1)
    async with database.read() as session:
        told = list(await session.scalars(select(Outbox).where(Outbox.topic == "live.words")))
    assert [own_words(each, zhao) for each in told] == [None]
    assert own_words(told[0], wang) is not None


@pytest.mark.each_database
@pytest.mark.usefixtures("talk")
async def test_a_hint_is_logged_as_shown_used_and_dismissed(
    signed_in: SignedIn, database: Database, clock: ManualClock
) -> None:
    browser = await signed_in("wang", Role.LAWYER, agent_id="wang")
    known = await hints(database)
    assert {row.shown_at for row in known.values()} == {clock.now()}
    clock.advance(5)
    assert (await browser.post(f"/live/hints/{known['card:dismissal'].id}/used")).status == 200
    assert (await browser.post(f"/live/hints/{known['warning:x'].id}/dismissed")).status == 200
    after = await hints(database)
    assert (after["card:dismissal"].used_at, after["card:dismissal"].used_how) == (
        clock.now(),
        "clicked",
    )
    assert after["warning:x"].dismissed_at == clock.now()
    assert "时效不是两年" not in (await browser.get("/seat/panels/live-help")).text


@pytest.mark.usefixtures("talk")
async def test_only_what_stood_on_the_page_was_seen(
    signed_in: SignedIn, database: Database, clock: ManualClock
) -> None:
    known = await hints(database)
    stranger = await signed_in("zhao", Role.LAWYER, agent_id="zhao")
    ids = {"ids": f"{known['card:dismissal'].id},x,{9 * 10**30}"}
    assert json.loads((await stranger.post("/live/hints/seen", ids)).text) == {"seen": 0}
    browser = await signed_in("wang", Role.LAWYER, agent_id="wang")
    clock.advance(1)
    assert json.loads((await browser.post("/live/hints/seen", ids)).text) == {"seen": 1}
    clock.advance(1)
    assert json.loads((await browser.post("/live/hints/seen", ids)).text) == {"seen": 0}
    after = await hints(database)
    assert (after["card:dismissal"].seen_at, after["warning:x"].seen_at) == (
        clock.now() - timedelta(seconds=1),
        None,
    )


@pytest.mark.usefixtures("talk")
async def test_who_took_the_call_over_has_its_hints(
    signed_in: SignedIn, database: Database
) -> None:
    row = (await hints(database))["card:dismissal"]
    async with database.write() as session:
        await session.execute(update(LiveTalk).values(agent_id="zhao"))
    second = await signed_in("zhao", Role.LAWYER, agent_id="zhao")
    assert (await second.post(f"/live/hints/{row.id}/dismissed")).status == 200
    first = await signed_in("wang", Role.LAWYER, agent_id="wang")
    assert (await first.post(f"/live/hints/{row.id}/used")).status == 404


@pytest.mark.each_database
@pytest.mark.usefixtures("talk")
async def test_what_became_of_hints_is_counted(database: Database, clock: ManualClock) -> None:
    day = (clock.now() - timedelta(hours=1), clock.now() + timedelta(hours=1))
    async with database.write() as session:
        for number, (used, dismissed) in enumerate(
            (("said", False), ("clicked", True), ("", True), ("", False))
        ):
            session.add(
                HintRow(
                    call_id=f"c{number}",
                    agent_id="zhao",
                    key="card:dismissal",
                    kind="card",
                    title="被辞退",
                    words="",
                    article="",
                    points=[],
                    heard="",
                    expected="",
                    at_second=None,
                    shown_at=clock.now(),
                    seen_at=clock.now() if number else None,
                    used_at=clock.now() if used else None,
                    used_how=used,
                    dismissed_at=clock.now() if dismissed else None,
                )
            )
    async with database.read() as session:
        everyone = {use.of: use for use in await hint_use(session, *day)}
        own = await hint_use(session, *day, agent_ids=["zhao"])
        by_key = await hint_use_by_key(session, *day, kind="card")
        assert await hint_use(session, day[1], day[1]) == []
    assert everyone["card"] == HintUse("card", "", 5, 3, said=1, clicked=1, dismissed=1)
    assert (everyone["card"].used, everyone["card"].ignored) == (2, 2)
    assert everyone["warning"].offered == 1
    assert own == [HintUse("card", "", 4, 3, said=1, clicked=1, dismissed=1)]
    assert by_key == [HintUse("card:dismissal", "被辞退", 5, 3, said=1, clicked=1, dismissed=1)]


@pytest.mark.usefixtures("talk")
async def test_a_draft_is_marked_as_one_and_audited(signed_in: SignedIn) -> None:
    browser = await signed_in("wang", Role.LAWYER, agent_id="wang")
    answer = await browser.get(f"/live/{CALL}/draft.json")
    told = json.loads(answer.text)
    assert told["mark"] == "草稿"
    assert told["topic"] == "labour_contract"
    assert told["details"] == "公司昨天把我辞退了<b>。"


@pytest.mark.usefixtures("talk")
async def test_live_words_are_forgotten_after_a_day_and_hints_are_not(
    database: Database, clock: ManualClock
) -> None:
    clock.advance(25 * 3600)
    async with database.write() as session:
        await keeping.forget(session, clock.now())
        assert list(await session.scalars(select(LiveTalk))) == []
    assert len(await hints(database)) == 2
