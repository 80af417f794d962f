"""What lies with the made-up county's stations: dispatched tickets, missed offers, hours."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from agents.tables import OrganisationTable
from hotline.casework import Actor, Case
from hotline.demo.sample import people
from hotline.routing.tables import OfferOutcome, OfferTable
from hotline.tickets import shipped
from hotline.web.permissions import Role

SUPERVISOR = Actor("banzhang", frozenset({Role.SUPERVISOR.value}), name="林秀英")
STATION = Actor("qingshi", frozenset({Role.STATION.value}), "qingshi", name="青石镇站")
_MATTERS = (
    (
        "宅基地相邻通道被堵，村里调解未果",
        "请司法所组织双方现场调解，恢复通行",
        ("sign", "start_work"),
    ),
    ("外出务工三年，责任田被邻居占种", "要求返还承包地", ("sign",)),
    ("父亲遗嘱真伪有争议，姐弟三人不和", "请先行调解", ()),
    (
        "养殖场排污影响水井，二十多户村民反映多次没有结果，要求赔偿并停止排放",
        "请会同有关部门查看现场",
        (),
    ),
)
_HOURS = ["08:30-12:00", "14:30-17:30"]


async def fill(session: AsyncSession, now: datetime) -> None:
    """Dispatch some of the day's tickets to a station; let it miss a few calls."""
    desk = shipped().desk
    cases = await session.scalars(
        select(Case)
        .where(Case.service == "ticket", Case.state == "answered", Case.title.is_(None))
        .order_by(Case.id.desc())
        .limit(len(_MATTERS))
    )
    for number, (case, (title, demand, acts)) in enumerate(zip(cases, _MATTERS, strict=False)):
        given = {"title": title, "demand": demand, "organisation_id": "qingshi"}
        at = now - timedelta(hours=2 + 7 * number)
        await desk.act(session, case.id, "dispatch", given, actor=SUPERVISOR, now=at)
        for step, action in enumerate(acts, 1):
            later = at + timedelta(minutes=25 * step)
            await desk.act(session, case.id, action, actor=STATION, now=later)
    for code in people.TOWNSHIPS:
        place = await session.scalar(
            select(OrganisationTable).where(OrganisationTable.code == code)
        )
        if place is not None:
            place.hours = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), _HOURS)
    for number, outcome in enumerate((OfferOutcome.MISSED, OfferOutcome.REFUSED)):
        made = now - timedelta(hours=20 + 3 * number)
        session.add(
            OfferTable(
                id=f"missed-{number}",
                call_id=f"gone-{number}",
                agent_id="qingshi",
                made_at=made,
                ended_at=made + timedelta(seconds=15),
                outcome=outcome,
                reason_code="station",
                words="来电人选了乡镇服务站",
                detail={},
            )
        )
