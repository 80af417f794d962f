"""Progress by keys: the same limits as on the page, and never more than the page shows."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from hotline.casework import Actor, Case
from hotline.casework.windows import Choice, Window, open_window
from hotline.clock import ManualClock
from hotline.public.byphone import BUSY, WRONG, ByPhone
from hotline.public.face import Face
from hotline.public.intake import Request, submit
from hotline.store import Database
from hotline.tickets.birth import CallFacts, open_tickets

STATION = Actor("zhan", frozenset({"station"}))


def written(text: str, file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


@pytest.fixture
def line(face: Face, tmp_path: Path) -> ByPhone:
    return ByPhone(face, tmp_path / "told", speak=written)


@pytest.fixture
async def case(face: Face, database: Database, clock: ManualClock) -> Case:
    given = {
        "caller_name": "张小兰",
        "matter": "civil",
        "title": "拖欠工资",
        "phone": "13900001111",
    }
    async with database.write() as session:
        lists = await face.lists(session)
        made = await submit(
            face.desk, session, Request("legal_aid", given, "m"), lists, clock.now()
        )
        await face.desk.act(
            session,
            made.id,
            "apply",
            {"means": "declared"},
            actor=STATION,
            now=clock.now(),
        )
        return made


async def test_who_has_number_and_code_hears_state_and_promise(
    line: ByPhone, face: Face, case: Case
) -> None:
    words = await line.progress(case.number, face.codes.code(case.number), "13900001111")
    assert words.startswith("您的法律援助，现在的状态是，审查中。审查决定，最迟")
    assert "张小兰" not in words
    assert "工资" not in words


async def test_who_has_an_appointment_hears_when_it_is(
    line: ByPhone, face: Face, database: Database, clock: ManualClock
) -> None:
    given = {"caller_name": "张小兰", "title": "押金"}
    async with database.write() as session:
        service = face.desk.services.get("lawyer_appointment")
        window = Window("qingshi", {"wed": ["09:00-10:00"]})
        await open_window(session, service, window, by="zhan", now=clock.now())
        choice = Choice.read("qingshi@2026-11-25T09:30")
        asked = Request("lawyer_appointment", given, "m", choice=choice)
        made = await submit(face.desk, session, asked, await face.lists(session), clock.now())
    words = await line.progress(made.number, face.codes.code(made.number), "13900001111")
    assert "约的时间是11月25日9点30分。" in words


async def test_guessing_ends_as_on_the_page_and_tells_nothing(
    line: ByPhone, face: Face, case: Case
) -> None:
    unknown = await line.progress("2611241000018", "000000", "13700000000")
    assert [await line.progress(case.number, f"00000{n}", "137") for n in range(5)] == [WRONG] * 5
    assert unknown == WRONG
    assert await line.progress(case.number, face.codes.code(case.number), "137") == BUSY


async def test_one_telephone_cannot_try_without_end(line: ByPhone) -> None:
    heard = [await line.progress(f"26112410000{n:02}", "123456", "13700000001") for n in range(25)]
    assert heard[0] == WRONG
    assert heard[-1] == BUSY


async def test_number_and_code_of_the_calls_ticket_are_said_twice(
    line: ByPhone, face: Face, database: Database, clock: ManualClock
) -> None:
    facts = CallFacts("1795485600.7", "13900001111", clock.now(), topic="wages")
    async with database.write() as session:
        await open_tickets(face.desk, session, [facts], clock.now())
    words = await line.told("1795485600.7")
    assert words.startswith("工单编号，")
    assert words.count("查询码，") == 2
    assert await line.told("nothing") == ""


@pytest.fixture
async def asterisk(line: ByPhone, free_port: Callable[[], int]) -> AsyncIterator[tuple[str, int]]:
    port = free_port()
    serving = asyncio.create_task(line.serve("127.0.0.1", port))
    for _ in range(200):
        await asyncio.sleep(0)
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            continue
        writer.close()
        break
    yield "127.0.0.1", port
    serving.cancel()
    await asyncio.gather(serving, return_exceptions=True)


async def asks(address: tuple[str, int], *lines: str) -> str:
    reader, writer = await asyncio.open_connection(*address)
    writer.write(("\n".join(lines) + "\n\n").encode())
    answer = (await reader.readline()).decode().strip()
    writer.write(b"200 result=1\n")
    writer.close()
    return answer


async def test_asterisk_is_given_a_sound_and_nothing_where_it_asks_nonsense(
    asterisk: tuple[str, int], face: Face, case: Case
) -> None:
    code = face.codes.code(case.number)
    asked = (f"agi_arg_1: {case.number}", f"agi_arg_2: {code}", "agi_arg_3: 13900001111")
    answer = await asks(asterisk, "agi_network_script: progress", *asked)
    assert answer.startswith('SET VARIABLE HL_SAY "')
    sound = Path(answer.split('"')[1] + ".wav")
    assert "审查中" in await asyncio.to_thread(sound.read_text, encoding="utf-8")
    assert await asks(asterisk, "agi_network_script: told", 'agi_arg_1: x" y') == ""
    assert await asks(asterisk, "agi_network_script: other", "agi_arg_1: 1") == ""
