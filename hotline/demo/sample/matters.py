"""Matters of the public in the made-up county: legal aid, mediation, appointments, visits."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from agents.persons import files
from hotline.casework import Actor, Case
from hotline.demo.sample.walking import APPLICANT, BUREAU, STATION, Done, walk
from hotline.demo.sample.walking import person as person_of


async def matters(session: AsyncSession, now: datetime) -> None:
    """Open matters of the public, each some way along."""
    wang = person_of("wang")
    await walk(
        session,
        "legal_aid",
        {
            "caller_name": "张建军",
            "phone": "13812345678",
            "id_number": "11010519491231002X",
            "way": "application",
            "matter": "labour_arbitration",
            "title": "建筑工地拖欠工资 4.2 万元，包工头失联",
            "details": "2026 年 3 月至 8 月在柳河安置房工地做木工，工资分文未付。",
            "means": "exempt",
            "exempt_ground": "migrant_wages",
            "place": "liuhe",
        },
        now - timedelta(days=9),
        [
            Done(STATION, "apply", timedelta(hours=1)),
            Done(BUREAU, "grant", timedelta(days=3)),
            Done(
                BUREAU,
                "assign",
                timedelta(days=1),
                {"assignee_id": "wang", "lawyer_kind": "lawyer", "lawyer_years": "9"},
            ),
            Done(wang, "report", timedelta(days=2), note="已提交劳动仲裁申请，12 月 8 日开庭。"),
        ],
        by=STATION,
    )
    neighbour = {
        "caller_name": "刘桂芳",
        "phone": "13900001111",
        "other_party": "赵大勇",
        "kind": "neighbour",
        "title": "邻居建房滴水侵入院墙",
        "details": "对方屋檐伸出约 60 厘米，雨水直接落进院内。",
        "place": "qingshi-1",
        "organisation_id": "qingshi",
    }
    await walk(session, "mediation", neighbour, now - timedelta(days=3), [], by=STATION)
    for number, (at, title) in enumerate(
        (
            ("09:00", "父母留下的老屋怎样分"),
            ("09:30", "离婚后探望孩子受阻"),
            ("14:30", "担保责任到期了吗"),
        )
    ):
        given = {
            "caller_name": ("何秀兰", "邓小军", "杨帆")[number],
            "title": title,
            "place": "chengguan",
        }
        moment = f"{now + timedelta(days=1):%Y-%m-%d}T{at}"
        booked = Done(BUREAU, "book", given={"appointment_at": moment, "assignee_id": "wang"})
        await walk(
            session, "lawyer_appointment", given, now - timedelta(hours=20), [booked], by=BUREAU
        )
    chosen = {
        "appointment_at": f"{now + timedelta(days=1):%Y-%m-%d}T15:00",
        "organisation_id": "district",
    }
    await walk(
        session,
        "lawyer_appointment",
        {"caller_name": "谢小梅", "phone": "13500003333", "title": "押金不退怎么办"},
        now - timedelta(hours=5),
        [Done(APPLICANT, "choose_time", given=chosen)],
        by=APPLICANT,
    )
    waiting = {
        "caller_name": "罗建平",
        "title": "宅基地能不能卖给城里人",
        "wanted_at": f"{now:%Y-%m-%d}T16:00",
    }
    await walk(session, "lawyer_appointment", waiting, now - timedelta(days=2), [], by=BUREAU)
    will = {
        "caller_name": "王德贵",
        "phone": "13700002222",
        "kind": "will",
        "title": "立遗嘱，行动不便需上门",
    }
    at_home = {
        "appointment_at": f"{now + timedelta(days=2):%Y-%m-%d}T10:00",
        "organisation_id": "gongzheng",
    }
    await walk(
        session,
        "notary",
        will | {"need_visit": True},
        now - timedelta(hours=30),
        [Done(BUREAU, "book", given=at_home)],
        by=BUREAU,
    )
    question = {"caller_name": "上湾村村委会", "asked_by": "committee", "place": "qingshi-1"}
    await walk(
        session,
        "village_adviser",
        question | {"title": "鱼塘承包合同到期，原承包人不肯交还"},
        now - timedelta(hours=22),
        [Done(STATION, "assign", given={"assignee_id": "wang"})],
        by=STATION,
    )
    checked = {
        "caller_name": "青龙村村民委员会",
        "kind": "village",
        "place": "qingshi-4",
        "title": "集体资产合同",
    }
    await walk(
        session,
        "law_checkup",
        checked,
        now - timedelta(days=12),
        [
            Done(
                STATION,
                "plan",
                given={"assignee_id": "wang", "planned_on": f"{now - timedelta(days=8):%Y-%m-%d}"},
            ),
            Done(wang, "check", timedelta(days=4), {"checked": ["contracts", "rules", "land"]}),
            Done(
                wang,
                "report",
                given={
                    "findings": "三份合同未写违约责任（民法典 577）\n村规民约有罚款条款，无依据",
                    "risk": "medium",
                    "advice": "补签补充协议；修改村规民约并报备",
                    "rectify_by": f"{now + timedelta(days=2):%Y-%m-%d}",
                },
            ),
        ],
        by=STATION,
    )
    officer = Actor("banzhang", frozenset({"bureau"}))
    person = {
        "caller_name": "周某某",
        "kind": "released",
        "place": "qingshi",
        "ends_on": "2027-06-30",
    }
    plan = {"assignee_id": "banzhang", "plan": "每月走访一次，协助就业。", "volunteer": "吴芳"}
    await walk(
        session,
        "special_group",
        person,
        now - timedelta(days=40),
        [Done(officer, "plan", given=plan | {"next_visit": f"{now - timedelta(days=3):%Y-%m-%d}"})],
        by=officer,
    )
    await walk(
        session,
        "personal_data",
        {
            "caller_name": "李明",
            "phone": "13612340000",
            "kind": "delete",
            "details": "请删除我三年前的来电记录。",
        },
        now - timedelta(days=6),
        [],
        by=BUREAU,
    )
    await _persons(session, now)


async def _persons(session: AsyncSession, now: datetime) -> None:
    """One telephone, three matters, two files: is it one person?"""
    again = {"caller_name": "张建军", "phone": "13812345678", "other_party": "包工头刘某"}
    await walk(
        session,
        "mediation",
        again | {"kind": "labour", "title": "工资先行调解", "place": "liuhe"},
        now - timedelta(days=20),
        [],
        by=STATION,
    )
    wife = {"caller_name": "李秀兰", "phone": "13812345678", "title": "婚前房产怎么约定"}
    await walk(session, "lawyer_appointment", wife, now - timedelta(days=30), [], by=BUREAU)
    for service in ("legal_aid", "mediation"):
        case = await session.scalar(
            select(Case).where(Case.caller_number == "13812345678", Case.service == service)
        )
        if case is not None:
            await files.begin(session, case, by="banzhang", now=now - timedelta(days=2))
