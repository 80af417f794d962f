import socket
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import numpy as np
import pytest

from hotline import settings
from hotline.ami import Link, Mailbox
from hotline.asterisk import Asterisk, Rendering
from hotline.debian import Tool
from hotline.sipp import Sipp
from hotline.voice import Samples
from ivr import deploy

_DIALPLAN = Path(__file__).parent / "dialplan"


def beep(text: str, voice: str) -> Samples:
    """A third of a second in place of each sentence: the way matters here, not the words."""
    return (np.sin(np.arange(2_400) * 0.3) * 9_000).astype(np.int16)


@pytest.fixture(scope="module")
def agi() -> tuple[str, int]:
    """Where callers' questions about their cases are answered, if a test answers them."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        host, port = probe.getsockname()
        return str(host), int(port)


@pytest.fixture(scope="module")
def menu_asterisk(
    launch: Callable[..., Asterisk],
    tmp_path_factory: pytest.TempPathFactory,
    agi: tuple[str, int],
) -> Asterisk:
    """A running Asterisk with the menu and survey that we ship."""
    home = tmp_path_factory.mktemp("menu")
    host, port = agi
    own = settings.load(home=home, asterisk={"ami_host": host, "agi_port": port})
    deploy(own, synthesise=beep)
    return launch(Rendering(templates=_DIALPLAN), home)


@pytest.fixture
def server(menu_asterisk: Asterisk) -> tuple[str, int]:
    own = menu_asterisk.settings.asterisk
    return own.bind, own.sip_port


@pytest.fixture
async def trunk(server: tuple[str, int], sipp: Tool) -> AsyncIterator[Sipp]:
    async with Sipp(sipp, target=server).opened() as driver:
        yield driver


@pytest.fixture
async def menu_link(menu_asterisk: Asterisk, mailbox: Mailbox) -> AsyncIterator[Link]:
    async with Link(menu_asterisk.address, on_event=mailbox) as link:
        yield link
