"""How many events a second the link reads: at least 10,000, with the mix of a real call."""

import asyncio
import time
from pathlib import Path

from hotline.ami import Address, Link, events

RECORDED = Path(__file__).parent.parent / "integration" / "ami" / "dialogues" / "originate.txt"
ROUNDS = 2000


def recorded_events() -> bytes:
    """The events of one recorded call, as they stood on the wire."""
    blocks = RECORDED.read_text(encoding="utf-8").split("\n\n")
    told = [b for b in blocks if b.startswith("< Event: ") and "{id}" not in b]
    lines = ("".join(f"{line[2:]}\r\n" for line in block.splitlines()) for block in told)
    return "".join(f"{block}\r\n" for block in lines).encode()


async def test_the_reader_keeps_up_with_ten_thousand_events_a_second() -> None:
    flood = recorded_events() * ROUNDS
    expected = flood.count(b"Event: ") - flood.count(b"UserEvent: ")
    login = (
        b"Asterisk Call Manager/11.0.0\r\nResponse: Success\r\nActionID: %s\r\n\r\n"
        b"Event: FullyBooted\r\nStatus: Fully Booted\r\n\r\n"
    )

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        text = await reader.readuntil(b"\r\n\r\n")
        action_id = text.partition(b"ActionID: ")[2].partition(b"\r\n")[0]
        writer.write(login % action_id + flood)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    count = 0
    done = asyncio.Event()

    def handle(event: events.Event) -> None:
        nonlocal count
        count += 1
        if count == expected:
            done.set()

    link = Link(Address("127.0.0.1", port, "hotline", "secret"), on_event=handle)
    started, cpu = time.perf_counter(), time.process_time()
    await link.start()
    async with asyncio.timeout(60):
        await done.wait()
    rate = expected / (time.perf_counter() - started)
    cost = (time.process_time() - cpu) / expected * 1e6
    await link.close()
    server.close()
    assert rate > 10_000, f"{rate:,.0f} events/s, {cost:.1f} µs of CPU an event"
