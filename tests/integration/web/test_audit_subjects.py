"""The pages of accounts and of the audit call people, places and things by their names."""

from __future__ import annotations

import ast
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from agents.cases.routes import section as cases_section
from agents.persons.routes import section as persons_section
from agents.persons.tables import PersonTable
from agents.rota.routes import section as rota_section
from agents.rota.tables import ShiftTable
from agents.routes import section as agents_section
from hotline.store import Database
from hotline.tickets import shipped
from hotline.tickets.birth import CallFacts
from hotline.web.context import AUDIT
from hotline.web.permissions import Role
from hotline.web.section import Section
from hotline.web.subjects import SUBJECT_WORDS

NOW = datetime(2026, 11, 24, 1, tzinfo=UTC)


@pytest.fixture
def sections() -> list[Section]:
    return [agents_section, rota_section, persons_section, cases_section]


def cells(page: str, label: str) -> str:
    """Return what stands in a table's cells of one column, without marks."""
    found = re.findall(rf'<td[^>]*data-label="{label}"[^>]*>(.*?)</td>', page, re.DOTALL)
    return "|".join(" ".join(re.sub(r"<[^>]+>", " ", one).split()) for one in found)


async def test_accounts_stand_with_the_names_of_their_place_and_seat(
    signed_in: Any, add_user: Any, county: None
) -> None:
    boss = await signed_in("boss", Role.ADMIN)
    await add_user("zhou", Role.STATION, organisation="qingshi")
    await add_user("xiaomei", Role.LAWYER, agent_id="wang")
    page = (await boss.get("/users")).text
    assert "青石镇站 qingshi" in cells(page, "机构")
    assert "王晓梅 wang" in cells(page, "坐席")
    assert re.search(r'<option value="qingshi"[^>]*>青石镇站（qingshi）', page)
    assert re.search(r'<option value="wang"[^>]*>王晓梅（wang）', page)


async def test_the_audit_says_what_its_rows_are_about(
    app: web.Application, database: Database, signed_in: Any, county: None
) -> None:
    boss = await signed_in("boss", Role.ADMIN, name="赵管理")
    person = "p-00000000000000aa"
    async with database.write() as session:
        shift = ShiftTable(
            agent_id="wang",
            starts_at=NOW,
            ends_at=NOW + timedelta(hours=3),
            changed_at=NOW,
            changed_by="boss",
        )
        facts = [CallFacts("1795.7", "13812345678", NOW, topic="wages", place="qingshi", data={})]
        await shipped().open_for_calls(session, facts, NOW)
        session.add_all(
            [shift, PersonTable(id=person, name="欧阳小明", created_at=NOW, created_by="boss")]
        )
        await session.flush()
        for action, subject, key, more in (
            ("presence.force", "agent", "wang", {"reason": "去开庭"}),
            ("station.hours", "organisation", "qingshi", {}),
            ("caller.block", "number", "13812345678", {}),
            ("person.see", "person", person, {}),
            ("call.move", "call", "1795.7", {}),
            ("rota.change", "rota", str(shift.id), {}),
            ("rota.add", "rota", "wang", {}),
            ("alarm.seen", "alarm", "mass:wages", {"words": "30 分钟内 5 人为欠薪来电"}),
            ("user.disable", "user", "nobody", {}),
            ("booking.open", "service", "lawyer_appointment", {}),
        ):
            app[AUDIT].record(session, None, action, subject, key, address="", **more)
    page = (await boss.get("/audit")).text
    told = cells(page, "对象")
    assert "坐席 王晓梅 wang 原因：去开庭" in told
    assert "机构 青石镇站 qingshi" in told
    assert "号码 138****5678" in told
    assert "13812345678" not in page
    assert f"人员档案 欧阳** {person}" in told
    assert re.search(r"通话 工单 \d{10,} 1795\.7", told)
    assert "排班 王晓梅 11月24日（周二）09:00–12:00" in told
    assert "排班 王晓梅 wang" in told
    assert "告警 30 分钟内 5 人为欠薪来电" in told
    assert "账号 赵管理 boss" in told
    assert "账号 nobody" in told
    assert "服务 律师预约 lawyer_appointment" in told


def test_every_kind_of_subject_has_words() -> None:
    root, kinds = Path(__file__).parents[3], set()
    for package in ("agents", "hotline", "transcripts", "knowledge_base"):
        for file in (root / package).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_bytes())):
                if isinstance(node, ast.Call):
                    kinds |= _kind(node)
    assert len(kinds) > 10
    assert not kinds - set(SUBJECT_WORDS)


def _kind(call: ast.Call) -> set[str]:
    """Return the word after an act's, in what is handed to the audit."""
    name = getattr(call.func, "attr", "") or getattr(call.func, "id", "")
    words = [one.value if isinstance(one, ast.Constant) else None for one in call.args]
    place = {"on_record": 3, "record": 3, "look": 3, "look_from": 4}.get(name)
    if place is None or len(words) <= place or not isinstance(words[place], str):
        return set()
    return {words[place]}
