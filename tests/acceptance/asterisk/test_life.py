"""A real Asterisk: started, asked, stopped, and what is told when it can't be."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from hotline.ami import AuthenticationError, Link, Mailbox, actions, events
from hotline.asterisk import Asterisk, Rendering
from hotline.asterisk.errors import AsteriskError, PortInUseError

from ..conftest import BARE, asterisk_settings, phones  # noqa: TID252


@pytest.fixture
async def own(tmp_path: Path) -> AsyncIterator[Asterisk]:
    """An Asterisk that this test starts and that is gone afterwards."""
    asterisk = Asterisk(asterisk_settings(tmp_path / "own"))
    asterisk.install()
    asterisk.render(Rendering(endpoints=phones(), templates=BARE))
    yield asterisk
    await asterisk.stop()


async def test_it_starts_answers_and_stops(own: Asterisk) -> None:
    started = await own.start()
    assert started.running
    assert started.version.startswith(("18.", "20.", "21.", "22."))
    assert await own.start() == replace(started, uptime=(await own.status()).uptime)
    assert "System uptime" in own.console("core show uptime")
    # Whoever comes later, without a handle on the process, can ask and stop it as well.
    stranger = Asterisk(own.settings)
    assert (await stranger.status()).pid == started.pid
    assert await stranger.stop()
    assert not (await own.status()).running


async def test_its_log_tells_of_no_error(own: Asterisk) -> None:
    await own.start()
    log = own.layout.messages.read_text(encoding="utf-8")
    trouble = [line for line in log.splitlines() if "ERROR" in line or "WARNING" in line]
    assert trouble == []


async def test_a_port_in_use_is_told_before_anything_is_started(own: Asterisk) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", own.settings.asterisk.https_port))
        holder.listen()
        with pytest.raises(PortInUseError, match="https_port"):
            await own.start()
    assert not own.pid()


async def test_a_broken_configuration_is_told_with_asterisks_own_words(own: Asterisk) -> None:
    (own.layout.etc / "modules.conf").write_text("[modules]\nautoload=no\nrequire=app_gone.so\n")
    with pytest.raises(AsteriskError, match="app_gone"):
        await own.start()
    assert not own.pid()


async def test_another_secret_is_refused_by_name(own: Asterisk) -> None:
    await own.start()
    link = Link(replace(own.address, secret="wrong"), on_event=lambda _: None)
    with pytest.raises(AuthenticationError, match="hotline"):
        await link.start(patience=5)


async def test_a_link_survives_kill_and_restart_of_asterisk(own: Asterisk) -> None:
    started = await own.start()
    mailbox = Mailbox()
    async with Link(own.address, on_event=mailbox) as link:
        await link.send(actions.Setvar("HL_TEST", "before"))
        os.kill(started.pid, signal.SIGKILL)
        await _told(mailbox, events.LinkDown)
        waiting = asyncio.create_task(
            link.send(actions.Setvar("HL_HEARTBEAT", "1"), wait=True, within=20)
        )
        assert (await own.start()).pid != started.pid
        await waiting
        assert (await link.send(actions.Getvar("HL_HEARTBEAT")))["Value"] == "1"
        assert (await link.send(actions.Getvar("HL_TEST")))["Value"] == ""
        await _told(mailbox, events.LinkUp)


async def test_a_frozen_asterisk_is_noticed_and_taken_up_again(own: Asterisk) -> None:
    from hotline.ami import Timings

    started = await own.start()
    mailbox = Mailbox()
    timings = Timings(silence=0.2, dead=0.6, login=0.5, connect=0.5)
    async with Link(own.address, on_event=mailbox, timings=timings) as link:
        os.kill(started.pid, signal.SIGSTOP)
        try:
            down = await _told(mailbox, events.LinkDown)
        finally:
            os.kill(started.pid, signal.SIGCONT)
        assert isinstance(down, events.LinkDown)
        assert "half-open" in down.reason
        await _told(mailbox, events.LinkUp)
        assert (await link.send(actions.Ping()))["Ping"] == "Pong"


async def _told(mailbox: Mailbox, kind: type[events.Event]) -> events.Event:
    async with asyncio.timeout(15):
        skip = kind is events.LinkUp
        while True:
            event = await mailbox.get()
            # The first LinkUp is the start of the test, not the return.
            if isinstance(event, kind) and not (skip and event.session == 1):  # type: ignore[attr-defined]
                return event


def test_the_command_line_starts_asks_and_stops(tmp_path: Path) -> None:
    own = asterisk_settings(tmp_path / "home").asterisk
    names = ("ami_port", "sip_port", "http_port", "https_port", "rtp_start", "rtp_end")
    ports = {f"HOTLINE_ASTERISK__{name.upper()}": str(getattr(own, name)) for name in names}
    environment = {**os.environ, **ports, "HOTLINE_HOME": str(tmp_path / "home")}

    def hotline(*words: str) -> subprocess.CompletedProcess[str]:
        program = (
            "from hotline.asterisk.commands import commands\n"
            "async def prepare(asterisk): return asterisk.render()\n"
            "commands(prepare)()"
        )
        return subprocess.run(
            [sys.executable, "-c", program, *words],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    try:
        assert hotline("status").returncode == 3
        assert "已运行" in hotline("start").stdout
        assert '"running": true' in hotline("status", "--json").stdout
        assert "System uptime" in hotline("console", "core show uptime").stdout
        assert "改动 0 个文件" in hotline("render").stdout
    finally:
        assert "已停止" in hotline("stop").stdout
    assert "没有运行" in hotline("stop").stdout
