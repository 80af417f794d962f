"""``hotline kb check``: do the cards' facts stand in the statutes."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from knowledge_base.library import Library

app = typer.Typer()
"""Put into the group ``kb``."""

_SHOWN = 200


@app.command("check")
def check(
    laws: Annotated[
        Path | None,
        typer.Option("--laws", help="法规文件夹；不填则用已导入的法规库。", exists=True),
    ] = None,
    on: Annotated[
        datetime | None,
        typer.Option("--on", formats=["%Y-%m-%d"], help="按哪一天的法律核对；不填用最新文本。"),
    ] = None,
    write: Annotated[
        bool, typer.Option("--write", help="把核实结果写入要点卡文件夹，供没有法规库的机器使用。")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON，供程序读取。")] = False,
) -> None:
    """核对要点卡：每条法条是否存在，每个数值是否写在条文里。未核实的事实不会用来自动判错。

    例：hotline kb check        例：hotline kb check --laws ~/laws
    """
    import json
    from dataclasses import asdict

    from hotline.clock import CHINA, SystemClock
    from hotline.settings import load
    from knowledge_base.cards.check import check_cards, write_confirmations
    from knowledge_base.cards.files import load_cards
    from knowledge_base.editing.installed import installed_cards
    from knowledge_base.library.installed import KnowledgeFiles

    library = _library(laws)
    # Confirmations are shipped with the shipped cards; otherwise those that count here are held.
    cards = load_cards() if write else installed_cards(KnowledgeFiles.of(load()))
    today = SystemClock().now().astimezone(CHINA).date()
    report = check_cards(cards, library, on.date() if on else None, today)
    if write:
        write_confirmations(cards, report, library.taken)
    if as_json:
        told = {
            "cards": len(cards),
            "facts": len(report.facts),
            "confirmed": len(report.confirmed),
            "unconfirmed": [asdict(one) for one in report.unconfirmed],
            "unknown_articles": [asdict(one) for one in report.unknown_articles],
            "overdue": list(report.overdue),
            "taken": library.taken.isoformat() if library.taken else None,
        }
        typer.echo(json.dumps(told, ensure_ascii=False))
    else:
        typer.echo(
            f"{len(cards)} 张要点卡，{len(report.facts)} 个事实，已核实 {len(report.confirmed)} 个"
            f"（法规数据截至 {library.taken or '未知'}）。"
        )
        for one in report.unconfirmed[:_SHOWN]:
            typer.echo(f"  未核实 {one.key}：{one.provision}，{one.doubt}；不用于自动判错")
        for one in report.unknown_articles[:_SHOWN]:
            typer.echo(f"  找不到法条 {one.card}：{one.provision}（{one.doubt}）")
        for card in report.overdue:
            typer.echo(f"  该复审了：{card}")
    if report.unknown_articles:
        raise typer.Exit(1)


def _library(laws: Path | None) -> Library:
    from hotline.errors import NotFoundError
    from hotline.settings import load
    from knowledge_base.library import Library, collect
    from knowledge_base.library.installed import KnowledgeFiles

    if laws is not None:
        return Library.from_texts(collect([laws]).texts)
    library = KnowledgeFiles.of(load()).open_library()
    if not len(library):
        raise NotFoundError("法规库是空的，请先运行 hotline kb import 法规文件夹。")
    return library
