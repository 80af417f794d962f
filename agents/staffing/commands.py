"""``hotline simulate`` and ``hotline staff``: what if, and how many."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer()

PATIENCE = 120.0
"""Mean seconds of patience where nothing is known. An assumption."""

_File = Annotated[
    Path | None,
    typer.Argument(
        metavar="TRAFFIC",
        help="话务文件（.csv 或 .json）。列：at（时间或秒数，必有）、topic、language、place、"
        "number、priority、handling（通话秒数）、patience（耐心秒数）。",
        exists=True,
        dir_okay=False,
    ),
]
_Patience = Annotated[
    float | None,
    typer.Option("--patience", help="平均耐心秒数，用于耐心未知的来电；不填则由历史估计。", min=1),
]
_Seed = Annotated[int, typer.Option("--seed", help="随机种子：同一种子结果相同。")]
_Within = Annotated[
    float, typer.Option("--within", help="目标时限（秒），GB/T 33358 为 15。", min=0)
]
_Json = Annotated[bool, typer.Option("--json", help="输出 JSON，供程序读取。")]
_Chart = Annotated[
    Path | None, typer.Option("--chart", help="把图写到这个 SVG 文件。", dir_okay=False)
]


@app.command("simulate")
def simulate(
    traffic: _File = None,
    *,
    days: Annotated[
        int, typer.Option("--days", help="不用文件，重放本库最近多少天的来电。", min=0)
    ] = 0,
    calls: Annotated[
        int, typer.Option("--calls", help="不用文件，编造一天这么多通来电。", min=0)
    ] = 0,
    policy: Annotated[
        list[Path],
        typer.Option(
            "--policy", help="派话策略文件，可多次，逐一比较；不填用现行策略。", exists=True
        ),
    ] = [],  # noqa: B006
    agents: Annotated[
        int, typer.Option("--agents", help="假设有多少名律师；不填用本库在册人员。", min=0)
    ] = 0,
    patience: _Patience = None,
    answer: Annotated[float, typer.Option("--answer", help="振铃多少秒后接起。", min=0)] = 3.0,
    missed: Annotated[
        float, typer.Option("--missed", help="漏接的比例，如 0.05。", min=0, max=0.95)
    ] = 0.0,
    within: _Within = 15.0,
    seed: _Seed = 1,
    save: Annotated[
        Path | None,
        typer.Option("--save", help="把补全后的话务写到这个 CSV 文件。", dir_okay=False),
    ] = None,
    chart: _Chart = None,
    as_json: _Json = False,
) -> None:
    """仿真：把来电放进真实的派话决策里重演，比较不同策略和人数。

    例：hotline simulate day.csv --policy config/routing.yaml --policy new.yaml --chart policies.svg

    例：hotline simulate --calls 10000 --agents 150 --json
    """
    import json
    import random
    import time

    from rich.console import Console

    from agents.staffing import pictures, sources, telling
    from agents.staffing import traffic as traffics
    from agents.staffing.figures import figures
    from agents.staffing.simulation import Conduct
    from agents.staffing.simulation import simulate as play
    from hotline.calls.patience import Patience, estimate

    chance = random.Random(seed)  # noqa: S311 - a what-if, no secret
    recorded = sources.calls(traffic, days, calls, chance)
    known = estimate(recorded.waits) if patience is None else None
    stays = known or Patience(patience or PATIENCE)
    offered = recorded.traffic.completed(chance, stays)
    if save is not None:
        traffics.write(save, offered)
    duties = sources.duties(agents, offered)
    conduct = Conduct(answer_seconds=answer, missed=missed)
    began, found = time.process_time(), []
    for name, rules in sources.rules(policy).items():
        # Each policy meets the same callers and the same luck.
        run = play(offered, duties, rules, random.Random(seed), conduct)  # noqa: S311
        found.append(figures(name, run, within))
    seconds = time.process_time() - began
    if chart is not None:
        chart.write_text(pictures.policies(found), encoding="utf-8")
    if as_json:
        policies = [telling.policy_values(one) for one in found]
        told = {"seed": seed, "patience": stays.mean, "policies": policies, "cpu_seconds": seconds}
        typer.echo(json.dumps(told, ensure_ascii=False))
        return
    Console().print(telling.policies_table(found))
    source = f"由 {known.abandons} 次放弃估计" if known else "假设，指数分布"
    typer.echo(
        f"平均耐心 {stays.mean:.0f} 秒（{source}，仅用于耐心未知的来电）；振铃 {answer:g} 秒接起，"
        f"漏接 {missed:.0%}；仿真用了 {seconds:.2f} 秒处理器时间。"
    )


@app.command("staff")
def staff(
    traffic: _File = None,
    *,
    days: Annotated[
        int, typer.Option("--days", help="不给文件时，看本库最近多少天的来电。", min=1)
    ] = 56,
    target: Annotated[
        float, typer.Option("--target", help="目标：在时限内接通的比例。", min=0.01, max=0.999)
    ] = 0.8,
    within: _Within = 15.0,
    absence: Annotated[
        float,
        typer.Option(
            "--absence", help="排班但不在线的时间比例（休息、培训、请假）。", min=0, max=0.9
        ),
    ] = 0.0,
    patience: _Patience = None,
    policy: Annotated[
        Path | None,
        typer.Option("--policy", help="派话策略文件，取其中的话后处理时间。", exists=True),
    ] = None,
    check: Annotated[
        bool, typer.Option("--simulate", help="再按真实派话策略仿真，不够的时段加人。")
    ] = False,
    seed: _Seed = 1,
    xlsx: Annotated[
        Path | None,
        typer.Option("--xlsx", help="把结果写到这个 Excel 文件（含图）。", dir_okay=False),
    ] = None,
    chart: _Chart = None,
    as_json: _Json = False,
) -> None:
    """排班测算：由历史来电算出每周每半小时需要多少律师。

    例：hotline staff --days 56 --target 0.8 --within 15 --xlsx staff.xlsx --chart staff.svg

    例：hotline staff calls.csv --absence 0.25 --simulate
    """
    import json
    import random

    from rich.console import Console

    from agents.staffing import pictures, sources, telling
    from agents.staffing.checking import checked
    from agents.staffing.needs import History, Target, needs, ordinary_days
    from agents.staffing.workbook import workbook
    from hotline.calls.patience import Patience, estimate
    from hotline.routing.people import AgentKind
    from hotline.worktime.files import load_calendar

    chance = random.Random(seed)  # noqa: S311 - a what-if, no secret
    recorded = sources.calls(traffic, 0 if traffic else days, 0, chance)
    stays = Patience(patience) if patience else estimate(recorded.waits)
    looked_at = ordinary_days(recorded.traffic, load_calendar())
    history = History(recorded.traffic, tuple(looked_at), stays)
    (rules,) = sources.rules([policy] if policy else []).values()
    goal = Target(target, within, absence)
    found = needs(history, goal, rules.wrapup(AgentKind.LAWYER))
    if check:
        found = checked(found, history, goal, rules, chance=chance)
    basis = telling.basis(history, goal, found)
    title = f"每半小时排班人数（{within:g} 秒内接通 {target:.0%}）"
    if chart is not None:
        chart.write_text(pictures.week(found, title), encoding="utf-8")
    if xlsx is not None:
        xlsx.write_bytes(workbook(found, basis))
    if as_json:
        told = {"basis": basis, "half_hours": [telling.need_values(need) for need in found]}
        typer.echo(json.dumps(told, ensure_ascii=False))
        return
    Console().print(telling.week_table(found))
    typer.echo("\n".join(f"{name}：{words}" for name, words in basis.items()))
