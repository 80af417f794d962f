"""The tree of places as a workbook (xlsx), out and in again: two sheets, 站点 and 人员."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any, Final

from openpyxl import Workbook, load_workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

from agents.places.editing import Draft, Person, check, hours_of
from agents.places.overview import KINDS, Place
from agents.places.tables import ENGAGEMENTS
from hotline.errors import InvalidInputError
from hotline.public.stations import WEEKDAYS

PLACES: Final = "站点"
STAFF: Final = "人员"
COLUMNS: Final = ("代码", "上级代码", "级别", "名称", "电话", "地址", "窗口", *WEEKDAYS.values())
STAFF_COLUMNS: Final = ("站点代码", "姓名", "岗位", "专兼职", "电话")
MOST_ROWS: Final = 20_000
LARGEST: Final = 5 * 1024 * 1024


def write(places: Sequence[Place]) -> bytes:
    """Return the workbook of all places."""
    book = Workbook()
    book.remove(book.worksheets[0])
    sheet, people = book.create_sheet(PLACES), book.create_sheet(STAFF)
    _head(sheet, COLUMNS)
    _head(people, STAFF_COLUMNS)
    every = [place for root in places for place in root.all()]
    codes = {place.row.id: place.row.code for place in every}
    for place in every:
        row, detail = place.row, place.detail
        sheet.append(
            [
                _text(value)
                for value in (
                    row.code,
                    codes.get(row.parent_id or 0, ""),
                    KINDS.get(row.kind, row.kind),
                    row.name,
                    row.phone,
                    detail.address if detail else "",
                    "、".join(detail.windows) if detail else "",
                    *("，".join(row.hours.get(day, ())) for day in WEEKDAYS),
                )
            ]
        )
        for person in place.staff:
            words = ENGAGEMENTS.get(person.engagement, person.engagement)  # type: ignore[call-overload]
            values = (row.code, person.name, person.duty, words, person.phone)
            people.append([_text(value) for value in values])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def read(content: bytes, tree: Mapping[str, str | None]) -> list[Draft]:
    """Return the places of a workbook, checked against those that there are.

    Raises:
        InvalidInputError: what is wrong, each with its sheet and row; nothing is kept then.
    """
    book = _opened(content)
    problems: list[str] = []
    staff: dict[str, list[Person]] = {}
    kinds = {words: code.value for code, words in ENGAGEMENTS.items()}
    for number, cells in _rows(book, STAFF, STAFF_COLUMNS):
        code, name, duty, kind, phone = cells
        if not name:
            problems.append(f"{STAFF} 第 {number} 行没有姓名")
        if kind and kind not in kinds:
            problems.append(f"{STAFF} 第 {number} 行：专兼职应写“专职”或“兼职”")
        staff.setdefault(code, []).append(Person(name, duty, kinds.get(kind, "full_time"), phone))
    rows = _rows(book, PLACES, COLUMNS)
    known = {**tree, **{cells[0]: cells[1] or None for _, cells in rows}}
    drafts = []
    for number, cells in rows:
        draft, wrong = _draft(cells, staff.get(cells[0], []), known)
        problems += [f"{PLACES} 第 {number} 行：{words}" for words in wrong.values()]
        drafts.append(draft)
    unknown = set(staff) - set(known)
    problems += [f"{STAFF}里的站点代码 {code or '（空）'} 没有这个站点" for code in sorted(unknown)]
    if not drafts:
        problems.append(f"工作表“{PLACES}”里没有站点")
    if problems:
        shown = "；".join(problems[:10])
        more = f"……共 {len(problems)} 处" if len(problems) > 10 else ""
        raise InvalidInputError(f"表格没有导入，请改正：{shown}{more}", field="file")
    return _above_first(drafts)


def _draft(
    cells: Sequence[str], staff: Sequence[Person], tree: Mapping[str, str | None]
) -> tuple[Draft, dict[str, str]]:
    code, parent, kind, name, phone, address, windows, *days = cells
    wrong: dict[str, str] = {}
    kinds = {words: key for key, words in KINDS.items()}
    draft = Draft(
        code=code,
        name=name,
        kind=str(kinds.get(kind, kind)),
        parent=parent,
        phone=phone,
        address=address,
        windows=tuple(part for part in windows.split("、") if part),
        hours=hours_of(dict(zip(WEEKDAYS, days, strict=True)), wrong),
        staff=tuple(staff),
    )
    check(draft, tree, wrong)
    return draft, wrong


def _above_first(drafts: Sequence[Draft]) -> list[Draft]:
    """Order places so that each comes after the one above it."""
    left, done, found = list(drafts), set[str](), list[Draft]()
    inside = {draft.code for draft in drafts}
    while left:
        ready = [d for d in left if d.parent not in inside or d.parent in done] or left
        found += ready
        done |= {d.code for d in ready}
        left = [d for d in left if d.code not in done]
    return found


def _opened(content: bytes) -> Any:
    if not content:
        raise InvalidInputError("请先选择要导入的表格", field="file")
    if len(content) > LARGEST:
        raise InvalidInputError("文件超过 5 MB，请核对是不是导出的站点表", field="file")
    try:
        return load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, OSError) as error:
        raise InvalidInputError(
            "这不是 xlsx 表格，请用“导出”得到的表格填写", field="file"
        ) from error


def _rows(book: Any, sheet: str, columns: Sequence[str]) -> list[tuple[int, list[str]]]:
    if sheet not in book.sheetnames:
        raise InvalidInputError(f"表格里没有工作表“{sheet}”", field="file")
    found = []
    for number, row in enumerate(book[sheet].iter_rows(values_only=True), 1):
        # What "write" marked as text comes in without its mark.
        cells = [str(cell).strip().removeprefix("'") if cell is not None else "" for cell in row]
        cells = [*cells, *([""] * len(columns))][: len(columns)]
        if number == 1:
            if cells != list(columns):
                raise InvalidInputError(f"“{sheet}”第一行应是：{'、'.join(columns)}", field="file")
        elif any(cells):
            found.append((number, cells))
        if number > MOST_ROWS:
            raise InvalidInputError(f"“{sheet}”超过 {MOST_ROWS} 行", field="file")
    return found


def _head(sheet: Any, columns: Sequence[str]) -> None:
    sheet.append(list(columns))
    sheet.freeze_panes = "A2"
    for number, words in enumerate(columns, 1):
        sheet.cell(row=1, column=number).font = Font(bold=True)
        sheet.column_dimensions[get_column_letter(number)].width = max(10, len(words) * 2 + 6)


def _text(value: str) -> str:
    """Return a value that no spreadsheet takes for a formula."""
    return f"'{value}" if value[:1] in {"=", "+", "-", "@"} else value
