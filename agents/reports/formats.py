"""What a report is written as."""

from __future__ import annotations

from enum import StrEnum


class Format(StrEnum):
    """Also the file's ending."""

    XLSX = "xlsx"
    PDF = "pdf"
    JSON = "json"
    TEXT = "txt"
