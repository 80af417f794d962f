"""Composes the house: the command line, the pages and the workers. Only this knows them all."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line; an expected error is told in one message and exits with 1."""
    from rich.console import Console  # noqa: PLC0415 - shells out of here must stay quick

    from hotline.app.commandline import cli  # noqa: PLC0415
    from hotline.errors import HotlineError  # noqa: PLC0415

    try:
        cli()
    except HotlineError as error:
        Console(stderr=True).print(
            f"[bold red]错误[/] [dim]({error.error_id})[/] {error.message}", highlight=False
        )
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
