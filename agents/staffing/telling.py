"""Results for the terminal and for programs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from rich.table import Table

from agents.staffing.figures import Figures
from agents.staffing.needs import History, Need, Target
from agents.staffing.pictures import WEEKDAYS

CLEARLY = 0.05
"""Share below the target from which a half-hour is told as short."""


def policies_table(found: Sequence[Figures]) -> Table:
    """Return the policies side by side."""
    table = Table("指标", *(one.name for one in found))

    def row(name: str, words: list[str]) -> None:
        table.add_row(name, *words)

    row("来电", [f"{one.offered:,}" for one in found])
    row("接通", [f"{one.answered:,}（{one.share(one.answered):.1%}）" for one in found])
    within = f"{found[0].within_seconds:g} 秒内接通"
    row(within, [f"{one.within:,}（{one.share(one.within):.1%}）" for one in found])
    row("放弃", [f"{one.abandoned:,}（{one.share(one.abandoned):.1%}）" for one in found])
    row("转留言", [f"{one.voicemail:,}" for one in found])
    if any(one.unserved for one in found):
        row("始终无人可接", [f"{one.unserved:,}" for one in found])
    row("平均等待", [f"{one.mean_wait:.1f} 秒" for one in found])
    row("95% 的人等待不超过", [f"{one.p95_wait:.1f} 秒" for one in found])
    row("专题对口", ["—" if (s := one.right_share) is None else f"{s:.1%}" for one in found])
    row("律师人数", [str(one.people) for one in found])
    row("占用率", [f"{one.occupancy:.1%}" for one in found])
    row("占用率标准差", [f"{one.occupancy_spread:.1%}" for one in found])
    row(
        "占用率最低～最高",
        [f"{one.occupancy_lowest:.1%}～{one.occupancy_highest:.1%}" for one in found],
    )
    return table


def policy_values(one: Figures) -> dict[str, Any]:
    """Return a policy's figures for JSON: counts and shares."""
    shares = {
        f"{name}_share": round(one.share(getattr(one, name)), 6)
        for name in ("answered", "within", "abandoned", "voicemail", "unserved")
    }
    right = one.right_share
    return {**asdict(one), **shares, "right_share": None if right is None else round(right, 6)}


def week_table(found: Sequence[Need]) -> Table:
    """Return the people for the rota by half-hour and weekday."""
    days = sorted({need.weekday for need in found})
    by_slot = {(need.half_hour, need.weekday): need for need in found}
    table = Table("时段", *(WEEKDAYS[day] for day in days))
    for column in table.columns[1:]:
        column.justify = "right"
    for half_hour in sorted({need.half_hour for need in found}):
        row = [by_slot.get((half_hour, day)) for day in days]
        begins = next(need.begins for need in row if need)
        table.add_row(begins, *(str(need.rostered) if need else "" for need in row))
    table.add_section()
    hours = [sum(n.rostered for n in found if n.weekday == day) / 2 for day in days]
    table.add_row("人时", *(f"{value:g}" for value in hours))
    return table


def need_values(need: Need) -> dict[str, Any]:
    """Return a half-hour for JSON."""
    return {
        "weekday": need.weekday + 1,
        "begins": need.begins,
        "calls": round(need.calls, 4),
        "days": need.days,
        "handling": round(need.handling, 2),
        "people": need.people,
        "rostered": need.rostered,
        "within": round(need.prospect.within, 6),
        "abandons": round(need.prospect.abandons, 6),
        "mean_wait": round(need.prospect.mean_wait, 3),
        "occupancy": round(need.prospect.occupancy, 6),
        "simulated_within": None if need.simulated is None else round(need.simulated, 6),
    }


def basis(history: History, target: Target, found: Sequence[Need]) -> dict[str, str]:
    """Return what needs rest on, in words."""
    traffic, patience = history.traffic, history.patience
    told = {"目标": f"{target.seconds:g} 秒内接通 {target.share:.0%}（全部请求人工的来电）"}
    if traffic.origin is None:
        told["话务"] = f"{len(traffic.calls):,} 通，{len(history.days)} 天（秒数，0 秒为周一零点）"
    else:
        first, last = (traffic.when(call.at) for call in (traffic.calls[0], traffic.calls[-1]))
        told["话务"] = (
            f"{len(traffic.calls):,} 通，{first:%Y-%m-%d} 至 {last:%Y-%m-%d}，"
            f"采用 {len(history.days)} 天（法定节假日和调休日不计）"
        )
    if found:
        told["处理时长"] = f"平均 {found[0].handling:.0f} 秒（含话后处理）"
    if patience is None:
        told["模型"] = "Erlang C：放弃的来电太少，不足以估计耐心，假定无人放弃（人数偏多）"
    else:
        source = (
            f"由 {patience.abandons} 次放弃作 Kaplan–Meier 估计" if patience.abandons else "指定"
        )
        told["模型"] = f"Erlang A：平均耐心 {patience.mean:.0f} 秒（{source}）"
    if target.absence:
        told["不在线比例"] = (
            f"{target.absence:.0%}（排班人数 = 在线人数 ÷ {1 - target.absence:.2f}）"
        )
    simulated = [need for need in found if need.simulated is not None]
    if simulated:
        lowest = min(simulated, key=lambda need: need.simulated or 0.0)
        short = sum((need.simulated or 0.0) < target.share - CLEARLY for need in simulated)
        told["仿真"] = (
            f"已按真实派话策略核对 {len(simulated)} 个时段；最低为"
            f"{WEEKDAYS[lowest.weekday]} {lowest.begins} 的 {lowest.simulated:.0%}"
            + (
                f"，{short} 个加人后仍明显低于目标：请看策略放宽是否太慢、上一时段是否积压"
                if short
                else ""
            )
        )
    return told
