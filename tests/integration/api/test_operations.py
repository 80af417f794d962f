"""Operations of the open API: who may, what is taken, what programs are told."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import select
from yarl import URL

from hotline.api import keys
from hotline.api.tables import ApiAuditTable, ApiKeyTable
from hotline.casework import Case
from hotline.casework.windows import Window, open_window
from hotline.clock import ManualClock
from hotline.public.face import Face
from hotline.store import Database
from hotline.tickets.birth import CallFacts, open_tickets

GOOD = {
    "service": "legal_aid",
    "submission": "portal-00000001",
    "values": {
        "caller_name": "张小兰",
        "phone": "13900001111",
        "matter": "civil",
        "title": "工地拖欠工资",
    },
}


async def cases(database: Database) -> list[Case]:
    async with database.read() as session:
        return list(await session.scalars(select(Case)))


async def test_the_catalogue_needs_no_key_and_tells_each_form(program: Any) -> None:
    one = await program()
    listed = (await one.call("GET", "/services")).body["services"]
    codes = {service["code"] for service in listed}
    assert {"legal_aid", "mediation", "notary", "ticket"} <= codes
    assert "self_inspection" not in codes
    assert (await one.call("GET", "/services/special_group")).body["fields"] == []
    aid = (await one.call("GET", "/services/legal_aid")).body
    fields = {field["name"]: field for field in aid["fields"]}
    assert fields["matter"]["required"] is True
    assert fields["matter"]["options"]["civil"] == "民事代理"
    assert "assignee_id" not in fields


async def test_stations_and_cards_are_public(program: Any) -> None:
    one = await program()
    stations = (await one.call("GET", "/stations")).body["stations"]
    assert stations[1]["parent"] == "district"
    cards = (await one.call("GET", "/cards", params={"q": "老板拖欠工资"})).body["cards"]
    assert "wages" in {card["topic"] for card in cards}
    assert (await one.call("GET", "/cards/divorce")).body["points"]


async def test_an_application_makes_one_case_however_often_it_is_sent(
    program: Any, database: Database, face: Face
) -> None:
    portal = await program("cases.submit")
    first = await portal.call("POST", "/cases", GOOD)
    second = await portal.call("POST", "/cases", GOOD)
    assert first.status == 200, first.body
    assert first.body == second.body
    (case,) = await cases(database)
    assert first.body["number"] == case.number
    assert first.body["code"] == face.codes.code(case.number)
    seen = await (await program()).call(
        "POST", "/cases/progress", {"number": case.number, "code": first.body["code"]}
    )
    assert seen.body["state"] == "已登记"
    assert "张小兰" not in str(seen.body)


async def test_a_portal_takes_a_free_time_along_with_the_application(
    program: Any, database: Database, face: Face, clock: ManualClock
) -> None:
    service = face.desk.services.get("lawyer_appointment")
    async with database.write() as session:
        window = Window("qingshi", {"wed": ["09:00-10:00"]})
        await open_window(session, service, window, by="zhan", now=clock.now())
    portal = await program("cases.submit")
    times = (await portal.call("GET", "/services/lawyer_appointment/times")).body
    (place,) = times["places"]
    assert place["name"] == "青石镇公共法律服务站"
    first, second, *_ = place["times"]
    wanted = {
        "service": "lawyer_appointment",
        "submission": "portal-00000009",
        "values": {"caller_name": "张小兰", "title": "押金不退"},
        "appointment": {"place": "qingshi", "at": first},
    }
    made = await portal.call("POST", "/cases", wanted)
    assert made.status == 200, made.body
    again = await portal.call("POST", "/cases", wanted)
    assert again.body == made.body
    looked = {name: made.body[name] for name in ("number", "code")}
    held = (await portal.call("POST", "/cases/progress", looked)).body["appointment"]
    assert held == {"at": first, "place": "qingshi"}
    other = wanted | {"submission": "portal-00000010"}
    refused = await portal.call("POST", "/cases", other)
    assert refused.status == 422
    assert set(refused.body["errors"]) == {"appointment"}
    nowhen = other | {"appointment": {"place": "qingshi", "at": "2026-19-39T29:00"}}
    assert (await portal.call("POST", "/cases", nowhen)).status == 422
    left = (await portal.call("GET", "/services/lawyer_appointment/times")).body
    assert left["places"][0]["times"][0] == second
    assert len(await cases(database)) == 1


async def test_a_service_without_windows_offers_no_times(program: Any) -> None:
    one = await program()
    assert (await one.call("GET", "/services/legal_aid/times")).body == {
        "minutes": 0,
        "places": [],
    }
    assert (await one.call("GET", "/services/special_group/times")).status == 403


async def test_another_keys_same_mark_is_another_application(
    program: Any, database: Database
) -> None:
    for _ in range(2):
        answer = await (await program("cases.submit")).call("POST", "/cases", GOOD)
        assert answer.status == 200
    assert len(await cases(database)) == 2


async def test_a_form_that_is_wrong_is_told_field_by_field(
    program: Any, database: Database
) -> None:
    portal = await program("cases.submit")
    wrong = GOOD | {"values": {"phone": "abc", "matter": "wedding", "grade": "fail"}}
    answer = await portal.call("POST", "/cases", wrong)
    assert answer.status == 422
    assert answer.body["error_id"] == "invalid-input"
    assert set(answer.body["errors"]) == {"caller_name", "title", "matter", "grade", "phone"}
    assert await cases(database) == []


async def test_who_has_no_key_or_a_wrong_one_or_a_revoked_one_is_refused_alike(
    program: Any, database: Database, clock: ManualClock
) -> None:
    portal = await program("cases.submit")
    stranger = await program()
    guessed = await program()
    guessed.key = f"hk_{portal.key.split('_')[1]}_{'a' * 32}"
    answers = [await one.call("POST", "/cases", GOOD) for one in (stranger, guessed)]
    async with database.write() as session:
        await keys.revoke(session, portal.key.split("_")[1], clock.now())
    answers.append(await portal.call("POST", "/cases", GOOD))
    for answer in answers:
        assert answer.status == 401
        assert answer.body["error_id"] == "key-required"
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


async def test_a_key_opens_only_what_it_is_for(program: Any) -> None:
    portal = await program("cases.submit")
    period = {"since": "2026-11-01", "until": "2026-11-30"}
    refused = await portal.call("GET", "/statistics", params=period)
    assert refused.status == 403
    assert "statistics.read" in refused.body["message"]


async def test_a_secret_is_not_kept(program: Any, database: Database) -> None:
    portal = await program("cases.submit")
    async with database.read() as session:
        (row,) = await session.scalars(select(ApiKeyTable))
    assert portal.key.split("_", 2)[2] not in str(vars(row))


async def test_a_key_has_its_own_rate(program: Any) -> None:
    portal = await program("statistics.read", per_minute=3)
    period = {"since": "2026-11-01", "until": "2026-11-30"}
    answers = [await portal.call("GET", "/statistics", params=period) for _ in range(4)]
    assert [a.status for a in answers] == [200, 200, 200, 429]
    assert answers[-1].body["error_id"] == "too-many"
    assert int(answers[-1].headers["Retry-After"]) > 0


async def test_statistics_count_without_persons(
    program: Any, database: Database, face: Face, clock: ManualClock
) -> None:
    async with database.write() as session:
        facts = CallFacts("call-1", "13900001111", clock.now())
        await open_tickets(face.desk, session, [facts], clock.now())
    bureau = await program("statistics.read")
    period = {"since": "2026-11-24", "until": "2026-11-24"}
    answer = await bureau.call("GET", "/statistics", params=period)
    assert answer.body["cases"] == {"ticket": 1}
    assert answer.body["satisfaction"] == {"numerator": 0, "denominator": 0, "value": None}
    backwards = {"since": "2026-11-24", "until": "2026-11-23"}
    assert (await bureau.call("GET", "/statistics", params=backwards)).status == 422


@pytest.mark.each_database
async def test_guessing_codes_is_stopped(program: Any, face: Face) -> None:
    one = await program()
    right = face.codes.code("2611242099999")
    wrong = f"{(int(right) + 1) % 10**6:06}"
    asked = {"number": "2611242099999", "code": wrong}
    answers = [await one.call("POST", "/cases/progress", asked) for _ in range(6)]
    assert [a.status for a in answers] == [404] * 5 + [429]
    assert answers[0].body["error_id"] == "number-or-code"


async def test_every_change_is_on_record(program: Any, database: Database) -> None:
    portal = await program("cases.submit")
    made = await portal.call("POST", "/cases", GOOD)
    await portal.call("POST", "/cases", GOOD | {"service": "nothing"})
    async with database.read() as session:
        rows = list(await session.scalars(select(ApiAuditTable).order_by(ApiAuditTable.id)))
    assert [(r.operation, r.status, r.error_id) for r in rows] == [
        ("apply", 200, None),
        ("apply", 404, "not-found"),
    ]
    assert rows[0].subject == made.body["number"]
    assert rows[0].key_id == portal.key.split("_")[1]


@pytest.mark.parametrize(
    ("method", "path", "status", "error_id"),
    [
        ("GET", "/nothing", 404, "not-found"),
        ("PUT", "/services", 405, "method"),
        ("DELETE", "/cases", 405, "method"),
        ("GET", "/services/NOTHING", 404, "not-found"),
    ],
)
async def test_where_nothing_is_programs_are_told_so_in_their_own_way(
    program: Any, method: str, path: str, status: int, error_id: str
) -> None:
    answer = await (await program()).call(method, path)
    assert (answer.status, answer.body["error_id"]) == (status, error_id)
    if status == 405:
        assert answer.headers["Allow"]


async def test_what_is_no_json_is_refused(program: Any) -> None:
    portal = await program("cases.submit")
    url, headers = "/cases", {"Content-Type": "text/plain"}
    assert (await portal.call("POST", url, {"a": 1}, headers=headers)).status == 415
    async with portal.session.post(
        portal.server.make_url("/api/v1/cases"),
        data=b"{not json",
        headers={"Content-Type": "application/json", "Authorization": f"Bearer {portal.key}"},
    ) as response:
        assert response.status == 400
        assert (await response.json(content_type=None))["error_id"] == "unreadable"


async def test_the_description_and_its_page_are_served(program: Any) -> None:
    one = await program()
    described = (await one.call("GET", "/openapi.json")).body
    assert described["openapi"] == "3.1.0"
    assert "/api/v1/exchange/tickets" in described["paths"]
    async with one.session.get(one.server.make_url("/api/v1/docs")) as response:
        page = await response.text()
    assert response.status == 200
    for words in ("提交申请", "交来工单", "webhook-signature"):
        assert words in page
    assert "http://" not in page
    assert "https://" not in page


async def test_an_address_that_no_route_knows_is_told_in_json(server: TestServer) -> None:
    address = URL("/api/v1/exchange/tickets/%0A%09", encoded=True)
    async with TestClient(server) as client:
        answer = await client.get(address)
        assert answer.status == 404
        assert answer.content_type == "application/problem+json"
        assert (await answer.json())["error_id"] == "http-404"
