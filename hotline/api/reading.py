"""Operations that read what is public: catalogue, stations, answer cards; and the figures."""

from __future__ import annotations

from datetime import date as calendar_date
from datetime import datetime, time, timedelta
from typing import Any

from pydantic import Field
from sqlalchemy import func, select

from hotline.api.keys import Scope
from hotline.api.operations import Asked, Day, Given, Nothing, Operation, Shown
from hotline.calls import figures
from hotline.calls.proportion import Proportion
from hotline.casework import Case
from hotline.casework.definition import Service
from hotline.casework.fields import FormField
from hotline.clock import CHINA
from hotline.errors import InvalidInputError
from hotline.public import catalogue, forms
from knowledge_base.cards import Card

LONGEST_PERIOD = 366


class FieldShape(Shown):
    """表单的一项。"""

    name: str
    label: str
    type: str = Field(description="text、long_text、choice、choices、boolean、date、phone 等")
    required: bool
    help: str
    options: dict[str, str] = Field(description="代码 → 名称；不是选择项时为空")
    when: dict[str, Any] | None = Field(description="在什么条件下才填；没有条件时为空")


class ServiceBrief(Shown):
    """服务目录的一条。"""

    code: str
    name: str
    summary: str
    for_whom: str
    time_limit: str
    cost: str
    online: bool = Field(description="是否接受网上申请")
    procurement_listed: bool = Field(description="是否列入政府采购目录")


class ServiceFull(ServiceBrief):
    """一项服务的全部内容和申请表单。"""

    conditions: list[str]
    papers: list[str]
    procedure: list[str]
    legal_basis: list[str]
    counter: str
    price_basis: str
    version: str = Field(description="流程版本；表单改动后会变")
    fields: list[FieldShape]


class ServiceList(Shown):
    """服务目录。"""

    services: list[ServiceBrief]


class StationShape(Shown):
    """一个站点。"""

    code: str
    parent: str | None
    kind: str = Field(description="district 中心、township 站、village 室")
    name: str
    phone: str
    hours: dict[str, list[str]] = Field(description="mon…sun → 时段；空：同办公时间")


class StationList(Shown):
    """站点，上级在前。"""

    stations: list[StationShape]


class CardBrief(Shown):
    """一个常见问题。"""

    id: str
    topic: str
    title: str
    questions: list[str]


class PointShape(Shown):
    """答复的一个要点。"""

    text: str
    articles: list[str]


class CardFull(CardBrief):
    """常见问题的要点和法条。"""

    points: list[PointShape]
    articles: list[str]
    reviewed: str = Field(description="审核日期")


class CardList(Shown):
    """常见问题。"""

    cards: list[CardBrief]


class Share(Shown):
    """一个比率，分子分母分开。"""

    numerator: int
    denominator: int
    value: float | None = Field(description="分子 ÷ 分母；分母为 0 时为空")


class Statistics(Shown):
    """一段时间的统计。"""

    since: str
    until: str
    calls: int = Field(description="来电总数")
    connect: Share = Field(description="接通率 = 接通 ÷ 转人工")
    within_15s: Share = Field(description="15 秒接通率")
    response: Share = Field(description="测评率 = 已评价 ÷ 接通")
    satisfaction: Share = Field(description="满意率 = 满意与基本满意 ÷ 已评价")
    cases: dict[str, int] = Field(description="各服务新开办件数")


class Question(Given):
    """查询条件。"""

    q: str = Field(default="", max_length=200, description="用自己的话写的问题；空：全部")


class Period(Given):
    """一段时间，含首尾。"""

    since: Day = Field(description="第一天，如 2026-10-01")
    until: Day = Field(description="最后一天")


async def list_services(asked: Asked[Nothing]) -> ServiceList:
    """Return the catalogue."""
    listed = catalogue.listed(asked.api.face.desk.services)
    return ServiceList(services=[ServiceBrief(**_brief(service)) for service in listed])


async def show_service(asked: Asked[Nothing]) -> ServiceFull:
    """Return one service with its form."""
    services = asked.api.face.desk.services
    service = catalogue.get(services, asked.path["code"])
    entry = service.catalogue
    fields = forms.opening_fields(service) if catalogue.takes_applications(service) else []
    return ServiceFull(
        **_brief(service),
        conditions=list(entry.conditions),
        papers=list(entry.papers),
        procedure=list(entry.procedure),
        legal_basis=[basis.words() for basis in entry.legal_basis],
        counter=entry.counter,
        price_basis=entry.price_basis,
        version=services.version(service.code).id,
        fields=[_field(field) for field in forms.with_contact(fields)] if fields else [],
    )


async def list_stations(asked: Asked[Nothing]) -> StationList:
    """Return the bureau's places."""
    face = asked.api.face
    async with face.database.read() as session:
        found = await face.stations(session)
    return StationList(
        stations=[
            StationShape(
                code=s.code,
                parent=s.parent,
                kind=s.kind,
                name=s.name,
                phone=s.phone,
                hours={day: list(spans) for day, spans in s.hours.items()},
            )
            for s in found
        ]
    )


async def list_cards(asked: Asked[Nothing]) -> CardList:
    """Return the answer cards, or those like a question."""
    law = asked.api.face.law
    cards = (await law.ask(asked.query.q)).cards if asked.query.q.strip() else law.cards()
    return CardList(cards=[CardBrief(**_card(card)) for card in cards])


async def show_card(asked: Asked[Nothing]) -> CardFull:
    """Return one answer card."""
    card = asked.api.face.law.card(asked.path["card"])
    return CardFull(
        **_card(card),
        points=[
            PointShape(text=p.text, articles=[a.words for a in p.articles]) for p in card.points
        ],
        articles=[cited.article.words for cited in card.articles],
        reviewed=card.reviewed.isoformat(),
    )


async def statistics(asked: Asked[Nothing]) -> Statistics:
    """Return the figures of a period; no person's data is in them."""
    first = calendar_date.fromisoformat(asked.query.since)
    last = calendar_date.fromisoformat(asked.query.until)
    if last < first or (last - first).days >= LONGEST_PERIOD:
        words = f"应不早于 since，且一次最多 {LONGEST_PERIOD} 天"
        raise InvalidInputError(f"until：{words}", errors={"until": words})
    since = datetime.combine(first, time(), CHINA)
    until = datetime.combine(last, time(), CHINA) + timedelta(days=1)
    async with asked.api.face.database.read() as session:
        counted = figures.count(await figures.read(session, since, until))
        query = (
            select(Case.service, func.count())
            .where(Case.opened_at >= since, Case.opened_at < until)
            .group_by(Case.service)
        )
        cases = {service: int(number) for service, number in await session.execute(query)}
    return Statistics(
        since=first.isoformat(),
        until=last.isoformat(),
        calls=counted.calls,
        connect=_share(counted.connect),
        within_15s=_share(counted.within_15s),
        response=_share(counted.response),
        satisfaction=_share(counted.satisfaction),
        cases=cases,
    )


def _brief(service: Service) -> dict[str, Any]:
    entry = service.catalogue
    return {
        "code": service.code,
        "name": service.name,
        "summary": entry.summary,
        "for_whom": entry.for_whom,
        "time_limit": entry.time_limit,
        "cost": entry.cost,
        "online": catalogue.takes_applications(service),
        "procurement_listed": entry.procurement_listed,
    }


def _field(field: FormField) -> FieldShape:
    when = field.when
    return FieldShape(
        name=field.name,
        label=field.label,
        type=field.type,
        required=field.required,
        help=field.help,
        options=dict(field.options),
        when=when.model_dump(mode="json", by_alias=True, exclude_none=True) if when else None,
    )


def _card(card: Card) -> dict[str, Any]:
    return {
        "id": card.id,
        "topic": card.topic,
        "title": card.title,
        "questions": list(card.questions),
    }


def _share(proportion: Proportion) -> Share:
    return Share(
        numerator=proportion.numerator,
        denominator=proportion.denominator,
        value=proportion.value,
    )


_LOOK = "查询"

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "list_services",
        "GET",
        "/services",
        _LOOK,
        "服务目录",
        "全部公共法律服务，按目录次序。",
        ServiceList,
        list_services,
    ),
    Operation(
        "show_service",
        "GET",
        "/services/{code}",
        _LOOK,
        "一项服务",
        "给谁办、条件、材料、流程、期限、费用、依据，以及申请表单的每一项。",
        ServiceFull,
        show_service,
        path_fields={"code": ("[a-z0-9_]{1,40}", "服务代码")},
    ),
    Operation(
        "list_stations",
        "GET",
        "/stations",
        _LOOK,
        "服务站点",
        "中心、站、室的时间和电话。",
        StationList,
        list_stations,
    ),
    Operation(
        "list_cards",
        "GET",
        "/cards",
        _LOOK,
        "常见问题",
        "全部常见问题；给出 q 时只返回相近的几条。",
        CardList,
        list_cards,
        query=Question,
        rate="search",
    ),
    Operation(
        "show_card",
        "GET",
        "/cards/{card}",
        _LOOK,
        "一个常见问题",
        "答复要点和法条。一般性说明，不代替律师意见。",
        CardFull,
        show_card,
        path_fields={"card": ("[a-z0-9-]{1,60}", "问题编号")},
    ),
    Operation(
        "statistics",
        "GET",
        "/statistics",
        _LOOK,
        "统计数据",
        "来电、接通、满意度和各服务办件数；不含个人信息。",
        Statistics,
        statistics,
        query=Period,
        scope=Scope.STATISTICS,
        audited=True,
    ),
)
