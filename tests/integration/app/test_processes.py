import asyncio
import socket
from pathlib import Path

import pytest

from agents.cases import notices
from hotline import settings
from hotline.api import jobs as connections
from hotline.app import processes
from hotline.app.installation import _write_settings
from hotline.clock import SystemClock
from hotline.jobs import Queue
from hotline.messages import jobs as messages
from hotline.store import Database, Outbox, schema
from hotline.store.schema import SchemaError
from hotline.tickets import jobs as closing
from transcripts import jobs as transcribing


async def test_every_job_that_is_asked_for_has_a_handler(tmp_path: Path) -> None:
    own = settings.load(home=tmp_path)
    database = Database(own.database_url)
    handled = set(processes.handlers(own, database, Queue(database, SystemClock())))
    await database.close()
    assert {
        transcribing.TRANSCRIBE,
        transcribing.SCORE,
        closing.CLOSE,
        messages.NOTIFY,
        connections.TELL,
        connections.DELIVER,
        connections.HAND_OVER,
        connections.NEWS,
    } <= handled


def test_no_packages_rule_hides_anothers() -> None:
    packages = (closing, transcribing, messages, connections, notices)
    assert all(set(package.RULES) <= set(processes.RULES) for package in packages)
    told = {"recipient": "x", "text": "y", "call_id": None}

    def kinds(whom: str) -> set[str]:
        row = Outbox(id=1, topic="case.notice", key="7", payload={**told, "whom": whom})
        return {job.kind for job in processes.RULES["case.notice"](row)}

    # Two packages follow what a case tells: one by text message, one on the staff's pages.
    assert kinds("applicant") == {messages.NOTIFY}
    assert kinds("role:bureau") == {notices.TELL_STAFF}


def test_what_a_panel_waits_for_reaches_the_browser() -> None:
    told = {rule.topic for section in processes.SECTIONS for rule in section.event_rules}
    wanted = {
        topic
        for section in processes.SECTIONS
        for panel in section.panels
        for topic in panel.refresh_on
    }
    # A rule reaches as far as what is waited for, or a panel would stay as it was.
    for topic in wanted:
        assert any(topic.startswith(rule) for rule in told), topic


async def test_a_web_port_in_use_says_which_and_what_to_do(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        own = settings.load(home=tmp_path, web={"port": other.getsockname()[1]})
        database = Database(own.database_url)
        await schema.upgrade(database)
        await database.close()
        with pytest.raises(processes.WebPortError, match=r"\[web\] port"):
            await processes.pages(own)


async def test_nothing_works_on_a_database_of_another_version(tmp_path: Path) -> None:
    own = settings.load(home=tmp_path)
    with pytest.raises(SchemaError, match="hotline db upgrade"):
        await processes.work(own)


async def test_a_worker_that_is_stopped_ends_softly(tmp_path: Path) -> None:
    own = settings.load(home=tmp_path)
    database = Database(own.database_url)
    await schema.upgrade(database)
    await database.close()
    working = asyncio.create_task(processes.work(own))
    done, _ = await asyncio.wait({working}, timeout=0.5)
    assert not done
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(working, 10)


def test_settings_to_start_from_are_readable_and_never_overwrite(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "hotline.toml"
    monkeypatch.setenv("HOTLINE_TOML", str(file))
    assert _write_settings(file)
    assert settings.load().bureau.name == "示范县司法局"
    file.write_text("[bureau]\nname = '本县'\n")
    assert not _write_settings(file)
    assert settings.load().bureau.name == "本县"
