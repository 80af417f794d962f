"""Composes the house: the command line, the pages and the workers. Only this knows them all."""

from __future__ import annotations

import errno
import sys

_FILE_TROUBLES = {
    errno.ENOSPC: "磁盘已满，请清理后重试",
    errno.EDQUOT: "磁盘配额已用完，请清理后重试",
    errno.EROFS: "所在磁盘是只读的，请换一个位置",
    errno.EACCES: "没有读写权限，请检查文件权限，或换用有权限的账号",
    errno.EPERM: "没有读写权限，请检查文件权限，或换用有权限的账号",
    errno.EEXIST: "已经存在，但不是文件夹，请换一个位置",
    errno.ENOTDIR: "路径中有一段不是文件夹，请检查",
    errno.EISDIR: "这是一个文件夹，请写文件名",
}
"""What a person can mend; any other error of the operating system is a mistake of the program."""


def main() -> None:
    """Run the command line; an expected error is told in one message and exits with 1."""
    from rich.console import Console  # noqa: PLC0415 - an import of the package must stay quick
    from rich.markup import escape  # noqa: PLC0415

    from hotline.app.commandline import cli  # noqa: PLC0415
    from hotline.app.running import configure_logging  # noqa: PLC0415
    from hotline.errors import HotlineError  # noqa: PLC0415

    def tell(error_id: str, message: str) -> None:
        # Never wrapped, so that FILE:LINE stays in one piece for an editor to jump to.
        words = f"[bold red]错误[/] [dim]({error_id})[/] {escape(message)}"
        Console(stderr=True).print(words, highlight=False, soft_wrap=True)

    # A command tells its own story; what serves and works turns its log up.
    configure_logging(quiet=True)
    try:
        cli()
    except HotlineError as error:
        tell(error.error_id, error.message)
        sys.exit(1)
    except OSError as error:
        if error.errno not in _FILE_TROUBLES:
            raise
        place = f"{error.filename}：" if error.filename else ""
        tell("file", f"{place}{_FILE_TROUBLES[error.errno]}。")
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
