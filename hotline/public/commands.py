"""``hotline ivr advice``: the texts of recorded advice."""

from __future__ import annotations

from typing import Annotated

import typer


def advice(
    *,
    write: Annotated[
        bool, typer.Option("--write", help="写入配置目录的 ivr/advice.yaml；不写则只显示。")
    ] = False,
) -> None:
    """夜间录音解答：由要点卡生成菜单要播放的文字，与现有的比较。

    例：hotline ivr advice        例：hotline ivr advice --write && hotline ivr compile
    """
    import config
    from hotline.public import recorded
    from hotline.settings import load
    from ivr import model
    from ivr.advice import FILE, wanted
    from knowledge_base.editing.installed import installed_cards
    from knowledge_base.library.installed import KnowledgeFiles

    cards = installed_cards(KnowledgeFiles.of(load()))
    text = recorded.written(recorded.advice(cards, wanted(model.load().menu)))
    file = config.path(FILE)
    before = file.read_text(encoding="utf-8") if file.is_file() else ""
    if not write:
        typer.echo(text)
        typer.echo(f"与 {file} 相同。" if text == before else f"与 {file} 不同；加 --write 写入。")
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    typer.echo(f"已写入 {file}。请看过以后运行 hotline ivr compile 生效。")
