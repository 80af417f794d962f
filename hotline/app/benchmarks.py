"""``hotline bench web``: the whole house's pages over a large database."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer


class Kind(StrEnum):
    """Which database is measured."""

    SQLITE = "sqlite"
    POSTGRESQL = "postgresql"


def web(
    *,
    tickets: Annotated[int, typer.Option("--tickets", help="多少张工单。", min=100)] = 1_000_000,
    cases: Annotated[int, typer.Option("--cases", help="多少个办件。", min=10)] = 100_000,
    rounds: Annotated[int, typer.Option("--rounds", help="每种页面测多少轮。", min=2)] = 40,
    database: Annotated[
        Kind | None, typer.Option("--database", help="只测这一种；不写则两种都测。")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON，供程序读取。")] = False,
) -> None:
    """量网页在大库上的快慢：列表、工单页、办件、月报，与同一程序在小库上相比。

    例：hotline bench web --tickets 100000 --cases 10000 --json
    """
    import asyncio
    import json

    from hotline.app.processes import every_section
    from hotline.bench.pages import compare
    from hotline.tickets.generated import Size

    wanted = [database.value] if database else [kind.value for kind in Kind]
    size = Size(tickets, cases)
    found = asyncio.run(
        compare(every_section, size, rounds, wanted, lambda words: typer.echo(words, err=as_json))
    )
    if as_json:
        result = {"tickets": tickets, "cases": cases, "databases": found}
        typer.echo(json.dumps(result, ensure_ascii=False))
        return
    for kind, sides in found.items():
        for page, figures in sides["large"].items():
            ratio = sides["large_to_small"][page]
            typer.echo(
                f"{kind:10}  {page:7}  中位 {figures['p50_ms']:8.1f} 毫秒　95% 不超过 "
                f"{figures['p95_ms']:8.1f} 毫秒　是小库的 {ratio:.2f} 倍"
            )
