"""``hotline services …``: check the service files, list the catalogue, draw a service."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from hotline.casework.services import Services

app = typer.Typer(help="服务目录与办理流程：核对、列出、画图。", no_args_is_help=True)


def _load() -> Services:
    from hotline import worktime
    from hotline.casework import services

    return services.load(has_calendar=bool(worktime.load_calendar().known))


@app.command("check")
def check(
    *, as_json: Annotated[bool, typer.Option("--json", help="输出 JSON，供程序读取。")] = False
) -> None:
    """核对所有服务文件和补贴标准；有误时逐条列出文件和行号，并以 1 退出。

    例：hotline services check
    """
    import json

    found = _load()
    problems = [{"file": str(p.file), "line": p.line, "message": p.message} for p in found.problems]
    examples = [tariff.name for tariff in found.tariffs.values() if tariff.example]
    if as_json:
        typer.echo(
            json.dumps(
                {"services": sorted(found.by_code), "problems": problems, "examples": examples},
                ensure_ascii=False,
            )
        )
    else:
        for problem in found.problems:
            typer.echo(str(problem), err=True)
        for name in examples:
            typer.echo(f"提示：“{name}”还是示例数字，发放前请换成本地文件规定的标准。")
        summary = f"{len(found.by_code)} 项服务可用"
        typer.echo(f"{summary}，{len(problems)} 处有误。" if problems else f"{summary}，没有错误。")
    if problems:
        raise typer.Exit(1)


@app.command("list")
def list_services() -> None:
    """列出服务目录：代码、名称、对象、时限、收费。

    例：hotline services list
    """
    from rich.console import Console
    from rich.table import Table

    table = Table("代码", "编号", "名称", "服务对象", "办理时限", "收费")
    for service in sorted(_load().by_code.values(), key=lambda s: s.digits):
        entry = service.catalogue
        table.add_row(
            service.code, service.digits, service.name, entry.for_whom, entry.time_limit, entry.cost
        )
    Console().print(table)


@app.command("show")
def show(
    code: Annotated[str, typer.Argument(help="服务代码，如 ticket；hotline services list 可查。")],
    *,
    out: Annotated[
        Path | None, typer.Option("--svg", help="把流程图写到这个 SVG 文件。", dir_okay=False)
    ] = None,
) -> None:
    """显示一项服务的流程、经办角色和期限；加 --svg 画成图。

    例：hotline services show ticket --svg ticket.svg
    """
    from hotline.casework import drawing

    services = _load()
    service = services.get(code)
    if out is None:
        typer.echo(drawing.text(service, services.roles), nl=False)
        return
    out.write_text(drawing.svg(service), encoding="utf-8")
    typer.echo(f"流程图已写入 {out}")
