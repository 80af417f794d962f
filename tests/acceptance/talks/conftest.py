"""One house for all scenes: callers who are held, joined by thirds, handed on and listened to.

The world outside (callers, mobiles, the police) is one telephone behind the trunk, so that what
each of them hears can be held against what was said. Scenes have people and a topic of their own
and are played at once; who disturbs the others (a controller that dies) is played after them.
"""

from __future__ import annotations

import wave
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import pytest_asyncio
from sqlalchemy import select, update

from agents.tables import AgentTable
from hotline.ami import Link, Mailbox
from hotline.asterisk import Asterisk, Endpoint, Rendering
from hotline.sipp import addresses, alaw
from hotline.store import Base, Database
from tests.acceptance.conftest import asterisk_settings
from tests.acceptance.house import SECRET
from tests.acceptance.menu import CALLERS, rated, short_menu
from tests.acceptance.outside import TRUNK, Outside
from tests.acceptance.sounds import GREETING, LOST

pytest.register_assert_rewrite("tests.acceptance.talks.acting")

from tests.acceptance.talks.stage import (  # noqa: E402 - asserts are rewritten first
    Home,
    Stage,
)

MENU = CALLERS + short_menu(rated(3), topic="${HL_SCENE}")

POLICY = """
version: 1
ring_seconds: 4
ladder: [{after: 0, to: skilled, level: 1}]
nobody_seconds: 60
priorities:
  normal: {name: 普通, head_start: 0, longest: 120}
  emergency: {name: 紧急, head_start: 600, longest: 60}
wrapup_seconds: {lawyer: 1, station: 1}
missed_limit: 3
again_after: 5
callback: {enabled: false}
"""

TALKS = """
version: 1
outside:
  - {code: "110", name: 公安报警, number: "110", trunk: trunk}
  - {code: "120", name: 医疗急救, number: "120", trunk: trunk}
bases: [{code: quality, name: 服务质量检查}]
dial_trunk: trunk
ring_seconds: 12
warn_minutes: [0.05]
"""


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def stage(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Stage]:
    """Open the house and begin every scene that was asked for."""
    tests = [item.obj for item in request.session.items if hasattr(item, "obj")]
    tests = [test for test in tests if hasattr(test, "scene")]
    people = [person for test in tests for person in test.scene.people]
    outside = Outside(addresses.free_udp_port(TRUNK))
    settings = asterisk_settings(tmp_path_factory.mktemp("talks") / "home")
    own = settings.asterisk.model_copy(update={"trunk_contact": f"sip:{TRUNK}:{outside.port}"})
    settings = settings.model_copy(update={"asterisk": own})
    asterisk = Asterisk(settings)
    asterisk.install()
    asterisk.render(Rendering(endpoints=[Endpoint(p.id, secret=SECRET) for p in people]))
    (asterisk.layout.etc / "ivr.conf").write_text(MENU)
    database = Database(settings.database_url)
    async with database.engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    home = Home(asterisk, settings, database)
    home.outside = outside
    home.policy.parent.mkdir(parents=True)
    home.policy.write_text(POLICY)
    (home.policy.parent / "talks.yaml").write_text(TALKS)
    _sounds(settings.home / "asterisk" / "sounds" / "zh" / "talk")
    await outside.listen(home.address)
    try:
        await asterisk.start()
        await home.staff(people)
        names = await _names(home, {name for test in tests for name in test.scene.mobiles})
        await home.start_controller()
        # A mobile counts only once the trunk has answered; Asterisk asks again after 30 s.
        await home.until(home.reaches_outside, 40, "the trunk answers")
        async with Link(asterisk.address, on_event=Mailbox()) as link:
            made = Stage(home, link, names)
            made.begin(tests)
            yield made
            await made.close()
    finally:
        await home.close()
        outside.vanish()
        await asterisk.stop()


def _sounds(folder: Path) -> None:
    """Put sounds where the sentences lie that the scenes hear."""
    folder.mkdir(parents=True)
    for name, sound in {
        "accept": np.zeros(1600, np.int16),
        "dialled": GREETING,
        "lost": LOST,
    }.items():
        with wave.open(str(folder / f"{name}.wav"), "wb") as out:
            out.setnchannels(1)
            out.setsampwidth(2)
            out.setframerate(alaw.RATE)
            out.writeframes(sound.tobytes())


async def _names(home: Any, mobiles: set[str]) -> dict[str, str]:
    """Return how everybody is called; give mobiles to those whose seat is one (漫游坐席)."""
    async with home.database.write() as session:
        for name in mobiles:
            number = f"139{int(name.encode().hex(), 16) % 10**8:08d}"
            row = update(AgentTable).where(AgentTable.id == name)
            await session.execute(row.values(mobile=number, endpoint=f"PJSIP/{number}@trunk"))
        rows = await session.scalars(select(AgentTable))
        return {r.id: f"{r.name}{'律师' if r.kind == 'lawyer' else ''}" for r in rows}
