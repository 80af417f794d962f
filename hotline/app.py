"""Composes the house: the command line, the pages and the workers. Only this knows them all."""

from __future__ import annotations

import sys

import typer
from rich.console import Console

from hotline.errors import HotlineError

cli = typer.Typer(
    name="hotline",
    help="12348 公共法律服务热线：从来电到经过核对的答复。",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


def main() -> None:
    """Run the command line; an expected error is told in one message and exits with 1."""
    try:
        cli()
    except HotlineError as error:
        Console(stderr=True).print(
            f"[bold red]错误[/] [dim]({error.error_id})[/] {error.message}", highlight=False
        )
        sys.exit(1)


if __name__ == "__main__":
    main()
