"""``hotline bench web`` and ``bench quality``: the whole house's pages over many calls."""

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


def quality(
    *,
    calls: Annotated[int, typer.Option("--calls", help="多少通已接通的电话。", min=100)] = 10_000,
    tries: Annotated[int, typer.Option("--tries", help="统计页测多少次。", min=5)] = 40,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON，供程序读取。")] = False,
) -> None:
    """量质量统计页在许多通话上的快慢，以及给十分钟通话评分用多少 CPU。

    例：hotline bench quality --calls 10000 --json
    """
    import asyncio
    import json

    from agents.routes import section as agents_section
    from hotline.bench import quality as page
    from hotline.bench import scoring
    from transcripts.routes import section as transcripts_section

    sections = [agents_section, transcripts_section]
    told = {
        "page": asyncio.run(page.measure(sections, calls, tries)),
        "scoring": scoring.measure(),
    }
    if as_json:
        typer.echo(json.dumps(told))
        return
    typer.echo(
        f"质量统计页，{told['page']['calls']:,} 通：中位 {told['page']['p50_ms']} 毫秒　"
        f"95% 不超过 {told['page']['p95_ms']} 毫秒"
    )
    typer.echo(
        f"十分钟通话评分：CPU 中位 {told['scoring']['cpu_median_s']} 秒，"
        f"最多 {told['scoring']['cpu_most_s']} 秒"
    )
