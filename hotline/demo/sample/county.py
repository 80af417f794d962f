"""The made-up county's places: villages, staff, institutions, and what stands in their windows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from agents.places.tables import PlaceDetailTable, PlaceStaffTable
from agents.tables import OrganisationKind, OrganisationTable
from hotline.casework.windows import Window, open_window
from hotline.tickets import shipped

VILLAGES: Mapping[str, Sequence[str]] = {
    "chengguan": ("东街社区", "西街社区", "南门社区", "文庙社区"),
    "qingshi": ("上湾村", "下湾村", "石板坡村", "青龙村", "双河口村"),
    "liuhe": ("柳河村", "杨家坝村", "新桥村"),
    "baiyun": ("白云社区", "翠湖社区", "幸福里社区"),
    "sanchahe": ("三岔河村", "林场村", "云顶苗寨村"),
    "dongwan": ("东湾村", "码头村", "沙坪村"),
}
INSTITUTIONS = {"gongzheng": "示范县公证处", "jianding": "正源司法鉴定所"}
_STAFF = ("周明", "吴芳", "郑强", "钱慧", "孙国庆", "何丽娟", "谭志刚")
WINDOWS = (
    ("lawyer_appointment", "district", ("09:00-11:30", "14:30-17:00")),
    ("lawyer_appointment", "chengguan", ("09:00-11:30",)),
    ("lawyer_appointment", "qingshi", ("14:30-16:30",)),
    ("notary", "gongzheng", ("09:00-11:00", "14:30-16:30")),
    ("forensic", "jianding", ("09:00-12:00",)),
    ("remote_visit", "district", ("09:00-11:00",)),
)


async def settle(session: AsyncSession, now: datetime) -> None:
    """Put villages, staff and institutions into the county's tree."""
    rows = {r.code: r for r in await session.scalars(select(OrganisationTable))}
    root = rows["district"]
    root.phone = "0830-12348"
    for number, name in enumerate(_STAFF[:6]):
        duty = ("主任", "法律援助", "人民调解", "公证协办", "咨询", "档案")[number]
        _works(session, root, name, duty)
    session.add(
        PlaceDetailTable(
            organisation_id=root.id,
            address="城关镇人民路 12 号政务中心一楼",
            windows=["1 号 综合接待", "2 号 法律援助", "3 号 人民调解", "4 号 公证与司法鉴定"],
        )
    )
    for place, (code, villages) in enumerate(VILLAGES.items()):
        town = rows[code]
        town.phone = f"0830-62{place}1100" if code != "sanchahe" else ""
        for number in range(4 if place % 3 else 3 if place else 5):
            if code == "dongwan" and number > 1:
                break
            _works(
                session, town, _STAFF[(place + number) % 7], ("站长", "调解员", "接待")[number % 3]
            )
        for number, name in enumerate(villages):
            room = OrganisationTable(
                parent_id=town.id,
                kind=OrganisationKind.VILLAGE,
                code=f"{code}-{number + 1}",
                name=f"{name}公共法律服务室",
                phone=f"0830-62{place}{number}201" if (place + number) % 5 else "",
            )
            session.add(room)
            await session.flush()
            for person in range(3 if (place + number) % 4 else 2):
                _works(session, room, _STAFF[(number + person) % 7], "联络员")
    for code, name in INSTITUTIONS.items():
        session.add(
            OrganisationTable(
                parent_id=root.id, kind=OrganisationKind.INSTITUTION, code=code, name=name
            )
        )
    await session.flush()
    await _windows(session, now)


async def _windows(session: AsyncSession, now: datetime) -> None:
    """Open times that applicants take themselves."""
    services = shipped().desk.services
    for service, place, hours in WINDOWS:
        window = Window(place, dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), hours))
        await open_window(session, services.get(service), window, by="banzhang", now=now)


def _works(session: AsyncSession, place: OrganisationTable, name: str, duty: str) -> None:
    session.add(
        PlaceStaffTable(
            organisation_id=place.id,
            name=name,
            duty=duty,
            engagement="full_time" if duty != "联络员" else "part_time",
        )
    )
