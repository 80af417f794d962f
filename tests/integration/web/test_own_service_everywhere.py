"""A bureau's own service: the example of docs/services.md as one new file, and nothing else.

It stands in the catalogue, has its form and its workflow, is applied for on the public page and
through the API, is worked on by staff, evaluated, and counted in the reports.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from aiohttp import web
from argon2 import PasswordHasher

import hotline.store.schema  # noqa: F401 - knows every package's tables
from agents.places import organisation_tree, stations
from agents.reports import settings as report_settings
from agents.reports.building import build
from agents.reports.period import Kind, period_of
from hotline.api import keys
from hotline.api.routes import section as api_section
from hotline.app.processes import SECTIONS
from hotline.clock import CHINA, ManualClock
from hotline.messages.wording import evaluation_path
from hotline.public.face import Face, open_face
from hotline.public.humanity import Humanity, Riddle
from hotline.public.routes import section as public_section
from hotline.settings import Settings
from hotline.store import Database
from hotline.tickets import shipped
from hotline.web.passwords import Hasher
from hotline.web.permissions import Role
from hotline.web.server import create_app

GUIDE = Path(__file__).parents[3] / "docs" / "services.md"


def _one_and_one(random: Random) -> Riddle:
    del random
    return Riddle("一加一等于多少？", frozenset({"2"}))


@pytest.fixture(autouse=True)
def _the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Put the guide's example where the guide says, then start the house anew."""
    example = re.search(r"```yaml\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    assert example is not None
    folder = tmp_path / "bureau" / "services"
    folder.mkdir(parents=True)
    (folder / "law_book.yaml").write_text(example[1], encoding="utf-8")
    monkeypatch.setenv("HOTLINE_CONFIG", str(tmp_path / "bureau"))
    shipped.cache_clear()
    yield
    shipped.cache_clear()


@pytest.fixture
def face(tmp_path: Path, database: Database, clock: ManualClock) -> Face:
    humanity = Humanity("secret", clock, riddles=[_one_and_one])
    house = Settings(home=tmp_path)
    return open_face(house, database, clock, stations=stations, humanity=humanity)


@pytest.fixture
def app(tmp_path: Path, database: Database, clock: ManualClock, face: Face) -> web.Application:
    quick = Hasher(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    sections = (*SECTIONS, public_section(face), api_section(face))
    house = Settings(home=tmp_path)
    return create_app(
        house, database, clock, sections, hasher=quick, organisations=organisation_tree
    )


async def applied(one: Any, clock: ManualClock) -> str:
    """Borrow a book on the public page; return the number."""
    path = "/public/services/law_book/apply"
    page = (await one.get(path)).text
    assert "寄" in page
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page))
    clock.advance(40)
    typed = {"caller_name": "张小兰", "book": "民法典", "delivery": "pickup"}
    form = {**hidden, **typed, "human_answer": "2", "agree": "1"}
    answer = await one.send("POST", path, data=form)
    assert answer.status == 303, answer.text
    return str(answer.to.rsplit("/", 1)[1])


async def through_the_api(app: web.Application, face: Face, one: Any, clock: ManualClock) -> str:
    """Borrow another through the API; return the number."""
    del app
    async with face.database.write() as session:
        key = await keys.add(session, "门户", ["cases.submit"], clock.now())
    listed = (await one.get("/api/v1/services", Accept="application/json")).text
    assert "法律书籍借阅" in listed
    wanted = {
        "service": "law_book",
        "submission": "portal-00000001",
        "values": {"caller_name": "李四", "book": "劳动法", "delivery": "pickup"},
    }
    headers = {"Authorization": f"Bearer {key}"}
    async with one.session.post(
        one.server.make_url("/api/v1/cases"), json=wanted, headers=headers
    ) as response:
        assert response.status == 200, await response.text()
        return str((await response.json())["number"])


async def test_one_new_file_is_a_whole_service(
    app: web.Application, face: Face, browser: Any, signed_in: Any, clock: ManualClock
) -> None:
    visitor = browser()
    assert "法律书籍借阅" in (await visitor.get("/public/services")).text
    assert "本局便民服务规定" in (await visitor.get("/public/services/law_book")).text
    number = await applied(visitor, clock)
    other = await through_the_api(app, face, browser(), clock)

    bureau = await signed_in("ju", Role.BUREAU)
    listed = (await bureau.get("/cases?service=law_book")).text
    assert number in listed
    assert other in listed
    assert "法律书籍借阅" in (await bureau.get("/cases/new")).text
    lent = await bureau.post(f"/cases/{number}/acts/lend", {"return_by": "2026-12-24"})
    assert lent.status == 303, lent.text
    assert "借出" in (await visitor.get(f"/public/cases/{number}")).text
    assert (await bureau.post(f"/cases/{number}/acts/give_back", {})).status == 303

    path = evaluation_path(face.codes, number)
    page = (await visitor.get(path)).text
    assert "您满意吗" in page
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page))
    rated = await visitor.send("POST", path, data={**hidden, "satisfaction": "1"})
    assert rated.status == 200, rated.text

    today = clock.now().astimezone(CHINA).date()
    async with face.database.read() as session:
        month = period_of(Kind.MONTH, today)
        report = await build(session, month, clock.now(), report_settings.load(), rates={})
    assert ("法律书籍借阅", 2, 1, 1) in report.table("services").rows
