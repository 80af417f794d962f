"""Tickets through the pages: who sees which, acting on them, hearing them, leaving a trace."""

from __future__ import annotations

import re
import wave
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from sqlalchemy import select

import hotline.store.schema  # noqa: F401 - knows every package's tables
from agents.routes import section as agents_section
from hotline.calls.tables import CallStepTable, CallTable, Outcome
from hotline.casework import Case
from hotline.clock import ManualClock
from hotline.store import Database
from hotline.talks.tables import DialledTable
from hotline.tickets import CallFacts, shipped
from hotline.web.context import SETTINGS
from hotline.web.permissions import Role
from hotline.web.section import Section
from hotline.web.tables import AuditEntry
from transcripts.routes import section as transcripts_section
from transcripts.tables import RecordingTable


@pytest.fixture
def sections() -> list[Section]:
    return [agents_section, transcripts_section]


@pytest.fixture
def open_ticket(database: Database, clock: ManualClock) -> Any:
    """Return a function that makes a call with its ticket and returns the ticket's number."""

    async def make(call_id: str, agent: str = "wang", **facets: Any) -> str:
        now = clock.now()
        async with database.write() as session:
            session.add(
                CallTable(
                    id=call_id,
                    number="13812345678",
                    topic="wages",
                    menu_path=["1"],
                    started_at=now,
                    waiting_since=now,
                    answered_at=now,
                    ended_at=now,
                    agent_id=agent,
                    outcome=Outcome.ANSWERED,
                )
            )
            await session.flush()
            facts = CallFacts(call_id, "13812345678", now, topic="wages")
            await shipped().open_for_call(session, facts, now)
            case = await shipped().call_ended(
                session, call_id, Outcome.ANSWERED, now, agent_id=agent
            )
            for name, value in facets.items():
                setattr(case, name, value)
            return case.number

    return make


@pytest.fixture
def record(database: Database, clock: ManualClock, app: web.Application) -> Any:
    """Return a function that gives a call a recording of two legs."""

    async def make(call_id: str, caller: int = 800, agent: int = 400) -> None:
        folder = app[SETTINGS].recordings
        folder.mkdir(parents=True, exist_ok=True)
        for side, value, frames in (("caller", 1000, caller), ("agent", -1000, agent)):
            with wave.open(str(folder / f"{call_id}.{side}.wav"), "wb") as out:
                out.setnchannels(1)
                out.setsampwidth(2)
                out.setframerate(8000)
                out.writeframes(value.to_bytes(2, "little", signed=True) * frames)
        async with database.write() as session:
            session.add(
                RecordingTable(
                    call_id=call_id,
                    caller_path=f"{call_id}.caller.wav",
                    agent_path=f"{call_id}.agent.wav",
                    seconds=0.1,
                    created_at=clock.now(),
                )
            )

    return make


async def audited(database: Database, action: str) -> int:
    async with database.read() as session:
        return len(
            list(await session.scalars(select(AuditEntry.id).where(AuditEntry.action == action)))
        )


async def test_a_lawyer_sees_the_own_tickets_and_learns_nothing_of_others(
    signed_in: Any, open_ticket: Any
) -> None:
    own, other = await open_ticket("1.1"), await open_ticket("1.2", agent="zhao")
    wang = await signed_in("wangli", Role.LAWYER, agent_id="wang")
    listed = (await wang.get("/tickets")).text
    assert own in listed
    assert other not in listed
    assert (await wang.get(f"/tickets/{own}")).status == 200
    hidden, nothing = await wang.get(f"/tickets/{other}"), await wang.get("/tickets/1234567")
    assert hidden.status == nothing.status == 404


async def test_a_confidential_ticket_is_for_its_lawyer_and_the_leaders(
    signed_in: Any, open_ticket: Any
) -> None:
    number = await open_ticket("1.1", confidential=True)
    for account, role, agent, status in (
        ("wangli", Role.LAWYER, "wang", 200),
        ("zhijian", Role.REVIEWER, "none", 404),
        ("banzhang", Role.SUPERVISOR, "none2", 200),
    ):
        one = await signed_in(account, role, agent_id=agent)
        assert (await one.get(f"/tickets/{number}")).status == status


async def test_a_station_without_a_place_does_not_see_the_whole_bureau(
    signed_in: Any, open_ticket: Any
) -> None:
    number = await open_ticket("1.1", place="qingshi")
    lost = await signed_in("lost", Role.STATION)
    assert (await lost.get(f"/tickets/{number}")).status == 404
    here = await signed_in("here", Role.STATION, organisation="qingshi")
    assert (await here.get(f"/tickets/{number}")).status == 200
    there = await signed_in("there", Role.STATION, organisation="liuhe")
    assert (await there.get(f"/tickets/{number}")).status == 404


async def test_the_number_is_masked_until_asked_for_on_the_record(
    signed_in: Any, open_ticket: Any, database: Database
) -> None:
    number = await open_ticket("1.1")
    boss = await signed_in("boss", Role.SUPERVISOR)
    assert "13812345678" not in (await boss.get(f"/tickets/{number}")).text
    assert "13812345678" not in (await boss.get(f"/tickets/{number}/preview")).text
    assert await audited(database, "number.reveal") == 0
    assert "13812345678" in (await boss.post(f"/tickets/{number}/reveal")).text
    assert await audited(database, "number.reveal") == 1
    assert await audited(database, "ticket.see") == 1


async def test_both_legs_are_one_recording_served_in_pieces(
    signed_in: Any, open_ticket: Any, record: Any, database: Database
) -> None:
    await open_ticket("1.1")
    await record("1.1")
    boss = await signed_in("boss", Role.SUPERVISOR)
    url = boss.server.make_url("/calls/1.1/recording.wav")
    async with boss.session.get(url) as response:
        whole = await response.read()
        assert response.headers["Accept-Ranges"] == "bytes"
    assert whole[22:24] == b"\x02\x00"
    assert len(whole) == 44 + 800 * 4
    assert whole[44:48] == (1000).to_bytes(2, "little") + (-1000).to_bytes(2, "little", signed=True)
    assert whole[-2:] == b"\x00\x00", "the shorter leg ends in silence"
    async with boss.session.get(url, headers={"Range": "bytes=100-199"}) as response:
        assert response.status == 206
        assert response.headers["Content-Range"] == f"bytes 100-199/{len(whole)}"
        assert await response.read() == whole[100:200]
    async with boss.session.get(url, headers={"Range": "bytes=-10"}) as response:
        assert await response.read() == whole[-10:]
    for broken in ("bytes=99999-", "bytes=abc"):
        async with boss.session.get(url, headers={"Range": broken}) as response:
            assert response.status == 416
    assert await audited(database, "recording.listen") == 1


async def test_a_call_placed_from_a_ticket_stands_on_it_with_sound_and_words(
    signed_in: Any, open_ticket: Any, record: Any, database: Database, clock: ManualClock
) -> None:
    number = await open_ticket("1.1")
    await record("dial-7")
    async with database.write() as session:
        case_id = await session.scalar(select(Case.id).where(Case.number == number))
        session.add(
            DialledTable(
                id="dial-7",
                agent_id="wang",
                number="13812345678",
                case_id=case_id,
                started_at=clock.now(),
                ended_at=clock.now(),
                status="ANSWER",
                seconds=65,
            )
        )
    boss = await signed_in("boss", Role.SUPERVISOR)
    page = (await boss.get(f"/tickets/{number}")).text
    assert "/calls/dial-7/recording.wav" in page
    assert "已接通，1:05" in page
    assert "13812345678" not in page
    assert (await boss.get("/calls/dial-7/recording.wav")).status == 200
    assert (await boss.get("/calls/dial-8/recording.wav")).status == 404
    other = await signed_in("zhao", Role.LAWYER, agent_id="zhao")
    assert (await other.get("/calls/dial-7/recording.wav")).status == 404


async def test_the_transcript_says_where_the_recording_was_paused_and_why(
    signed_in: Any, open_ticket: Any, record: Any, database: Database, clock: ManualClock
) -> None:
    number = await open_ticket("1.1")
    await record("1.1")
    async with database.write() as session:
        call = await session.get_one(CallTable, "1.1")
        call.answered_at = clock.now()
        for seconds, kind, why in (
            (65, "recording_paused", "报身份证号"),
            (80, "recording_resumed", ""),
        ):
            at = clock.now() + timedelta(seconds=seconds)
            detail = {"reason": why} if why else {}
            session.add(CallStepTable(call_id="1.1", at=at, kind=kind, detail=detail, words=""))
    boss = await signed_in("boss", Role.SUPERVISOR)
    page = (await boss.get(f"/tickets/{number}")).text
    assert "1:05–1:20，报身份证号。这一段是静音，没有转写。" in page


async def test_a_recording_is_for_those_who_may_see_its_ticket(
    signed_in: Any, open_ticket: Any, record: Any
) -> None:
    await open_ticket("1.1")
    await record("1.1")
    other = await signed_in("zhao", Role.LAWYER, agent_id="zhao")
    assert (await other.get("/calls/1.1/recording.wav")).status == 404
    admin = await signed_in("admin", Role.ADMIN)
    assert (await admin.get("/calls/1.1/recording.wav")).status == 403


@pytest.mark.parametrize("path", ["../secrets.json", "/etc/passwd", "missing.wav"])
async def test_a_path_out_of_the_folder_or_to_nothing_plays_nothing(
    signed_in: Any, open_ticket: Any, record: Any, database: Database, path: str
) -> None:
    number = await open_ticket("1.1")
    await record("1.1")
    async with database.write() as session:
        row = await session.scalar(select(RecordingTable))
        assert row is not None
        row.caller_path = path
    boss = await signed_in("boss", Role.SUPERVISOR)
    assert (await boss.get("/calls/1.1/recording.wav")).status == 404
    page = await boss.get(f"/tickets/{number}")
    assert page.status == 200
    assert "录音放不出来" in page.text


def cut_short(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:100])


async def test_a_damaged_recording_says_so_and_stops_nothing(
    signed_in: Any, open_ticket: Any, record: Any, app: web.Application
) -> None:
    number = await open_ticket("1.1")
    await record("1.1")
    cut_short(app[SETTINGS].recordings / "1.1.agent.wav")
    page = await (await signed_in("boss", Role.SUPERVISOR)).get(f"/tickets/{number}")
    assert page.status == 200
    assert "不完整" in page.text


def fields_of(page: str) -> dict[str, str]:
    return dict(re.findall(r'name="(revision|submission)" value="([^"]*)"', page))


async def test_a_lawyer_fills_the_ticket_in(
    signed_in: Any, open_ticket: Any, database: Database
) -> None:
    number = await open_ticket("1.1")
    wang = await signed_in("wangli", Role.LAWYER, agent_id="wang")
    form = fields_of((await wang.get(f"/tickets/{number}/acts/record")).text)
    answer = await wang.post(
        f"/tickets/{number}/acts/record",
        form
        | {"title": "拖欠工资", "details": "<b>三个月</b>", "topic": "wages", "amount": "18600"},
    )
    assert answer.to == f"/tickets/{number}"
    page = (await wang.get(f"/tickets/{number}")).text
    assert "&lt;b&gt;三个月" in page
    assert "18,600 元" in page
    async with database.read() as session:
        case = await session.scalar(select(Case).where(Case.number == number))
    assert case is not None
    assert case.title == "拖欠工资"


async def test_a_form_with_a_mistake_comes_back_as_it_was_typed(
    signed_in: Any, open_ticket: Any
) -> None:
    number = await open_ticket("1.1")
    wang = await signed_in("wangli", Role.LAWYER, agent_id="wang")
    form = fields_of((await wang.get(f"/tickets/{number}/acts/record")).text)
    answer = await wang.post(
        f"/tickets/{number}/acts/record", form | {"details": "很长的案情", "amount": "一万二"}
    )
    assert answer.status == 422
    assert "很长的案情" in answer.text
    assert 'aria-invalid="true"' in answer.text


async def test_two_people_who_save_one_ticket_see_what_the_other_wrote(
    signed_in: Any, open_ticket: Any
) -> None:
    number = await open_ticket("1.1")
    wang = await signed_in("wangli", Role.LAWYER, agent_id="wang")
    boss = await signed_in("boss", Role.SUPERVISOR)
    path = f"/tickets/{number}/acts/record"
    hers, his = fields_of((await wang.get(path)).text), fields_of((await boss.get(path)).text)
    assert (await boss.post(path, his | {"demand": "班长填的诉求"})).status == 303
    refused = await wang.post(path, hers | {"demand": "律师填的诉求", "details": "案情"})
    assert refused.status == 409
    assert "律师填的诉求" in refused.text
    assert "别人改成了：<b>班长填的诉求</b>" in refused.text
    again = fields_of(refused.text)
    assert (await wang.post(path, again | {"demand": "律师填的诉求"})).status == 303


async def test_the_same_form_sent_twice_acts_once(
    signed_in: Any, open_ticket: Any, database: Database
) -> None:
    number = await open_ticket("1.1")
    wang = await signed_in("wangli", Role.LAWYER, agent_id="wang")
    path = f"/tickets/{number}/acts/record"
    form = fields_of((await wang.get(path)).text) | {"demand": "要工资"}
    assert (await wang.post(path, form)).status == 303
    assert (await wang.post(path, form)).status == 303
    page = (await wang.get(f"/tickets/{number}")).text
    assert page.count("：记录") == 1


async def test_an_act_that_is_not_ones_own_is_refused(signed_in: Any, open_ticket: Any) -> None:
    number = await open_ticket("1.1")
    wang = await signed_in("wangli", Role.LAWYER, agent_id="wang")
    assert (await wang.post(f"/tickets/{number}/acts/grant_extension")).status == 403
    assert (await wang.get(f"/tickets/{number}/acts/nonsense")).status == 403


@pytest.mark.parametrize(
    "query",
    [
        "tab=%3Cscript%3E", "since=yesterday&until=0000-00-00", "satisfaction=9", "order=drop",
        "text=%00%25'%22--", "state=" + "x" * 5000, "topic=无", "after=bm9uc2Vuc2U",
    ],
)  # fmt: skip
async def test_a_strange_address_makes_no_failure(signed_in: Any, query: str) -> None:
    answer = await (await signed_in("boss", Role.SUPERVISOR)).get(f"/tickets?{query}")
    assert answer.status in {200, 422}
    assert "<script>alert" not in answer.text
