"""The export for whoever pays: one sheet of sums, one of every line with how it was reckoned."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal

from agents.subsidies.statements import Statement
from hotline import documents
from hotline.clock import CHINA
from hotline.documents.content import Column, Form, Part, Table

_SUMS = (
    Column("姓名"),
    Column("标识"),
    Column("项数", Form.COUNT),
    Column("金额（元）", Form.MONEY),
    Column("本人确认"),
    Column("批准人"),
    Column("批准时间"),
)
_LINES = (
    Column("姓名"),
    Column("日期"),
    Column("事项", width=40),
    Column("金额（元）", Form.MONEY),
    Column("计算", width=40),
    Column("标准依据", width=40),
)


def workbook(
    month: str,
    statements: Sequence[Statement],
    name: Callable[[str | None], str],
    by: str,
    now: datetime,
) -> bytes:
    """Return the month's approved statements as xlsx; amounts in yuan."""
    total = sum((one.total for one in statements), Decimal("0.00"))
    sums = Table(
        _SUMS,
        [
            (
                name(one.row.person_id),
                one.row.person_id,
                len(one.kept),
                float(one.total),
                one.row.confirmed_at,
                one.row.approved_by,
                one.row.approved_at,
            )
            for one in statements
        ],
        total=("合计", "", sum(len(one.kept) for one in statements), float(total), "", "", ""),
    )
    lines = Table(
        _LINES,
        [
            (
                name(one.row.person_id),
                line.day,
                line.about,
                float(line.amount),
                " ".join(line.reckoning),
                line.source,
            )
            for one in statements
            for line in one.kept
        ],
    )
    return documents.workbook(
        documents.Report(
            title="补贴清单",
            subtitle=month,
            parts=[
                Part("汇总", ("经本人确认、司法局批准，批准后锁定。",), sums),
                Part("明细", (), lines),
            ],
            made=f"{now.astimezone(CHINA):%Y-%m-%d %H:%M} {by} 导出",
        )
    )


def digest(body: bytes) -> str:
    """Return the file's SHA-256, kept in the audit: a changed copy can be told by it."""
    return hashlib.sha256(body).hexdigest()
