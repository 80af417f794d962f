"""A person's own view of what is held: number, code and telephone together, and nothing without."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from hotline.casework import SYSTEM_ACTOR, Case
from hotline.clock import ManualClock
from hotline.public import own
from hotline.public.face import Face
from hotline.store import Database, Outbox

PHONE = "13900001111"


async def opened(face: Face, database: Database, clock: ManualClock, **facets: Any) -> Case:
    given = {"caller_name": "张小兰", "title": facets.pop("title", "拖欠工资")}
    async with database.write() as session:
        return await face.desk.open(
            session,
            facets.pop("service", "legal_aid"),
            given,
            actor=SYSTEM_ACTOR,
            now=clock.now(),
            facets={"caller_number": PHONE, **facets},
            complete=False,
        )


async def sent_code(database: Database) -> str:
    async with database.read() as session:
        row = await session.scalar(
            select(Outbox).where(Outbox.topic == own.TOPIC).order_by(Outbox.id.desc())
        )
    assert row is not None
    return str(row.payload["text"])


async def entered(visitor: Any, face: Face, case: Case) -> Any:
    one = visitor()
    code = face.codes.code(case.number)
    await one.post("/public/follow", {"number": case.number, "code": code})
    return one


async def test_the_telephone_opens_what_is_held_and_a_copy(
    visitor: Any, face: Face, database: Database, clock: ManualClock
) -> None:
    case = await opened(face, database, clock)
    other = await opened(face, database, clock, service="mediation", title="邻里纠纷")
    secret = await opened(
        face, database, clock, service="mediation", title="家暴", confidential=True
    )
    stranger = await opened(face, database, clock, caller_number="13700000000", title="别人的事")
    one = await entered(visitor, face, case)
    path = f"/public/cases/{case.number}/mine"
    assert "发送验证码" in (await one.get(path)).text
    assert "139****1111" in (await one.get(path)).text
    assert "邻里纠纷" not in (await one.get(f"{path}.json")).text
    await one.post(f"{path}/code", {}, page=path)
    code = await sent_code(database)
    wrong = await one.post(path, {"own_code": "x"}, page=path)
    assert wrong.status == 422
    answer = await one.post(path, {"own_code": code}, page=path)
    assert answer.to == path
    page = (await one.get(path)).text
    assert other.number in page
    assert "邻里纠纷" in page
    assert secret.number not in page
    assert stranger.number not in page
    copied = json.loads((await one.get(f"{path}.json")).text)
    assert {held["number"] for held in copied["cases"]} == {case.number, other.number}
    await one.post("/public/leave", {}, page=path)
    assert (await one.get(path)).status == 404


async def test_a_code_is_old_after_ten_minutes_and_guessed_five_times_at_most(
    visitor: Any, face: Face, database: Database, clock: ManualClock
) -> None:
    case = await opened(face, database, clock)
    one = await entered(visitor, face, case)
    path = f"/public/cases/{case.number}/mine"
    await one.post(f"{path}/code", {}, page=path)
    assert (await one.post(f"{path}/code", {}, page=path)).status == 409
    for _ in range(own.TRIES):
        await one.post(path, {"own_code": "000000x"}, page=path)
    code = await sent_code(database)
    assert "已失效" in (await one.post(path, {"own_code": code}, page=path)).text
    clock.advance(own.AGAIN.total_seconds() + 1)
    await one.post(f"{path}/code", {}, page=path)
    fresh = await sent_code(database)
    clock.advance((own.VALID + timedelta(seconds=1)).total_seconds())
    assert "已失效" in (await one.post(path, {"own_code": fresh}, page=path)).text


async def test_nobody_is_sent_a_code_on_a_confidential_matter(
    visitor: Any, face: Face, database: Database, clock: ManualClock
) -> None:
    case = await opened(face, database, clock, confidential=True)
    one = await entered(visitor, face, case)
    path = f"/public/cases/{case.number}/mine"
    assert "发送验证码" not in (await one.get(path)).text
    assert (await one.post(f"{path}/code", {}, page="/public/follow")).status == 409
    assert (await visitor().get(path)).status == 404
