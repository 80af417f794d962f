"""A telephone that was kept from sending does not say everything at once."""

from __future__ import annotations

import asyncio
import struct
import time

import pytest

from hotline.sipp.rtp import FRAME, Audio, Pace


def test_packets_are_due_every_twenty_milliseconds() -> None:
    pace = Pace(10.0)
    assert pace.missed(10.0) == 0
    assert pace.until_next(10.005) == pytest.approx(0.015)


def test_a_short_delay_is_caught_up() -> None:
    pace = Pace(10.0)
    pace.until_next(10.0)
    assert pace.missed(10.09) == 0
    assert pace.until_next(10.09) == 0.0


def test_a_long_delay_is_left_out() -> None:
    pace = Pace(10.0)
    pace.until_next(10.0)
    assert pace.missed(12.03) == 100
    # From here on every 20 ms again.
    assert pace.missed(12.03) == 0
    assert pace.until_next(12.03) == pytest.approx(0.01)


class Listener(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.packets: asyncio.Queue[tuple[bool, int, bytes]] = asyncio.Queue()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        del addr
        _, kind, _, stamp, _ = struct.unpack("!BBHII", data[:12])
        self.packets.put_nowait((bool(kind & 0x80), stamp // FRAME, data[12:]))


async def test_a_word_after_a_pause_of_the_process_is_spoken_in_its_time() -> None:
    loop = asyncio.get_running_loop()
    transport, listener = await loop.create_datagram_endpoint(Listener, local_addr=("127.0.0.1", 0))
    audio = await Audio.open("127.0.0.1", 0, 1)
    audio.talk_to(transport.get_extra_info("sockname"))
    before = (await listener.packets.get())[1]
    time.sleep(0.5)  # noqa: ASYNC251 - the pause is what this is about
    began = loop.time()
    await audio.speak(b"\x55" * FRAME * 10)
    took = loop.time() - began
    audio.close()
    packets = [await listener.packets.get()]
    while packets[-1][2] != b"\x55" * FRAME:
        packets.append(await listener.packets.get())
    transport.close()
    assert took >= 0.18
    marked = [stamp for mark, stamp, _ in packets if mark]
    assert marked
    assert marked[0] >= before + 20
