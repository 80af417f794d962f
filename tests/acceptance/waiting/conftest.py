"""A house whose trunk leads to a telephone of ours, with the real sentences of the waiting room."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from hotline.asterisk import Asterisk, Endpoint, Rendering
from hotline.sipp import Account, Phone, Ringing, addresses
from hotline.store import Base, Database
from ivr.deploy import compile_menu, sounds_folder
from ivr.sounds import choose, make
from tests.acceptance import conftest as above
from tests.acceptance.routing import conftest as routing

TRUNK = "127.0.0.2"
"""The trunk's address, from which calls may come; calls to the outside end there too."""

ALWAYS = """
hotline: &day {workdays: ["00:00-24:00"], weekends: ["00:00-24:00"], holidays: ["00:00-24:00"]}
office: *day
"""

PROMPTS = (
    *("wait/first", "wait/still", "wait/ahead", "wait/next", "wait/people", "wait/about"),
    *("wait/to", "wait/minutes", "wait/within", "wait/soon", "wait/long", "comfort/wages"),
    *("callback/offer", "callback/done", "callback/greet", "talk/accept", "comfort/other"),
    *(f"n/{n}" for n in (*range(11), "two")),
)


Answer = Callable[[Ringing], Awaitable[None]]


async def refuse(call: Ringing) -> None:
    """Nobody answers at this number."""
    call.reject()


class Outside:
    """The world behind the trunk: every number is answered by one function."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.phone: Phone | None = None
        self.rung: list[str] = []
        self.on_call: Answer = refuse

    async def listen(self, server: tuple[str, int]) -> None:
        """Be there before Asterisk looks for us."""

        async def answer(call: Ringing) -> None:
            self.rung.append(dialled(call))
            await self.on_call(call)

        self.phone = Phone(Account("trunk", "", server), answer, address=TRUNK)
        await self.phone.listen(self.port)


class Home(routing.House):
    """A house with the world outside."""

    outside: Outside


def dialled(call: Ringing) -> str:
    """Return the number that was dialled."""
    return call.invite.start.partition("sip:")[2].partition("@")[0]


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Callable[..., Awaitable[Any]]]:
    """Return a function that opens a house; its ``outside`` is behind the trunk."""
    opened: list[Any] = []

    async def begin(people: Sequence[Any], policy: str) -> Any:
        outside = Outside(addresses.free_udp_port(TRUNK))
        settings = above.asterisk_settings(tmp_path / "home")
        own = settings.asterisk.model_copy(update={"trunk_contact": f"sip:{TRUNK}:{outside.port}"})
        settings = settings.model_copy(update={"asterisk": own})
        asterisk = Asterisk(settings)
        asterisk.install()
        endpoints = [Endpoint(p.id, secret=routing.SECRET) for p in people]
        asterisk.render(Rendering(endpoints=endpoints))
        _sentences(asterisk, settings)
        database = Database(settings.database_url)
        async with database.engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)
        home = Home(asterisk, settings, database)
        home.outside = outside
        opened.append(home)
        (home.policy.parent / "calendar").mkdir(parents=True)
        home.policy.write_text(policy)
        (home.policy.parent / "calendar" / "hours.yaml").write_text(ALWAYS)
        await outside.listen(home.address)
        await asterisk.start()
        await home.staff(people)
        return home

    yield begin
    for home in opened:
        await home.close()
        if home.outside.phone is not None:
            home.outside.phone.vanish()
        await home.asterisk.stop()


def _sentences(asterisk: Asterisk, settings: Any) -> None:
    """Put the composed sentences behind the short menu of the routing tests."""
    menu = compile_menu(settings)
    text = menu.dialplan(sounds_folder(settings))
    say = text[text.index("[ivr-say]") :]
    (asterisk.layout.etc / "ivr.conf").write_text(routing.IVR + say)
    make(choose(menu.catalogue, ("zh",), PROMPTS, settings.prompts), sounds_folder(settings))


@pytest.fixture
def somebody() -> Any:
    return routing.Somebody


@pytest.fixture
def number_of() -> Callable[[Ringing], str]:
    return dialled
