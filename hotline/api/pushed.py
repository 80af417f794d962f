"""What we send to other programs, as shapes for their developers.

:mod:`hotline.api.jobs` sends it; a test holds what is sent against these shapes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from hotline.api.exchange import ExchangeState
from hotline.api.operations import Shown


class CaseNews(Shown):
    """办件的进展；不含姓名、电话和案情。"""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    service: str = Field(description="服务代码")
    number: str = Field(description="编号")
    action: str | None = Field(default=None, description="做了哪一步，流程里的动作代码")
    from_: str | None = Field(default=None, alias="from", description="原来的状态；新开的为空")
    to: str | None = Field(default=None, description="现在的状态")
    clock: str | None = Field(default=None, description="哪个期限（case.signal）")
    signal: Literal["yellow", "due", "red"] | None = Field(
        default=None, description="将到期、到期、严重超期（case.signal）"
    )


class CasePushed(Shown):
    """推送（webhook）的内容。"""

    type: Literal["case.opened", "case.moved", "case.signal"]
    timestamp: str
    data: CaseNews


class HandedTicket(Shown):
    """转给贵方的工单。"""

    model_config = ConfigDict(frozen=True, extra="forbid")

    number: str = Field(description="我方编号；告知结果时放在地址里")
    title: str
    details: str
    demand: str
    caller_name: str
    phone: str
    topic: str
    place: str
    urgency: str
    due_at: str | None = Field(description="最迟答复时间")


class TicketHanded(Shown):
    """转出工单；派给贵方单位时发出。"""

    type: Literal["ticket.handed_over"]
    data: HandedTicket


class HandedReceipt(Shown):
    """请贵方返回的回执；可以不返回内容。"""

    receipt: str = Field(default="", description="贵方的回执编号，最多 200 字")
    external_id: str = Field(default="", description="贵方的工单编号；以后可用它查看、告知结果")


class TicketNews(Shown):
    """贵方交来的工单有进展时发出。"""

    type: Literal["ticket.state"]
    data: ExchangeState


@dataclass(frozen=True)
class Push:
    """One kind of message that we send."""

    name: str
    summary: str
    words: str
    body: type[BaseModel]
    answer: type[BaseModel] | None = None


RETRIES = "答复 2xx 即收到；否则按 5 秒、30 秒、2 分钟、10 分钟重发，webhook-id 不变，请据此去重。"

PUSHES: tuple[Push, ...] = (
    Push(
        "case_news",
        "办件进展",
        f"发到 hotline api webhook add 登记的网址。{RETRIES}答复 410 即停止推送。",
        CasePushed,
    ),
    Push(
        "ticket_handed_over",
        "转出工单",
        f"发到密钥的 --exchange-url。{RETRIES}保密的工单不由机器转出。",
        TicketHanded,
        HandedReceipt,
    ),
    Push("ticket_state", "交来工单的进展", f"发到密钥的 --exchange-url。{RETRIES}", TicketNews),
)
