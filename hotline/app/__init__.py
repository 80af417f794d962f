"""Composes the house: the command line, the pages and the workers. Only this knows them all."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line; an expected error is told in one message and exits with 1."""
    from rich.console import Console  # noqa: PLC0415 - an import of the package must stay quick
    from rich.markup import escape  # noqa: PLC0415

    from hotline.app.commandline import cli  # noqa: PLC0415
    from hotline.app.running import configure_logging  # noqa: PLC0415
    from hotline.errors import HotlineError  # noqa: PLC0415

    # A command tells its own story; what serves and works turns its log up.
    configure_logging(quiet=True)
    try:
        cli()
    except HotlineError as error:
        Console(stderr=True).print(
            f"[bold red]错误[/] [dim]({error.error_id})[/] {escape(error.message)}", highlight=False
        )
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
