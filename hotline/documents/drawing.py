"""Charts on paper, drawn from a part's own table as vectors."""

from __future__ import annotations

from collections.abc import Sequence

from reportlab.graphics.charts.barcharts import BarChart, HorizontalBarChart, VerticalBarChart
from reportlab.graphics.charts.legends import Legend
from reportlab.graphics.charts.linecharts import HorizontalLineChart
from reportlab.graphics.shapes import Drawing, String
from reportlab.graphics.widgets.markers import makeMarker
from reportlab.lib import colors

from hotline.documents.content import Cell, Chart, ChartKind, Form, Table, breadth, told

_SERIES = [colors.HexColor(c) for c in ("#1d5bb8", "#1c7c4a", "#a55b00", "#7a4fb5", "#5b6675")]
_INK, _LINE = colors.HexColor("#1b2430"), colors.HexColor("#dfe4ea")
_TITLE_SIZE, _LABEL_SIZE = 9.0, 7.5
_HEIGHT, _ROW = 130.0, 15.0
_TOP, _LEFT, _LEGEND = 24.0, 40.0, 24.0
_CROWDED = 60
"""Labels broader than this in all (halves of a character) are slanted."""
_LONGEST_LABEL = 24


def draw(table: Table, chart: Chart, width: float, font: str) -> Drawing | None:
    """Draw a chart; ``None`` where there is nothing to draw."""
    rows = list(table.rows[: chart.most])
    if not any(_number(row[column]) is not None for row in rows for column in chart.values):
        return None
    labels = [_short(told(row[chart.labels], table.columns[chart.labels].form)) for row in rows]
    series = [[_number(row[column]) for row in rows] for column in chart.values]
    legend = _LEGEND if len(chart.values) > 1 else 0.0
    lying = chart.kind is ChartKind.ROWS
    slanted = not lying and sum(map(breadth, labels)) > _CROWDED
    below = 48.0 if slanted else 18.0
    body = _ROW * len(rows) * max(1, len(series) * 0.7) + 10 if lying else _HEIGHT
    drawing = Drawing(width, body + below + _TOP + legend)
    drawing.add(
        String(
            0,
            drawing.height - _TITLE_SIZE - 2,
            printable(chart.title),
            fontName=font,
            fontSize=_TITLE_SIZE,
            fillColor=_INK,
        )
    )
    plot = _plot(chart.kind, series, labels)
    left = max(map(breadth, labels)) * _LABEL_SIZE / 2 + 10 if lying else _LEFT
    plot.x, plot.y, plot.width, plot.height = left, below + legend, width - left - 16, body
    _axes(plot, chart, table.columns[chart.values[0]].form, font, slanted=slanted)
    for number, color in enumerate(_SERIES[: len(series)]):
        part = plot.lines[number] if isinstance(plot, HorizontalLineChart) else plot.bars[number]
        part.strokeColor = color
        if isinstance(plot, HorizontalLineChart):
            part.strokeWidth = 1.6
            # One month alone is a point, and a line through one point is nothing.
            part.symbol = makeMarker("FilledCircle", size=4, fillColor=color, strokeColor=color)
        else:
            part.fillColor = color
    drawing.add(plot)
    if legend:
        drawing.add(_legend([table.columns[c].title for c in chart.values], width, font))
    return drawing


def _number(value: Cell) -> float | None:
    return float(value) if isinstance(value, (int, float)) else None


def printable(text: str) -> str:
    """Return a text with the dot of foreign names and the minus in a form that the font has."""
    return text.replace("·", "・").replace("\N{MINUS SIGN}", "-")


def _short(label: str) -> str:
    label = printable(label)
    return label if len(label) <= _LONGEST_LABEL else label[: _LONGEST_LABEL - 1] + "…"


def _plot(
    kind: ChartKind, series: Sequence[Sequence[float | None]], labels: Sequence[str]
) -> BarChart | HorizontalLineChart:
    if kind is ChartKind.LINES:
        plot = HorizontalLineChart()
        plot.joinedLines = 1
    elif kind is ChartKind.ROWS:
        plot = HorizontalBarChart()
        # Lying bars are drawn from below; the table's first row belongs on top.
        series, labels = [list(reversed(s)) for s in series], list(reversed(labels))
    else:
        plot = VerticalBarChart()
        if kind is ChartKind.STACKED:
            plot.categoryAxis.style = "stacked"
    if not isinstance(plot, HorizontalLineChart):
        plot.barSpacing, plot.groupSpacing = 1, 6
    plot.data = [tuple(values) for values in series]
    plot.categoryAxis.categoryNames = list(labels)
    return plot


def _axes(
    plot: BarChart | HorizontalLineChart, chart: Chart, form: Form, font: str, *, slanted: bool
) -> None:
    value, category = plot.valueAxis, plot.categoryAxis
    value.valueMin = 0
    if form is Form.PERCENT:
        value.valueMax = 1
    else:
        value.rangeRound = "ceiling"
    value.labelTextFormat = lambda number: _tick(number, form)
    value.visibleGrid, value.gridStrokeColor, value.gridStrokeWidth = True, _LINE, 0.4
    for axis in (value, category):
        axis.labels.fontName, axis.labels.fontSize = font, _LABEL_SIZE
        axis.labels.fillColor, axis.strokeColor = _INK, _LINE
    if chart.kind is ChartKind.ROWS:
        category.labels.boxAnchor, category.labels.dx = "e", -4
    elif slanted:
        category.labels.angle, category.labels.boxAnchor = 40, "ne"
        category.labels.dx, category.labels.dy = 2, -2


def _tick(number: float, form: Form) -> str:
    if form is Form.PERCENT:
        return f"{number * 100:.0f}%"
    if form is Form.DURATION:
        return told(number, form)
    return f"{number:g}"


def _legend(titles: Sequence[str], width: float, font: str) -> Legend:
    legend = Legend()
    legend.x, legend.y, legend.boxAnchor = _LEFT, 2, "sw"
    legend.columnMaximum, legend.alignment = 1, "right"
    legend.deltax, legend.dxTextSpace, legend.dx, legend.dy = min(110, width / 6), 4, 8, 6
    legend.fontName, legend.fontSize, legend.fillColor = font, _LABEL_SIZE, _INK
    legend.strokeWidth = 0
    legend.colorNamePairs = list(zip(_SERIES, titles, strict=False))
    return legend
