"""The waiting room's questions on a real socket, as Asterisk asks them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from hotline.routing.questions import Desk, Question, Way, read

FIELDS = "trunk-1/17.1/13812345678/wages/zh/qingshi/1790000000/2/b-1/12348"
ENVIRONMENT = "agi_network: yes\nagi_network_script: {}\nagi_request: x\nagi_channel: c\n\n"


@pytest.fixture
def asked() -> list[Question]:
    return []


@pytest.fixture
async def desk(asked: list[Question]) -> AsyncIterator[Desk]:
    def answer(question: Question) -> Way | None:
        asked.append(question)
        if question.waits.topic == "broken":
            raise ValueError("broken")
        return None if question.waits.topic == "busy" else Way("offer", "o*1")

    opened = Desk(answer)
    opened.open()
    yield opened
    opened.close()


async def ask(desk: Desk, script: str, *more: str) -> str:
    host, _, rest = desk.address.partition(":")
    reader, writer = await asyncio.open_connection(host, int(rest.partition("/")[0]))
    for piece in (ENVIRONMENT.format(script), *more):
        for at in range(0, len(piece), 25):
            writer.write(piece[at : at + 25].encode())
            await writer.drain()
            await asyncio.sleep(0)
    async with asyncio.timeout(5):
        said = (await reader.read()).decode()
    writer.close()
    return said


def word(desk: Desk) -> str:
    return desk.address.partition("/")[2]


async def test_who_can_be_served_is_told_where_to_go(desk: Desk, asked: list[Question]) -> None:
    assert await ask(desk, f"{word(desk)}/{FIELDS}") == 'EXEC Goto "offer,o*1,1"\n'
    (question,) = asked
    assert question.channel == "PJSIP/trunk-1"
    assert question.dialled == "12348"
    assert question.waits.call_id == "17.1"
    assert question.waits.number == "13812345678"
    assert (question.waits.tries, question.waits.offer) == (2, "b-1")


async def test_who_is_to_wait_has_no_time_limit_any_more(desk: Desk) -> None:
    said = await ask(desk, f"{word(desk)}/{FIELDS.replace('wages', 'busy')}")
    assert said == "SET VARIABLE TIMEOUT(absolute) 0\n"


async def test_a_question_that_breaks_us_leaves_the_caller_waiting(desk: Desk) -> None:
    said = await ask(desk, f"{word(desk)}/{FIELDS.replace('wages', 'broken')}")
    assert said == "SET VARIABLE TIMEOUT(absolute) 0\n"


async def test_who_does_not_know_the_word_learns_nothing(desk: Desk, asked: list[Question]) -> None:
    assert "offer" not in await ask(desk, f"{'0' * 32}/{FIELDS}")
    assert asked == []


async def test_after_the_end_nobody_can_ask(desk: Desk) -> None:
    address = desk.address
    desk.close()
    assert desk.address == ""
    with pytest.raises(ConnectionError):
        await asyncio.open_connection("127.0.0.1", int(address.split(":")[1].split("/")[0]))


@pytest.mark.parametrize(
    "request_", ["", "w", "w/x", f"w/{FIELDS.replace('17.1', '%0A')}", "w////"]
)
def test_what_is_no_question_is_none(request_: str) -> None:
    assert read(request_, "w") is None
