"""The alarms that the made-up county has had."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from agents.alarms.tables import AlarmTable

_PAST = (
    (
        "longest",
        "longest_wait",
        "bad",
        "2 位来电人等待超过 1 分钟",
        3.1,
        140,
        25,
        "已请孙丽提前结束小休",
    ),
    ("nobody", "nobody_ready", "bad", "3 人等待，没有空闲律师", 3.15, 95, 31, ""),
    (
        *("theme:wages", "mass", "bad", "集中来电：30 分钟内 17 人咨询“劳动报酬”"),
        *(27.5, 2600, 48, "城东工地欠薪，已报劳动监察并通知值班领导"),
    ),
    (
        "lines",
        "unreachable",
        "warn",
        "话机不通：三岔河民族乡站",
        51,
        5400,
        900,
        "停电，已联系供电所",
    ),
    ("absent:guo", "absent", "warn", "郭婷婷已开班，尚未签入", 126, 420, None, ""),
    ("connect", "connect_rate", "warn", "最近 24 小时接通率 93.8%，低于 95%", 170, 9000, 240, ""),
)


def remember(session: AsyncSession, now: datetime) -> None:
    """Put the alarms of the last days into the database."""
    for key, kind, level, told, hours, lasted, seen, note in _PAST:
        raised = now - timedelta(hours=hours)
        session.add(
            AlarmTable(
                key=key,
                rule=key.partition(":")[0],
                kind=kind,
                level=level,
                words=told,
                raised_at=raised,
                met_at=raised + timedelta(seconds=lasted - 30),
                cleared_at=raised + timedelta(seconds=lasted),
                seen_at=raised + timedelta(seconds=seen) if seen is not None else None,
                seen_by="林秀英" if seen is not None else "",
                note=note,
            )
        )
