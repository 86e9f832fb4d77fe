"""The clerk's own workbook back: wrong cells coloured and commented, a summary sheet behind; all else as it was.

An .xlsx of usual size keeps formats, formulas and other sheets. What openpyxl cannot keep, and everything else (.xls,
.csv, very large ones), is told on the summary.
"""

from __future__ import annotations

import datetime as dt
import warnings
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import xlsxwriter
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill

from archives.schema.problems import Problem
from archives.workbooks.cells import writable
from archives.workbooks.columns import Column
from archives.workbooks.files import Format, recognise
from archives.workbooks.grids import Book, open_book
from archives.workbooks.marks import SUMMARY_SHEET
from archives.workbooks.packages import column_number
from archives.workbooks.summary import HEADS, Place, summary_rows
from archives.workbooks.writing import sheet_name

MOST_KEPT_CELLS = 600_000
"""Beyond it a workbook is written anew, with its values only: keeping formats takes half a kilobyte a cell."""
MOST_COMMENTED = 20_000
AUTHOR = "系统"
_RED, _AMBER = "FFFAD4CF", "FFFFF0C2"
_WIDTHS = (24, 10, 8, 18, 30, 10, 80)

_KEPT = "其他内容和格式没有改动；图片、图表等图形可能没有保留，请以您的原文件为准。"
_FORMULAS = "公式会在打开时重新计算。"
_REWRITTEN = {
    Format.XLS: "原文件是 .xls 格式，已另存为 .xlsx；内容没有改动，字体、颜色等格式和公式没有保留。",
    Format.TEXT: "原文件是 .csv 格式，已另存为 .xlsx；内容没有改动。",
    Format.XLSX: "文件较大或格式特殊，只保留了内容，字体、颜色等格式和公式没有保留。",
}

Told = dict[str, dict[tuple[int, int], list[Problem]]]
"""By sheet, row and column, both from 1."""


def write_answer(
    source: Path, target: Path, *, name: str, columns: Sequence[Column], problems: Sequence[Problem]
) -> None:
    """Write the workbook at `source`, called `name`, to `target` with the problems (`located`) marked.

    A problem without a column stands at the name of its row, one without a row on the summary only. Raises `Unreadable`
    as `read` does.
    """
    form = recognise(source, name)
    book = open_book(source, form)
    told = _told(problems, columns, book)
    values = _values(book, problems)
    size = sum(grid.part.cells for grid in book.grids)
    if (
        form is Format.XLSX
        and size <= MOST_KEPT_CELLS
        and _keep(source, target, told, problems, columns, values)
    ):
        return
    rows = summary_rows(problems, columns, values, [_REWRITTEN[form]])
    _rewrite(book, target, told, rows)


def _told(problems: Iterable[Problem], columns: Sequence[Column], book: Book) -> Told:
    names = {grid.name for grid in book.grids}
    told: Told = {}
    fallback = _fallback_columns(problems, columns)
    for problem in problems:
        letter = problem.column or fallback.get(problem.sheet, "A")
        if problem.row and problem.sheet in names:
            place = (problem.row, column_number(letter))
            told.setdefault(problem.sheet, {}).setdefault(place, []).append(problem)
    return told


def _fallback_columns(problems: Iterable[Problem], columns: Sequence[Column]) -> dict[str, str]:
    """Where the names stand on each sheet, as far as the problems tell it."""
    named = {column.field or column.key for column in columns if column.kind == "name"}
    return {
        problem.sheet: problem.column for problem in problems if problem.field in named and problem.column
    }


def _values(book: Book, problems: Iterable[Problem]) -> dict[Place, Any]:
    """The cells that problems are about, as they stand in the file."""
    wanted: dict[str, dict[int, set[str]]] = {}
    for problem in problems:
        if problem.row and problem.column:
            wanted.setdefault(problem.sheet, {}).setdefault(problem.row, set()).add(problem.column)
    found: dict[Place, Any] = {}
    for grid in book.grids:
        rows = wanted.get(grid.name)
        for number, cells in enumerate(grid.open() if rows else (), 1):
            for letter in rows.get(number, ()) if rows else ():
                at = column_number(letter) - 1 - grid.left
                found[grid.name, number, letter] = cells[at] if 0 <= at < len(cells) else None
    return found


def _keep(
    source: Path,
    target: Path,
    told: Told,
    problems: Sequence[Problem],
    columns: Sequence[Column],
    values: Mapping[Place, Any],
) -> bool:
    """Mark the cells in the workbook itself; tell whether it could be opened so."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what it can't keep; the summary says so
            book = openpyxl.load_workbook(source)
    except Exception:
        return False  # what others write is sometimes more than openpyxl knows
    lost = [_KEPT, _FORMULAS]
    for title, cells in told.items():
        for number, ((row, column), found) in enumerate(cells.items()):
            _mark(book[title].cell(row, column), found, commented=number < MOST_COMMENTED)
    _add_summary(book, summary_rows(problems, columns, values, lost))
    book.save(target)
    return True


def _mark(cell: Any, problems: Sequence[Problem], *, commented: bool) -> None:
    wrong = any(problem.severity == "error" for problem in problems)
    colour = _RED if wrong else _AMBER
    cell.fill = PatternFill("solid", start_color=colour, end_color=colour)
    if not commented or not hasattr(cell, "column_letter"):
        return  # a cell within a merged range takes no comment
    text = "\n".join(dict.fromkeys(problem.message for problem in problems))
    if cell.comment is not None and cell.comment.author != AUTHOR:
        text = f"{text}\n原批注：{cell.comment.text}"
    cell.comment = Comment(text, AUTHOR, height=60 + 18 * (len(text) // 18 + 1), width=280)


def _add_summary(book: Any, rows: Sequence[Sequence[str | int]]) -> None:
    if SUMMARY_SHEET in book.sheetnames:
        del book[SUMMARY_SHEET]  # of an answer before
    sheet = book.create_sheet(SUMMARY_SHEET)
    for at, width in enumerate(_WIDTHS):
        sheet.column_dimensions["ABCDEFG"[at]].width = width
    for row in rows:
        sheet.append([writable(value) for value in row])
    for cells in sheet.iter_rows():
        for cell in cells:
            cell.data_type = "s" if isinstance(cell.value, str) else cell.data_type
            cell.alignment = Alignment(vertical="top", wrap_text=cell.column > 3)
            cell.font = Font(bold=cells[0].value in HEADS)


def _rewrite(book: Book, target: Path, told: Told, rows: Sequence[Sequence[str | int]]) -> None:
    """Write all visible sheets anew, values only, with the marks."""
    options = {"constant_memory": True, "strings_to_numbers": False, "default_date_format": "yyyy-mm-dd"}
    with xlsxwriter.Workbook(str(target), options) as out:
        formats = {
            severity: {
                day: out.add_format({"bg_color": f"#{colour[2:]}", "border": 1, "num_format": day})
                for day in ("General", "yyyy-mm-dd")
            }
            for severity, colour in (("error", _RED), ("warning", _AMBER))
        }
        grids = [grid for grid in book.grids if grid.name != SUMMARY_SHEET]
        first_seen = next((grid for grid in grids if not grid.hidden), None)
        for number, grid in enumerate(grids, 1):
            sheet = out.add_worksheet(_title(grid.name, number))
            if grid.hidden:
                sheet.hide()
            if grid is first_seen:
                sheet.activate()
                sheet.set_first_sheet()
            _copy(grid.open(), grid.left, sheet, told.get(grid.name, {}), formats)
        summary = out.add_worksheet(SUMMARY_SHEET)
        for at, width in enumerate(_WIDTHS):
            summary.set_column(at, at, width)
        for at, row in enumerate(rows):
            for column, value in enumerate(row):
                _put(summary, at, column, value, None)


def _title(name: str, number: int) -> str:
    """The name of the sheet, or one that is allowed."""
    return name if name == sheet_name(name) else f"{sheet_name(name)[:24]}{number}"


def _copy(
    rows: Iterable[Sequence[Any]],
    left: int,
    sheet: Any,
    told: Mapping[tuple[int, int], list[Problem]],
    formats: Any,
) -> None:
    marked: dict[int, dict[int, list[Problem]]] = {}
    for (number, column), problems in told.items():
        marked.setdefault(number - 1, {})[column - 1] = problems
    commented = 0
    for number, cells in enumerate(rows):
        wrong = marked.get(number, {})
        for at in sorted({*range(left, left + len(cells)), *wrong}):
            value = cells[at - left] if 0 <= at - left < len(cells) else None
            if at not in wrong:
                _put(sheet, number, at, value, None)
                continue
            severity = "error" if any(one.severity == "error" for one in wrong[at]) else "warning"
            day = "yyyy-mm-dd" if isinstance(value, dt.date) else "General"
            _put(sheet, number, at, value, formats[severity][day])
            commented += 1
            if commented <= MOST_COMMENTED:
                text = "\n".join(dict.fromkeys(problem.message for problem in wrong[at]))
                sheet.write_comment(number, at, text, {"author": AUTHOR, "x_scale": 2, "font_size": 10})


def _put(sheet: Any, row: int, column: int, value: Any, form: Any) -> None:
    value = writable(value if value != "" else None)
    if value is None:
        if form is not None:
            sheet.write_blank(row, column, None, form)
    elif isinstance(value, str):
        sheet.write_string(row, column, value, form)
    elif isinstance(value, bool):
        sheet.write_boolean(row, column, value, form)
    elif isinstance(value, dt.date):
        sheet.write_datetime(row, column, value, form)
    else:
        sheet.write_number(row, column, value, form)
