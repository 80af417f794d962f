"""A caller who puts lines of AMI into the number, against the dialplan as it ships."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

import pytest

from hotline.ami import Link, Mailbox, events
from hotline.asterisk import Asterisk, Rendering, journal
from hotline.debian import Tool
from hotline.sipp import Caller, HangUp, Sipp, Wait

from ..conftest import phones, sip_address  # noqa: TID252

EVENT = (
    "%0D%0A%0D%0AEvent%3A%20UserEvent%0D%0AUserEvent%3A%20HLSurvey%0D%0ACall%3A%201.1%0D%0A%0D%0A"
)


@pytest.fixture(scope="module")
def shipped(launch: Callable[..., Asterisk]) -> Asterisk:
    """An Asterisk with our own dialplan, without a menu."""
    return launch(Rendering(endpoints=phones()))


@pytest.fixture
async def wire(shipped: Asterisk) -> AsyncIterator[Callable[[], bytes]]:
    """Return a function that tells what a manager was sent, byte by byte."""
    own = shipped.address
    reader, writer = await asyncio.open_connection(own.host, own.port)
    login = f"Action: Login\r\nUsername: {own.user}\r\nSecret: {own.secret}\r\n\r\n"
    writer.write(login.encode())
    sent = bytearray()

    async def listen() -> None:
        while data := await reader.read(65536):
            sent.extend(data)

    listening = asyncio.create_task(listen())
    yield lambda: bytes(sent)
    listening.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await listening
    writer.close()


@pytest.mark.parametrize(
    ("number", "dialled", "kept"),
    [
        (f"138{EVENT}", "12348", "13811"),
        ("13800138000", f"12348{EVENT}", "13800138000"),
        ("%3Cscript%3E", "12348", ""),
        ("1%001%1B%5BJ", "12348", "1"),
        ("%E5%BC%A0", "12348", ""),
    ],
)
async def test_lines_in_a_number_stay_a_number(  # noqa: PLR0917
    shipped: Asterisk, sipp: Tool, wire: Callable[[], bytes], number: str, dialled: str, kept: str
) -> None:
    mailbox = Mailbox()
    caller = Caller(number, [Wait(0.3), HangUp()], dialled)
    driver = Sipp(sipp, target=sip_address(shipped))
    async with Link(shipped.address, on_event=mailbox), driver.opened():
        await driver.run(caller)
        async with asyncio.timeout(10):
            while not isinstance(event := await mailbox.get(), events.UserEvent):
                pass
            assert event.name == "HLCall"
            assert event.fields["Number"] == kept
            assert event.fields["Dialled"].startswith("12348")
            while not isinstance(event, events.Hangup):
                event = await mailbox.get()
    assert b"HLSurvey" not in wire()
    frames = wire().replace(b"\r\n", b"\n").split(b"\n\n")
    kinds = {frame.split(b": ")[0].split(b"/")[0] for frame in frames if frame}
    assert kinds == {b"Asterisk Call Manager", b"Event"}


async def test_lines_in_a_number_make_no_line_of_the_journal(shipped: Asterisk, sipp: Tool) -> None:
    before = journal.read(shipped.layout.journal).offset
    row = "%22" + "%22%2C%22".join(["1"] * len(journal.COLUMNS)) + "%22"
    driver = Sipp(sipp, target=sip_address(shipped))
    async with driver.opened():
        await driver.run(Caller(f"1%0D%0A{row}"[:60], [Wait(0.2), HangUp()], "12348"))
        await driver.run(Caller("13800138099", [Wait(0.2), HangUp()], "12348"))
    async with asyncio.timeout(10):
        while len(lines := journal.read(shipped.layout.journal, before).lines) < 2:
            await asyncio.sleep(0.05)
    assert len(lines) == 2
    assert lines[1]["src"] == "13800138099"
    assert lines[0]["src"].isdigit()
