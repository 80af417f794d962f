"""Needs as a workbook (xlsx) for whoever makes the rota: with a chart of Excel's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import BytesIO

from openpyxl import Workbook
from openpyxl.chart import BarChart, Reference
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from agents.staffing.needs import Need
from agents.staffing.pictures import WEEKDAYS

_HEAD = Font(bold=True, color="FFFFFF")
_GROUND = PatternFill("solid", fgColor="1D5BB8")


def workbook(found: Sequence[Need], basis: Mapping[str, str]) -> bytes:
    """Return an xlsx file: the week with a chart, every half-hour's figures, what they rest on."""
    book = Workbook()
    week = book.active
    if not isinstance(week, Worksheet):
        raise TypeError("a new workbook begins with a worksheet")
    week.title = "每周排班人数"
    _week(week, found)
    _details(book.create_sheet("明细"), found)
    _basis(book.create_sheet("说明"), basis)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _week(sheet: Worksheet, found: Sequence[Need]) -> None:
    days = sorted({need.weekday for need in found})
    half_hours = sorted({need.half_hour for need in found})
    by_slot = {(need.half_hour, need.weekday): need for need in found}
    begins = {need.half_hour: need.begins for need in found}
    sheet.append(["时段", *(WEEKDAYS[day] for day in days)])
    for half_hour in half_hours:
        row = [by_slot.get((half_hour, day)) for day in days]
        sheet.append([begins[half_hour], *(need.rostered if need else 0 for need in row)])
    last = len(half_hours) + 1
    columns = [get_column_letter(column) for column in range(2, len(days) + 2)]
    sheet.append(["人时", *(f"=SUM({c}2:{c}{last})/2" for c in columns)])
    _finish(sheet, [10, *[8] * len(days)])
    chart = BarChart()
    chart.title = "每半小时排班人数"
    chart.x_axis.title, chart.y_axis.title = "时段", "人数"
    # openpyxl leaves axes marked as deleted unless told otherwise, and Excel then hides them.
    chart.x_axis.delete = chart.y_axis.delete = False
    chart.width, chart.height = 30, 12
    chart.add_data(
        Reference(sheet, min_col=2, max_col=len(days) + 1, min_row=1, max_row=last),
        titles_from_data=True,
    )
    chart.set_categories(Reference(sheet, min_col=1, min_row=2, max_row=last))
    sheet.add_chart(chart, f"{get_column_letter(len(days) + 3)}2")


_DETAILS = (
    *("星期", "时段", "平均来电（通）", "统计天数", "平均处理时长（秒）", "在线人数", "排班人数"),
    *("目标时限内接通（公式）", "预计放弃", "预计平均等待（秒）", "预计占用率"),
    "目标时限内接通（仿真）",
)


def _details(sheet: Worksheet, found: Sequence[Need]) -> None:
    sheet.append(list(_DETAILS))
    for need in found:
        prospect = need.prospect
        sheet.append(
            [
                *(WEEKDAYS[need.weekday], need.begins, round(need.calls, 2), need.days),
                *(round(need.handling, 1), need.people, need.rostered),
                *(prospect.within, prospect.abandons, round(prospect.mean_wait, 1)),
                *(prospect.occupancy, need.simulated),
            ]
        )
        for column in (8, 9, 11, 12):
            sheet.cell(sheet.max_row, column).number_format = "0.0%"
    _finish(sheet, [8, 8, 14, 10, 18, 10, 10, 22, 10, 18, 12, 22])


def _basis(sheet: Worksheet, basis: Mapping[str, str]) -> None:
    sheet.append(["项目", "内容"])
    for name, words in basis.items():
        sheet.append([name, words])
    _finish(sheet, [18, 90])


def _finish(sheet: Worksheet, widths: Sequence[int]) -> None:
    for cell in sheet[1]:
        cell.font, cell.fill = _HEAD, _GROUND
        cell.alignment = Alignment(horizontal="center")
    for column, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(column)].width = width
    sheet.freeze_panes = "B2"
