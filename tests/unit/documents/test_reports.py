from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO

import pytest
from openpyxl import load_workbook
from reportlab.graphics.charts.linecharts import HorizontalLineChart
from reportlab.graphics.widgets.markers import Marker

from hotline.documents import Chart, ChartKind, Column, Form, Part, Report, Table, pdf, workbook
from hotline.documents.content import told
from hotline.documents.drawing import draw


def report(*parts: Part) -> Report:
    return Report("质检月报", "2026年11月 · 清江县", parts, "质检员 李梅 2026-11-24 制")


def lawyers(kind: ChartKind = ChartKind.BARS, count: int = 3) -> Part:
    table = Table(
        columns=(
            Column("律师"),
            Column("通话", Form.COUNT),
            Column("法律准确率", Form.PERCENT),
            Column("平均时长", Form.DURATION),
        ),
        rows=[(f"王律师{n}", 1200 + n, 0.9 - n / 100 if n else None, 247.0) for n in range(count)],
        total=("合计", 3603, 0.89, 247.0),
    )
    charts = (Chart(kind, "法律准确率", 0, (2,)), Chart(kind, "两项", 0, (1, 2)))
    return Part("按律师", ("法律准确率＝三项法律评分全部满分的通话÷已评通话。",), table, charts)


def test_numbers_stay_numbers_in_the_workbook_and_read_as_shares_and_durations() -> None:
    book = load_workbook(BytesIO(workbook(report(lawyers()))))
    sheet = book["按律师"]
    head = next(row for row in sheet.iter_rows() if row[0].value == "律师")
    first = head[0].row + 1
    assert [cell.value for cell in head] == ["律师", "通话", "法律准确率", "平均时长"]
    assert sheet.cell(first, 2).value == 1200
    assert sheet.cell(first, 3).value is None
    assert sheet.cell(first + 1, 3).value == pytest.approx(0.89)
    assert sheet.cell(first + 1, 3).number_format == "0.0%"
    assert sheet.cell(first + 1, 4).number_format == "[h]:mm:ss"
    assert sheet.cell(first + 3, 1).value == "合计"


def test_the_workbook_s_charts_are_its_own_and_point_at_the_table() -> None:
    book = load_workbook(BytesIO(workbook(report(lawyers(), lawyers(ChartKind.LINES)))))
    assert [len(sheet._charts) for sheet in book] == [2, 2]
    assert book.sheetnames == ["按律师", "按律师 2"]
    reference = book["按律师"]._charts[0].series[0].val.numRef.f
    assert reference == "'按律师'!$C$6:$C$8"


def test_what_people_typed_is_never_a_formula() -> None:
    table = Table((Column("事由"),), [("=HYPERLINK(1)",), ("+1\x00",)])
    sheet = load_workbook(BytesIO(workbook(report(Part("甲:乙/丙", (), table)))))["甲 乙 丙"]
    cell = next(c for row in sheet.iter_rows() for c in row if c.value == "=HYPERLINK(1)")
    assert cell.data_type == "s"
    assert sheet.cell(cell.row + 1, 1).value == "+1"


@pytest.mark.parametrize("kind", list(ChartKind))
def test_every_kind_of_chart_is_drawn_on_paper_with_its_legend(kind: ChartKind) -> None:
    part = lawyers(kind, count=30)
    assert part.table is not None
    drawn = [draw(part.table, chart, 450, "STSong-Light") for chart in part.charts]
    assert all(drawn)
    content = pdf(report(part))
    assert content.startswith(b"%PDF-")


def test_a_line_of_one_value_is_seen_as_a_mark() -> None:
    part = lawyers(ChartKind.LINES, count=2)
    assert part.table is not None
    drawn = draw(part.table, part.charts[0], 450, "STSong-Light")
    assert drawn is not None
    plot = next(each for each in drawn.getContents() if isinstance(each, HorizontalLineChart))
    shapes = [plot.draw()]
    for shape in shapes:
        shapes += getattr(shape, "contents", [])
    assert [shape for shape in shapes if isinstance(shape, Marker)]
    sheet = load_workbook(BytesIO(workbook(report(part))))["按律师"]
    assert sheet._charts[0].series[0].marker.symbol == "circle"


def test_nothing_to_draw_is_no_chart_and_an_empty_table_is_said_so() -> None:
    table = Table((Column("律师"), Column("得分", Form.DECIMAL)), [("王律师", None)])
    assert draw(table, Chart(ChartKind.BARS, "得分", 0, (1,)), 450, "STSong-Light") is None
    empty = Part("按律师", (), Table((Column("律师"),), ()))
    assert pdf(report(empty, Part("说明", ("<b>尖括号</b> & 照写",)))).startswith(b"%PDF-")
    assert workbook(report(empty, Part("说明", ("没有表格",))))


def test_values_read_as_people_read_them() -> None:
    assert told(None, Form.PERCENT) == "—"
    assert told(0.985, Form.PERCENT) == "98.5%"
    assert told(247, Form.DURATION) == "4:07"
    assert told(3847, Form.DURATION) == "1:04:07"
    assert told(12345, Form.COUNT) == "12,345"
    assert told(datetime(2026, 11, 23, 18, 5, tzinfo=UTC), Form.TEXT) == "2026-11-24 02:05"


def test_a_row_that_does_not_fit_its_columns_is_refused() -> None:
    with pytest.raises(ValueError, match="2 values"):
        Table((Column("律师"),), [("王律师", 1)])
