"""A slip in a service's file: the house goes on by the last version that was right, and says so."""

from __future__ import annotations

from pathlib import Path

import pytest
import structlog

from hotline.casework import SYSTEM_ACTOR, Desk, services
from hotline.casework.mending import mended
from hotline.clock import ManualClock
from hotline.store import Database


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The bureau's own folder of services."""
    folder = tmp_path / "own" / "services"
    folder.mkdir(parents=True)
    monkeypatch.setenv("HOTLINE_CONFIG", str(folder.parent))
    return folder


@pytest.mark.parametrize("text", ["code: [", "code: ticket\ndigits: 10", "", "- 1\n- 2"])
async def test_a_broken_ticket_goes_on_by_its_last_version(
    own: Path, text: str, database: Database, clock: ManualClock, desk: Desk
) -> None:
    good = await mended(database, services.load(), clock.now())
    assert good.stale == frozenset()
    (own / "ticket.yaml").write_text(text, encoding="utf-8")
    found = services.load()
    assert "ticket" not in found.by_code
    assert {"legal_aid", "mediation"} <= set(found.by_code)
    with structlog.testing.capture_logs() as logs:
        kept = await mended(database, found, clock.now())
    assert kept.stale == {"ticket"}
    assert kept.get("ticket").states == good.get("ticket").states
    assert any("ticket.yaml" in str(entry.get("problem")) for entry in logs)
    working = Desk(kept, desk.worktime)
    async with database.write() as session:
        case = await working.open(
            session, "ticket", {}, actor=SYSTEM_ACTOR, now=clock.now(), complete=False
        )
        assert case.number
        assert case.service_version == good.version("ticket").id


async def test_a_service_that_another_names_may_be_broken_alone(own: Path) -> None:
    (own / "legal_aid.yaml").write_text("code: legal_aid\nnonsense: yes\n", encoding="utf-8")
    found = services.load()
    assert "legal_aid" not in found.by_code
    assert "ticket" in found.by_code  # it opens legal aid cases


async def test_a_service_that_was_never_right_is_left_out(
    own: Path, database: Database, clock: ManualClock
) -> None:
    (own / "lamp.yaml").write_text("code: lamp", encoding="utf-8")
    kept = await mended(database, services.load(), clock.now())
    assert "lamp" not in kept.by_code
    assert kept.stale == frozenset()


async def test_a_broken_list_of_roles_is_told_and_ours_stands_in(own: Path) -> None:
    (own / "roles.yaml").write_text("roles: 3", encoding="utf-8")
    found = services.load()
    assert any("roles.yaml" in str(problem) for problem in found.problems)
    assert "ticket" in found.by_code
