"""Personal data as it stands on the pages until someone, on the record, asks for all of it."""

from __future__ import annotations

DOTS = "****"


def number(value: str | None) -> str:
    """Mask a telephone number: ``138****5678``; short ones keep only their end."""
    if not value:
        return "未显示号码"
    if len(value) <= 4:
        return DOTS
    if len(value) < 8:
        return DOTS + value[-2:]
    return value[:3] + DOTS + value[-4:]


def name(value: str | None) -> str:
    """Mask a person's name as offices do: ``王*``, ``欧阳**``."""
    if not value:
        return "未留姓名"
    kept = 2 if value[:2] in _DOUBLE_SURNAMES and len(value) > 2 else 1
    return value[:kept] + "*" * min(len(value) - kept, 2)


_DOUBLE_SURNAMES = frozenset(
    (
        *("欧阳", "司马", "上官", "诸葛", "东方", "皇甫", "尉迟", "公孙", "令狐"),
        *("慕容", "司徒", "端木", "夏侯", "南宫", "独孤", "长孙", "宇文", "轩辕"),
    )
)
