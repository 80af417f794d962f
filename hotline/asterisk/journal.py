"""The journal of calls that Asterisk writes itself, a line for each leg that ended.

It closes the gap of the controller's absence: whoever reconciles reads it from where it stopped
and merges the lines of one call (``uniqueid``), the last non-empty value winning.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

COLUMNS = (
    "start",
    "answer",
    "end",
    "uniqueid",
    "linkedid",
    "sequence",
    "src",
    "dst",
    "dcontext",
    "channel",
    "dstchannel",
    "lastapp",
    "disposition",
    "duration",
    "billsec",
    "hl_call",
    "hl_number",
    "hl_topic",
    "hl_lang",
    "hl_place",
    "hl_path",
    "hl_agent",
    "hl_outcome",
    "hl_survey",
    "hl_recording",
)
"""The dialplan fills ``hl_…`` with ``Set(CDR(hl_topic)=wages)`` and so on."""

_EPOCH = frozenset({"start", "answer", "end"})


def mapping() -> str:
    """Return the line of ``cdr_custom.conf`` that writes :data:`COLUMNS`.

    Times are epoch seconds (``,u`` asks for raw values).
    """
    return ",".join(
        f"${{CSV_QUOTE(${{CDR({name}{',u' * (name in _EPOCH)})}})}}" for name in COLUMNS
    )


@dataclass(frozen=True)
class Page:
    """Lines read from the journal, and where to read on."""

    lines: tuple[dict[str, str], ...]
    offset: int


def read(file: Path, offset: int = 0) -> Page:
    """Read the whole lines from byte ``offset`` on; a line still being written waits.

    A file shorter than ``offset`` had its page turned (:mod:`hotline.asterisk.logs`): what was not
    read of the old page comes first, then the new one from its beginning.
    """
    size, data = _from(file, offset)
    left = b""
    if offset > size:
        _, left = _from(file.with_name(f"{file.name}.0"), offset)
        offset, (_, data) = 0, _from(file, 0)
    end = data.rfind(b"\n") + 1
    text = (left + data[:end]).decode("utf-8", "replace")
    return Page(tuple(_rows(text)), offset + end)


def _from(file: Path, offset: int) -> tuple[int, bytes]:
    """Return a file's size and what it holds from ``offset`` on; nothing where it isn't there."""
    try:
        with file.open("rb") as source:
            size = source.seek(0, 2)
            source.seek(min(offset, size))
            return size, source.read()
    except FileNotFoundError:
        return 0, b""


def _rows(text: str) -> Iterator[dict[str, str]]:
    for row in csv.reader(text.splitlines()):
        if len(row) == len(COLUMNS):
            yield dict(zip(COLUMNS, row, strict=True))
