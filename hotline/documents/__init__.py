"""Reports as files: one content, written as a workbook (xlsx) or as a document to print (PDF).

A report says once what it holds (:mod:`hotline.documents.content`); how a table and a chart look
in Excel and on paper is settled here, so that all reports of the house look alike.
"""

from hotline.documents.content import Chart, ChartKind, Column, Form, Part, Report, Table
from hotline.documents.pdf import PDF_TYPE, pdf
from hotline.documents.xlsx import XLSX_TYPE, workbook

__all__ = [
    "PDF_TYPE",
    "XLSX_TYPE",
    "Chart",
    "ChartKind",
    "Column",
    "Form",
    "Part",
    "Report",
    "Table",
    "pdf",
    "workbook",
]
