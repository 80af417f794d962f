"""A report as a PDF to print and file: A4, headed tables, vector charts, numbered pages.

Written with reportlab. Its Chinese font (STSong-Light of Adobe's Asian fonts) is named, not
embedded: every reader that shows Chinese has one for it, files stay small, and no font file with a
licence of its own travels with the program.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from io import BytesIO
from typing import Any

from reportlab.graphics.shapes import Drawing
from reportlab.lib import colors
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    CondPageBreak,
    Flowable,
    KeepTogether,
    Paragraph,
    SimpleDocTemplate,
    Spacer,
)
from reportlab.platypus import Table as Grid

from hotline.documents.content import Form, Part, Report, Table, breadth, told
from hotline.documents.drawing import draw, printable

PDF_TYPE = "application/pdf"

FONT = "STSong-Light"
pdfmetrics.registerFont(UnicodeCIDFont(FONT))

_INK, _SECOND = colors.HexColor("#1b2430"), colors.HexColor("#5b6675")
_LINE, _GROUND = colors.HexColor("#dfe4ea"), colors.HexColor("#f6f7f9")
_PRIMARY = colors.HexColor("#1d5bb8")
_MARGIN = 18 * mm
_UPRIGHT_COLUMNS = 8
"""More columns than this turn the page."""
_LOOKED_AT, _NARROWEST, _WIDEST = 200, 5, 60
_PADDING, _FIRM = 16.0, 76.0
"""Points: beside a cell's text; up to which a column keeps its width."""


def _style(size: float, **more: Any) -> ParagraphStyle:
    name = f"{size}-{sorted(more)}"
    values = {"fontName": FONT, "fontSize": size, "leading": size * 1.5, "textColor": _INK}
    return ParagraphStyle(name, wordWrap="CJK", **{**values, **more})


_TITLE, _HEADING = _style(18, spaceAfter=2), _style(12.5, spaceBefore=10, spaceAfter=4)
_WORDS, _SUBTITLE = _style(9, textColor=_SECOND), _style(10, textColor=_SECOND, spaceAfter=6)
_CELL, _NUMBER = _style(8.5), _style(8.5, alignment=TA_RIGHT)
_HEAD = _style(8.5, textColor=colors.white)
_HEAD_NUMBER = _style(8.5, textColor=colors.white, alignment=TA_RIGHT)


def pdf(report: Report) -> bytes:
    """Write a report as PDF."""
    widest = max((len(p.table.columns) for p in report.parts if p.table), default=0)
    size = landscape(A4) if widest > _UPRIGHT_COLUMNS else A4
    out = BytesIO()
    document = SimpleDocTemplate(
        out,
        pagesize=size,
        leftMargin=_MARGIN,
        rightMargin=_MARGIN,
        topMargin=_MARGIN,
        bottomMargin=_MARGIN,
        title=report.title,
        subject=report.subtitle,
        author=report.made,
        lang="zh-CN",
    )
    story: list[Flowable] = [_said(report.title, _TITLE), _said(report.subtitle, _SUBTITLE)]
    for part in report.parts:
        story += _part(part, document.width)

    def foot(canvas: Canvas, laid: SimpleDocTemplate) -> None:
        canvas.saveState()
        canvas.setFont(FONT, 8)
        canvas.setFillColor(_SECOND)
        canvas.drawString(_MARGIN, 10 * mm, printable(report.made))
        canvas.drawRightString(size[0] - _MARGIN, 10 * mm, f"第 {laid.page} 页")
        canvas.restoreState()

    document.build(story, onFirstPage=foot, onLaterPages=foot)
    return out.getvalue()


def _said(text: str, style: ParagraphStyle) -> Paragraph:
    # Paragraphs read mark-up; what people typed is none.
    return Paragraph(escape(printable(text), quote=False), style)


def _part(part: Part, width: float) -> list[Flowable]:
    head: list[Flowable] = [_said(part.title, _HEADING)]
    head += [_said(words, _WORDS) for words in part.words]
    if part.table is None:
        return [KeepTogether([*head, Spacer(1, 6)])]
    charts: list[Drawing] = [
        drawing
        for chart in part.charts
        if (drawing := draw(part.table, chart, width, FONT)) is not None
    ]
    # A heading never stands alone at the foot of a page.
    begin = [] if charts else [CondPageBreak(50 * mm)]
    body: list[Flowable] = [*begin, KeepTogether([*head, *charts[:1]]), *charts[1:]]
    if not part.table.rows and part.table.total is None:
        return [*body, _said("本期没有数据。", _WORDS), Spacer(1, 6)]
    return [*body, Spacer(1, 4), CondPageBreak(30 * mm), _grid(part.table, width), Spacer(1, 8)]


def _grid(table: Table, width: float) -> Grid:
    rows = [*table.rows, *([table.total] if table.total is not None else [])]
    texts = [
        [told(value, column.form) for value, column in zip(row, table.columns, strict=True)]
        for row in rows
    ]
    head = [
        _said(column.title, _HEAD if column.form is Form.TEXT else _HEAD_NUMBER)
        for column in table.columns
    ]
    laid = [head] + [
        [
            _said(text, _CELL if column.form is Form.TEXT else _NUMBER)
            for text, column in zip(row, table.columns, strict=True)
        ]
        for row in texts
    ]
    grid = Grid(laid, colWidths=_widths(table, texts, width), repeatRows=1)
    look: list[Any] = [
        ("BACKGROUND", (0, 0), (-1, 0), _PRIMARY),
        ("ROWBACKGROUNDS", (0, 1), (-1, -1), [colors.white, _GROUND]),
        ("LINEBELOW", (0, 1), (-1, -1), 0.4, _LINE),
        ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
        ("TOPPADDING", (0, 0), (-1, -1), 2),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
    ]
    if table.total is not None:
        look.append(("LINEABOVE", (0, -1), (-1, -1), 1, _PRIMARY))
    grid.setStyle(look)
    return grid


def _widths(table: Table, texts: Sequence[Sequence[str]], width: float) -> list[float]:
    wants = []
    for number, column in enumerate(table.columns):
        longest = max(
            [breadth(column.title), *(breadth(row[number]) for row in texts[:_LOOKED_AT])]
        )
        wants.append(min(_WIDEST, max(_NARROWEST, longest)) * _CELL.fontSize / 2 + _PADDING)
    # Where it is tight the long texts give way: a number that breaks in two is misread.
    firm = sum(want for want in wants if want <= _FIRM)
    loose = sum(wants) - firm
    if sum(wants) <= width or not loose or firm > width / 2:
        return [width * want / sum(wants) for want in wants]
    return [want if want <= _FIRM else want * (width - firm) / loose for want in wants]
