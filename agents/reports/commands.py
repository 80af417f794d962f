"""``hotline report``: a report on the terminal or as a file; cron makes it every day."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agents.reports.formats import Format
from agents.reports.period import Kind

if TYPE_CHECKING:
    from agents.reports.building import Count
    from agents.reports.values import Report

Rates = Callable[[], Mapping[str, "Count"]]
"""Rates that other packages count; asked for only when a report is made."""


def command(rates: Rates) -> Callable[..., None]:
    """Return the command; ``rates`` are counted by packages that this one may not know."""

    def report(
        kind: Annotated[Kind, typer.Argument(help="日报、周报、月报、年报。", show_choices=True)],
        day: Annotated[
            str,
            typer.Argument(
                help="时期里的任一天（2026-11-24 或 2026-11）；不写为最近一个完整时期。"
            ),
        ] = "",
        *,
        to: Annotated[
            Path | None,
            typer.Option("--to", help="写到这个文件或文件夹；不写则显示在屏幕上。"),
        ] = None,
        form: Annotated[
            Format | None,
            typer.Option("--format", help="格式；不写则由 --to 的文件名后缀决定，文件夹为 xlsx。"),
        ] = None,
        as_json: Annotated[bool, typer.Option("--json", help="输出 JSON，供程序读取。")] = False,
    ) -> None:
        """生成报表：来电、接通、满意、准确、工单、热点、突增、值班考核，附每项的算法。

        例：hotline report monthly 2026-11 --to 报表/

        定时生成：在 crontab 里写一行，如  0 1 1 * *  hotline report monthly --to /var/报表/
        """
        from agents.reports import files

        made = _make(kind, day, rates())
        if to is None:
            shown = Format.JSON if as_json else form or Format.TEXT
            _show(files.write(made, shown), shown)
            return
        chosen = form or _by_ending(to)
        target = to / files.name(made, chosen) if _is_folder(to) else to
        _keep(target, files.write(made, chosen))
        typer.echo(f"已写入 {target}")

    return report


def _make(kind: Kind, day: str, rates: Mapping[str, Count]) -> Report:
    from agents.reports import settings as report_settings
    from agents.reports.building import build
    from agents.reports.period import last_whole, period_of, read_day
    from hotline.clock import SystemClock
    from hotline.store import own

    now = SystemClock().now()
    period = period_of(kind, read_day(day)) if day else last_whole(kind, now)

    rules = report_settings.load()
    return own.read(lambda session: build(session, period, now, rules, rates=rates))


def _show(body: bytes, form: Format) -> None:
    if form in {Format.XLSX, Format.PDF}:
        raise typer.BadParameter(f"{form.value} 不能显示在屏幕上，请用 --to 写到文件")
    typer.echo(body.decode())


def _by_ending(to: Path) -> Format:
    ending = to.suffix.removeprefix(".")
    if not ending or _is_folder(to):
        return Format.XLSX
    try:
        return Format(ending)
    except ValueError as error:
        raise typer.BadParameter(f"不认识的格式 .{ending}，可用：xlsx、pdf、json、txt") from error


def _is_folder(to: Path) -> bool:
    return to.is_dir() or not to.suffix


def _keep(target: Path, body: bytes) -> None:
    """Write whole or not at all: whoever fetches reports by night must never get half of one."""
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_name(f".{target.name}.new")
    fresh.write_bytes(body)
    fresh.replace(target)
