"""A real Asterisk, real callers and real telephones for acceptance tests.

Nothing here is skipped: where Asterisk or SIPp can't be had, the test fails and says why.
"""

from __future__ import annotations

import asyncio
import itertools
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from pathlib import Path

import pytest

from hotline import debian, settings
from hotline.ami import Link, Mailbox
from hotline.asterisk import Asterisk, Endpoint, Kind, Rendering
from hotline.debian import Tool
from hotline.sipp import Account, Phone, Ringing, Sipp

pytest.register_assert_rewrite("tests.acceptance.house")

PHONE_SECRET = "secret-of-test-phones"

BARE = Path(__file__).parent / "bare_dialplan"
Register = Callable[[str, Callable[[Ringing], Awaitable[None]]], Awaitable[Phone]]
"""What the ``phone`` fixture gives: registers a telephone that is answered by a coroutine."""

_rtp = itertools.cycle(range(10000, 19000, 1000))


def asterisk_settings(home: Path) -> settings.Settings:
    """Settings of an Asterisk that shares the machine with others."""
    ports = [_free_port() for _ in range(4)]
    start = next(_rtp)
    return settings.load(
        home=home,
        asterisk={
            "ami_port": ports[0],
            "sip_port": ports[1],
            "http_port": ports[2],
            "https_port": ports[3],
            "rtp_start": start,
            "rtp_end": start + 999,
            "trunk_contact": "",
        },
    )


def _free_port() -> int:
    """A port that is free for TCP and UDP."""
    while True:
        with socket.socket() as tcp, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            tcp.bind(("127.0.0.1", 0))
            port = int(tcp.getsockname()[1])
            try:
                udp.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


def phones(lawyers: int = 6, stations: int = 2) -> list[Endpoint]:
    """Seats and stations as the tests know them."""
    names = [f"lawyer{n}" for n in range(1, lawyers + 1)]
    names += [f"station{n}" for n in range(1, stations + 1)]
    browser = Endpoint("browser1", Kind.WEBRTC, secret=PHONE_SECRET)
    return [*(Endpoint(name, secret=PHONE_SECRET, qualify=3) for name in names), browser]


@pytest.fixture(scope="session")
def launch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Asterisk]]:
    """Return a function that starts an Asterisk of its own; all are killed at the end."""
    started: list[Asterisk] = []

    def start(rendering: Rendering, home: Path | None = None) -> Asterisk:
        asterisk = Asterisk(asterisk_settings(home or tmp_path_factory.mktemp("asterisk")))
        started.append(asterisk)
        asterisk.install()
        asterisk.render(rendering)
        asyncio.run(asterisk.start())
        return asterisk

    yield start
    for asterisk in started:
        asyncio.run(asterisk.stop())


@pytest.fixture(scope="session")
def bare_asterisk(launch: Callable[..., Asterisk]) -> Asterisk:
    """A running Asterisk with our configuration and a few extensions for telephony alone."""
    return launch(Rendering(endpoints=phones(), templates=BARE))


@pytest.fixture(scope="session")
def sipp() -> Tool:
    """How to start SIPp."""
    return debian.sipp()


def sip_address(asterisk: Asterisk) -> tuple[str, int]:
    """Where an Asterisk takes SIP."""
    own = asterisk.settings.asterisk
    return own.bind, own.sip_port


@pytest.fixture
async def callers(bare_asterisk: Asterisk, sipp: Tool) -> AsyncIterator[Sipp]:
    """Places calls from the trunk; leaves none behind."""
    async with Sipp(sipp, target=sip_address(bare_asterisk)).opened() as driver:
        yield driver


@pytest.fixture
async def phone(bare_asterisk: Asterisk) -> AsyncIterator[Register]:
    """Return a function that registers a telephone; all are unregistered at the end."""
    started: list[Phone] = []

    async def start(name: str, on_call: Callable[[Ringing], Awaitable[None]]) -> Phone:
        account = Account(name, PHONE_SECRET, sip_address(bare_asterisk))
        telephone = Phone(account, on_call)
        started.append(telephone)
        await telephone.start()
        return telephone

    yield start
    for telephone in started:
        await telephone.stop()


@pytest.fixture
def mailbox() -> Mailbox:
    """Holds what ``link`` tells, in order."""
    return Mailbox()


@pytest.fixture
async def link(bare_asterisk: Asterisk, mailbox: Mailbox) -> AsyncIterator[Link]:
    """A link to the bare Asterisk; its events go to ``mailbox``."""
    async with Link(bare_asterisk.address, on_event=mailbox) as opened:
        yield opened


def tone(frequencies: Sequence[float], seconds: float) -> bytes:
    """A-law of a tone that can be told from others."""
    import numpy as np

    from hotline.sipp.alaw import encode

    times = np.arange(int(seconds * 8000)) / 8000
    wave = sum(np.sin(2 * np.pi * f * times) for f in frequencies) / len(frequencies)
    return encode((wave * 12000).astype(np.int16))
