"""People and places entered from a file, and whom routing makes of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from agents.directory.file import PeopleFile, load
from agents.directory.keeping import Kept, StaffNumberTakenError, keep
from agents.people import DatabasePeople
from agents.tables import AgentTable
from hotline.clock import ManualClock
from hotline.configfiles import ConfigFileError
from hotline.routing.people import AgentKind, Wish
from hotline.store import Database

FILE = """
version: 1
places:
  - {code: district, kind: district, name: 示范县公共法律服务中心}
  - {code: linxian, kind: district, name: 林县公共法律服务中心, hours: {tue: ["09:00-17:00"]}}
  - {code: heshan, kind: township, name: 禾山镇服务站, parent: linxian}
  - {code: qingshan, kind: district, name: 青山区公共法律服务中心}
people:
  - {id: wang, staff_no: "101", name: 王晓梅, place: district, skills: {wages: 3},
     mobile: "13900000001"}
  - {id: he, staff_no: "301", name: 何平, place: heshan, languages: [zh, dialect]}
  - {id: qingshan, staff_no: "901", name: 青山区公共法律服务中心, kind: district,
     place: qingshan, number: "09390000001", capacity: 4}
"""


def written(file: Path, text: str = FILE) -> PeopleFile:
    file.write_text(text, encoding="utf-8")
    return load(file, {"wages"}, set())


async def entered(database: Database, clock: ManualClock, folder: Path, text: str = FILE) -> Kept:
    found = written(folder / "people.yaml", text)
    async with database.write() as session:
        return await keep(session, found, "trunk", clock.now())


async def test_another_districts_lawyers_and_centre_are_known_as_such(
    database: Database, clock: ManualClock, tmp_path: Path
) -> None:
    await entered(database, clock, tmp_path)
    roster = await DatabasePeople(database, clock, home="district").load()
    agents = {agent.id: agent for agent in roster.agents}
    wang, he, centre = agents["wang"], agents["he"], agents["qingshan"]
    assert (wang.district, wang.endpoint, wang.skills) == ("", "PJSIP/wang", {"wages": 3})
    assert (he.district, he.district_name) == ("linxian", "林县公共法律服务中心")
    assert (centre.kind, centre.endpoint) == (AgentKind.DISTRICT, "PJSIP/trunk")
    assert (centre.mobile, centre.capacity) == ("09390000001", 4)
    wishes = {name: duty.wish for name, duty in roster.duties.items()}
    assert wishes == {"wang": Wish.OFFLINE, "he": Wish.OFFLINE, "qingshan": Wish.READY}


async def test_where_our_own_district_is_unknown_nobody_is_a_stranger(
    database: Database, clock: ManualClock, tmp_path: Path
) -> None:
    await entered(database, clock, tmp_path)
    roster = await DatabasePeople(database, clock, home="elsewhere").load()
    assert {agent.district for agent in roster.agents} == {""}


async def test_entering_the_file_again_changes_only_what_it_says(
    database: Database, clock: ManualClock, tmp_path: Path
) -> None:
    await entered(database, clock, tmp_path)
    async with database.write() as session:
        wang = await session.get(AgentTable, "wang")
        assert wang is not None
        wang.endpoint = "PJSIP/wang-browser"
    kept = await entered(database, clock, tmp_path, FILE.replace("wages: 3", "wages: 2"))
    assert (kept.added, kept.changed, kept.others) == ([], ["王晓梅"], [])
    async with database.read() as session:
        row = await session.scalar(select(AgentTable).where(AgentTable.id == "wang"))
    assert row is not None
    assert (row.skills, row.endpoint) == ({"wages": 2}, "PJSIP/wang-browser")


async def test_a_staff_number_has_one_owner(
    database: Database, clock: ManualClock, tmp_path: Path
) -> None:
    await entered(database, clock, tmp_path)
    text = 'version: 1\npeople:\n  - {id: li, staff_no: "101", name: 李建国}\n'
    with pytest.raises(StaffNumberTakenError, match="工号 101 已经属于王晓梅"):
        await entered(database, clock, tmp_path, text)


@pytest.mark.parametrize(
    ("wrong", "line", "words"),
    [
        ("skills: {tax: 3}", 3, "没有 tax 这个专题"),
        ("place: nowhere", 3, "没有 nowhere 这个单位"),
        ('number: "110"', 3, "number（外线号码）只用于 kind: district"),
        ("skills: {wages: 9}", 3, "3"),
    ],
)
def test_every_mistake_has_its_line(tmp_path: Path, wrong: str, line: int, words: str) -> None:
    text = f'version: 1\npeople:\n  - {{id: li, staff_no: "102", name: 李建国, {wrong}}}\n'
    with pytest.raises(ConfigFileError) as caught:
        written(tmp_path / "people.yaml", text)
    assert f"people.yaml:{line}" in caught.value.message
    assert words in caught.value.message
