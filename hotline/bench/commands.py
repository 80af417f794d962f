"""``hotline bench``: how quick the distributor is, beside Asterisk's own queue."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Annotated, Any

import typer

app = typer.Typer(help="基准测试：派话的快慢，与 Asterisk 自带队列同场比较。", no_args_is_help=True)

_Json = Annotated[bool, typer.Option("--json", help="输出一个 JSON 对象，供程序读取。")]
_Database = Annotated[
    str, typer.Option("--database", help="写入的数据库（SQLAlchemy URL）；不填用临时的 SQLite。")
]
_CLEAN_RATES = (20, 30, 40, 45, 50, 55, 60, 65, 70, 75, 80, 85, 90, 95, 100)


@app.command("routing")
def routing(
    *,
    rate: Annotated[str, typer.Option("--rate", help="每秒来电数，可多个，用逗号隔开。")] = "20,50",
    seconds: Annotated[
        float, typer.Option("--seconds", help="每种速率下每一方测多少秒。", min=2)
    ] = 30,
    against: Annotated[
        str,
        typer.Option(
            "--against",
            help="与谁比：app_queue（同样的到达与菜单之后进 Asterisk 队列），总同时报告"
            "不经到达与菜单、直接进队列的 app_queue_bare；none 为不比。",
        ),
    ] = "app_queue",
    slice_seconds: Annotated[
        float, typer.Option("--slice", help="双方轮流测，每段多少秒。", min=1)
    ] = 5,
    clean_rate: Annotated[
        bool,
        typer.Option("--clean-rate", help="另测双方的最高净速率：p99 低于 100 毫秒且没有重发。"),
    ] = False,
    database: _Database = "",
    as_json: _Json = False,
) -> None:
    """从来电人的 INVITE 到坐席的 INVITE 用多少毫秒；双方在同一次运行里轮流测，200 个坐席。

    例：hotline bench routing --rate 20,50 --seconds 30 --against app_queue --json
    """
    from hotline.bench import house
    from hotline.bench import routing as measuring

    names = [measuring.HOTLINE]
    if against == measuring.APP_QUEUE:
        names += [measuring.APP_QUEUE, measuring.BARE]
    elif against != "none":
        raise typer.BadParameter("只能与 app_queue 比，或 none", param_hint="--against")
    rates = _rates(rate)

    async def run() -> dict[str, Any]:
        result: dict[str, Any] = {"rates": []}
        ours = []
        async with house.opened(_progress, database_url=database) as opened:
            await measuring.warm_up(opened)
            for one in rates:
                load = measuring.Load(one, seconds)
                sides = await measuring.compare(opened, load, slice_seconds, names, _tell)
                told = {name: side.as_json() for name, side in sides.items()}
                result["rates"].append({"rate": one, **told})
                _tell(json.dumps(result["rates"][-1]))
                ours += sides[measuring.HOTLINE].calls
            result["written"] = await measuring.written(opened, ours)
            if clean_rate:
                result["clean_rate"] = await measuring.clean_rate(
                    opened, [float(r) for r in _CLEAN_RATES], 8.0, _tell
                )
        return result

    result = asyncio.run(run())
    if as_json:
        typer.echo(json.dumps(result, ensure_ascii=False))
        return
    for row in result["rates"]:
        for name in names:
            side = row[name]
            typer.echo(
                f"{row['rate']:g} 路/秒　{name:<15}"
                f"p50 {side['p50_ms']:6.2f}　p99 {side['p99_ms']:6.2f} 毫秒　"
                f"失败 {side['failures']}　重发 {side['retransmissions']}　"
                f"控制器 {side['cpu_ms_per_call']} 毫秒/通　"
                f"Asterisk {side['asterisk_cpu_ms_per_call']} 毫秒/通"
            )
    written = result["written"]
    typer.echo(
        f"数据库：来电 {written['calls']}，工单 {written['tickets']}，"
        f"派话 {written['offers_answered']}，时间线 {written['steps']} 步，缺 {written['missing']}"
    )
    for name, best in result.get("clean_rate", {}).items():
        typer.echo(f"最高净速率　{name}：{best:g} 路/秒")


@app.command("decide")
def decide(
    *,
    chart: Annotated[
        Path | None, typer.Option("--chart", help="把图写到这个 SVG 文件。", dir_okay=False)
    ] = None,
    as_json: _Json = False,
) -> None:
    """一次派话决定用多少毫秒，以及随人数增长的快慢。

    例：hotline bench decide --chart docs/decide.svg
    """
    from hotline.bench import deciding

    big = deciding.cost(deciding.PEOPLE, deciding.WAITING)
    costs = [deciding.cost(n, 2 * n) for n in deciding.SIZES]
    grows, ideal = deciding.exponent(costs), deciding.log_exponent(costs)
    if chart is not None:
        chart.write_text(deciding.picture(costs), encoding="utf-8")
    if as_json:
        sizes = [{"n": c.n, "p50_ms": c.p50_ms, "p99_ms": c.p99_ms} for c in costs]
        told = {"p50_ms": big.p50_ms, "p99_ms": big.p99_ms, "sizes": sizes}
        typer.echo(json.dumps({**told, "exponent": grows, "n_log_n_exponent": ideal}))
        return
    typer.echo(
        f"{deciding.WAITING} 通排队、{deciding.PEOPLE} 名坐席："
        f"p50 {big.p50_ms:.3f} 毫秒，p99 {big.p99_ms:.3f} 毫秒"
    )
    for one in costs:
        typer.echo(f"n={one.n:<6} p50 {one.p50_ms:.3f}　p99 {one.p99_ms:.3f} 毫秒")
    typer.echo(f"增长约为 n 的 {grows:.2f} 次方；n·log n 在此范围为 {ideal:.2f} 次方")


@app.command("soak")
def soak(
    *,
    minutes: Annotated[float, typer.Option("--minutes", help="多少分钟。", min=0.5)] = 30,
    rate: Annotated[float, typer.Option("--rate", help="每秒来电数。", min=0.1)] = 10,
    database: _Database = "",
    as_json: _Json = False,
) -> None:
    """长时间不断来电，看控制器的内存是否平稳。

    例：hotline bench soak --minutes 30 --rate 10
    """
    from hotline.bench import house, soaking

    async def run() -> soaking.Soak:
        async with house.opened(_progress, database_url=database) as opened:
            return await soaking.soak(opened, rate, minutes * 60, _tell)

    result = asyncio.run(run()).as_json()
    if as_json:
        typer.echo(json.dumps(result))
        return
    typer.echo(
        f"{result['calls']} 通，失败 {result['failures']}；内存 {result['rss_first_mb']} → "
        f"{result['rss_last_mb']} MB，每一万通 {result['rss_slope_mb_per_10000_calls']:+} MB"
    )


def _rates(text: str) -> list[float]:
    try:
        rates = [float(one) for one in text.split(",")]
    except ValueError:
        rates = []
    if not rates or any(not 0 < one <= 200 for one in rates):
        raise typer.BadParameter(
            "应为 0 到 200 之间的数，用逗号隔开，如 20,50", param_hint="--rate"
        )
    return rates


def _tell(text: str) -> None:
    typer.echo(text, err=True)


def _progress(*_: object) -> None:
    """Asterisk's installation is quick the second time; the first is ``hotline init``'s."""
