"""An applicant takes a free time without asking anybody: once, whoever else wants it."""

from __future__ import annotations

import asyncio
import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from hotline.casework import Actor, Case, Desk, windows
from hotline.casework.booking import taken
from hotline.casework.windows import Choice, Window
from hotline.clock import CHINA, ManualClock
from hotline.public.face import Face
from hotline.store import Database, Outbox
from hotline.web.translating import LANGUAGE_COOKIE

SERVICE = "/public/services/lawyer_appointment"
NINE = "qingshi@2026-11-25T09:00"
TEN = "qingshi@2026-11-25T10:00"
ASKED = {"caller_name": "张小兰", "phone": "13900001111", "title": "房屋漏水"}
STATION = Actor("zhan", frozenset({"station"}), organisation_id="qingshi")


async def open_window(database: Database, desk: Desk, clock: ManualClock, code: str) -> None:
    async with database.write() as session:
        window = Window("qingshi", {"wed": ["09:00-11:00"], "fri": ["14:00-15:00"]})
        service = desk.services.get(code)
        await windows.open_window(session, service, window, by="zhan", now=clock.now())


@pytest.fixture(autouse=True)
async def _open(database: Database, desk: Desk, clock: ManualClock) -> None:
    await open_window(database, desk, clock, "lawyer_appointment")


async def the_case(database: Database, number: str) -> Case:
    async with database.read() as session:
        return (await session.scalars(select(Case).where(Case.number == number))).one()


async def apply_at(one: Any, slot: str, **more: str) -> Any:
    """Fill in the form behind a time's link, as a browser without scripts does."""
    return await one.apply(f"{SERVICE}/apply?slot={slot}", {**ASKED, "slot": slot, **more})


async def test_a_free_time_is_chosen_and_held_and_the_next_visitor_does_not_see_it(
    visitor: Any, database: Database, desk: Desk, clock: ManualClock
) -> None:
    one = visitor()
    assert f"{SERVICE}/times" in (await one.get(SERVICE)).text
    shown = (await one.get(f"{SERVICE}/times")).text
    assert "青石镇公共法律服务站" in shown
    assert NINE in shown
    form = (await one.get(f"{SERVICE}/apply?slot={NINE}")).text
    assert "11月25日 周三 09:00" in form
    assert 'name="wanted_at"' not in form
    answer = await apply_at(one, NINE)
    assert answer.status == 303, answer.text
    case = await the_case(database, answer.to.rsplit("/", 1)[1])
    assert (case.state, case.organisation_id) == ("chosen", "qingshi")
    page = (await one.get(answer.to)).text
    assert "2026-11-25 09:00" in page
    assert NINE not in (await visitor().get(f"{SERVICE}/times")).text
    async with database.read() as session:
        begin = datetime(2026, 11, 25, tzinfo=CHINA)
        held = await taken(
            session, "lawyer_appointment/organisation_id:qingshi", begin, begin + timedelta(days=1)
        )
        told = [r.payload for r in await session.scalars(select(Outbox)) if "whom" in r.payload]
    assert list(held.values()) == [[case.number], [case.number]]
    assert {"applicant", "organisation"} <= {row["whom"] for row in told}
    assert any("2026-11-25 09:00" in row["text"] for row in told)


@pytest.mark.each_database
async def test_of_two_who_send_one_time_at_once_one_has_it_and_the_other_keeps_what_was_typed(
    visitor: Any, database: Database
) -> None:
    first, second = visitor(), visitor()
    answers = await asyncio.gather(apply_at(first, NINE), apply_at(second, NINE, title="邻居占地"))
    assert sorted(answer.status for answer in answers) == [303, 422]
    refused = next(answer for answer in answers if answer.status == 422)
    assert "这个时间已经有预约" in refused.text
    assert 'value="张小兰"' in refused.text
    others = re.findall(r'type="radio" name="slot" value="([^"]+)"', refused.text)
    assert NINE not in others
    assert TEN in others
    async with database.read() as session:
        assert len((await session.scalars(select(Case))).all()) == 1
    loser = second if answers[1] is refused else first
    assert (await apply_at(loser, TEN)).status == 303


async def test_who_lost_the_time_and_chooses_no_other_is_asked_again(
    visitor: Any, database: Database
) -> None:
    await apply_at(visitor(), NINE)
    one = visitor()
    lost = await apply_at(one, NINE)
    assert f'name="slot_before" value="{NINE}"' in lost.text
    again = await one.apply(f"{SERVICE}/apply", {**ASKED, "slot_before": NINE})
    assert again.status == 422
    assert "这个时间已经有预约" in again.text
    assert TEN in again.text
    async with database.read() as session:
        assert len((await session.scalars(select(Case))).all()) == 1


async def test_a_form_sent_twice_takes_one_time(visitor: Any, database: Database) -> None:
    one = visitor()
    hidden = dict(
        re.findall(
            r'<input type="hidden" name="([^"]+)" value="([^"]*)"',
            (await one.get(f"{SERVICE}/apply?slot={NINE}")).text.partition("<main")[2],
        )
    )
    one.clock.advance(40)
    data = {**hidden, "human_answer": "2", "agree": "1", **ASKED}
    twice = [await one.send("POST", f"{SERVICE}/apply", data=data) for _ in range(2)]
    assert [answer.status for answer in twice] == [303, 303]
    assert twice[0].to == twice[1].to
    async with database.read() as session:
        assert len((await session.scalars(select(Case))).all()) == 1


async def test_with_number_and_code_the_time_is_moved_and_given_back(
    visitor: Any, face: Face
) -> None:
    number = (await apply_at(visitor(), NINE)).to.rsplit("/", 1)[1]
    later = visitor()
    await later.post("/public/follow", {"number": number, "code": face.codes.code(number)})
    act = f"/public/cases/{number}/acts/choose_time"
    assert "现在约的是 11月25日 周三 09:00" in (await later.get(act)).text
    moved = await later.post(f"{act}?slot={TEN}", {"slot": TEN})
    assert moved.status == 303, moved.text
    assert "2026-11-25 10:00" in (await later.get(f"/public/cases/{number}")).text
    shown = (await visitor().get(f"{SERVICE}/times")).text
    assert NINE in shown
    assert TEN not in shown
    cancelled = await later.post(f"/public/cases/{number}/acts/cancel", {"note": "不去了"})
    assert cancelled.status == 303, cancelled.text
    assert TEN in (await visitor().get(f"{SERVICE}/times")).text


async def test_a_move_to_a_time_that_is_gone_leaves_the_old_one(
    visitor: Any, face: Face, database: Database
) -> None:
    number = (await apply_at(visitor(), NINE)).to.rsplit("/", 1)[1]
    await apply_at(visitor(), TEN)
    one = visitor()
    await one.post("/public/follow", {"number": number, "code": face.codes.code(number)})
    act = f"/public/cases/{number}/acts/choose_time"
    refused = await one.post(f"{act}?slot={TEN}", {"slot": TEN})
    assert refused.status == 422
    assert "这个时间已经有预约" in refused.text
    assert (await the_case(database, number)).data["appointment_at"].startswith("2026-11-25T09:00")


@pytest.mark.parametrize(
    "slot",
    [
        "qingshi@2026-11-25T09:10",
        "qingshi@2026-11-26T09:00",
        "qingshi@2026-11-24T09:00",
        "qingshi@2027-01-06T09:00",
        "dongfeng@2026-11-25T09:00",
    ],
    ids=["off the grid", "a day without window", "past", "too far", "no window there"],
)
async def test_a_time_that_nobody_offers_is_not_taken(
    slot: str, visitor: Any, database: Database
) -> None:
    answer = await apply_at(visitor(), slot)
    assert answer.status == 422
    assert "这个时间已经约不到了" in answer.text
    async with database.read() as session:
        assert (await session.scalars(select(Case))).all() == []


async def test_a_slot_that_cannot_be_read_is_as_none(visitor: Any, database: Database) -> None:
    answer = await apply_at(visitor(), "nonsense")
    assert answer.status == 303, answer.text
    case = await the_case(database, answer.to.rsplit("/", 1)[1])
    assert case.state == "requested"


async def test_the_time_stays_taken_when_a_lawyer_is_named(
    visitor: Any, database: Database, desk: Desk, clock: ManualClock
) -> None:
    number = (await apply_at(visitor(), NINE)).to.rsplit("/", 1)[1]
    case = await the_case(database, number)
    async with database.write() as session:
        await desk.act(
            session, case.id, "book", {"assignee_id": "wang"}, actor=STATION, now=clock.now()
        )
    assert NINE not in (await visitor().get(f"{SERVICE}/times")).text
    assert (await apply_at(visitor(), NINE)).status == 422


async def test_without_a_window_the_wish_is_written_as_before(
    visitor: Any, database: Database, desk: Desk
) -> None:
    async with database.write() as session:
        service = desk.services.get("lawyer_appointment")
        await windows.close_window(session, service, "qingshi")
    one = visitor()
    assert f"{SERVICE}/apply" in (await one.get(SERVICE)).text
    assert "现在不能自己选时间" in (await one.get(f"{SERVICE}/times")).text
    form = (await one.get(f"{SERVICE}/apply")).text
    assert 'name="wanted_at"' in form
    answer = await one.apply(f"{SERVICE}/apply", ASKED)
    assert "acts/choose_time" not in (await one.get(answer.to)).text


@pytest.mark.parametrize(
    ("code", "form", "state"),
    [
        ("notary", {"caller_name": "张小兰", "kind": "will"}, "booked"),
        ("forensic", {"caller_name": "张小兰", "kind": "dna", "title": "亲子"}, "requested"),
        (
            "remote_visit",
            {"caller_name": "张小兰", "relation": "spouse", "prison": "某监狱"},
            "requested",
        ),
    ],
)
async def test_every_bookable_service_is_booked_by_its_applicant(
    code: str,
    form: dict[str, str],
    state: str,
    *,
    visitor: Any,
    database: Database,
    desk: Desk,
    clock: ManualClock,
) -> None:
    await open_window(database, desk, clock, code)
    path = f"/public/services/{code}"
    answer = await visitor().apply(f"{path}/apply?slot={NINE}", {**form, "slot": NINE})
    assert answer.status == 303, answer.text
    assert (await the_case(database, answer.to.rsplit("/", 1)[1])).state == state
    assert NINE not in (await visitor().get(f"{path}/times")).text


def test_a_choice_reads_what_it_writes() -> None:
    choice = Choice("qingshi", datetime(2026, 11, 25, 9, tzinfo=CHINA))
    assert str(choice) == NINE
    assert Choice.read(NINE) == choice
    assert Choice.read("@2026-11-25T09:00") is None
    assert Choice.read("qingshi@2026-13-25T09:00") is None


async def test_the_times_are_read_in_the_language_of_the_page(visitor: Any, face: Face) -> None:
    number = (await apply_at(visitor(), NINE)).to.rsplit("/", 1)[1]
    one = visitor()
    await one.get("/public")
    one.session.cookie_jar.update_cookies({LANGUAGE_COOKIE: "en"}, one.server.make_url("/"))
    await one.post("/public/follow", {"number": number, "code": face.codes.code(number)})
    act = f"/public/cases/{number}/acts/choose_time"
    pages = [f"{SERVICE}/times", f"{SERVICE}/apply?slot={TEN}", act, f"{act}?slot={TEN}"]
    for page in pages:
        text = (await one.get(page)).text
        assert re.search(r"25 Nov\b.{0,10}Wed", text), page
        assert not re.search(r"\d月\d|\d日|周[一二三四五六日]", text), page
