"""Ten calls a second go on while one thing after the other fails; the same is checked after each.

All of it happens to one house, as it would.
"""

from __future__ import annotations

import asyncio
import resource
import signal
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from hotline.ami import Link, actions
from hotline.routing.heartbeat import STALE_SECONDS
from hotline.routing.people import Wish
from tests.acceptance.routing.browser import Browser
from tests.acceptance.routing.scene import PEOPLE, Scene, deaf, opened_scene, weather

pytestmark = pytest.mark.asyncio(loop_scope="module")

PAGE = "page"
SMALL = 4096
"""Bytes to which each file may grow on a full disk: less than any of ours has."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scene(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    folder = tmp_path_factory.mktemp("faults") / "home"
    async with opened_scene(folder, browsers=(PAGE,)) as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="module")
async def page(scene: Scene) -> AsyncIterator[Browser]:
    """A lawyer's page, who is ready."""
    port = scene.home.settings.asterisk.http_port
    browser = Browser(PAGE, f"ws://127.0.0.1:{port}/ws")
    # So few others that the turn comes soon.
    others = [f"a{n}" for n in range(PEOPLE // 2, PEOPLE)]
    await scene.home.sign_in(others, Wish.OFFLINE)
    await scene.home.sign_in([PAGE])
    yield browser
    await browser.close()
    await scene.home.sign_in([PAGE], Wish.OFFLINE)
    await scene.home.sign_in(others)


async def test_the_link_is_flooded_and_cut(scene: Scene) -> None:
    async def fault() -> None:
        async with Link(scene.home.asterisk.address, on_event=lambda _: None) as other:
            for _ in range(2000):
                await other.send(actions.Custom("UserEvent", {"UserEvent": "Noise", "X": "y" * 99}))
        await scene.cable.cut()
        await asyncio.sleep(1.0)
        await scene.cable.mend()

    await scene.check(await scene.under_load(fault, 5.0))


async def test_the_link_is_half_open(scene: Scene) -> None:
    async def fault() -> None:
        scene.cable.silence()
        await asyncio.sleep(6.0)  # longer than the link and the heartbeat bear
        scene.cable.speak()

    await scene.check(await scene.under_load(fault, 7.5))


async def test_events_are_lost_and_come_twice_and_late(scene: Scene) -> None:
    async def fault() -> None:
        scene.cable.garble = weather(1)
        await asyncio.sleep(3.0)
        scene.cable.garble = None
        await scene.cable.cut()
        await scene.cable.mend()

    await scene.check(await scene.under_load(fault, 5.0))


async def test_hang_ups_are_not_heard_on_a_link_that_is_well(scene: Scene) -> None:
    async def fault() -> None:
        scene.cable.garble = deaf

    try:
        await scene.check(await scene.under_load(fault, 2.0))
    finally:
        scene.cable.garble = None


async def test_the_controller_is_killed_and_started_again(scene: Scene) -> None:
    async def fault() -> None:
        await scene.home.kill_controller()
        # So long that its heartbeat is stale and the plain queue serves.
        await asyncio.sleep(4.5)
        await scene.home.start_controller()

    await scene.check(await scene.under_load(fault, 8.0))


async def test_another_controller_stands_by_and_takes_over(scene: Scene) -> None:
    first, scene.home.process = scene.home.process, None
    standing_by = asyncio.create_task(scene.home.start_controller())

    async def fault() -> None:
        await asyncio.sleep(2.5)
        assert not standing_by.done(), "two serve one Asterisk"
        assert first is not None
        first.kill()
        await first.wait()
        await standing_by

    await scene.check(await scene.under_load(fault, 5.0))


async def test_the_controller_hangs(scene: Scene) -> None:
    process = scene.home.process
    assert process is not None

    async def fault() -> None:
        process.send_signal(signal.SIGSTOP)
        try:
            # Who asks now is held for the doorman's patience, then the plain queue serves.
            (call,) = await scene.exchange.run("12348", 1, 1)
            assert call.answered_by
            assert call.milliseconds < STALE_SECONDS * 1000, "served when the heartbeat is stale"
            await asyncio.sleep(2.5)
        finally:
            process.send_signal(signal.SIGCONT)

    await scene.check(await scene.under_load(fault, 7.0))


async def test_the_clock_is_stepped(scene: Scene) -> None:
    step = scene.home.settings.home / "clock-step"

    async def fault() -> None:
        for seconds in ("-7200", "7200", "0"):
            step.write_text(seconds)
            await asyncio.sleep(1.5)

    await scene.check(await scene.under_load(fault, 5.0))


async def test_the_disk_fills_up(scene: Scene) -> None:
    """For all of us: the database, recordings, Asterisk's own database, journals and logs."""
    assert scene.home.process is not None
    pids = (scene.home.process.pid, scene.home.asterisk.pid())
    limits = {pid: resource.prlimit(pid, resource.RLIMIT_FSIZE) for pid in pids}

    async def fault() -> None:
        for pid, (_, hard) in limits.items():
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (SMALL, hard))
        await asyncio.sleep(3.0)
        for pid, before in limits.items():
            resource.prlimit(pid, resource.RLIMIT_FSIZE, before)

    await scene.check(await scene.under_load(fault, 5.0))


async def test_a_lawyers_browser_is_closed_while_it_rings_and_while_it_talks(
    scene: Scene, page: Browser
) -> None:
    async def rings() -> None:
        await page.open()
        async with asyncio.timeout(10):
            await page.rings.wait()

    async def fault() -> None:
        await rings()
        await page.vanish()
        await rings()
        await page.answer()
        await asyncio.sleep(0.5)
        await page.vanish()
        # It comes back, is rung again, and talks until it is silent for too long.
        await rings()
        await page.answer()
        scene.pages[PAGE] = 2
        await scene.home.sign_in([PAGE], Wish.OFFLINE)

    await scene.check(await scene.under_load(fault, 7.0))


async def test_asterisk_is_restarted(scene: Scene) -> None:
    async def fault() -> None:
        await scene.home.asterisk.stop()
        await scene.home.asterisk.start()

    cut = await scene.under_load(fault, 3.0)
    await scene.served()
    told = {row.number for row in await scene.home.calls()}
    await scene.check([call for call in cut if call.number in told], dropped=True)

    async def nothing() -> None:
        pass

    await scene.check(await scene.under_load(nothing, 1.5))
