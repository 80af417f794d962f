"""The command line of review: ``review rules`` and ``review draw``."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

app = typer.Typer(help="质检：检查抽样规则，补抽一段时间的通话。", no_args_is_help=True)
"""``hotline review``."""

JsonOption = Annotated[bool, typer.Option("--json", help="输出一个 JSON 对象，供程序读取。")]


@app.command("rules")
def rules(as_json: JsonOption = False) -> None:
    """检查并显示抽样与复核规则（config/review.yaml）和评分表。

    例：hotline review rules
    """
    from transcripts.review.rules import load_rules
    from transcripts.scoring.scorecard import load_scorecard

    found, card = load_rules(), load_scorecard()
    if as_json:
        typer.echo(json.dumps({"rules": found.model_dump(), "form": card.id}, ensure_ascii=False))
        return
    typer.echo(
        f"随机样本 {found.random_share:.0%}，每层至少 {found.least_each} 通，"
        f"每 {found.period_days} 天抽一次；双盲 {found.double_blind_share:.0%}。"
    )
    doubt = f"{found.low_confidence:.0%}"
    typer.echo(f"新律师前 {found.new_lawyer_calls} 通全听，机器把握低于 {doubt} 的全听。")
    typer.echo(f"{card.title}第 {card.version} 版：")
    for item in card.items:
        legal = "，法律项" if item.legal else ""
        typer.echo(f"  {item.weight:>4g} 分  {item.title}{legal}")


@app.command("draw")
def draw(
    since: Annotated[
        datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="从哪一天（含）。")
    ],
    until: Annotated[datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="到哪一天（含）。")],
    seed: Annotated[
        str, typer.Option("--seed", help="随机种子；不给则新取一个，并记录在案。")
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """立即抽取一段时间的随机样本和风险样本。平时由后台定期抽取，抽过的日子不会重抽。

    例：hotline review draw --from 2026-11-01 --to 2026-11-07
    """
    from datetime import timedelta

    from hotline.clock import CHINA
    from hotline.errors import ConflictError
    from hotline.store import own
    from transcripts.review import candidates, draws
    from transcripts.review.rules import load_rules

    begin = since.replace(tzinfo=CHINA)
    end = until.replace(tzinfo=CHINA) + timedelta(days=1)

    bound, chosen = load_rules(), seed or draws.new_seed()

    async def draw(session: AsyncSession, now: datetime) -> tuple[int, int, int]:
        made = await draws.draw_period(
            session, begin, min(end, now), rules=bound, now=now, seed=chosen
        )
        if made is None:
            raise ConflictError("这段时间里有抽过的日子，不能重抽。请换一段时间。")
        calls = await candidates.ended_between(
            session, begin, min(end, now), firsts=bound.new_lawyer_calls
        )
        risk = await draws.watch(session, calls, bound, now)
        return made.calls, made.drawn, risk

    calls, random, risk = own.write(draw)
    if as_json:
        told = {"calls": calls, "random": random, "risk": risk, "seed": chosen}
        typer.echo(json.dumps(told, ensure_ascii=False))
    else:
        typer.echo(
            f"接通 {calls} 通，随机抽中 {random} 通，另有风险样本 {risk} 通。种子 {chosen}。"
        )
