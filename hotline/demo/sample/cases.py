"""Cases of the made-up county: every service in the middle of its work, some of it late."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from agents.persons import files
from agents.places.tables import PlaceDetailTable, PlaceStaffTable
from agents.tables import OrganisationKind, OrganisationTable
from hotline.casework import Actor, Case
from hotline.tickets import shipped

BUREAU = Actor("banzhang", frozenset({"bureau"}), name="林秀英")
SECOND = Actor("zhoujing", frozenset({"bureau"}), name="周静")
STATION = Actor("qingshi", frozenset({"station"}), "qingshi", name="周明")
APPLICANT = Actor("applicant", is_applicant=True)

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


@dataclass(frozen=True)
class Done:
    """One act: by whom, what, how long after the one before."""

    by: Actor
    action: str
    after: timedelta = timedelta(hours=2)
    given: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""


def _person(code: str, *roles: str) -> Actor:
    return Actor(code, frozenset(roles or ("lawyer",)))


async def settle(session: AsyncSession, now: datetime) -> None:
    """Put villages, staff and institutions into the county's tree."""
    del now
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


def _works(session: AsyncSession, place: OrganisationTable, name: str, duty: str) -> None:
    session.add(
        PlaceStaffTable(
            organisation_id=place.id,
            name=name,
            duty=duty,
            engagement="full_time" if duty != "联络员" else "part_time",
        )
    )


async def go_on(session: AsyncSession, now: datetime) -> None:
    """Open cases and bring each some way along."""
    await _advisers(session, now)
    await _visits(session, now)
    await _matters(session, now)
    await _publicity(session, now)
    await _persons(session, now)


async def _advisers(session: AsyncSession, now: datetime) -> None:
    lawyers = {"wang": "王晓梅", "li": "李建国", "chen": "陈静", "ouyang": "欧阳明慧"}
    codes = [f"{town}-{n + 1}" for town, rooms in VILLAGES.items() for n in range(len(rooms))]
    for number, place in enumerate(codes):
        if number % 8 == 6:
            continue  # a gap
        code, name = list(lawyers.items())[number % len(lawyers)]
        ends = now + timedelta(days=20 if number == 3 else 200 + number)
        given = {
            "kind": "village",
            "place": place,
            "adviser_name": name,
            "assignee_id": code,
            "adviser_kind": "lawyer",
            "firm": "四川明理律师事务所" if number % 2 else "示范县法律服务所",
            "licence_until": f"{now + timedelta(days=190):%Y-%m-%d}",
            "contract_until": f"{ends:%Y-%m-%d}",
            "monthly_hours": "8",
        }
        acts = [Done(BUREAU, "confirm", timedelta(days=1))]
        if number % 5 == 0:
            acts.append(
                Done(
                    BUREAU,
                    "score",
                    timedelta(days=30),
                    {"scored_year": "2025", "score_given": "92"},
                )
            )
        await _walk(session, "adviser", given, now - timedelta(days=60), acts, by=STATION)


async def _visits(session: AsyncSession, now: datetime) -> None:
    for number, place in enumerate(("qingshi-1", "qingshi-2", "chengguan-1", "liuhe-1")):
        day = now - timedelta(days=14 - 2 * number)
        lawyer = _person("wang" if number % 2 else "chen")
        given = {"place": place, "assignee_id": lawyer.id, "planned_on": f"{day:%Y-%m-%d}"}
        record = {
            "hours": f"{3 + number / 2}",
            "work": ["consult", "lecture"],
            "record": "解答咨询。",
        }
        acts = [
            Done(lawyer, "arrive", timedelta(days=5), {"visited_on": f"{day:%Y-%m-%d}"}),
            Done(lawyer, "record", given={**record, "served": str(20 + 8 * number)}),
        ]
        if number < 3:
            acts.append(Done(STATION, "verify", given={"adviser_kind": "lawyer"}))
        await _walk(session, "village_visit", given, day - timedelta(days=5), acts, by=STATION)


async def _matters(session: AsyncSession, now: datetime) -> None:
    wang = _person("wang")
    await _walk(
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
    await _walk(session, "mediation", neighbour, now - timedelta(days=3), [], by=STATION)
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
        await _walk(
            session, "lawyer_appointment", given, now - timedelta(hours=20), [booked], by=BUREAU
        )
    waiting = {
        "caller_name": "罗建平",
        "title": "宅基地能不能卖给城里人",
        "wanted_at": f"{now:%Y-%m-%d}T16:00",
    }
    await _walk(session, "lawyer_appointment", waiting, now - timedelta(days=2), [], by=BUREAU)
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
    await _walk(
        session,
        "notary",
        will | {"need_visit": True},
        now - timedelta(hours=30),
        [Done(BUREAU, "book", given=at_home)],
        by=BUREAU,
    )
    question = {"caller_name": "上湾村村委会", "asked_by": "committee", "place": "qingshi-1"}
    await _walk(
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
    await _walk(
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
    await _walk(
        session,
        "special_group",
        person,
        now - timedelta(days=40),
        [Done(officer, "plan", given=plan | {"next_visit": f"{now - timedelta(days=3):%Y-%m-%d}"})],
        by=officer,
    )
    await _walk(
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


async def _publicity(session: AsyncSession, now: datetime) -> None:
    month = now.replace(day=1)
    plans = (
        (4, "欠薪怎么讨：五步看懂", "article", ["wechat", "weibo"], "wages", 18240),
        (11, "彩礼能不能退", "video", ["wechat", "app"], "marriage", 42600),
        (18, "“法律六进”：走进青石中学", "event", ["onsite"], "other", 620),
        (25, "担保签字前看三点", "article", ["newspaper", "website"], "lending", 0),
        (29, "宪法宣传周讲座", "lecture", ["onsite"], "administrative", 0),
    )
    for day, title, kind, channels, topic, reach in plans:
        given = {
            "title": title,
            "kind": kind,
            "channels": channels,
            "topic": topic,
            "publish_on": f"{month.replace(day=day):%Y-%m-%d}",
            "department": "县人力资源和社会保障局" if topic == "wages" else "县司法局",
        }
        if kind == "event":
            given["venue"] = "schools"
        wang = _person("wang")
        acts = [
            Done(BUREAU, "assign", given={"assignee_id": "wang", "lecturer": "王晓梅"}),
            Done(
                wang,
                "submit",
                timedelta(days=1),
                {"body": "（正文）", "statutes": "劳动法 第五十条"},
            ),
        ]
        if reach:
            good = {"statutes_checked": True, "secrecy_checked": True}
            acts += [
                Done(BUREAU, "approve", given=good),
                Done(wang, "publish", given={"channels": channels}),
                Done(
                    wang,
                    "count_reach",
                    given={"reach": str(reach), "hours": "2", "volunteers": "4"},
                ),
            ]
        began = min(month.replace(day=day), now) - timedelta(days=6)
        await _walk(session, "publicity", given, began, acts, by=BUREAU)


async def _persons(session: AsyncSession, now: datetime) -> None:
    """One telephone, three matters, two files: is it one person?"""
    again = {"caller_name": "张建军", "phone": "13812345678", "other_party": "包工头刘某"}
    await _walk(
        session,
        "mediation",
        again | {"kind": "labour", "title": "工资先行调解", "place": "liuhe"},
        now - timedelta(days=20),
        [],
        by=STATION,
    )
    wife = {"caller_name": "李秀兰", "phone": "13812345678", "title": "婚前房产怎么约定"}
    await _walk(session, "lawyer_appointment", wife, now - timedelta(days=30), [], by=BUREAU)
    for service in ("legal_aid", "mediation"):
        case = await session.scalar(
            select(Case).where(Case.caller_number == "13812345678", Case.service == service)
        )
        if case is not None:
            await files.begin(session, case, by="banzhang", now=now - timedelta(days=2))


async def _walk(
    session: AsyncSession,
    service: str,
    given: Mapping[str, Any],
    began: datetime,
    acts: Sequence[Done],
    *,
    by: Actor,
) -> Case:
    desk = shipped().desk
    phone = given.get("phone")
    fields = desk.services.get(service).field_by_name
    organisation = given.get("organisation_id")
    facets = {"organisation_id": organisation} if organisation else {}
    if phone:
        facets["caller_number"] = phone
    case = await desk.open(
        session,
        service,
        {k: v for k, v in given.items() if k in fields and fields[k].opening},
        actor=by,
        now=began,
        facets=facets,
    )
    moment = began
    for done in acts:
        moment += done.after
        await desk.act(
            session, case.id, done.action, done.given, actor=done.by, now=moment, note=done.note
        )
    return case


async def case_of(session: AsyncSession, service: str, title: str = "") -> str:
    """Return the number of the newest case of a service, or of that with a title."""
    query = select(Case.number).where(Case.service == service)
    if title:
        query = query.where(Case.title == title)
    return str(await session.scalar(query.order_by(Case.id.desc()).limit(1)))
