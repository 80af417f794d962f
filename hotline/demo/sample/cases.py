"""Cases of the made-up county: every service in the middle of its work, some of it late."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.casework import Case
from hotline.demo.sample.county import VILLAGES
from hotline.demo.sample.matters import matters
from hotline.demo.sample.walking import BUREAU, STATION, Done, person, walk


async def go_on(session: AsyncSession, now: datetime) -> None:
    """Open cases and bring each some way along."""
    await _advisers(session, now)
    await _visits(session, now)
    await matters(session, now)
    await _publicity(session, now)
    await _targets(session, now)


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
        await walk(session, "adviser", given, now - timedelta(days=60), acts, by=STATION)


async def _visits(session: AsyncSession, now: datetime) -> None:
    for number, place in enumerate(("qingshi-1", "qingshi-2", "chengguan-1", "liuhe-1")):
        day = now - timedelta(days=14 - 2 * number)
        lawyer = person("wang" if number % 2 else "chen")
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
        await walk(session, "village_visit", given, day - timedelta(days=5), acts, by=STATION)


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
        wang = person("wang")
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
        await walk(session, "publicity", given, began, acts, by=BUREAU)


async def _targets(session: AsyncSession, now: datetime) -> None:
    """Targets of the year: two that the house counts, one that people report."""
    year = now.year
    counted = {
        "organisation_id": "district",
        "since_on": f"{year}-01-01",
        "until_on": f"{year}-12-31",
        "due_on": f"{year}-12-20",
    }
    for title, indicator, target in (
        ("热线接通率不低于 95%", "connect", "95"),
        ("一村一法律顾问全覆盖", "covered_adviser", "100"),
    ):
        given = counted | {"title": f"{year} 年{title}", "indicator": indicator}
        began = now - timedelta(days=200)
        await walk(session, "annual_target", given | {"target_value": target}, began, [], by=BUREAU)
    told = {
        "organisation_id": "qingshi",
        "title": f"{year} 年法治文化广场",
        "indicator": "by_people",
        "target": "建成法治文化广场一处",
        "due_on": f"{year}-12-20",
    }
    review = {
        "achieved": "10 月建成并对外开放。",
        "source": "青石镇验收单 2026-10",
        "self_score": "100",
    }
    acts = [Done(STATION, "self_review", timedelta(days=180), review)]
    await walk(session, "annual_target", told, now - timedelta(days=200), acts, by=BUREAU)


async def case_of(session: AsyncSession, service: str, title: str = "") -> str:
    """Return the number of the newest case of a service, or of that with a title."""
    query = select(Case.number).where(Case.service == service)
    if title:
        query = query.where(Case.title == title)
    return str(await session.scalar(query.order_by(Case.id.desc()).limit(1)))
