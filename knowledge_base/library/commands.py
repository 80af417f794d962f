"""``hotline kb import``: bring statutes into the library."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from datetime import date

    from knowledge_base.library.importer import Change, ImportResult

app = typer.Typer()

_SHOWN = 20
_KINDS = {"law": "新法规", "version": "新版本", "text": "正文变化", "dates": "信息变化"}


@app.command("import")
def import_statutes(
    paths: Annotated[list[Path], typer.Argument(help="法规文件或文件夹（.md .docx .html .txt）")],
    *,
    taken: Annotated[
        datetime | None,
        typer.Option(
            "--taken", formats=["%Y-%m-%d"], help="数据截至日期；不填取其中最新的公布日期"
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON，供程序读取")] = False,
) -> None:
    """导入法规；可重复执行，只写入新增和变化的部分，并列出差异。

    例：hotline kb import ~/laws --taken 2025-04-30
    """
    import asyncio
    import json

    result, unreadable = asyncio.run(_import(paths, taken.date() if taken else None, as_json))
    if as_json:
        report = {
            "texts": result.texts,
            "articles": result.articles,
            "unchanged": result.unchanged,
            "changes": [change.as_json() for change in result.changes],
            "unreadable": [{"file": file, "why": why} for file, why in unreadable],
        }
        print(json.dumps(report, ensure_ascii=False))
    else:
        _print(result, unreadable)
    if unreadable:
        raise typer.Exit(1)


@app.command("parameters")
def parameters(
    *,
    on: Annotated[
        datetime | None,
        typer.Option("--on", formats=["%Y-%m-%d"], help="哪一天适用的数；不填为今天"),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON，供程序读取")] = False,
) -> None:
    """列出会变的数（利率、工资、收入）及来源、数据截至；提示该更新的和还没填写的。

    例：hotline kb parameters --on 2024-08-01
    """
    import json

    from hotline.clock import CHINA, SystemClock
    from knowledge_base.parameters import load_parameters

    day = on.date() if on else SystemClock().now().astimezone(CHINA).date()
    known = load_parameters()
    figures = [(parameter, known.figure(parameter.code, day)) for parameter in known.all]
    if as_json:
        report = [
            {
                "code": parameter.code,
                "value": str(figure.value) if figure else None,
                "since": figure.since.isoformat() if figure else None,
                "taken": figure.taken.isoformat() if figure else None,
                "outdated": figure.outdated if figure else None,
            }
            for parameter, figure in figures
        ]
        print(json.dumps(report))
        return
    for parameter, figure in figures:
        print(figure.words if figure else f"{parameter.name}：尚未填写（{parameter.source}）")


async def _import(
    paths: list[Path], taken: date | None, quiet: bool
) -> tuple[ImportResult, tuple[tuple[str, str], ...]]:
    from hotline.clock import SystemClock
    from hotline.settings import load
    from hotline.store import Database
    from knowledge_base.library.importer import import_texts
    from knowledge_base.library.installed import KnowledgeFiles, refresh_library
    from knowledge_base.library.sources import collect
    from knowledge_base.search.installed import refresh_index

    settings = load()
    files = KnowledgeFiles.of(settings)
    database = Database(settings.database_url)
    try:
        with progress("读取法规", quiet=quiet) as advance:
            collected = collect(paths, taken=taken, advance=advance)
        async with database.write() as session:
            result = await import_texts(session, collected.texts, SystemClock().now())
        library = await refresh_library(database, files)
        with progress("建立检索索引", quiet=quiet) as advance:
            refresh_index(library, files, advance)
    finally:
        await database.close()
    return result, collected.unreadable


@contextmanager
def progress(words: str, *, quiet: bool = False) -> Iterator[Callable[[int, int], None]]:
    """Show a bar on the terminal's error stream while something is counted."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    console = Console(stderr=True, quiet=quiet)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, transient=not console.is_terminal) as bar:
        task = bar.add_task(words, total=None)

        def advance(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        yield advance


def _print(result: ImportResult, unreadable: tuple[tuple[str, str], ...]) -> None:
    print(
        f"读取 {result.texts} 个文本、{result.articles} 条；"
        f"{result.unchanged} 个没有变化，{len(result.changes)} 个有变化。"
    )
    for change in result.changes[:_SHOWN]:
        print(f"  {_words(change)}")
    if len(result.changes) > _SHOWN:
        print(f"  ……其余 {len(result.changes) - _SHOWN} 个从略（--json 列出全部）")
    for _, why in unreadable:
        print(f"  未导入：{why}")


def _words(change: Change) -> str:
    day = f"（{change.publish}）" if change.publish else ""
    parts: list[Any] = [
        f"{what}{'、'.join(labels[:5])}{f'等 {len(labels)} 条' if len(labels) > 5 else ''}"
        for what, labels in (
            ("新增", change.added),
            ("删去", change.removed),
            ("修改", change.changed),
        )
        if labels
    ]
    return f"{_KINDS[change.kind]}：{change.law}{day}" + ("：" + "；".join(parts) if parts else "")
