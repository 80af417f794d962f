"""A report as a workbook, a PDF to print and file, JSON for programs, or text for a terminal."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from agents.reports.formats import Format
from agents.reports.values import (
    Measure,
    Report,
    Table,
    Value,
    cell,
    change_in_words,
    fraction_in_words,
    in_words,
)
from hotline import documents
from hotline.calls.proportion import Proportion
from hotline.clock import CHINA
from hotline.documents.content import Chart, Column, Form, Part

MEASURE_COLUMNS = ("指标", "本期", "分子 / 分母", "上期", "变化", "标准", "说明")


TYPES = {
    Format.XLSX: documents.XLSX_TYPE,
    Format.PDF: documents.PDF_TYPE,
    Format.JSON: "application/json",
    Format.TEXT: "text/plain",
}


def write(report: Report, form: Format) -> bytes:
    """Write a report as a file of that format."""
    return _WRITERS[form](report)


def name(report: Report, form: Format) -> str:
    """Return the file's name: ``12348月报-2026-11-01.xlsx``."""
    return f"12348{report.period.kind.words}-{report.period.mark}.{form.value}"


def title(report: Report) -> str:
    """Return what stands above it."""
    return f"12348 公共法律服务热线{report.period.kind.words}"


def made(report: Report) -> str:
    """Return when it was made, and that it still grows where it does."""
    when = f"{report.made_at.astimezone(CHINA):%Y-%m-%d %H:%M} 生成"
    return f"{when}，时期未结束，数字还会变" if report.running else when


def norm_in_words(measure: Measure) -> str:
    """Return what a figure is held to: ``≥ 95.0%，达标（GB/T 33358-2016…）``."""
    norm = measure.norm
    if norm is None:
        return ""
    limit, sign = (norm.at_least, "≥") if norm.at_least is not None else (norm.at_most, "≤")
    held = f"{sign} {in_words(limit, measure.form)}"
    if measure.met is None:
        return f"{held}（{norm.source}）"
    return f"{held}，达标（{norm.source}）" if measure.met else f"{held}，未达标（{norm.source}）"


def _content(report: Report) -> documents.Report:
    charts = {
        table.code: [
            Chart(one.kind, one.title, 0, one.columns, one.most)
            for one in report.charts
            if one.table == table.code
        ]
        for table in report.tables
    }
    return documents.Report(
        title=title(report),
        subtitle=f"{report.period.words} · {report.scope}",
        parts=[
            _headline(report),
            *(
                Part(
                    table.title,
                    _notes(table),
                    _grid(table) if table.rows else None,
                    charts[table.code],
                )
                for table in report.tables
            ),
        ],
        made=made(report),
    )


def _headline(report: Report) -> Part:
    rows = [
        (
            one.name,
            in_words(one.value, one.form),
            fraction_in_words(one.value),
            in_words(one.before, one.form),
            change_in_words(one),
            norm_in_words(one),
            one.definition,
        )
        for one in report.measures
    ]
    columns = [Column(column) for column in MEASURE_COLUMNS]
    return Part("主要指标", (), documents.Table(columns, rows))


def _grid(table: Table) -> documents.Table:
    return documents.Table(
        [Column(column.name, column.form) for column in table.columns],
        [[cell(value) for value in row] for row in table.rows],
    )


def _notes(table: Table) -> tuple[str, ...]:
    return tuple(words for words in (table.note, "" if table.rows else table.empty) if words)


def as_values(report: Report) -> dict[str, Any]:
    """Return the report for programs; shares with numerator, denominator and what is left out."""
    return {
        "kind": report.period.kind.value,
        "first": report.period.first.isoformat(),
        "last": report.period.last.isoformat(),
        "made_at": report.made_at.isoformat(),
        "running": report.running,
        "scope": report.scope,
        "measures": {
            one.code: {
                "name": one.name,
                "value": _plain(one.value),
                "before": _plain(one.before),
                "met": one.met,
                "definition": one.definition,
            }
            for one in report.measures
        },
        "tables": {
            table.code: {
                "title": table.title,
                "columns": [column.name for column in table.columns],
                "rows": [[_plain(value) for value in row] for row in table.rows],
            }
            for table in report.tables
        },
    }


def _plain(value: Value) -> Any:
    if not isinstance(value, Proportion):
        return value
    return {
        "numerator": value.numerator,
        "denominator": value.denominator,
        "value": value.value,
        "excluded": dict(value.excluded),
    }


def _text(report: Report) -> str:
    lines = [f"{title(report)}  {report.period.words}  {report.scope}", made(report), ""]
    for one in report.measures:
        parts = [in_words(one.value, one.form), fraction_in_words(one.value), change_in_words(one)]
        lines.append(f"{one.name}：" + "　".join(part for part in parts if part))
    for table in report.tables:
        lines += ["", f"【{table.title}】"]
        lines += [_line(table, row) for row in table.rows] or [table.empty]
    return "\n".join([*lines, ""])


def _line(table: Table, row: tuple[Value, ...]) -> str:
    first, *others = zip(table.columns, row, strict=True)
    told = "，".join(f"{about.name} {in_words(value, about.form)}" for about, value in others)
    return f"{in_words(first[1], Form.TEXT)}：{told}"


_WRITERS: Mapping[Format, Callable[[Report], bytes]] = {
    Format.XLSX: lambda report: documents.workbook(_content(report)),
    Format.PDF: lambda report: documents.pdf(_content(report)),
    Format.JSON: lambda report: json.dumps(as_values(report), ensure_ascii=False).encode(),
    Format.TEXT: lambda report: _text(report).encode(),
}
