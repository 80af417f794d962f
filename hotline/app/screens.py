"""``hotline screens``: pictures of every page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def screens(
    folder: Annotated[Path, typer.Argument(help="图片存放的文件夹")],
    only: Annotated[str, typer.Option("--only", help="只拍名称含此文字的页面")] = "",
    language: Annotated[str, typer.Option("--language", help="页面语言：zh 或 en")] = "zh",
) -> None:
    """用虚构的一天给每个页面截图（浅色、深色、1024×768、手机）。需要 Chromium。

    例：hotline screens docs/screens
    """
    import asyncio  # noqa: PLC0415 - only where it is needed, so that --help is quick

    from hotline.app.processes import SECTIONS  # noqa: PLC0415 - the same
    from hotline.demo.screens import take  # noqa: PLC0415 - the same

    count = asyncio.run(take(folder, SECTIONS, only=only, language=language, told=typer.echo))
    typer.echo(f"共 {count} 张，存放在 {folder}")
