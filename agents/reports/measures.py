"""The headline figures (指标) with their definitions: the one place that says what each means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from agents.reports.counting import Calls, Tickets
from agents.reports.settings import Norm
from agents.reports.values import Measure, Value
from hotline.calls.proportion import Proportion
from hotline.documents.content import Form


@dataclass(frozen=True)
class Basis:
    """All that the headline figures of one period are counted from."""

    calls: Calls
    tickets: Tickets
    others: Mapping[str, Proportion]
    """Rates that other packages count, such as legal accuracy, by code."""


@dataclass(frozen=True)
class _Definition:
    code: str
    name: str
    form: Form
    words: str


_DEFINITIONS = (
    _Definition("calls", "来电总数", Form.COUNT, "时期内打进热线的全部来电，含菜单中挂断的。"),
    _Definition(
        "offered",
        "请求人工",
        Form.COUNT,
        "进入人工排队的来电；不计菜单中挂断、排队不足 5 秒放弃、限制呼入、非服务时间留言。",
    ),
    _Definition("answered", "人工接听", Form.COUNT, "律师或乡镇站与来电人通上话的来电。"),
    _Definition("connect", "接通率", Form.PERCENT, "人工接听 ÷ 请求人工。"),
    _Definition(
        "within_15s",
        "15 秒接通率",
        Form.PERCENT,
        "排队开始后 15 秒内接听 ÷ 请求人工（GB/T 33358-2016：人工应在 15 秒内应答）。",
    ),
    _Definition("wait", "平均等待", Form.DURATION, "人工接听的来电从排队到接听的平均时长。"),
    _Definition(
        "p95_wait", "95% 等待不超过", Form.DURATION, "人工接听的来电中，95% 的等待时长不超过此值。"
    ),
    _Definition("talk", "平均通话", Form.DURATION, "人工接听的来电从接听到律师挂机的平均时长。"),
    _Definition(
        "satisfaction",
        "满意率",
        Form.PERCENT,
        "评价满意和基本满意的 ÷ 作出评价的。须与测评率一并看：没有评价的不算满意。",
    ),
    _Definition("response", "测评率", Form.PERCENT, "作出评价的 ÷ 人工接听。"),
    _Definition("solved", "解决率", Form.PERCENT, "来电人按键答“已解决”的 ÷ 回答了此问的。"),
    _Definition(
        "legal_accuracy",
        "法律准确率",
        Form.PERCENT,
        "三项法律评分项全部满分的 ÷ 已评分的通话。机器初筛，经人工复核的以复核为准。",
    ),
    _Definition("opened", "新建工单", Form.COUNT, "时期内受理的工单。"),
    _Definition("closed", "办结工单", Form.COUNT, "时期内办结归档的工单。"),
    _Definition(
        "on_time",
        "按期答复率",
        Form.PERCENT,
        "期限内答复的 ÷ 时期内办结的转办工单。期限按工作日计，含调休，挂起期间不计。",
    ),
    _Definition(
        "followed",
        "回访率",
        Form.PERCENT,
        "回访并记录了结果的 ÷ 时期内办结归档的工单。不满意的须全部回访。",
    ),
    _Definition("overdue", "现有超期", Form.COUNT, "生成报表时尚未办结且已过期限的工单。"),
    _Definition("returned", "退单", Form.COUNT, "时期内承办单位申请退单的次数。"),
    _Definition(
        "score", "平均初评分", Form.DECIMAL, "时期内受理、已由机器初评的工单的平均分（满分 100）。"
    ),
)


CODES = frozenset(one.code for one in _DEFINITIONS)
"""The codes of all headline figures."""


def measures(now: Basis, before: Basis, norms: Mapping[str, Norm]) -> tuple[Measure, ...]:
    """Return every headline figure beside the period before; unknown rates are left out."""
    values, earlier = _values(now), _values(before)
    return tuple(
        Measure(
            code=one.code,
            name=one.name,
            form=one.form,
            value=values[one.code],
            # What is overdue is counted as of now; nobody knows what it was.
            before=None if one.code == "overdue" else earlier.get(one.code),
            definition=one.words,
            norm=norms.get(one.code),
        )
        for one in _DEFINITIONS
        if one.code in values
    )


def _values(basis: Basis) -> dict[str, Value]:
    calls, tickets = basis.calls.figures, basis.tickets
    return {
        "calls": calls.calls,
        "offered": calls.connect.denominator,
        "answered": calls.connect.numerator,
        "connect": calls.connect,
        "within_15s": calls.within_15s,
        "wait": calls.average_wait,
        "p95_wait": basis.calls.p95_wait,
        "talk": calls.average_talk,
        "satisfaction": calls.satisfaction,
        "response": calls.response,
        "solved": calls.solved,
        "opened": tickets.opened,
        "closed": tickets.closed,
        "on_time": Proportion(tickets.replied - tickets.late, tickets.replied),
        "followed": Proportion(tickets.followed, tickets.closed),
        "overdue": tickets.overdue,
        "returned": tickets.events.get("return_ticket", 0),
        "score": tickets.mean_score,
        **basis.others,
    }
