"""Shows how far a long preparation is, on a terminal or in a log."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn

from hotline.debian.apt import Progress as Callback


@contextlib.contextmanager
def shown() -> Iterator[Callback]:
    """Yield what may be handed to ``install``; draws a bar for each thing that it is told."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
    tasks: dict[str, TaskID] = {}
    with Progress(*columns, console=console, transient=not console.is_terminal) as bars:

        def tell(what: str, share: float) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(what, total=1.0)
                if not console.is_terminal:
                    console.print(f"{what}…")
            bars.update(tasks[what], completed=share)

        yield tell
