"""A report as a workbook: numbers stay numbers, charts are Excel's own and can be changed there."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from io import BytesIO

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.chart import BarChart, LineChart, Reference
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from hotline.clock import CHINA
from hotline.documents.content import (
    Cell,
    Chart,
    ChartKind,
    Column,
    Form,
    Part,
    Report,
    Table,
    breadth,
    told,
)

XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

_TITLE, _SMALL = Font(bold=True, size=14), Font(color="5B6675")
_HEAD, _GROUND = Font(bold=True, color="FFFFFF"), PatternFill("solid", fgColor="1D5BB8")
_STRONG, _TOTAL = Font(bold=True), PatternFill("solid", fgColor="DFE4EA")
_FORMATS = {
    Form.COUNT: "#,##0",
    Form.DECIMAL: "#,##0.0",
    Form.MONEY: "#,##0.00",
    Form.PERCENT: "0.0%",
    Form.DURATION: "[h]:mm:ss",
}
_DAY_SECONDS = 86400
_NARROWEST, _WIDEST = 8, 48
_LOOKED_AT = 200
_CHART_ROWS = 18
_SHEET_NAME = re.compile(r"[\[\]:*?/\\]")
_LONGEST_NAME = 31


def workbook(report: Report) -> bytes:
    """Write a report as xlsx, one worksheet a part."""
    book = Workbook()
    first = book.active
    for number, part in enumerate(report.parts):
        sheet = first if number == 0 and isinstance(first, Worksheet) else book.create_sheet()
        sheet.title = _name(part.title, book.sheetnames)
        _write(sheet, report, part)
    book.properties.title = report.title
    book.properties.creator = report.made
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _name(title: str, taken: Sequence[str]) -> str:
    plain = _SHEET_NAME.sub(" ", title).strip("' ")[:_LONGEST_NAME] or "表"
    name, number = plain, 2
    while name in taken:
        name = f"{plain[: _LONGEST_NAME - 4]} {number}"
        number += 1
    return name


def _write(sheet: Worksheet, report: Report, part: Part) -> None:
    lines = [f"{report.title} · {part.title}", report.subtitle, *part.words]
    for row, line in enumerate(lines, 1):
        _put(sheet, row, 1, line)
        sheet.cell(row, 1).font = _TITLE if row == 1 else _SMALL
    if part.table is None:
        sheet.column_dimensions["A"].width = 90
        return
    head = len(lines) + 2
    _table(sheet, part.table, head)
    at = len(part.table.columns) + 2
    for number, chart in enumerate(part.charts):
        _chart(sheet, part.table, chart, head, f"{get_column_letter(at)}{head + 20 * number}")


def _table(sheet: Worksheet, table: Table, head: int) -> None:
    for column, about in enumerate(table.columns, 1):
        _put(sheet, head, column, about.title)
        cell = sheet.cell(head, column)
        cell.font, cell.fill = _HEAD, _GROUND
        cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
        sheet.column_dimensions[get_column_letter(column)].width = _width(table, column - 1, about)
    rows = [*table.rows, *([table.total] if table.total is not None else [])]
    for row, values in enumerate(rows, head + 1):
        for column, (value, about) in enumerate(zip(values, table.columns, strict=True), 1):
            _put(sheet, row, column, value, about.form)
            if table.total is not None and row == head + len(rows):
                sheet.cell(row, column).font = _STRONG
                sheet.cell(row, column).fill = _TOTAL
    sheet.freeze_panes = f"B{head + 1}"
    last = get_column_letter(len(table.columns))
    sheet.auto_filter.ref = f"A{head}:{last}{head + max(1, len(table.rows))}"


def _put(sheet: Worksheet, row: int, column: int, value: Cell, form: Form = Form.TEXT) -> None:
    cell = sheet.cell(row, column)
    if isinstance(value, str):
        cell.value = ILLEGAL_CHARACTERS_RE.sub("", value)
        # What people typed is never a formula, however it begins.
        cell.data_type = "s"
        return
    if isinstance(value, datetime):
        cell.value = value.astimezone(CHINA).replace(tzinfo=None)
        cell.number_format = "yyyy-mm-dd hh:mm"
        return
    if isinstance(value, (int, float)) and form is Form.DURATION:
        cell.value = value / _DAY_SECONDS
    else:
        cell.value = value
    if form in _FORMATS:
        cell.number_format = _FORMATS[form]


def _width(table: Table, column: int, about: Column) -> int:
    if about.width is not None:
        return about.width
    texts = [about.title, *(told(row[column], about.form) for row in table.rows[:_LOOKED_AT])]
    return min(_WIDEST, max(_NARROWEST, max(map(breadth, texts)) + 2))


def _chart(sheet: Worksheet, table: Table, chart: Chart, head: int, anchor: str) -> None:
    count = min(len(table.rows), chart.most)
    if not count:
        return
    drawn: BarChart | LineChart
    if chart.kind is ChartKind.LINES:
        drawn = LineChart()
    else:
        drawn = BarChart()
        drawn.type = "bar" if chart.kind is ChartKind.ROWS else "col"
        if chart.kind is ChartKind.STACKED:
            drawn.grouping, drawn.overlap = "stacked", 100
    drawn.title = chart.title
    drawn.width, drawn.height = 20, _CHART_ROWS / 2
    # openpyxl leaves axes marked as deleted unless told otherwise, and Excel then hides them.
    drawn.x_axis.delete = drawn.y_axis.delete = False
    form = table.columns[chart.values[0]].form
    drawn.y_axis.number_format = _FORMATS.get(form, "General")
    drawn.y_axis.scaling.min = 0
    if chart.kind is ChartKind.ROWS:
        # Excel draws lying bars from below; the table's first row belongs on top.
        drawn.x_axis.scaling.orientation = "maxMin"
    for column in chart.values:
        place = Reference(sheet, min_col=column + 1, min_row=head, max_row=head + count)
        drawn.add_data(place, titles_from_data=True)
    if chart.kind is ChartKind.LINES:
        for line in drawn.series:
            line.marker.symbol = "circle"  # one month alone would be no line
    labels = chart.labels + 1
    drawn.set_categories(Reference(sheet, min_col=labels, min_row=head + 1, max_row=head + count))
    if len(chart.values) == 1:
        drawn.legend = None
    sheet.add_chart(drawn, anchor)
