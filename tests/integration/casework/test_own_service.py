"""A bureau's own service: the file of docs/services.md, put in place, works without any code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hotline.casework import Actor, CaseFilter, Desk, find, services
from hotline.clock import ManualClock
from hotline.errors import InvalidInputError
from hotline.store import Database

pytestmark = pytest.mark.each_database

GUIDE = Path(__file__).parents[3] / "docs" / "services.md"
STATION = Actor("li", frozenset({"station"}))
READER = Actor("", is_applicant=True)


@pytest.fixture
def own(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    example = re.search(r"```yaml\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    assert example is not None
    (tmp_path / "services").mkdir()
    (tmp_path / "services" / "law_book.yaml").write_text(example[1], encoding="utf-8")
    monkeypatch.setenv("HOTLINE_CONFIG", str(tmp_path))
    loaded = services.load()
    assert loaded.problems == ()
    return Desk(loaded, desk.worktime)


async def test_it_is_applied_for_worked_on_and_listed(
    database: Database, own: Desk, clock: ManualClock
) -> None:
    wish = {"caller_name": "张三", "book": "民法典", "delivery": "mail"}
    async with database.write() as session:
        with pytest.raises(InvalidInputError, match="请填写地址"):
            await own.open(session, "law_book", wish, actor=READER, now=clock.now(), channel="web")
        case = await own.open(
            session,
            "law_book",
            {**wish, "address": "城关镇一号"},
            actor=READER,
            now=clock.now(),
            channel="web",
        )
        given = {"return_by": "2026-12-24"}
        await own.act(session, case.id, "lend", given, actor=STATION, now=clock.now())
        assert [t.action for t in await own.available(session, case, STATION)] == ["give_back"]
        done = await own.act(session, case.id, "give_back", actor=STATION, now=clock.now())
    assert (done.state, done.closed_at) == ("returned", clock.now())
    async with database.read() as session:
        page = await find(session, CaseFilter(services=("law_book",)), now=clock.now())
    assert [c.number for c in page.cases] == [case.number]
    assert case.number[6:8] == "91"
