"""Files of persons: suggested, confirmed, merged, undone; they open nothing that is hidden."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

import hotline.store.schema  # noqa: F401 - knows every package's tables
from agents.cases.routes import section as cases_section
from agents.cases.tables import StaffNoticeTable
from agents.persons.routes import section as persons_section
from agents.persons.tables import PersonTable
from agents.routes import section as agents_section
from hotline.casework import Actor, Case
from hotline.clock import ManualClock
from hotline.store import Database
from hotline.tickets import shipped
from hotline.web.permissions import Role
from hotline.web.section import Section


@pytest.fixture
def sections() -> list[Section]:
    return [agents_section, cases_section, persons_section]


@pytest.fixture
def open_case(database: Database, clock: ManualClock) -> Any:
    """Return a function that opens a case of a caller."""

    async def make(service: str, name: str, number: str, **facets: Any) -> str:
        async with database.write() as session:
            case = await shipped().desk.open(
                session,
                service,
                {"caller_name": name},
                actor=Actor("ju", frozenset({"bureau"})),
                now=clock.now(),
                facets={"caller_number": number, "caller_name": name, **facets},
                complete=False,
            )
            return case.number

    return make


async def person_of(database: Database, number: str) -> str | None:
    async with database.read() as session:
        found: str | None = await session.scalar(
            select(Case.person_id).where(Case.number == number)
        )
        return found


async def test_a_person_confirms_what_the_machine_suggests(
    signed_in: Any, open_case: Any, database: Database
) -> None:
    bureau = await signed_in("ju", Role.BUREAU)
    first = await open_case("ticket", "张建军", "13812345678")
    second = await open_case("legal_aid", "张建军", "13812345678")
    other = await open_case("mediation", "王芳", "13812345678")
    assert "还没有归入档案" in (await bureau.get(f"/cases/{second}")).text
    await bureau.post("/persons", {"case": first})
    file = await person_of(database, first)
    assert await person_of(database, second) is None
    page = (await bureau.get(f"/persons/of/{second}")).text
    assert "电话和姓名都相同" in page
    await bureau.post("/persons", {"case": second, "person": str(file)})
    assert await person_of(database, second) == file
    page = (await bureau.get(f"/persons/{file}")).text
    assert "电话相同，姓名不同" in page
    assert first in page
    assert second in page
    assert "13812345678" not in page
    assert await person_of(database, other) is None
    assert "13812345678" in (await bureau.post(f"/persons/{file}/reveal")).text
    await bureau.post(f"/persons/{file}/take-out", {"case": second})
    assert await person_of(database, second) is None


async def test_two_files_are_merged_and_set_apart_again(
    signed_in: Any, open_case: Any, database: Database
) -> None:
    bureau = await signed_in("ju", Role.BUREAU)
    numbers = [await open_case("mediation", name, "13900001111") for name in ("李强", "李强")]
    for number in numbers:
        await bureau.post("/persons", {"case": number})
    kept, merged = [str(await person_of(database, number)) for number in numbers]
    assert kept != merged
    assert (await bureau.post(f"/persons/{kept}/merge/{merged}")).status == 422
    lawyer = await signed_in("lv", Role.LAWYER, agent_id="wang")
    assert (await lawyer.post(f"/persons/{kept}/merge/{merged}")).status == 403
    await bureau.post(f"/persons/{kept}/merge/{merged}", {"confirmed": "1"})
    assert [await person_of(database, number) for number in numbers] == [kept, kept]
    assert (await bureau.get(f"/persons/{merged}")).to == f"/persons/{kept}"
    await bureau.post(f"/persons/{kept}/undo/1")
    assert [await person_of(database, number) for number in numbers] == [kept, merged]


async def test_a_merger_undone_leaves_nothing_of_the_other_behind(
    signed_in: Any, open_case: Any, database: Database
) -> None:
    bureau = await signed_in("ju", Role.BUREAU)
    unnamed = await open_case("mediation", "", "13900002222")
    named = await open_case("mediation", "赵敏", "13900002222")
    for number in (unnamed, named):
        await bureau.post("/persons", {"case": number})
    kept, merged = [str(await person_of(database, number)) for number in (unnamed, named)]
    await bureau.post(f"/persons/{kept}/merge/{merged}", {"confirmed": "1"})
    assert (await file_of(database, kept)).name == "赵敏"
    await bureau.post(f"/persons/{kept}/undo/1")
    assert (await file_of(database, kept)).name == ""
    assert (await file_of(database, merged)).name == "赵敏"


async def test_a_merger_is_undone_from_its_own_file_only(
    signed_in: Any, open_case: Any, database: Database
) -> None:
    bureau = await signed_in("ju", Role.BUREAU)
    numbers = [await open_case("mediation", f"钱{n}", "13900003333") for n in range(3)]
    for number in numbers:
        await bureau.post("/persons", {"case": number})
    kept, merged, other = [str(await person_of(database, number)) for number in numbers]
    await bureau.post(f"/persons/{kept}/merge/{merged}", {"confirmed": "1"})
    assert (await bureau.post(f"/persons/{other}/undo/1")).status == 404
    assert await person_of(database, numbers[1]) == kept


async def file_of(database: Database, person: str) -> PersonTable:
    async with database.read() as session:
        found = await session.get(PersonTable, person)
        assert found is not None
        return found


async def test_a_file_shows_nobody_what_is_hidden_from_them(
    signed_in: Any, open_case: Any, database: Database
) -> None:
    bureau = await signed_in("ju", Role.BUREAU)
    shown = await open_case("mediation", "陈某", "13700001111", place="qingshi")
    secret = await open_case("special_group", "陈某", "13700001111", place="qingshi")
    for number in (shown, secret):
        file = await person_of(database, shown)
        await bureau.post("/persons", {"case": number, "person": file or ""})
    file = await person_of(database, shown)
    assert secret in (await bureau.get(f"/persons/{file}")).text
    leader = await signed_in("ban", Role.SUPERVISOR)
    page = (await leader.get(f"/persons/{file}")).text
    assert shown in page
    assert secret not in page
    assert "帮教" not in page
    assert "1 件" not in (await leader.get(f"/cases/{shown}")).text
    lawyer = await signed_in("lv", Role.LAWYER, agent_id="wang")
    assert (await lawyer.get(f"/persons/{file}")).status == 404


async def test_a_request_to_erase_spares_what_the_law_keeps(
    signed_in: Any, open_case: Any, database: Database
) -> None:
    bureau = await signed_in("ju", Role.BUREAU)
    over = await open_case("mediation", "孙某", "13611112222")
    await bureau.post("/persons", {"case": over})
    file = str(await person_of(database, over))
    running = await open_case("mediation", "孙某", "13611112222")
    async with database.write() as session:
        row = await session.scalar(select(Case).where(Case.number == over))
        assert row is not None
        row.state, row.closed_at = "declined", row.opened_at
        told = {"key": "n1", "recipient": "person:wang", "words": "孙某与邻居的纠纷"}
        session.add(StaffNoticeTable(case_id=row.id, at=row.opened_at, **told))
    form = {"caller_name": "孙某", "phone": "13611112222", "kind": "delete", "submission": "s"}
    answer = await bureau.post("/cases/new/personal_data", form)
    asked = answer.to.rsplit("/", 1)[1]
    assert (await bureau.get(f"/persons/erase/{asked}")).status == 409
    await bureau.post(f"/cases/{asked}/acts/identify", {"identity_checked": "true"})
    page = (await bureau.get(f"/persons/erase/{asked}")).text
    assert "正在办理，依法保存" in page
    both = {"case": running, "confirmed": "1"}
    assert (await bureau.post(f"/persons/erase/{asked}", both)).status == 409
    gone = await bureau.post(f"/persons/erase/{asked}", {"case": over, "confirmed": "1"})
    assert gone.to == f"/cases/{asked}"
    async with database.read() as session:
        row = await session.scalar(select(Case).where(Case.number == over))
        assert row is not None
        assert (row.caller_name, row.caller_number, row.data.get("caller_name")) == (None,) * 3
        assert await session.get(PersonTable, file) is None, "a file without cases is a name kept"
        words = list(await session.scalars(select(StaffNoticeTable.words)))
    assert words == ["（已删除）"]
    shown = (await bureau.post(f"/cases/{over}/reveal")).text
    assert "孙某" not in shown
    assert "删除个人信息" in shown
    done = await bureau.post(f"/cases/{asked}/acts/fulfil", {"done": "已删除一件，一件在办"})
    assert done.to == f"/cases/{asked}"


async def test_a_wrong_datum_is_corrected_and_does_not_live_on(
    signed_in: Any, open_case: Any
) -> None:
    bureau = await signed_in("ju", Role.BUREAU)
    number = await open_case("mediation", "李四", "13611112222")
    path = f"/cases/{number}/acts/correct_personal"
    assert "更正个人信息" in (await bureau.get(path)).text
    new = {"caller_name": "李思", "phone": "13611113333"}
    assert (await bureau.post(path, new)).status == 422
    assert (await bureau.post(path, {**new, "note": "个人信息请求 2611248100012"})).status == 303
    shown = (await bureau.post(f"/cases/{number}/reveal")).text
    assert "李思" in shown
    assert "13611113333" in shown
    assert "李四" not in shown
    station = await signed_in("zhan", Role.STATION)
    assert (await station.get(path)).status in {403, 404}
