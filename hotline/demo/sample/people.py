"""The people and places of the made-up county."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from agents.tables import AgentTable, OrganisationKind, OrganisationTable, PresenceTable
from hotline.routing.people import AgentKind, Presence
from hotline.web.accounts import NewUser
from hotline.web.permissions import Role

DISTRICT = "district"

TOWNSHIPS = {
    "chengguan": "城关镇公共法律服务站",
    "qingshi": "青石镇公共法律服务站",
    "liuhe": "柳河镇公共法律服务站",
    "baiyun": "白云街道公共法律服务站",
    "sanchahe": "三岔河民族乡公共法律服务站（含三岔河林场代办点）",
    "dongwan": "东湾镇公共法律服务站",
}


@dataclass(frozen=True)
class Lawyer:
    """One lawyer and what they are doing at the picture's moment."""

    id: str
    staff_no: str
    name: str
    skills: dict[str, int]
    state: Presence
    minutes: float
    reason: str = ""
    reachable: bool = True


LAWYERS = (
    Lawyer("wang", "101", "王晓梅", {"wages": 3, "labour_contract": 3}, Presence.BUSY, 4.2),
    Lawyer("li", "102", "李建国", {"marriage": 3, "inheritance": 3}, Presence.BUSY, 11.6),
    Lawyer("chen", "103", "陈静", {"lending": 3, "sales": 2, "consumer": 2}, Presence.READY, 0.6),
    Lawyer("zhao", "104", "赵志强", {"traffic": 3, "injury": 3}, Presence.WRAPUP, 1.1),
    Lawyer("liu", "105", "刘洋", {"lease": 3, "property": 3}, Presence.BUSY, 2.8),
    Lawyer("sun", "106", "孙丽", {"work_injury": 3, "wages": 2}, Presence.PAUSED, 7.3, "就餐"),
    Lawyer(
        "abdu", "107", "阿卜杜热合曼·买买提江", {"marriage": 2, "criminal": 2}, Presence.READY, 3.4
    ),
    Lawyer("ouyang", "108", "欧阳明慧", {"administrative": 3}, Presence.BUSY, 4.2),
    Lawyer("he", "109", "何军", {"criminal": 3}, Presence.READY, 0.2, reachable=False),
    Lawyer("guo", "110", "郭婷婷", {"consumer": 3}, Presence.OFFLINE, 300),
)

STATIONS = (
    Lawyer("qingshi", "201", "青石镇站", {"neighbour": 2}, Presence.READY, 42),
    Lawyer("liuhe", "202", "柳河镇站", {"neighbour": 2}, Presence.BUSY, 6.1),
    Lawyer("sanchahe", "203", "三岔河民族乡站", {"neighbour": 2}, Presence.OFFLINE, 900),
)

USERS = (
    NewUser("banzhang", "林秀英", frozenset({Role.SUPERVISOR, Role.BUREAU, Role.ADMIN})),
    NewUser("wang", "王晓梅", frozenset({Role.LAWYER}), agent_id="wang"),
    NewUser("chen", "陈静", frozenset({Role.LAWYER}), agent_id="chen"),
    NewUser("abdu", "阿卜杜热合曼·买买提江", frozenset({Role.LAWYER}), agent_id="abdu"),
    NewUser("ouyang", "欧阳明慧", frozenset({Role.LAWYER}), agent_id="ouyang"),
    NewUser("zhao", "赵志强", frozenset({Role.LAWYER}), agent_id="zhao"),
    NewUser("zhijian", "黄文博", frozenset({Role.REVIEWER})),
    NewUser("zhijian2", "沈雨桐", frozenset({Role.REVIEWER})),
    NewUser("qingshi", "周明", frozenset({Role.STATION}), "qingshi", "qingshi"),
    NewUser("guanli", "系统管理员", frozenset({Role.ADMIN})),
)


async def settle(session: AsyncSession, now: datetime) -> None:
    """Put places, lawyers and stations into the database."""
    root = OrganisationTable(
        kind=OrganisationKind.DISTRICT, code=DISTRICT, name="示范县公共法律服务中心"
    )
    session.add(root)
    await session.flush()
    ids = {DISTRICT: root.id}
    for code, name in TOWNSHIPS.items():
        place = OrganisationTable(
            parent_id=root.id, kind=OrganisationKind.TOWNSHIP, code=code, name=name
        )
        session.add(place)
        await session.flush()
        ids[code] = place.id
    for kind, people in ((AgentKind.LAWYER, LAWYERS), (AgentKind.STATION, STATIONS)):
        for person in people:
            session.add(
                AgentTable(
                    id=person.id,
                    staff_no=person.staff_no,
                    name=person.name,
                    kind=kind,
                    organisation_id=ids.get(person.id, root.id),
                    skills=person.skills,
                    languages=["zh"],
                    endpoint=f"PJSIP/{person.id}",
                )
            )
            await session.flush()
            session.add(
                PresenceTable(
                    agent_id=person.id,
                    state=person.state,
                    reason=person.reason,
                    since=now - timedelta(minutes=person.minutes),
                    reachable=person.reachable,
                    reachable_since=now - timedelta(hours=31 if person.reachable else 2),
                )
            )
