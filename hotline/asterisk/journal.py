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


MOST = 32 * 1024
"""Bytes of a page: some 50 calls, so that a long absence is read in little memory."""


@dataclass(frozen=True)
class Page:
    """Lines read from the journal, and where to read on."""

    lines: tuple[dict[str, str], ...]
    offset: int
    more: bool = False
    """Whether there is more to be read now."""


def read(file: Path, offset: int = 0, most: int = MOST) -> Page:
    """Read the whole lines from byte ``offset`` on; a line still being written waits.

    A page is of some ``most`` bytes, and parts no call's lines where it need not. A file shorter
    than ``offset`` was put aside (:mod:`hotline.asterisk.logs`): what was not read of the old one
    comes first, then the new one from its beginning.
    """
    size, data = _from(file, offset, most)
    if offset > size:
        _, left = _from(file.with_name(f"{file.name}.0"), offset, most)
        whole = _whole(left, cut=len(left) == most)
        if whole:
            return Page(tuple(_rows(whole)), offset + len(whole), more=True)
        offset, (size, data) = 0, _from(file, 0, most)
    whole = _whole(data, cut=offset + len(data) < size)
    return Page(tuple(_rows(whole)), offset + len(whole), offset + len(data) < size)


def _from(file: Path, offset: int, most: int) -> tuple[int, bytes]:
    """Return a file's size and what it holds from ``offset`` on; nothing where it isn't there."""
    try:
        with file.open("rb") as source:
            size = source.seek(0, 2)
            source.seek(min(offset, size))
            return size, source.read(most)
    except FileNotFoundError:
        return 0, b""


def _whole(data: bytes, *, cut: bool) -> bytes:
    """Return the whole lines; of a page that was ``cut``, not those of the call at the cut."""
    whole = data[: data.rfind(b"\n") + 1]
    if cut and not whole:
        return data  # no journal has such lines
    lines = whole.splitlines(keepends=True)
    if not cut or not lines:
        return whole
    last = _call(lines[-1])
    first = next((n for n, line in enumerate(reversed(lines)) if _call(line) != last), None)
    return b"".join(lines[: len(lines) - first]) if first is not None else whole


def _call(line: bytes) -> str:
    return next((row["linkedid"] for row in _rows(line)), "")


def _rows(data: bytes) -> Iterator[dict[str, str]]:
    for row in csv.reader(data.decode("utf-8", "replace").splitlines()):
        if len(row) == len(COLUMNS):
            yield dict(zip(COLUMNS, row, strict=True))
