"""Why Asterisk didn't start, from what it wrote, in words that tell what to do."""

from __future__ import annotations

import contextlib
import re

from hotline.asterisk.errors import (
    AsteriskError,
    MissingModulesError,
    PortInUseError,
    StartFailedError,
)
from hotline.asterisk.render import Layout

_MODULE = re.compile(r"(?:Error loading module|[Mm]odule) '?([a-z0-9_]+)(?:\.so)?'?[^\n]*")
_FAILED = re.compile(r"(?:equired module|Error loading module|failed to load|declined to load)")
_BYTES = 64 * 1024


def mark(layout: Layout) -> None:
    """Remember where the log stands: an older start's trouble isn't this one's."""
    try:
        size = layout.messages.stat().st_size
    except FileNotFoundError:
        size = 0
    (layout.run / "log-mark").write_text(str(size), encoding="ascii")


def _since_mark(layout: Layout) -> str:
    text = ""
    with contextlib.suppress(OSError, ValueError):
        start = int((layout.run / "log-mark").read_text(encoding="ascii"))
        with layout.messages.open("rb") as log:
            size = log.seek(0, 2)
            log.seek(max(start if start <= size else 0, size - _BYTES))
            text = log.read().decode(errors="replace")
    with contextlib.suppress(OSError):
        console = layout.log / "console.log"
        text += console.read_text(encoding="utf-8", errors="replace")[-_BYTES:]
    return text


def tail(layout: Layout, lines: int = 12) -> str:
    """Return the last lines of this start's log, errors first in line."""
    found = [line for line in _since_mark(layout).splitlines() if line.strip()]
    errors = [line for line in found if "ERROR" in line]
    return "\n".join((errors or found)[-lines:])


def explain(layout: Layout, code: int) -> AsteriskError:
    """Return the error that fits what Asterisk wrote before it ended with ``code``."""
    text = _since_mark(layout)
    shown = tail(layout)
    if "Address already in use" in text:
        return PortInUseError(
            f"Asterisk 要用的端口已被占用，请修改 hotline.toml 的 [asterisk]。\n{shown}"
        )
    broken = [
        match[1]
        for line in text.splitlines()
        if _FAILED.search(line) and (match := _MODULE.search(line))
    ]
    if broken:
        names = list(dict.fromkeys(broken))
        return MissingModulesError(
            f"Asterisk 的模块 {'、'.join(names)} 载入失败，所以没有启动。日志：\n{shown}",
            modules=names,
        )
    if "No space left on device" in text:
        return StartFailedError(f"磁盘已满，Asterisk 没能启动，请清理后重试。日志：\n{shown}")
    if "Permission denied" in text:
        return StartFailedError(
            f"Asterisk 没有权限使用它的文件夹 {layout.home}，请检查属主。日志：\n{shown}"
        )
    return StartFailedError(f"Asterisk 启动后随即退出（代码 {code}）。日志末尾：\n{shown}")
