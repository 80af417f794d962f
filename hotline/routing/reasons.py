"""Decisions as sentences for the timeline: short, and understood by whoever answers for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hotline.routing.decide import Code, Reason
from hotline.routing.people import Agent, AgentKind
from hotline.routing.policy import Step, To


def words(reason: Reason, topics: Mapping[str, str]) -> str:
    """Return the sentence; ``topics`` names the topic codes."""
    waited = f"等待 {duration(reason.waited)}：" if reason.waited >= 1 else ""
    return waited + _cause(reason, topics)


def detail(reason: Reason) -> dict[str, Any]:
    """Return the figures, for the database."""
    return {
        "waited": round(reason.waited, 3),
        "idle": round(reason.idle, 3),
        "to": reason.step.to.value,
        "level": reason.step.level,
        "waiting": reason.waiting,
        "free": reason.free,
    }


def duration(seconds: float) -> str:
    """Say a length of time: ``18 秒``, ``3 分 5 秒``, ``1 小时 2 分``."""
    whole = max(0, int(seconds))
    if whole < 60:
        return f"{whole} 秒"
    if whole < 3600:
        return f"{whole // 60} 分 {whole % 60} 秒" if whole % 60 else f"{whole // 60} 分钟"
    return f"{whole // 3600} 小时 {whole % 3600 // 60} 分"


def person(name: str, kind: str, district: str = "") -> str:
    """Say who: ``王晓梅律师``, ``青山区中心王晓梅律师``; a station's person goes by name."""
    said = f"{name}律师" if kind == AgentKind.LAWYER and not name.endswith("律师") else name
    return said if said.startswith(district) else district + said


def who(agent: Agent) -> str:
    """Return what a timeline calls a person."""
    return person(agent.name, agent.kind, agent.district_name)


def _cause(reason: Reason, topics: Mapping[str, str]) -> str:  # noqa: PLR0911 - a table
    who = person(reason.name, reason.kind, reason.district)
    narrow, wide = (
        _group(reason.first, reason.topic, topics),
        _group(reason.step, reason.topic, topics),
    )
    chosen = f"{who}空闲最久" if reason.free > 1 else f"{who}空闲"
    match reason.code:
        case Code.SKILLED:
            return f"{narrow}有空，{chosen}"
        case Code.WIDENED:
            return f"{narrow}全忙，放宽到{wide}；{chosen}"
        case Code.NOBODY_ON_DUTY:
            if reason.gone:
                return f"{narrow}的话机不通，转{wide}；{chosen}"
            return f"没有{narrow}在岗，转{wide}；{chosen}"
        case Code.LAST_AGENT:
            return f"上次由{who}接听，现在空闲，优先转回"
        case Code.HANDED_ON:
            return f"由人指定转给{who}"
        case Code.WAITED_TOO_LONG:
            return "一直没有人空出来，请来电人留言，由值班人员回拨"
        case Code.NOBODY_AT_ALL if reason.gone:
            return "值班人员的话机都不通，请来电人留言，由值班人员回拨"
        case Code.NOBODY_AT_ALL:
            return "没有任何人员在岗，请来电人留言，由值班人员回拨"


def _group(step: Step, topic: str, topics: Mapping[str, str]) -> str:
    name = topics.get(topic, "")
    if step.to is To.SKILLED and name:
        return f"{name}专长律师" if step.level > 1 else f"能答{name}的律师"
    return _GROUPS[step.to]


_GROUPS = {
    To.SKILLED: "综合律师",
    To.LAWYERS: "综合律师",
    To.HOME_STATION: "本乡镇服务站",
    To.STATIONS: "其他乡镇服务站",
    To.MOBILES: "律师手机",
    To.DISTRICTS: "邻近区县中心",
    To.VOICEMAIL: "留言",
}
